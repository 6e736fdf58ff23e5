//! Figures of training as a user draws them: from the directory of a run, or of several.

use std::path::Path;

use assert_cmd::Command;
use eqprop::experiment::training::TrainingSettings;
use eqprop::model::Activation;
use serde_json::Value;

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
fn a_directory_of_runs_is_drawn_as_its_runs_are() {
    let directory = tempfile::tempdir().unwrap();
    for seed in ["seeds/0", "seeds/1"] {
        let copy = directory.path().join(seed);
        std::fs::create_dir_all(&copy).unwrap();
        for entry in std::fs::read_dir(run()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
        }
    }
    // a directory without runs beside them does not count
    std::fs::create_dir(directory.path().join("seeds/notes")).unwrap();
    for (arguments, out) in [
        (&["seeds"][..], "together.svg"),
        (&["seeds/0", "seeds/1"], "each.svg"),
    ] {
        let (code, stderr) = plot(directory.path(), &[arguments, &["--out", out]].concat());
        assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
    }
    let read = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!(read("together.svg"), read("each.svg"));
    let (code, stderr) = plot(directory.path(), &["seeds/notes", "--out", "none.svg"]);
    assert_eq!(code, 2, "{stderr}");
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
    for label in ["EP (2 seeds)", "asymmetric"] {
        assert!(svg.contains(label), "{label}");
    }

    // what no run observed has no panel
    let blind = directory.path().join("blind");
    std::fs::create_dir(&blind).unwrap();
    std::fs::write(blind.join("config.json"), read("config.json")).unwrap();
    let unobserved = records.lines().map(|line| {
        let mut record: Value = serde_json::from_str(line).unwrap();
        record["observables"] = Value::Null;
        record.to_string() + "\n"
    });
    std::fs::write(blind.join("records.jsonl"), unobserved.collect::<String>()).unwrap();
    let blind = blind.to_str().unwrap();
    let (code, stderr) = plot(directory.path(), &[blind, blind, "--out", "blind.svg"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let blind = std::fs::read_to_string(directory.path().join("blind.svg")).unwrap();
    for (label, seen) in [
        ("test error", true),
        ("Jacobian asymmetry", false),
        ("angle to gradient", false),
    ] {
        assert!(svg.contains(label), "{label}");
        assert_eq!(blind.contains(label), seen, "{label}");
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

/// Names of properties and of choices, wherever they stand in a JSON schema.
fn names(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                found.extend(properties.keys().cloned());
            }
            found.extend(fields.get("const").and_then(Value::as_str).map(Into::into));
            let choices = fields.get("enum").and_then(Value::as_array);
            found.extend(
                choices
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(Into::into),
            );
            fields.values().for_each(|value| names(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn the_guide_names_every_setting_and_every_field_of_a_record() {
    let guide =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/training.md"));
    let guide = guide.unwrap();
    let mut wanted = Vec::new();
    names(&TrainingSettings::schema(), &mut wanted);
    assert!(wanted.len() > 60, "{}", wanted.len());
    // activations are those of problem files
    let elsewhere = Activation::ALL.map(Activation::name);
    wanted.retain(|name| !elsewhere.contains(&name.as_str()));
    let records = reference("training/two_moons/records.jsonl");
    let records = std::fs::read_to_string(records).unwrap();
    let record: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
    for part in [
        &record,
        &record["free"],
        &record["observables"],
        &record["test"],
    ] {
        wanted.extend(part.as_object().unwrap().keys().cloned());
    }
    let words: Vec<&str> = guide
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let missing: Vec<_> = wanted
        .iter()
        .filter(|name| !words.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
