//! A network with many inputs clamped at once: vector fields that share their weights.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::clamped::Clamped;
use super::dynamics::Dynamics;
use super::network::Network;
use crate::numeric::linear_algebra as la;
use crate::numeric::sparse_product::{add_sparse_product, is_sparse};
use crate::numeric::vectorised;

/// A network with B inputs clamped: the vector fields μ(θ, x₁, ·), …, μ(θ, x_B, ·), evaluated
/// together so that the weights are read once for all of them.
///
/// States of a batch are n × B, one sample per column.
#[derive(Debug, Clone)]
pub struct ClampedBatch<'n> {
    network: &'n Network,
    input_rates: Cow<'n, DMatrix<f64>>,
    /// Uρ(x) + b, constant while the states move, n × B.
    drive: DMatrix<f64>,
}

impl<'n> ClampedBatch<'n> {
    /// The vector fields whose inputs fire at the given rates (d × B, one sample per column): for
    /// inputs that are rates already.
    pub fn with_input_rates(network: &'n Network, input_rates: Cow<'n, DMatrix<f64>>) -> Self {
        let samples = input_rates.ncols();
        let mut drive = DMatrix::from_fn(network.dimension(), samples, |i, _| network.bias[i]);
        // in a layered network the input reaches the first hidden layer alone
        let (weights, n) = (&network.input_weights, network.dimension());
        if is_sparse(input_rates.as_slice()) {
            let drive = (drive.as_mut_slice(), n);
            add_sparse_product(
                (weights.as_slice(), weights.nrows()),
                input_rates.as_slice(),
                drive,
            );
        } else {
            let rates = (input_rates.as_slice(), 0, network.inputs());
            la::multiply_rows(weights, rates, (drive.as_mut_slice(), 0, n));
        }
        Self {
            network,
            input_rates,
            drive,
        }
    }

    /// The network.
    pub fn network(&self) -> &'n Network {
        self.network
    }

    /// B.
    pub fn samples(&self) -> usize {
        self.drive.ncols()
    }

    /// Uρ(x) + b, n × B.
    pub fn constant_drive(&self) -> &DMatrix<f64> {
        &self.drive
    }

    /// The vector field of one sample.
    pub fn sample(&self, sample: usize) -> Clamped<'n> {
        Clamped::with_drive(
            Cow::Borrowed(self.network),
            self.input_rates.column(sample).as_slice().to_vec(),
            self.drive.column(sample).as_slice().to_vec(),
        )
    }
}

impl Network {
    /// The vector fields with the inputs x (d × B, one sample per column) clamped.
    pub fn clamp_batch(&self, inputs: &DMatrix<f64>) -> ClampedBatch<'_> {
        let mut rates = DMatrix::zeros(inputs.nrows(), inputs.ncols());
        self.source().rates(inputs.as_slice(), rates.as_mut_slice());
        ClampedBatch::with_input_rates(self, Cow::Owned(rates))
    }

    /// μ of samples with the given drives Uρ(x) + b. `states`, `rates` (room to work) and `out`
    /// have as many values.
    pub(crate) fn velocities(
        &self,
        drives: &[f64],
        states: &[f64],
        rates: &mut [f64],
        out: &mut [f64],
    ) {
        self.source().rates(states, rates);
        match self.dynamics {
            Dynamics::Leaky => {
                vectorised(
                    #[inline(always)]
                    || {
                        for ((out, drive), s) in out.iter_mut().zip(drives).zip(states) {
                            *out = drive - s;
                        }
                    },
                );
                self.coupling.multiply_add_batch(rates, out);
            }
            Dynamics::Hopfield => {
                out.copy_from_slice(drives);
                self.coupling.multiply_add_batch(rates, out);
                for (out, &s) in out.iter_mut().zip(states) {
                    *out = self.activation.slope(s) * *out - s;
                }
            }
            Dynamics::Rate => {
                out.copy_from_slice(drives);
                self.coupling.multiply_add_batch(rates, out);
                rates.copy_from_slice(out);
                self.activation.rates(rates, out);
                out.iter_mut().zip(states).for_each(|(out, s)| *out -= s);
            }
        }
    }

    /// The Jacobians `∂μ/∂s` of samples at their `states`, ready to be multiplied with.
    pub(crate) fn linearise(&self, drives: &[f64], states: &[f64]) -> BatchJacobian<'_> {
        let activation = self.activation;
        let mut slopes = vec![0.0; states.len()];
        self.source().slopes(states, &mut slopes);
        let (gates, diagonal) = match self.dynamics {
            Dynamics::Leaky => (None, vec![-1.0; states.len()]),
            Dynamics::Rate => {
                let mut drive = drives.to_vec();
                self.coupling.multiply_add_batch(states, &mut drive);
                let mut gates = vec![0.0; states.len()];
                activation.slopes(&drive, &mut gates);
                (Some(gates), vec![-1.0; states.len()])
            }
            Dynamics::Hopfield => {
                let mut rates = vec![0.0; states.len()];
                activation.rates(states, &mut rates);
                let mut diagonal = drives.to_vec();
                self.coupling.multiply_add_batch(&rates, &mut diagonal);
                for (value, &s) in diagonal.iter_mut().zip(states) {
                    *value = *value * activation.curvature(s) - 1.0;
                }
                (Some(slopes.clone()), diagonal)
            }
        };
        BatchJacobian {
            network: self,
            moved: vec![0.0; states.len()],
            slopes,
            gates,
            diagonal,
        }
    }
}

