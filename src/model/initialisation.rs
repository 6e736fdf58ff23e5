//! Random weights: a documented generator, and Glorot initialisation with a chosen asymmetry.

use nalgebra::DMatrix;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::activation::Activation;
use super::coupling::{Coupling, Layers};
use super::dynamics::Dynamics;
use super::network::Network;
use crate::error::{Error, Result};

/// A stream of random numbers that is the same on every platform and in every version:
/// ChaCha8 with the 64-bit seed as the first eight key bytes (little endian, the rest 0), one
/// stream number for each tensor. A uniform number is `(next_u64 >> 11) · 2⁻⁵³`, in [0, 1).
#[derive(Debug, Clone)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream numbered `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        Self(generator)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (0.5f64).powi(53)
    }

    /// Uniform in [low, high).
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An index in 0 … count − 1 (by scaling, and the bias is below 2⁻⁵³ · count).
    pub fn index(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// `count` numbers, uniform in [−limit, limit).
    pub fn symmetric(&mut self, count: usize, limit: f64) -> Vec<f64> {
        (0..count).map(|_| self.uniform(-limit, limit)).collect()
    }

    /// A matrix with entries uniform in [−limit, limit), drawn row by row.
    pub fn matrix(&mut self, rows: usize, columns: usize, limit: f64) -> DMatrix<f64> {
        DMatrix::from_row_slice(rows, columns, &self.symmetric(rows * columns, limit))
    }
}

/// Glorot-uniform initialisation: weights uniform in
/// `$\pm\,\text{gain}\,\sqrt{6/(n_\text{in}+n_\text{out})}$`, biases 0
/// (X. Glorot and Y. Bengio, 2010).
///
/// Asymmetry λ in 0 … 1 mixes each feedback weight from the weight that it answers and an
/// independent draw, `(1 − λ) forwardᵀ + λ independent`. In a dense network the entries below the
/// diagonal answer those above it. At 0 the coupling is symmetric, at 1 independent.
///
/// Streams of [`Random`]: 1000 + k for `forward[k]` (0: input weights), 2000 + k for the
/// independent draw of `feedback[k]`. A dense network takes 1000, 1001 and 2000.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glorot {
    /// Seed of the generator.
    pub seed: u64,
    /// Factor on the Glorot limit. Default 1.
    pub gain: f64,
    /// λ above. Default 1.
    pub asymmetry: f64,
}

impl Default for Glorot {
    fn default() -> Self {
        Self {
            seed: 0,
            gain: 1.0,
            asymmetry: 1.0,
        }
    }
}

const FORWARD_STREAM: u64 = 1000;
const FEEDBACK_STREAM: u64 = 2000;

impl Glorot {
    fn draw(&self, stream: u64, rows: usize, columns: usize) -> DMatrix<f64> {
        let limit = self.gain * (6.0 / (rows + columns) as f64).sqrt();
        Random::new(self.seed, stream).matrix(rows, columns, limit)
    }

    fn mix(&self, answered: &DMatrix<f64>, independent: &DMatrix<f64>) -> DMatrix<f64> {
        answered.transpose() * (1.0 - self.asymmetry) + independent * self.asymmetry
    }

    /// A layered network. `sizes` runs from input to output and has at least two entries.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if there are fewer than two sizes or one is 0.
    pub fn layered(
        &self,
        sizes: &[usize],
        dynamics: Dynamics,
        activation: Activation,
    ) -> Result<Network> {
        let shape_error = || Error::invalid("sizes", "expected at least two sizes, all positive");
        if sizes.len() < 2 || sizes.contains(&0) {
            return Err(shape_error());
        }
        let draw = |k: usize| self.draw(FORWARD_STREAM + k as u64, sizes[k + 1], sizes[k]);
        let forward: Vec<_> = (1..sizes.len() - 1).map(draw).collect();
        let feedback = forward
            .iter()
            .enumerate()
            .map(|(k, matrix)| {
                let independent =
                    self.draw(FEEDBACK_STREAM + k as u64, matrix.ncols(), matrix.nrows());
                self.mix(matrix, &independent)
            })
            .collect();
        let neurons: usize = sizes[1..].iter().sum();
        let outputs = sizes[sizes.len() - 1];
        Ok(Network {
            dynamics,
            activation,
            input_weights: draw(0),
            coupling: Coupling::Layered(
                Layers::new(&sizes[1..], forward, feedback).ok_or_else(shape_error)?,
            ),
            bias: vec![0.0; neurons],
            outputs: (neurons - outputs..neurons).collect(),
        })
    }

    /// A dense network of `neurons` neurons with `inputs` inputs.
    pub fn dense(
        &self,
        inputs: usize,
        neurons: usize,
        outputs: Vec<usize>,
        dynamics: Dynamics,
        activation: Activation,
    ) -> Network {
        let draw = self.draw(FORWARD_STREAM + 1, neurons, neurons);
        let mixed = self.mix(&draw, &self.draw(FEEDBACK_STREAM, neurons, neurons));
        Network {
            dynamics,
            activation,
            input_weights: self.draw(FORWARD_STREAM, neurons, inputs),
            coupling: Coupling::Dense(DMatrix::from_fn(neurons, neurons, |i, j| {
                if i <= j { draw[(i, j)] } else { mixed[(i, j)] }
            })),
            bias: vec![0.0; neurons],
            outputs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_never_changes() {
        let mut random = Random::new(7, 1000);
        let first: Vec<u64> = (0..3).map(|_| random.0.next_u64()).collect();
        // from a ChaCha8 of its own (key 7, stream 1000), not copied from here
        assert_eq!(
            first,
            [
                12_157_581_063_071_476_829,
                5_395_408_637_558_397_633,
                14_968_935_124_623_555_962
            ]
        );
    }

    #[test]
    fn asymmetry_zero_is_symmetric_and_one_is_independent() {
        let network = |asymmetry| {
            let glorot = Glorot {
                seed: 3,
                asymmetry,
                ..Glorot::default()
            };
            let layered = glorot
                .layered(&[4, 30, 20], Dynamics::Leaky, Activation::Tanh)
                .unwrap()
                .coupling
                .to_matrix();
            let dense = glorot
                .dense(2, 40, vec![0], Dynamics::Leaky, Activation::Tanh)
                .coupling
                .to_matrix();
            [layered, dense]
        };
        for matrix in network(0.0) {
            assert_eq!(matrix, matrix.transpose());
        }
        for matrix in network(1.0) {
            let correlation = matrix.dot(&matrix.transpose()) / matrix.norm_squared();
            assert!(correlation.abs() < 0.1, "{correlation}");
        }
    }

    #[test]
    fn entries_stay_within_the_glorot_limit() {
        let glorot = Glorot {
            seed: 5,
            gain: 2.0,
            asymmetry: 0.5,
        };
        let network = glorot
            .layered(&[5, 7, 3], Dynamics::Leaky, Activation::Tanh)
            .unwrap();
        let limit = 2.0 * (6.0f64 / 10.0).sqrt();
        assert!(network.coupling.to_matrix().amax() <= limit);
        assert!(network.coupling.to_matrix().amax() > 0.8 * limit);
    }
}
