//! The command line as a user meets it: what is printed, what is written, how it ends.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn eqprop() -> Command {
    Command::cargo_bin("eqprop").unwrap()
}

fn problem(name: &str) -> String {
    format!(
        "{}/tests/reference/problems/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn stdout(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_reads_well() {
    insta::assert_snapshot!("help", stdout(eqprop().arg("--help")));
    insta::assert_snapshot!(
        "help_gradient",
        stdout(eqprop().args(["gradient", "--help"]))
    );
    insta::assert_snapshot!(
        "help_validate",
        stdout(eqprop().args(["validate", "--help"]))
    );
}

#[test]
fn the_gradient_summary_reads_well() {
    insta::assert_snapshot!(stdout(
        eqprop().args(["gradient", &problem("beyond_90_linear")])
    ));
}

#[test]
fn the_same_command_gives_the_same_bytes() {
    let run = || stdout(eqprop().args(["gradient", "--json", &problem("digits_64_32_10")]));
    let first = run();
    assert!(first.len() > 1000);
    assert_eq!(first, run());
}

/// The files of a directory by name, wall times taken out.
fn contents(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mut bytes = std::fs::read(&path).unwrap();
            if name == "report.json" {
                let mut report: Value = serde_json::from_slice(&bytes).unwrap();
                report["wall_seconds"] = Value::Null;
                bytes = report.to_string().into_bytes();
            }
            (name, bytes)
        })
        // PDF files carry object identifiers that may differ
        .filter(|(name, _)| !name.ends_with(".pdf"))
        .collect();
    files.sort();
    files
}

#[test]
fn validation_passes_and_its_results_do_not_depend_on_the_threads() {
    let directory = tempfile::tempdir().unwrap();
    let run = |name: &str, threads: &str| {
        let out = directory.path().join(name);
        eqprop()
            .env("RAYON_NUM_THREADS", threads)
            .args(["validate", "--networks", "80", "--out"])
            .arg(&out)
            .assert()
            .success();
        contents(&out)
    };
    let one = run("one", "1");
    assert_eq!(one.len(), 2 + 2 * 4);
    assert!(
        one == run("two", "3"),
        "the results depend on the number of threads"
    );
}

#[test]
fn every_verdict_of_the_validation_can_fail() {
    let directory = tempfile::tempdir().unwrap();
    let mut failed: Vec<String> = Vec::new();
    let mut all: Vec<String> = Vec::new();
    let faults = [
        "true_gradient_by_jac",
        "update_by_jac_transposed",
        "backpropagation_by_jac",
        "dynamics_swapped",
        "estimates_swapped",
        "state_space_norm",
        "half_the_closed_form",
    ];
    for fault in faults {
        let output = eqprop()
            .args(["validate", "--json", "--plant", fault, "--out"])
            .arg(directory.path().join(fault))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{fault}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["passed"], false);
        for check in report["checks"].as_array().unwrap() {
            let id = check["id"].as_str().unwrap().to_owned();
            if check["passed"] == false {
                failed.push(id.clone());
            }
            all.push(id);
        }
    }
    for list in [&mut failed, &mut all] {
        list.sort();
        list.dedup();
    }
    assert_eq!(failed, all, "a check that no planted fault refutes");
}

#[test]
fn results_are_not_overwritten_without_force_and_plot_remakes_figures() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("study");
    let validate = |force: &[&str]| {
        let mut command = eqprop();
        command
            .args(["validate", "--networks", "80", "--out"])
            .arg(&out)
            .args(force);
        command.assert()
    };
    validate(&[]).success();
    refused(validate(&[]), "--force");
    validate(&["--force"]).success();

    let picture = directory.path().join("again.svg");
    let plot = |arguments: &[&str]| {
        let mut command = eqprop();
        command
            .arg("plot")
            .arg(&out)
            .arg("--out")
            .arg(&picture)
            .args(arguments);
        command.assert()
    };
    plot(&[]).success();
    let (made, again) = (out.join("asymmetry.svg"), &picture);
    assert!(std::fs::read(made).unwrap() == std::fs::read(again).unwrap());
    refused(plot(&[]), "--force");
    refused(plot(&["--force", "--figure", "nothing"]), "closed_form");
    plot(&[
        "--force", "--theme", "dark", "--width", "120", "--figure", "beta",
    ])
    .success();
}

/// Asserts exit code 2 and standard error that says `text`.
fn refused(assert: assert_cmd::assert::Assert, text: &str) {
    let output = assert.code(2).get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains(text), "{stderr}");
}