/// The Jacobians of a batch at one state each: `diag(gates) W diag(slopes) + diag(diagonal)`.
pub(crate) struct BatchJacobian<'n> {
    network: &'n Network,
    slopes: Vec<f64>,
    gates: Option<Vec<f64>>,
    diagonal: Vec<f64>,
    moved: Vec<f64>,
}

impl BatchJacobian<'_> {
    /// The part on the diagonal that does not come from W (n B values), for adding to.
    pub fn diagonal_mut(&mut self) -> &mut [f64] {
        &mut self.diagonal
    }

    /// `(∂μ/∂s) v` of every sample. `vectors` and `out` have n B values.
    pub fn multiply(&mut self, vectors: &[f64], out: &mut [f64]) {
        for ((moved, slope), v) in self.moved.iter_mut().zip(&self.slopes).zip(vectors) {
            *moved = slope * v;
        }
        out.fill(0.0);
        self.network.coupling.multiply_add_batch(&self.moved, out);
        if let Some(gates) = &self.gates {
            for (out, gate) in out.iter_mut().zip(gates) {
                *out *= gate;
            }
        }
        for ((out, diagonal), v) in out.iter_mut().zip(&self.diagonal).zip(vectors) {
            *out += diagonal * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Glorot, Random, VectorField};

    #[test]
    fn a_batch_is_its_samples() {
        let mut random = Random::new(5, 0);
        for dynamics in [Dynamics::Leaky, Dynamics::Hopfield, Dynamics::Rate] {
            for sizes in [&[3, 6][..], &[3, 5, 4, 2]] {
                let network = Glorot {
                    seed: 3,
                    ..Glorot::default()
                }
                .layered(sizes, dynamics, Activation::Tanh)
                .unwrap();
                let (n, samples) = (network.dimension(), 4);
                let mut draw =
                    |rows| DMatrix::from_vec(rows, samples, random.symmetric(rows * samples, 1.0));
                let (inputs, states, vectors) = (draw(3), draw(n), draw(n));
                let batch = network.clamp_batch(&inputs);
                let drives = batch.constant_drive().as_slice();
                let mut work = vec![0.0; n * samples];
                let (mut velocity, mut product) = (work.clone(), work.clone());
                network.velocities(drives, states.as_slice(), &mut work, &mut velocity);
                network
                    .linearise(drives, states.as_slice())
                    .multiply(vectors.as_slice(), &mut product);
                for sample in 0..samples {
                    let field = network.clamp(inputs.column(sample).as_slice());
                    let state = states.column(sample);
                    let lane = sample * n..(sample + 1) * n;
                    let close = |found: &[f64], expected: &[f64]| {
                        found
                            .iter()
                            .zip(expected)
                            .all(|(a, b)| (a - b).abs() < 1e-13)
                    };
                    let mut expected = vec![0.0; n];
                    field.velocity(state.as_slice(), &mut expected);
                    assert!(close(&velocity[lane.clone()], &expected));
                    let single = batch.sample(sample);
                    single.velocity(state.as_slice(), &mut expected);
                    assert!(close(&velocity[lane.clone()], &expected));
                    field.jacobian_vector(
                        state.as_slice(),
                        vectors.column(sample).as_slice(),
                        &mut expected,
                    );
                    assert!(close(&product[lane], &expected));
                }
            }
        }
    }
}
