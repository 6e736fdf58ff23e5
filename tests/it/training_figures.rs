//! Figures of training as a user draws them: from the directory of a run, or of several.

use std::path::Path;

use assert_cmd::Command;

use crate::support::reference;

/// `eqprop plot` in `directory`; exit code and standard error.
fn plot(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::cargo_bin("eqprop")
        .unwrap()
        .current_dir(directory)
        .arg("plot")
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn run() -> String {
    reference("training/two_moons").to_str().unwrap().to_owned()
}

#[test]
fn every_figure_of_a_run_is_drawn() {
    let directory = tempfile::tempdir().unwrap();
    let run = run();
    for name in [
        "training",
        "error",
        "alignment",
        "angle",
        "jacobian",
        "settling",
    ] {
        let out = format!("{name}.svg");
        let (code, stderr) = plot(directory.path(), &[&run, "--figure", name, "--out", &out]);
        assert_eq!((code, stderr.as_str()), (0, ""), "{name}");
    }
    let svg = std::fs::read_to_string(directory.path().join("angle.svg")).unwrap();
    insta::assert_snapshot!("figure_of_training_angle", svg);
    let (code, stderr) = plot(
        directory.path(),
        &[&run, "--figure", "loss", "--out", "a.svg"],
    );
    assert!(
        code == 2 && stderr.contains("training, error, alignment"),
        "{stderr}"
    );
}

#[test]
fn runs_are_compared_and_other_records_are_not() {
    let directory = tempfile::tempdir().unwrap();
    let first = run();
    // the same run under another estimator's name, and cut off in the middle of a line
    let second = directory.path().join("second");
    std::fs::create_dir(&second).unwrap();
    let read = |name: &str| std::fs::read_to_string(Path::new(&first).join(name)).unwrap();
    let config = read("config.json").replace("\"ep\"", "\"asymmetric\"");
    std::fs::write(second.join("config.json"), config).unwrap();
    let records = read("records.jsonl");
    std::fs::write(second.join("records.jsonl"), &records[..records.len() / 2]).unwrap();
    let second = second.to_str().unwrap();

    let arguments = [&first, &first, second, "--out", "comparison.svg"];
    let (code, stderr) = plot(directory.path(), &arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let svg = std::fs::read_to_string(directory.path().join("comparison.svg")).unwrap();
    for label in ["estimator ep (2 seeds)", "estimator asymmetric"] {
        assert!(svg.contains(label), "{label}");
    }

    let (code, stderr) = plot(directory.path(), &[&first, "nowhere", "--out", "a.svg"]);
    assert!(code == 2 && stderr.contains("nowhere"), "{stderr}");
    let problem = reference("problems/dense_tanh_n2.json");
    let problem = problem.to_str().unwrap();
    let (code, stderr) = plot(directory.path(), &[problem, &first, "--out", "a.svg"]);
    assert!(
        code == 2 && stderr.contains("only directories of training"),
        "{stderr}"
    );
}
