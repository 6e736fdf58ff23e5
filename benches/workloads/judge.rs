//! Residuals evaluated anew, in plain loops and f64; the EP update and W4's angle.

use eqprop::model::{Activation, Coupling, Network};
use eqprop::numeric::linear_algebra as la;
use nalgebra::DMatrix;

use super::problems::{LayeredProblem, SweepProblem};

/// ‖μ^β‖∞ over a batch of states (n × B), straight from the definition.
pub fn layered_residual(problem: &LayeredProblem, states: &DMatrix<f64>, beta: f64) -> f64 {
    let Network {
        activation,
        coupling,
        input_weights,
        bias,
        ..
    } = &problem.network;
    let weights = coupling.to_matrix();
    let mut residual: f64 = 0.0;
    for (sample, state) in states.column_iter().enumerate() {
        let rates = state.map(|s| activation.rate(s));
        let mut force = &weights * rates - state;
        let input = input_weights * problem.inputs.column(sample);
        for (i, force) in force.iter_mut().enumerate() {
            *force += bias[i] + input.get(i).copied().unwrap_or(0.0);
        }
        let cost = &problem.costs[sample];
        for (&neuron, target) in cost.outputs().iter().zip(cost.target()) {
            force[neuron] += beta * (target - state[neuron]);
        }
        residual = largest(force.iter().copied().chain([residual]));
    }
    residual
}

/// The largest absolute value; NaN if any is.
pub fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |largest: f64, value| {
        if value.abs() > largest || value.is_nan() {
            value.abs()
        } else {
            largest
        }
    })
}

/// ‖μ‖∞ of a network whose input is part of its bias.
pub fn dense_residual(network: &Network, state: &[f64]) -> f64 {
    let weights = network.coupling.to_matrix();
    largest((0..state.len()).map(|i| {
        let drive: f64 = (0..state.len())
            .map(|j| weights[(i, j)] * network.activation.rate(state[j]))
            .sum();
        drive + network.bias[i] - state[i]
    }))
}

/// `ΔW = (s^β − s⁰) ρ(s⁰)ᵀ / (β B)` of every matrix between layers, then of the input weights.
pub fn layered_update(
    problem: &LayeredProblem,
    free: &DMatrix<f64>,
    nudged: &DMatrix<f64>,
    beta: f64,
) -> Vec<DMatrix<f64>> {
    let Coupling::Layered(layers) = &problem.network.coupling else {
        return Vec::new();
    };
    let scale = 1.0 / (beta * free.ncols() as f64);
    let response = (nudged - free) * scale;
    let mut rates = free.clone();
    problem
        .network
        .activation
        .rates(free.as_slice(), rates.as_mut_slice());
    let ranges: Vec<_> = layers.ranges().collect();
    let rows = |matrix: &DMatrix<f64>, range: &std::ops::Range<usize>| {
        matrix.rows(range.start, range.len()).into_owned()
    };
    let mut updates = Vec::new();
    for pair in ranges.windows(2) {
        for (to, from) in [(&pair[1], &pair[0]), (&pair[0], &pair[1])] {
            updates.push(la::multiply(
                &rows(&response, to),
                &rows(&rates, from).transpose(),
            ));
        }
    }
    updates.push(la::multiply(
        &rows(&response, &ranges[0]),
        &problem.inputs.transpose(),
    ));
    updates
}

/// The angle in degrees between EP update and gradient of one of W4's networks, from the response
/// ∂s/∂β: both are outer products with the same rates, so it is that of two vectors of n values.
pub fn angle(problem: &SweepProblem, free: &[f64], response: &[f64]) -> f64 {
    let network = &problem.network;
    let slopes: Vec<f64> = free
        .iter()
        .map(|&s| Activation::slope(network.activation, s))
        .collect();
    let mut transpose = network.coupling.to_matrix().transpose();
    for (mut row, slope) in transpose.row_iter_mut().zip(&slopes) {
        row *= *slope;
    }
    for i in 0..free.len() {
        transpose[(i, i)] -= 1.0;
    }
    let mut error = vec![0.0; free.len()];
    for (&neuron, target) in problem.cost.outputs().iter().zip(problem.cost.target()) {
        error[neuron] = free[neuron] - target;
    }
    // Jacᵀ g = c
    let gradient = la::solve(&transpose, &error).unwrap_or_else(|| vec![f64::NAN; free.len()]);
    degrees_between(response, &gradient)
}

/// The angle between two vectors, in degrees.
pub fn degrees_between(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let cosine = dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    cosine.clamp(-1.0, 1.0).acos().to_degrees()
}