#[test]
fn pictures_of_every_format_are_what_their_names_say() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("study");
    eqprop()
        .args(["validate", "--networks", "80", "--out"])
        .arg(&out)
        .assert()
        .success();
    let starts = |name: &str, magic: &[u8]| {
        let bytes = std::fs::read(out.join(name)).unwrap();
        assert!(bytes.starts_with(magic), "{name}");
        assert!(bytes.len() > 5000, "{name}");
    };
    starts("asymmetry.pdf", b"%PDF");
    starts("asymmetry.png", b"\x89PNG");
    starts("asymmetry.svg", b"<");
}

#[test]
fn the_schema_of_a_sweep_knows_both_names_of_the_count_of_a_range() {
    let text = stdout(eqprop().args(["schema", "sweep"]));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let range = &schema["$defs"]["Range"];
    for name in ["count", "points"] {
        assert_eq!(range["properties"][name]["minimum"], 1, "{range:#}");
    }
    assert_eq!(range["required"], serde_json::json!(["from", "to"]));
    assert_eq!(range["oneOf"].as_array().unwrap().len(), 2);
}

#[test]
fn the_schema_of_a_problem_knows_arrays_in_files() {
    let text = stdout(eqprop().args(["schema", "problem"]));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let choices = |field: &str| {
        let place = format!("/$defs/Network/properties/{field}/anyOf");
        let choices = schema.pointer(&place).unwrap().as_array().unwrap();
        let named = choices.iter().filter_map(|choice| choice["$ref"].as_str());
        named.map(str::to_owned).collect::<Vec<_>>()
    };
    let (file, sparse) = ("#/$defs/ArrayFile", "#/$defs/SparseWeights");
    assert_eq!(choices("weights"), [file, sparse]);
    assert_eq!(choices("input_weights"), [file]);
    // every reference leads somewhere
    let text = schema.to_string();
    let named = text.split("\"#/$defs/").skip(1);
    for name in named.filter_map(|rest| rest.split('"').next()) {
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
}

#[test]
fn a_problem_without_a_target_has_no_cost_and_takes_no_nudge() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("problem.json");
    let mut document: Value = serde_json::from_str(
        &std::fs::read_to_string(problem("dense_tanh_n8_all_outputs")).unwrap(),
    )
    .unwrap();
    document.as_object_mut().unwrap().remove("target");
    std::fs::write(&path, document.to_string()).unwrap();
    let out = directory.path().join("out.csv");
    let simulated = stdout(
        eqprop()
            .args(["simulate", "--beta", "0", "--json", "--out"])
            .args([&out, &path]),
    );
    let simulated: Value = serde_json::from_str(&simulated).unwrap();
    assert_eq!(simulated["free"]["cost"], Value::Null);
    let gain = [
        "continue",
        "--parameter",
        "gain",
        "--range",
        "0.5,1.5",
        "--json",
    ];
    let branch: Value = serde_json::from_str(&stdout(eqprop().args(gain).arg(&path))).unwrap();
    assert_eq!(branch["branches"][0]["cost"], serde_json::json!([]));
    let ode = directory.path().join("problem.ode");
    let nudged: [&[&str]; 5] = [
        &["continue", "--parameter", "beta", "--range=-0.5,1"],
        &[
            "continue",
            "--parameter",
            "gain",
            "--range",
            "0.5,1.5",
            "--beta",
            "0.3",
        ],
        &[
            "continue",
            "--parameter",
            "gain",
            "--range",
            "0.5,1.5",
            "--cost",
        ],
        &["convert", "--beta", "0.3", "--out", ode.to_str().unwrap()],
        &["fixed-points", "--beta", "0.3"],
    ];
    for arguments in nudged {
        let output = eqprop().args(arguments).arg(&path).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(error.contains("target: is missing"), "{error}");
    }
    let spectrum = stdout(eqprop().arg("spectrum").arg(&path));
    assert!(
        !spectrum.contains("undefined") && spectrum.contains("none"),
        "{spectrum}"
    );
}

#[test]
fn no_color_turns_colours_off() {
    let shown = |variables: &[(&str, &str)]| {
        let mut command = eqprop();
        // a refusal is coloured, too
        let command = command.arg("sweep").env_remove("NO_COLOR");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        let mut text = String::from_utf8(output.stderr).unwrap();
        text += &stdout(eqprop().arg("--help").envs(variables.iter().copied()));
        text.contains('\u{1b}')
    };
    assert!(shown(&[("CLICOLOR_FORCE", "1")]));
    assert!(!shown(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!shown(&[]));
}
