//! The workloads W1 to W4, as the peers' scripts define them, in this crate's networks.

use eqprop::model::{Activation, Coupling, Dynamics, Layers, Network, SquaredError};
use nalgebra::DMatrix;

use super::generator::{symmetric, uniform};

/// β of W3.
pub const W3_BETA: f64 = 0.5;
/// β of W4.
pub const W4_BETA: f64 = 0.01;

/// A matrix filled row by row.
fn matrix(base: u64, stream: u64, rows: usize, columns: usize, limit: f64) -> DMatrix<f64> {
    DMatrix::from_row_slice(
        rows,
        columns,
        &symmetric(base, stream, rows * columns, limit),
    )
}

/// Glorot's uniform initialisation.
fn glorot(base: u64, stream: u64, to: usize, from: usize) -> DMatrix<f64> {
    let limit = (6.0 / (from + to) as f64).sqrt();
    matrix(base, stream, to, from, limit)
}

fn dense(weights: DMatrix<f64>, bias: Vec<f64>, outputs: usize) -> Network {
    Network {
        dynamics: Dynamics::Leaky,
        activation: Activation::Tanh,
        input_weights: DMatrix::zeros(bias.len(), 0),
        coupling: Coupling::Dense(weights),
        bias,
        outputs: (0..outputs).collect(),
    }
}

/// W1: one dense network of 50 tanh neurons, residual 1e-9. The input is part of the bias.
pub fn w1(shift: u64) -> Network {
    const N: usize = 50;
    let seed = 101_u64.wrapping_add(shift);
    let weights = matrix(seed, 1, N, N, 0.8 * (3.0 / N as f64).sqrt());
    let bias = symmetric(seed, 2, N, 0.5);
    let input = symmetric(seed, 3, N, 1.0);
    dense(
        weights,
        bias.iter().zip(input).map(|(b, x)| b + x).collect(),
        N,
    )
}

/// W2 and W3: a layered network with a batch of inputs and targets.
pub struct LayeredProblem {
    /// The network; its inputs are rates already.
    pub network: Network,
    /// x, d × B.
    pub inputs: DMatrix<f64>,
    /// y, one a sample.
    pub costs: Vec<SquaredError>,
}

/// W2: 784-512-10, residual 1e-6.
pub fn w2(shift: u64, activation: Activation, samples: usize) -> LayeredProblem {
    layered(
        202_u64.wrapping_add(shift),
        &[10, 512, 784],
        activation,
        samples,
    )
}

/// W3: 784-512-512-512-10, hard sigmoid, free and nudged (β = 0.5), residual 1e-6.
pub fn w3(shift: u64, samples: usize) -> LayeredProblem {
    layered(
        303_u64.wrapping_add(shift),
        &[10, 512, 512, 512, 784],
        Activation::HardSigmoid,
        samples,
    )
}

/// `sizes` from the output to the input, as in the peers' scripts; the crate lists layers from the
/// input to the output.
fn layered(seed: u64, sizes: &[usize], activation: Activation, samples: usize) -> LayeredProblem {
    let layers = sizes.len() - 1;
    let inputs = sizes[layers];
    let between = |stream: u64, to_output: bool| -> Vec<DMatrix<f64>> {
        (0..layers - 1)
            .rev()
            .map(|k| {
                let (to, from) = if to_output { (k, k + 1) } else { (k + 1, k) };
                glorot(seed, stream + k as u64, sizes[to], sizes[from])
            })
            .collect()
    };
    let mut neurons = sizes[..layers].to_vec();
    neurons.reverse();
    let total: usize = neurons.iter().sum();
    let network = Network {
        dynamics: Dynamics::Leaky,
        activation,
        coupling: Coupling::Layered(
            Layers::new(&neurons, between(10, true), between(20, false)).expect("shapes agree"),
        ),
        input_weights: glorot(seed, 30, sizes[layers - 1], inputs),
        bias: (0..layers)
            .rev()
            .flat_map(|k| symmetric(seed, 40 + k as u64, sizes[k], 0.1))
            .collect(),
        outputs: (total - sizes[0]..total).collect(),
    };
    let (u, v) = (
        uniform(seed, 50, samples * inputs),
        uniform(seed, 51, samples * inputs),
    );
    // about a fifth of the pixels are active
    let pixels: Vec<f64> = u
        .iter()
        .zip(v)
        .map(|(&u, v)| if v < 0.2 { u } else { 0.0 })
        .collect();
    let costs = (0..samples)
        .map(|sample| {
            let mut target = vec![0.0; sizes[0]];
            target[sample % sizes[0]] = 1.0;
            SquaredError::new(&network.outputs, &target).expect("lengths agree")
        })
        .collect();
    LayeredProblem {
        network,
        inputs: DMatrix::from_column_slice(inputs, samples, &pixels),
        costs,
    }
}

/// One of W4's 420 networks of 30 tanh neurons: S + λA, with its target.
pub struct SweepProblem {
    /// The network; its input is part of the bias.
    pub network: Network,
    /// y at the first five neurons.
    pub cost: SquaredError,
}

/// W4: 21 values of λ in 0 … 1 (outer) times 20 networks (inner), residual 1e-10, β = ±0.01.
pub fn w4(shift: u64) -> Vec<SweepProblem> {
    const N: usize = 30;
    const OUTPUTS: usize = 5;
    const LAMBDAS: usize = 21;
    const NETWORKS: u64 = 20;
    let seed = 404_u64.wrapping_add(shift);
    let drawn: Vec<_> = (0..NETWORKS)
        .map(|k| {
            let weights = matrix(seed, 1000 + k, N, N, 0.6 * (3.0 / N as f64).sqrt());
            let bias = symmetric(seed, 2000 + k, N, 0.5);
            let target = symmetric(seed, 3000 + k, OUTPUTS, 1.0);
            (weights, bias, target)
        })
        .collect();
    (0..LAMBDAS)
        .flat_map(|i| drawn.iter().map(move |network| (i, network)))
        .map(|(i, (weights, bias, target))| {
            let lambda = i as f64 / (LAMBDAS - 1) as f64;
            let transpose = weights.transpose();
            let mixed = (weights + &transpose) * 0.5 + (weights - &transpose) * (0.5 * lambda);
            let network = dense(mixed, bias.clone(), OUTPUTS);
            SweepProblem {
                cost: SquaredError::new(&network.outputs, target).expect("lengths agree"),
                network,
            }
        })
        .collect()
}
