//! Every function of expressions against mpmath: values and exact derivatives.

use eqprop::model::{Adjoint, Parametrised, Problem, VectorField};
use serde_json::{Value, json};

use crate::support::{read_json, reference};

/// Of the larger of a value and a slope.
const TOLERANCE: f64 = 1e-12;

#[test]
fn values_and_slopes_are_those_of_mpmath() {
    let entries = read_json(&reference("expression/derivatives.json"));
    for entry in entries.as_array().unwrap() {
        let number = |name: &str| entry[name].as_f64().unwrap();
        let field = json!({"equations": {"x": entry["text"]}, "parameters": {"y": number("y")}});
        let document: Value = json!({"field": field, "initial_state": {"x": number("x")}});
        let problem = Problem::from_json(&document.to_string()).unwrap();
        let (field, state) = (problem.field(), [number("x")]);
        let mut value = [0.0];
        field.velocity(&state, &mut value);
        let by_y: Vec<f64> = field.parameter_pullback(&state, &[1.0]).iter().collect();
        let by_x = field.jacobian(&state)[(0, 0)];
        let expected = ["value", "by_x", "by_y"].map(number);
        for (found, expected) in [value[0], by_x, by_y[0]].into_iter().zip(expected) {
            let scale = expected.abs().max(number("value").abs());
            let gap = (found - expected).abs();
            assert!(gap <= TOLERANCE * scale, "{entry}: {found} {expected}");
        }
    }
}

/// Where an exponential has overflown, the quotient by it is flat: by every way to its slope.
#[test]
fn a_flat_quotient_has_slope_0_in_every_direction() {
    let text =
        r#"{"field": {"equations": {"x": "1/(1 + exp(-30*x))"}}, "initial_state": {"x": -53}}"#;
    let problem = Problem::from_json(text).unwrap();
    let field = problem.field();
    let mut slope = [f64::NAN; 2];
    field.jacobian_vector(&[-53.0], &[1.0], &mut slope[..1]);
    field.vector_jacobian(&[-53.0], &[1.0], &mut slope[1..]);
    assert_eq!(slope, [0.0, 0.0]);
    assert_eq!(field.jacobian(&[-53.0])[(0, 0)], 0.0);
}
