//! The theorem on one's own problem, and in studies of any size.

use serde_json::Value;

use super::case;
use crate::support::{Ran, eqprop, reference};

fn validate(path: &str, more: &[&str]) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    let options = ["validate", path, "--json", "--out", out.to_str().unwrap()];
    let ran = eqprop(&[&options[..], more].concat());
    if ran.code < 2 {
        for name in [
            "report.json",
            "report.md",
            "asymmetry.svg",
            "time_resolved.svg",
        ] {
            assert!(out.join(name).exists(), "{path}: {name}");
        }
    }
    ran
}

fn ids(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| check["id"].as_str().unwrap())
        .collect()
}

#[test]
fn the_theorem_holds_on_problems_of_every_kind() {
    for name in [
        "dense_tanh_n5_no_input",
        "dense_relu_n3",
        "layered3_hopfield_tanh",
        "time_constants_n4",
        "bounds_dense_n5",
        "strong_rotation",
        "dense_tanh_n20",
    ] {
        let path = reference(&format!("problems/{name}.json"));
        let ran = validate(path.to_str().unwrap(), &[]);
        assert_eq!(ran.code, 0, "{name}: {} {}", ran.stdout, ran.stderr);
        let report = ran.document();
        assert_eq!(report["passed"], true);
        assert_eq!(ids(&report)[..2], ["a1", "a2"], "{name}");
    }
}

#[test]
fn at_an_unstable_point_trajectories_are_left_out() {
    let ran = validate(&case("oscillator"), &["--at", "unstable"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(ids(&ran.document())[0], "a2");
    assert_eq!(
        ran.document()["networks"][0]["update_deviation"],
        Value::Null
    );
    assert_eq!(validate(&case("oscillator"), &[]).code, 3);
}

#[test]
fn planted_faults_are_seen_or_refused() {
    let asymmetric = reference("problems/dense_tanh_n5_no_input.json");
    for fault in [
        "true_gradient_by_jac",
        "update_by_jac_transposed",
        "backpropagation_by_jac",
        "estimates_swapped",
    ] {
        let ran = validate(asymmetric.to_str().unwrap(), &["--plant", fault]);
        assert_eq!(ran.code, 1, "{fault}: {} {}", ran.stdout, ran.stderr);
    }
    let symmetric = reference("problems/hopfield_tanh_n4_symmetric.json");
    for (path, fault) in [
        (&symmetric, "true_gradient_by_jac"),
        (&asymmetric, "half_the_closed_form"),
    ] {
        let ran = validate(path.to_str().unwrap(), &["--plant", fault]);
        assert_eq!(ran.code, 2, "{fault}: {ran:?}");
        assert_eq!(ran.document()["error"]["kind"], "invalid_input");
    }
    assert_eq!(validate(symmetric.to_str().unwrap(), &[]).code, 0);
}

#[test]
fn studies_of_any_size_are_made() {
    for networks in ["1", "3", "12"] {
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().join("out");
        let options = ["validate", "--networks", networks, "--json", "--out"];
        let ran = eqprop(&[&options[..], &[out.to_str().unwrap()]].concat());
        assert_eq!(ran.code, 0, "{networks}: {} {}", ran.stdout, ran.stderr);
        assert!(ids(&ran.document()).contains(&"a1"));
    }
    assert_eq!(eqprop(&["validate", "--networks", "0", "--json"]).code, 2);
}

#[test]
fn the_theorem_holds_where_a_nudged_state_swings_out_before_it_rests() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("field.json");
    // FitzHugh–Nagumo, weakly damped, far from its target
    let text = r#"{"field": {"equations": {"v": "v - v^3/3 - w + I", "w": "v + a - b*w"},
        "parameters": {"I": 0.2, "a": 0.7, "b": 0.8}, "time_constants": {"w": 12.5}},
        "outputs": ["v"], "target": [0.3], "initial_state": {"v": -1.0, "w": 0.4}}"#;
    std::fs::write(&path, text).unwrap();
    let ran = validate(path.to_str().unwrap(), &[]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
}
