//! How far from rest a state is, neuron by neuron: a large constant state does not hide a moving one.

use super::phase::{Phase, largest};
use crate::model::{Activation, Dynamics};

/// What rounding leaves of a force that vanishes, in units of ε and of its terms.
const ROUNDINGS: f64 = 8.0;

/// Σ|terms of μ^βᵢ| of every neuron, of which the rounding of a force is a multiple. Of fields whose
/// terms are not known, what is seen from outside: |μᵢ| + |sᵢ|.
pub(super) fn term_sizes(phase: &Phase<'_>, state: &[f64]) -> Vec<f64> {
    let n = state.len();
    let mut sizes = vec![0.0; n];
    if let Some(form) = phase.field().rate_form() {
        let activation = form.activation;
        let rates: Vec<f64> = state.iter().map(|&s| activation.rate(s)).collect();
        let drive = form.drive;
        (sizes.iter_mut().zip(drive)).for_each(|(size, drive)| *size = drive.abs());
        form.coupling.add_term_sizes(&rates, &mut sizes);
        if form.dynamics == Dynamics::Hopfield {
            let slope = |&s: &f64| Activation::slope(activation, s).abs();
            (sizes.iter_mut().zip(state)).for_each(|(size, s)| *size *= slope(s));
        }
    } else {
        phase.force(state, &mut sizes);
        sizes.iter_mut().for_each(|size| *size = size.abs());
    }
    if let Some((cost, beta)) = phase.nudge() {
        let mut slope = vec![0.0; n];
        cost.gradient(state, &mut slope);
        for ((size, slope), s) in sizes.iter_mut().zip(slope).zip(state) {
            // β(s − y), each of the two
            *size += if slope == 0.0 {
                0.0
            } else {
                (beta * slope).abs() + 2.0 * (beta * s).abs()
            };
        }
    }
    (sizes.iter_mut().zip(state)).for_each(|(size, s)| *size += s.abs());
    sizes
}

/// The size below which the force on each neuron is rounding alone.
pub(super) fn rounding_floor(phase: &Phase<'_>, state: &[f64]) -> Vec<f64> {
    let mut sizes = term_sizes(phase, state);
    sizes
        .iter_mut()
        .for_each(|size| *size *= ROUNDINGS * f64::EPSILON);
    sizes
}

/// The largest `|Π(μ)ᵢ| / (|sᵢ| + 1)` of the neurons that are not held and whose force is above the
/// `floor` of rounding, or NaN if any force is.
pub(super) fn relative_residual(
    state: &[f64],
    force: impl Fn(usize) -> f64,
    held: impl Fn(usize) -> bool,
    floor: &[f64],
) -> f64 {
    largest((0..state.len()).filter(|&i| !held(i)).map(|i| {
        let above = force(i).abs() - floor[i];
        // a NaN is kept
        if above <= 0.0 {
            0.0
        } else {
            above / (state[i].abs() + 1.0)
        }
    }))
}

/// The largest difference of two states, each neuron relative to its own size.
pub(super) fn relative_distance(one: &[f64], other: &[f64]) -> f64 {
    largest((one.iter().zip(other)).map(|(a, b)| (a - b) / (a.abs().max(b.abs()) + 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    #[test]
    fn a_residual_is_relative_to_the_size_of_its_neuron_and_free_of_rounding() {
        let state = [9.0, 0.0, -4.0];
        let all = |force: [f64; 3], floor: &[f64]| {
            relative_residual(&state, |i| force[i], |_| false, floor)
        };
        assert_eq!(all([1e-3, 5e-5, 0.0], &[0.0; 3]), 1e-4);
        assert_eq!(all([1e-3, -2e-4, 0.0], &[0.0; 3]), 2e-4);
        assert_eq!(all([0.0, 0.0, -2.0], &[0.0; 3]), 0.4);
        assert_eq!(all([1e-3, 0.0, 0.0], &[1e-3, 0.0, 0.0]), 0.0);
        assert!(all([1.0, f64::NAN, 0.0], &[0.0; 3]).is_nan());
        let held = relative_residual(&state, |_| 1.0, |i| i == 1, &[0.0; 3]);
        assert_eq!(held, 0.2);
        assert_eq!(relative_distance(&[9.0, 1.0], &[4.0, 1.0]), 0.5);
    }

    #[test]
    fn the_size_of_rounding_is_that_of_all_terms() {
        let text = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0.5, -2], [1, 0]], "bias": [0.25, -1], "outputs": [0]}, "target": [1]}"#;
        let problem = Problem::from_json(text).unwrap();
        let field = problem.field();
        let state = [2.0, -3.0];
        // |d| + |Wρ| + |s|
        let free = Phase::of_problem(&problem, &field);
        assert_eq!(
            term_sizes(&free, &state),
            [0.25 + 1.0 + 6.0 + 2.0, 1.0 + 2.0 + 3.0]
        );
        // and of the nudge |β(s − y)| + 2|βs|
        let nudged = free.nudged(&problem.cost, 0.5);
        assert_eq!(term_sizes(&nudged, &state), [9.25 + 0.5 + 2.0, 6.0]);
        let floor = rounding_floor(&nudged, &state);
        assert_eq!(floor, [11.75, 6.0].map(|size| 8.0 * f64::EPSILON * size));
    }
}
