//! Trajectories that leave the neighbourhood of a stable point before they could come to rest:
//! stability of the point does not say that the trajectory stays.

use eqprop::dynamics::{Outcome, Phase, SolverSettings, settle};
use eqprop::model::Problem;
use serde_json::{Value, json};

use crate::support::{gap, problem};

fn outcome(problem: &Problem, polish: bool) -> Outcome {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    let settings = SolverSettings {
        polish,
        ..SolverSettings::default()
    };
    settle(&phase, &problem.initial_state, &settings)
}

fn rest(document: &Value, polish: bool) -> Vec<f64> {
    let found = outcome(&problem(document), polish);
    match found {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => point.state().to_vec(),
        other => panic!("{document}: {other:?}"),
    }
}

fn rate(s: f64) -> f64 {
    1.0 / (1.0 + (2.0 - 4.0 * s).exp())
}

/// A neuron near a fold (a stable point with λ = −0.01, a barrier 0.007 beyond it) that a second,
/// as slow one pushes over the barrier if it starts more than 1.2e-4 from its own rest.
fn pushed_over_a_fold(offset: f64) -> Value {
    let (own, slow) = (2.0, 0.99);
    // 2 ρ′(s) = 0.99 at the lower branch
    let r = 0.5 * (1.0 - (1.0f64 - 4.0 * 0.125 * 0.99).sqrt());
    let s = 0.25 * (2.0 + (r / (1.0 - r)).ln());
    assert!((rate(s) - r).abs() < 1e-15);
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "steep_logistic",
            "weights": [[own, 1.0], [0.0, slow]],
            "bias": [s - own * r - 0.5, 0.5 - 0.5 * slow],
            "outputs": [0]
        },
        "target": [0.5], "initial_state": [s, 0.5 + offset]
    })
}

#[test]
fn a_transient_that_carries_over_a_barrier_is_followed() {
    // by a classical Runge–Kutta method with fixed steps, to t = 5000
    let (stays, goes) = ([0.055_768_730_138_6, 0.5], [1.753_184_874_128_7, 0.5]);
    let mut failures = Vec::new();
    for (offset, expected) in [
        (1e-5, stays),
        (1e-4, stays),
        (1.5e-4, goes),
        (2e-4, goes),
        (4e-4, goes),
        (1e-3, goes),
        (1e-2, goes),
    ] {
        let document = pushed_over_a_fold(offset);
        let followed = rest(&document, false);
        assert!(
            gap(&followed, &expected) <= 1e-8,
            "{offset:e}: {followed:?}"
        );
        let found = rest(&document, true);
        if gap(&found, &expected) > 1e-8 {
            failures.push(format!("offset {offset:e}: {found:?} for {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Inside [0, 1]² a stable focus at (0.1, 0.6) and, held by both bounds, the corner (0, 1); all as
/// slow as `pace` is small, which does not change the way.
fn focus_or_corner(pace: f64, start: [f64; 2]) -> Value {
    let jacobian = [[-2.0 * pace, -pace], [3.0 * pace, pace]];
    let focus = [0.1, 0.6];
    let drive = |i: usize| -(jacobian[i][0] * focus[0] + jacobian[i][1] * focus[1]);
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [
                [1.0 + jacobian[0][0], jacobian[0][1]],
                [jacobian[1][0], 1.0 + jacobian[1][1]]
            ],
            "bias": [drive(0), drive(1)],
            "outputs": [0]
        },
        "target": [0.5], "initial_state": start, "state_bounds": [0, 1]
    })
}

#[test]
fn bounds_on_the_way_to_a_stable_point_are_met() {
    // which of the two is known from small Euler steps with projection
    let (focus, corner) = ([0.1, 0.6], [0.0, 1.0]);
    let mut failures = Vec::new();
    for (start, expected) in [
        ([0.02, 0.95], corner),
        ([0.0, 1.0], corner),
        ([0.05, 0.8], focus),
        ([0.1, 0.59], focus),
    ] {
        for pace in [1.0, 1e-1, 1e-2, 1e-3] {
            let found = rest(&focus_or_corner(pace, start), true);
            if gap(&found, &expected) > 1e-9 {
                failures.push(format!(
                    "{start:?} at pace {pace}: {found:?} for {expected:?}"
                ));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
