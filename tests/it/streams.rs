//! Standard output and standard error: results, warnings, and what cannot be written.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::support::{eqprop, reference};

fn a_problem() -> String {
    let path = reference("problems/dense_tanh_n2.json");
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_result_is_on_standard_output_alone() {
    let ran = eqprop(&["gradient", &a_problem(), "--json"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stderr, "");
    assert!(ran.document()["angle_degrees"].is_number());
    assert_eq!(ran.stdout.trim_end().lines().count(), 1);
    let ran = eqprop(&["gradient", &a_problem()]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.contains("angle between them"), "{}", ran.stdout);
}

#[test]
fn the_document_has_every_field_of_the_contract() {
    let document = eqprop(&["gradient", &a_problem(), "--json"]).document();
    for pointer in [
        "/fixed_point",
        "/residual",
        "/cost",
        "/stable",
        "/eigenvalues",
        "/error_vector/ep",
        "/error_vector/true",
        "/ep_update/weights",
        "/ep_update/input_weights",
        "/ep_update/bias",
        "/negative_gradient/weights",
        "/negative_gradient/input_weights",
        "/negative_gradient/bias",
        "/angle_degrees",
        "/relative_error",
        "/jacobian_asymmetry",
        "/weight_asymmetry",
        "/error_bound",
        "/descent_certificate",
        "/estimator",
        "/beta",
        "/solver/method",
        "/solver/rtol",
        "/solver/atol",
        "/solver/steps",
        "/solver/rhs_evaluations",
        "/provenance",
    ] {
        assert!(document.pointer(pointer).is_some(), "{pointer}: {document}");
    }
    assert_eq!(document["estimator"], "linear_response");
    assert_eq!(document["beta"], serde_json::Value::Null);
    assert_eq!(document["solver"]["method"], "tsit45");
    assert_eq!(document["solver"]["rtol"], 1e-9);
    assert_eq!(document["solver"]["atol"], 1e-12);
}

#[test]
fn every_estimator_and_integrator_is_named_as_asked() {
    let path = a_problem();
    for estimator in [
        "linear_response",
        "one_sided",
        "centred",
        "richardson",
        "holomorphic",
        "sensitivity",
        "plasticity",
        "asymmetric",
        "dyadic",
    ] {
        let ran = eqprop(&["gradient", &path, "--json", "--estimator", estimator]);
        assert_eq!(ran.code, 0, "{estimator}: {ran:?}");
        let document = ran.document();
        assert_eq!(document["estimator"], estimator);
    }
    for method in ["tsit45", "vern8", "bdf", "tr_bdf2", "esdirk34"] {
        let ran = eqprop(&["gradient", &path, "--json", "--method", method]);
        assert_eq!(ran.document()["solver"]["method"], method);
    }
    let ran = eqprop(&[
        "gradient", &path, "--json", "--method", "euler", "--dt", "0.1",
    ]);
    assert_eq!(ran.document()["solver"]["method"], "euler");
}

#[test]
fn a_negative_beta_nudges_the_other_way() {
    let path = a_problem();
    let beta = ["--estimator", "one_sided", "--beta", "-0.01"];
    let mut arguments = vec!["gradient", &path, "--json"];
    arguments.extend(beta);
    let ran = eqprop(&arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.document()["beta"], -0.01);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    for json in [true, false] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("eqprop"));
        command.args(["gradient", &a_problem()]);
        if json {
            command.arg("--json");
        }
        let output = command
            .stdout(Stdio::from(full))
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "json {json}: {stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}
