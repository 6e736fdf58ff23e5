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
