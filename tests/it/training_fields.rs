//! Training a field in text: it learns, is recorded and resumed as a network is, and refuses by name.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use eqprop::gradient::{Estimator, gradient};
use eqprop::model::Problem;
use serde_json::{Value, json};

/// Three hidden neurons with feedback of its own, one output; nothing symmetric.
const MODEL: &str = r#"{"field": {
    "equations": {"h[1..3]": "-h[i] + tanh(u[i]*x1 + w[i]*x2 + c[i] + f[i]*y)",
                  "y": "-y + d + sum(i, 1, 3, v[i]*h[i])"},
    "parameters": {"u[1..3]": [2.0, -1.7, 0.4], "w[1..3]": [-2.2, 1.9, 0.5], "c[1..3]": [-0.9, -0.8, 0.2],
                   "f[1..3]": [0.2, 0.1, -0.1], "v[1..3]": [0.4, 0.3, 0.1], "d": 0.4},
    "inputs": {"x1": 0, "x2": 0}}, "outputs": ["y"], "target": [0]}"#;

struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(settings: &Value, model: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("given.json"), settings.to_string()).unwrap();
        std::fs::write(directory.path().join("model.json"), model).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn train(&self, out: &str, more: &[&str]) -> Command {
        let mut command = Command::cargo_bin("eqprop").unwrap();
        command.arg("train").arg(self.path("given.json"));
        command.arg("--out").arg(self.path(out)).args(more);
        command
    }
}

fn settings(source: Value, epochs: usize) -> Value {
    json!({
        "epochs": epochs, "batch": 8, "network": {"field": "model.json"},
        "data": {"source": source}, "nudge": {"beta": 0.1, "scheme": "centred"},
        "optimiser": {"method": {"name": "adam", "first_moment": 0.9, "second_moment": 0.999, "epsilon": 1e-8},
                      "rates": [0.05]},
        "observe": {"every": epochs, "probe": 16}
    })
}

fn records(directory: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(directory.join("records.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_field_learns_xor_and_two_moons_with_its_angle_on_record() {
    for (source, epochs, most) in [
        (
            json!({"name": "xor", "samples": 16, "noise": 0.1, "seed": 1}),
            40,
            0.0,
        ),
        (
            json!({"name": "two_moons", "samples": 40, "noise": 0.05, "seed": 1}),
            40,
            0.1,
        ),
    ] {
        let place = Place::new(&settings(source, epochs), MODEL);
        place.train("run", &[]).assert().success();
        let records = records(&place.path("run"));
        assert_eq!(records.len(), epochs + 1);
        let last = records.last().unwrap();
        assert!(
            last["training"]["error"].as_f64().unwrap() <= most,
            "{last}"
        );
        let observables = &last["observables"];
        let angle = observables["angle"]["all"].as_f64().unwrap();
        assert!((0.1..60.0).contains(&angle), "{observables}");
        assert!(observables["jacobian_asymmetry"].as_f64().unwrap() > 0.01);
        assert_eq!(observables["angle"]["blocks"][0]["block"], "parameters");
    }
}

/// What training makes of one sample is what `gradient` says of it.
#[test]
fn the_angle_of_one_sample_is_that_of_its_problem() {
    let source = json!({"name": "xor", "samples": 4, "noise": 0.0, "seed": 1});
    let mut settings = settings(source, 1);
    settings["data"]["limit"] = json!(2);
    settings["observe"]["probe"] = json!(1);
    settings["optimiser"]["rates"] = json!([0.0]);
    let place = Place::new(&settings, MODEL);
    place.train("run", &[]).assert().success();
    let first = records(&place.path("run"))[0]["observables"]["angle"]["all"]
        .as_f64()
        .unwrap();
    // sample 0 is the corner (0, 0), of class 0
    let problem = Problem::from_json(MODEL).unwrap();
    let report = gradient(&problem, Estimator::Centred, Some(0.1), &Default::default()).unwrap();
    let expected = report.angle_degrees.unwrap();
    assert!((first - expected).abs() < 1e-2, "{first} {expected}");
    let mut export = Command::cargo_bin("eqprop").unwrap();
    export
        .arg("export")
        .arg(place.path("run/checkpoint.eqprop"));
    export
        .arg("--out")
        .arg(place.path("trained.json"))
        .assert()
        .success();
    let trained = Problem::read(&place.path("trained.json")).unwrap();
    let again = gradient(&trained, Estimator::Centred, Some(0.1), &Default::default()).unwrap();
    assert!((again.angle_degrees.unwrap() - expected).abs() < 1e-3);
}

#[test]
fn a_stopped_run_ends_in_the_same_bits() {
    let source = json!({"name": "xor", "samples": 16, "noise": 0.1, "seed": 1});
    let mut settings = settings(source, 6);
    settings["optimiser"]["schedule"] = json!({"name": "constant"});
    let long = Place::new(&settings, MODEL);
    long.train("whole", &["--threads", "1"]).assert().success();
    for (epochs, more) in [(3, &[][..]), (6, &["--resume"][..])] {
        settings["epochs"] = json!(epochs);
        std::fs::write(long.path("given.json"), settings.to_string()).unwrap();
        long.train("part", more).assert().success();
    }
    let weights = |out: &str| {
        let path = long.path(out).join("checkpoint.eqprop");
        eqprop::experiment::training::Checkpoint::read(&path)
            .unwrap()
            .weights
    };
    assert_eq!(weights("whole"), weights("part"));
}

#[test]
fn what_cannot_be_trained_is_refused_by_name() {
    let source = json!({"name": "xor", "samples": 4, "noise": 0.0, "seed": 1});
    let settings = settings(source, 1);
    for (change, model, texts) in [
        (
            json!({}),
            MODEL.replace("-y + d", "-y + d*sin(t)"),
            &["depend on the time `t`"][..],
        ),
        (
            json!({}),
            MODEL.replace(r#""x2": 0"#, r#""x2": 0, "x3": 0"#),
            &["inputs", "found 3"],
        ),
        (
            json!({}),
            MODEL.replace(r#", "target": [0]"#, ""),
            &["target"],
        ),
        (
            json!({"network": {"field": "model.json", "gain": 2}}),
            MODEL.into(),
            &["network", "belongs to a network"],
        ),
        (
            json!({"network": {"field": "other.json"}}),
            MODEL.into(),
            &["other.json"],
        ),
        (
            json!({"network": {"field": "MODEL.ODE"}}),
            MODEL.into(),
            &["network.field", "eqprop convert"],
        ),
        (json!({"homeostasis": 1}), MODEL.into(), &["homeostasis"]),
        (
            json!({"cost": "softmax_cross_entropy"}),
            MODEL.into(),
            &["cost", "squared_error"],
        ),
    ] {
        let mut settings = settings.clone();
        for (name, value) in change.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let place = Place::new(&settings, &model);
        let output = place.train("run", &[]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            texts.iter().all(|text| message.contains(text)),
            "{texts:?}: {message}"
        );
    }
}
