//! Phases: a nudge wraps a free phase, with derivatives that fit, and leaves the free one alone.

use eqprop::dynamics::Phase;
use eqprop::model::{Activation, Cost, Dynamics, Problem, Random};

use crate::support::{Shape, gap, random_problem};

fn problems() -> impl Iterator<Item = (Problem, Vec<f64>, Vec<f64>)> {
    (0..20).map(|seed| {
        let dynamics = [Dynamics::Leaky, Dynamics::Hopfield][seed as usize % 2];
        let mut problem = random_problem(seed, Shape::Dense(5), dynamics, Activation::Tanh, 1.5);
        let mut random = Random::new(seed, 10);
        problem.time_constants = Some((0..5).map(|_| random.uniform(0.2, 5.0)).collect());
        let state = random.symmetric(5, 1.5);
        let direction = random.symmetric(5, 1.0);
        (problem, state, direction)
    })
}

fn apply(function: impl Fn(&mut [f64])) -> Vec<f64> {
    let mut out = vec![f64::NAN; 5];
    function(&mut out);
    out
}

#[test]
fn the_force_is_the_field_less_the_nudge() {
    for (problem, state, _) in problems() {
        let field = problem.field();
        let free = Phase::of_problem(&problem, &field);
        let nudged = free.nudged(&problem.cost, 0.7);
        let force = apply(|out| nudged.force(&state, out));
        let slope = apply(|out| problem.cost.gradient(&state, out));
        let expected: Vec<f64> = apply(|out| free.force(&state, out))
            .iter()
            .zip(slope)
            .map(|(force, slope)| force - 0.7 * slope)
            .collect();
        assert!(gap(&force, &expected) <= 1e-15);
        let velocity = apply(|out| nudged.velocity(&state, out));
        for (i, velocity) in velocity.iter().enumerate() {
            let scaled = velocity * problem.time_constants.as_ref().unwrap()[i];
            assert!((scaled - force[i]).abs() <= 1e-14);
        }
        assert_eq!((free.beta(), nudged.beta()), (0.0, 0.7));
    }
}

#[test]
fn derivatives_of_a_nudged_phase_match_differences() {
    for (problem, state, direction) in problems() {
        let field = problem.field();
        for beta in [0.0, 0.7, -0.3] {
            let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
            let product = apply(|out| phase.velocity_jacobian_vector(&state, &direction, out));
            let h = 1e-5;
            let at = |sign: f64| {
                let moved: Vec<f64> = state
                    .iter()
                    .zip(&direction)
                    .map(|(s, d)| s + sign * h * d)
                    .collect();
                apply(|out| phase.velocity(&moved, out))
            };
            let differences: Vec<f64> = at(1.0)
                .iter()
                .zip(at(-1.0))
                .map(|(plus, minus)| (plus - minus) / (2.0 * h))
                .collect();
            assert!(gap(&product, &differences) <= 1e-7);
            let matrix = phase.force_jacobian(&state);
            let by_matrix = matrix * nalgebra::DVector::from_column_slice(&direction);
            let scaled: Vec<f64> = (0..5)
                .map(|i| by_matrix[i] / phase.time_constant(i))
                .collect();
            assert!(gap(&product, &scaled) <= 1e-13);
        }
    }
}

#[test]
fn a_neuron_is_pinned_where_the_force_points_outward() {
    // identity, no weights: the force at s is b − s
    let document = serde_json::json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0, 0, 0], [0, 0, 0], [0, 0, 0]], "bias": [2, 0.5, -1], "outputs": [0]
        },
        "target": [0], "state_bounds": [0, 1]
    });
    let problem = crate::support::problem(&document);
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    assert_eq!(phase.pinned(&[1.0, 1.0, 1.0]), [true, false, false]);
    assert_eq!(phase.pinned(&[0.0, 0.0, 0.0]), [false, false, true]);
    assert_eq!(phase.pinned(&[0.5, 0.5, 0.5]), [false, false, false]);
    assert_eq!(phase.residual(&[1.0, 0.5, 0.0]), 0.0);
    assert_eq!(phase.residual(&[1.0, 0.25, 0.0]), 0.25);
    assert!(phase.residual(&[f64::NAN, 0.5, 0.0]).is_nan());
    assert_eq!(phase.without_bounds().pinned(&[1.0, 1.0, 1.0]), [false; 3]);
}
