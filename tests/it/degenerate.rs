//! Answers with gaps: neurons on a kink or pinned, nothing to learn, nothing that can learn.

use serde_json::{Value, json};

use crate::support::eqprop_gradient;

/// A dense network without input.
fn network(activation: &str, weights: Value, bias: Value, start: Value) -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": activation,
            "weights": weights, "bias": bias, "outputs": [0]
        },
        "target": [0.3], "initial_state": start
    })
}

/// The document of a computation that succeeds, and what it says on standard error.
fn succeeds(document: &Value, more: &[&str]) -> (Value, String) {
    let ran = eqprop_gradient(document, more);
    assert_eq!(ran.code, 0, "{document} {more:?}: {ran:?}");
    (ran.document(), ran.stderr)
}

#[test]
fn neurons_on_a_kink_are_named() {
    let cut = json!([[0, 0], [0, 0]]);
    for (activation, weights, bias, start, expected) in [
        ("relu", &cut, [0.0, 0.5], [0.0, 0.0], json!([0])),
        (
            "relu",
            &json!([[0.5, 0.2], [0.2, -0.5]]),
            [0.0, 0.0],
            [1.0, -1.0],
            json!([0, 1]),
        ),
        ("hard_sigmoid", &cut, [0.5, 1.0], [0.0, 0.0], json!([1])),
        (
            "hard_sigmoid",
            &json!([[0.5, 0], [0, 0]]),
            [0.5, 0.4],
            [2.0, 0.0],
            json!([0]),
        ),
        ("hard_sigmoid", &cut, [0.5, 0.3], [0.0, 0.0], json!([])),
        (
            "hard_sigmoid",
            &cut,
            [0.999_999, 1e-6],
            [0.0, 0.0],
            json!([]),
        ),
        ("tanh", &cut, [0.0, 1.0], [0.0, 0.0], json!([])),
    ] {
        let document = network(activation, weights.clone(), json!(bias), json!(start));
        let (report, stderr) = succeeds(&document, &[]);
        assert_eq!(report["on_kink"], expected, "{document}");
        let warned = stderr.contains("warning") && stderr.contains("kink");
        assert_eq!(warned, expected != json!([]), "{document}: {stderr}");
    }
}

#[test]
fn with_every_neuron_pinned_what_is_undefined_is_null() {
    for start in [json!([0.5, 0.5]), json!([1, 0])] {
        let cut = json!([[0, 0], [0, 0]]);
        let mut document = network("hard_sigmoid", cut, json!([5, -5]), start);
        document["state_bounds"] = json!([0, 1]);
        let (report, _) = succeeds(&document, &[]);
        assert_eq!(report["fixed_point"], json!([1.0, 0.0]));
        assert_eq!(report["eigenvalues"], json!([]));
        assert_eq!(report["negative_gradient"]["bias"], json!([0.0, 0.0]));
        assert_eq!(
            report["ep_update"]["weights"],
            json!([[0.0, 0.0], [0.0, 0.0]])
        );
        for field in [
            "angle_degrees",
            "relative_error",
            "error_bound",
            "descent_certificate",
        ] {
            assert_eq!(report[field], Value::Null, "{field}");
        }
    }
}

#[test]
fn at_the_target_nothing_is_to_be_learned() {
    // c = 0: gradient and update vanish, and their angle does not exist
    let mut document = network("tanh", json!([[0.5]]), json!([0.0]), json!([0.0]));
    document["target"] = json!([0.0]);
    for estimator in [
        "linear_response",
        "one_sided",
        "centred",
        "sensitivity",
        "plasticity",
        "dyadic",
    ] {
        let (report, _) = succeeds(&document, &["--estimator", estimator]);
        assert_eq!(report["cost"], 0.0);
        assert_eq!(report["angle_degrees"], Value::Null, "{estimator}");
        assert_eq!(report["relative_error"], Value::Null, "{estimator}");
    }
}

#[test]
fn an_activation_with_kinks_is_not_analytic() {
    for (activation, bounds) in [
        ("relu", None),
        ("hard_sigmoid", None),
        ("tanh", Some([-5, 5])),
    ] {
        let mut document = network(activation, json!([[0.5]]), json!([0.4]), json!([0.2]));
        if let Some(bounds) = bounds {
            document["state_bounds"] = json!(bounds);
        }
        let ran = eqprop_gradient(&document, &["--estimator", "holomorphic"]);
        assert_eq!(ran.code, 3, "{activation}: {ran:?}");
        assert_eq!(
            ran.document()["error"]["kind"],
            "not_analytic",
            "{activation}"
        );
    }
}

#[test]
fn without_any_gate_open_what_is_undefined_is_null() {
    // Hopfield neurons at rest where ρ′ = 0: no parameter moves anything
    for (activation, start) in [("relu", [0.0, 0.0]), ("hard_sigmoid", [0.0, 0.0])] {
        let document = json!({
            "network": {
                "type": "dense", "dynamics": "hopfield", "activation": activation,
                "weights": [[0.0, 0.3], [0.3, 0.0]], "bias": [-0.6, -0.5], "outputs": [0]
            },
            "target": [1.0], "initial_state": start
        });
        let ran = eqprop_gradient(&document, &[]);
        assert_eq!(ran.code, 0, "{activation}: {ran:?}");
        let report = ran.document();
        assert_eq!(report["negative_gradient"]["bias"], json!([0.0, 0.0]));
        assert_eq!(report["angle_degrees"], Value::Null);
        assert_eq!(report["relative_error"], Value::Null);
    }
}

#[test]
fn a_field_in_text_with_a_kink_says_what_is_not_analytic() {
    let document = json!({
        "field": {"equations": {"x": "0.2 + 0.5*abs(x) - x"}},
        "outputs": ["x"], "target": [0.3], "initial_state": [0.2]
    });
    let ran = eqprop_gradient(&document, &["--estimator", "holomorphic"]);
    let error = ran.document()["error"].clone();
    assert_eq!(error["kind"], "not_analytic", "{ran:?}");
    assert!(ran.stderr.contains("kinks"), "{}", ran.stderr);
}
