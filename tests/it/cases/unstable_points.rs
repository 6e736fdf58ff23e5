//! Unstable fixed points are fixed points: `--at` differentiates there.

use super::{case, gradient_of};
use crate::support::{eqprop, numbers, reference};

#[test]
fn the_formulas_hold_at_an_unstable_point() {
    // ṡ = 2 tanh s − s at s = 0: Jac = 1, c = −1/2, so that a = g = −1/2, and rates there are 0
    for at in ["unstable", "0.1"] {
        let found = gradient_of("two_wells", &["--at", at]);
        assert_eq!(found["stable"], false);
        assert!(numbers(&found["fixed_point"])[0].abs() < 1e-12);
        assert_eq!(numbers(&found["error_vector"]["true"]), [-0.5]);
        assert_eq!(found["negative_gradient"]["bias"][0], -0.5);
        assert_eq!(found["angle_degrees"], 0.0);
    }
    let stable = gradient_of("two_wells", &["--at", "1.5"]);
    assert_eq!(stable["stable"], true);
    assert_eq!(stable["solver"]["steps"], 0);
}

#[test]
fn an_oscillator_is_differentiated_at_its_centre_and_the_message_says_how() {
    let path = case("oscillator");
    let ran = eqprop(&["gradient", &path, "--json"]);
    assert_eq!(
        (ran.code, &ran.document()["error"]["kind"]),
        (3, &"limit_cycle".into())
    );
    let message = ran.document()["error"]["message"].to_string();
    assert!(
        message.contains("`at`") && !message.contains("there is no fixed point"),
        "{message}"
    );
    let found = gradient_of("oscillator", &["--at", "unstable"]);
    assert_eq!(found["stable"], false);
    assert!(found["residual"].as_f64().unwrap() < 1e-14);
    let spectrum = eqprop(&["spectrum", &path, "--at", "unstable", "--json"]);
    assert_eq!(spectrum.code, 0, "{}", spectrum.stderr);
    let leading = &spectrum.document()["spectra"][0]["dynamics"][0];
    assert!(leading[0].as_f64().unwrap() > 0.0 && leading[1].as_f64().unwrap() != 0.0);
}

#[test]
fn estimators_that_follow_trajectories_do_not_apply_and_say_why() {
    let path = case("two_wells");
    for estimator in [
        "one_sided",
        "centred",
        "sensitivity",
        "dyadic",
        "asymmetric",
        "holomorphic",
    ] {
        let ran = eqprop(&[
            "gradient",
            &path,
            "--at",
            "0",
            "--estimator",
            estimator,
            "--json",
        ]);
        assert_eq!(ran.code, 2, "{estimator}");
        let error = &ran.document()["error"];
        assert_eq!(error["field"], "estimator");
        assert!(
            error["message"].to_string().contains("trajectories"),
            "{error}"
        );
    }
    for at in ["stable", "0,0", "nan", ""] {
        let ran = eqprop(&["gradient", &path, "--at", at, "--json"]);
        assert_eq!(
            (ran.code, ran.document()["error"]["kind"].as_str()),
            (2, Some("invalid_input"))
        );
    }
}

#[test]
fn eigenvalues_are_listed_as_asked_and_a_summary_has_no_vectors() {
    let found = |more: &[&str]| {
        let path = reference("problems/dense_tanh_n20.json");
        let ran = eqprop(&[&["gradient", path.to_str().unwrap(), "--json"], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.document()
    };
    let all = found(&[]);
    assert_eq!(all["eigenvalues"].as_array().unwrap().len(), 20);
    assert_eq!(all["eigenvalues_complete"], true);
    let some = found(&["--eigenvalues", "3"]);
    assert_eq!(
        some["eigenvalues"].as_array().unwrap()[..],
        all["eigenvalues"].as_array().unwrap()[..3]
    );
    assert_eq!(some["eigenvalues_complete"], false);
    assert_eq!(
        found(&["--eigenvalues", "all"])["eigenvalues_complete"],
        true
    );
    let summary = found(&["--summary"]);
    for name in [
        "fixed_point",
        "error_vector",
        "ep_update",
        "negative_gradient",
        "eigenvalues",
    ] {
        assert!(summary.get(name).is_none(), "{name}");
    }
    assert_eq!(summary["angle_degrees"], all["angle_degrees"]);
}
