//! Malformed input: exit code 2, one JSON document that names the field, no panic.

mod tables;
mod texts;

use serde_json::{Value, json};

use crate::support::{ProblemFile, Ran, eqprop};

/// One malformed problem file or command line.
struct Case {
    name: String,
    contents: Vec<u8>,
    arguments: Vec<&'static str>,
    /// What the message must name.
    field: &'static str,
}

fn template(name: &str) -> Value {
    let init = json!({"scheme": "glorot_uniform", "seed": 1, "gain": 0.5, "asymmetry": 0.5});
    let dense = json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.0, 0.8], [-0.3, 0.1]],
            "input_weights": [[0.5], [0.0]],
            "bias": [0.1, -0.2],
            "outputs": [1]
        },
        "input": [0.7], "target": [0.4], "initial_state": [0.0, 0.0],
        "time_constants": [1.0, 2.0], "state_bounds": [-5.0, 5.0], "cost": "squared_error"
    });
    let layered = json!({
        "network": {
            "type": "layered", "dynamics": "leaky", "activation": "tanh",
            "sizes": [2, 3, 1],
            "forward": [[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], [[0.1, 0.2, 0.3]]],
            "feedback": [[[0.1], [0.2], [0.3]]],
            "bias": [[0.0, 0.0, 0.0], [0.0]]
        },
        "input": [0.7, 0.1], "target": [0.4]
    });
    let initialised = |mut document: Value, replaced: &[&str]| {
        let network = document["network"].as_object_mut().unwrap();
        for field in replaced {
            network.remove(*field);
        }
        network.insert("init".into(), init.clone());
        document
    };
    match name {
        "dense" => dense,
        "layered" => layered,
        "dense_init" => {
            let mut document = initialised(dense, &["weights", "input_weights", "bias"]);
            document["network"]["sizes"] = json!([1, 2]);
            document
        }
        "layered_init" => initialised(layered, &["forward", "feedback", "bias"]),
        other => panic!("no template {other}"),
    }
}

/// The template with the text `value` at a JSON pointer, or without what is there.
fn edited(mut document: Value, pointer: &str, value: &str) -> String {
    const PLACEHOLDER: &str = "the value";
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value == "-" => {
            assert!(fields.remove(key).is_some(), "{pointer}");
        }
        Value::Object(fields) => {
            fields.insert(key.into(), PLACEHOLDER.into());
        }
        Value::Array(entries) => entries[key.parse::<usize>().unwrap()] = PLACEHOLDER.into(),
        other => panic!("{pointer}: {other}"),
    }
    let placeholder = format!("\"{PLACEHOLDER}\"");
    document.to_string().replace(&placeholder, value)
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split('|').map(str::trim).collect())
}

fn problems(table: &'static str) -> Vec<Case> {
    rows(table)
        .map(|row| Case {
            name: row[..3].join(" "),
            contents: edited(template(row[0]), row[1], row[2]).into_bytes(),
            arguments: Vec::new(),
            field: row[3],
        })
        .collect()
}

fn command_lines() -> Vec<Case> {
    rows(tables::ARGUMENTS)
        .map(|row| Case {
            name: row[0].into(),
            contents: template("dense").to_string().into_bytes(),
            arguments: row[0].split_whitespace().collect(),
            field: row[1],
        })
        .collect()
}

/// What is wrong with how the program refused, if anything.
fn complaint(ran: &Ran, kind: &str, field: &str) -> Option<String> {
    if ran.stderr.contains("panicked") {
        return Some(format!("panic: {}", ran.stderr));
    }
    if ran.code != 2 {
        return Some(format!("exit code {}: {}", ran.code, ran.stderr));
    }
    let Ok(document) = serde_json::from_str::<Value>(&ran.stdout) else {
        return Some(format!("stdout is not one JSON document: {:?}", ran.stdout));
    };
    let error = &document["error"];
    if error["kind"] != kind {
        return Some(format!("kind {}, expected {kind}", error["kind"]));
    }
    let message = error["message"].as_str().unwrap_or("");
    if !message.contains(field) {
        return Some(format!("the message does not name {field}: {message}"));
    }
    let first_line = message.lines().next().unwrap_or("");
    if !ran.stderr.contains(first_line) {
        return Some(format!("stderr does not say {first_line}: {}", ran.stderr));
    }
    None
}

fn all_are_refused(cases: &[Case]) {
    let mut failures = Vec::new();
    for case in cases {
        let file = ProblemFile::new(&case.contents);
        let path = file.path();
        let mut arguments = vec!["gradient", &path, "--json"];
        arguments.extend(&case.arguments);
        let ran = eqprop(&arguments);
        if let Some(complaint) = complaint(&ran, "invalid_input", case.field) {
            let head: String = complaint.chars().take(300).collect();
            failures.push(format!("{}: {head}", case.name));
        }
    }
    let count = cases.len();
    assert!(
        failures.is_empty(),
        "{} of {count}:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn the_templates_are_accepted() {
    for name in ["dense", "layered", "dense_init", "layered_init"] {
        let file = ProblemFile::new(template(name).to_string().as_bytes());
        let ran = eqprop(&["gradient", &file.path(), "--json"]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        assert!(ran.document()["cost"].is_number());
    }
}

#[test]
fn broken_texts_are_refused() {
    all_are_refused(&texts::texts());
}

#[test]
fn wrong_lengths_are_refused() {
    all_are_refused(&problems(tables::LENGTHS));
}

#[test]
fn wrong_fields_are_refused() {
    all_are_refused(&problems(tables::FIELDS));
}

#[test]
fn wrong_values_are_refused() {
    all_are_refused(&problems(tables::VALUES));
}

#[test]
fn wrong_arguments_are_refused() {
    all_are_refused(&command_lines());
}

#[test]
fn a_path_that_holds_no_problem_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path().to_str().unwrap();
    let missing = format!("{here}/missing.json");
    let ran = eqprop(&["gradient", &missing, "--json"]);
    assert_eq!(complaint(&ran, "not_found", "missing.json"), None);
    let ran = eqprop(&["gradient", here, "--json"]);
    assert_eq!(complaint(&ran, "invalid_input", "directory"), None);
    let ran = eqprop(&["gradient", "", "--json"]);
    assert_eq!(complaint(&ran, "invalid_input", ""), None);
    let ran = eqprop(&["gradient", "--json"]);
    assert_eq!(complaint(&ran, "invalid_input", "PROBLEM"), None);
    let ran = eqprop(&["no-such-command", "--json"]);
    assert_eq!(complaint(&ran, "invalid_input", "no-such-command"), None);
}

#[test]
fn without_json_a_refusal_is_on_standard_error_alone() {
    for case in texts::texts().iter().chain(&command_lines()) {
        let file = ProblemFile::new(&case.contents);
        let path = file.path();
        let mut arguments = vec!["gradient", &path];
        arguments.extend(&case.arguments);
        let ran = eqprop(&arguments);
        assert_eq!(ran.code, 2, "{}: {ran:?}", case.name);
        assert_eq!(ran.stdout, "", "{}", case.name);
        assert!(
            ran.stderr.starts_with("error: "),
            "{}: {}",
            case.name,
            ran.stderr
        );
        assert!(
            !ran.stderr.contains("panicked"),
            "{}: {}",
            case.name,
            ran.stderr
        );
    }
}
