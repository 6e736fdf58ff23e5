//! The recurrent weights W: a full matrix, or one feedforward and one feedback matrix for each
//! pair of neighbouring layers.

use std::borrow::Cow;
use std::ops::Range;

use nalgebra::DMatrix;

use super::sparse_weights::SparseWeights;
use crate::numeric::linear_algebra::{self as la, Block};
use crate::numeric::{asymmetry, norm_from_below};

/// The recurrent weights, `W[i][j]` acting from neuron j on neuron i. Rates and vectors have n
/// values, one a neuron.
#[derive(Debug, Clone, PartialEq)]
pub enum Coupling {
    /// Every neuron acts on every neuron (itself too).
    Dense(DMatrix<f64>),
    /// Neighbouring layers act on each other.
    Layered(Layers),
    /// Few neurons act on each.
    Sparse(SparseWeights),
}

/// Weights between neighbouring layers of neurons. The state lists the layers from the one next to
/// the input to the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    sizes: Vec<usize>,
    /// `forward[k]` acts from layer k on layer k + 1, counted without the input.
    forward: Vec<DMatrix<f64>>,
    /// `feedback[k]` acts from layer k + 1 on layer k.
    feedback: Vec<DMatrix<f64>>,
}

impl Layers {
    /// Layers of the given sizes (without the input), or `None` if a matrix has another shape.
    pub fn new(
        sizes: &[usize],
        forward: Vec<DMatrix<f64>>,
        feedback: Vec<DMatrix<f64>>,
    ) -> Option<Self> {
        let pairs = sizes.len().checked_sub(1)?;
        let fits = forward.len() == pairs
            && feedback.len() == pairs
            && (0..pairs).all(|k| {
                forward[k].shape() == (sizes[k + 1], sizes[k])
                    && feedback[k].shape() == (sizes[k], sizes[k + 1])
            });
        fits.then(|| Self {
            sizes: sizes.to_vec(),
            forward,
            feedback,
        })
    }

    /// Sizes of the layers, without the input.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Feedforward matrices between layers of neurons.
    pub fn forward(&self) -> &[DMatrix<f64>] {
        &self.forward
    }

    /// Feedback matrices between layers of neurons.
    pub fn feedback(&self) -> &[DMatrix<f64>] {
        &self.feedback
    }

    /// All matrices, feedforward first, for replacing.
    pub fn matrices_mut(&mut self) -> impl Iterator<Item = &mut DMatrix<f64>> {
        self.forward.iter_mut().chain(&mut self.feedback)
    }

    /// Where each layer stands in the state.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> + Clone + '_ {
        self.sizes.iter().scan(0, |start, &size| {
            let range = *start..*start + size;
            *start = range.end;
            Some(range)
        })
    }

    /// Every matrix with its postsynaptic and its presynaptic range.
    fn blocks(&self) -> impl Iterator<Item = Block<'_>> + Clone + Sync {
        let pairs = self.ranges().zip(self.ranges().skip(1)).enumerate();
        pairs.flat_map(|(k, (below, above))| {
            [
                (&self.forward[k], above.clone(), below.clone()),
                (&self.feedback[k], below, above),
            ]
        })
    }
}

impl Coupling {
    /// n, the number of neurons.
    pub fn dimension(&self) -> usize {
        match self {
            Self::Dense(weights) => weights.nrows(),
            Self::Layered(layers) => layers.sizes.iter().sum(),
            Self::Sparse(weights) => weights.matrix().dimension(),
        }
    }

    /// How many weights there are, which is what a product costs.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Dense(weights) => weights.len(),
            Self::Layered(layers) => {
                let matrices = layers.forward.iter().chain(&layers.feedback);
                matrices.map(DMatrix::len).sum()
            }
            Self::Sparse(weights) => weights.matrix().values().len(),
        }
    }

    /// `out += W r`.
    pub fn multiply_add(&self, rates: &[f64], out: &mut [f64]) {
        match self {
            Self::Dense(weights) => la::multiply_vector(weights, rates, out, true),
            Self::Layered(layers) => la::multiply_blocks(layers.blocks(), rates, out),
            Self::Sparse(weights) => weights.matrix().multiply_add(rates, out),
        }
    }

    /// `out += |W| |r|`, the size of the terms of `W r`.
    pub(crate) fn add_term_sizes(&self, rates: &[f64], out: &mut [f64]) {
        let add = |matrix: &DMatrix<f64>, rates: &[f64], out: &mut [f64]| {
            for (column, rate) in matrix.column_iter().zip(rates) {
                for (out, weight) in out.iter_mut().zip(column.iter()) {
                    *out += (weight * rate).abs();
                }
            }
        };
        match self {
            Self::Dense(weights) => add(weights, rates, out),
            Self::Layered(layers) => layers.blocks().for_each(|(matrix, to, from)| {
                add(matrix, &rates[from], &mut out[to]);
            }),
            Self::Sparse(weights) => weights.matrix().add_term_sizes(rates, out),
        }
    }

    /// `out += W R` for a batch: `rates` and `out` are n × B, one sample per column.
    pub fn multiply_add_batch(&self, rates: &[f64], out: &mut [f64]) {
        let n = self.dimension();
        match self {
            Self::Dense(weights) => la::multiply_rows(weights, (rates, 0, n), (out, 0, n)),
            Self::Layered(layers) => layers.blocks().for_each(|(matrix, to, from)| {
                la::multiply_rows(matrix, (rates, from.start, n), (out, to.start, n));
            }),
            Self::Sparse(weights) => {
                for (rates, out) in rates.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
                    weights.matrix().multiply_add(rates, out);
                }
            }
        }
    }

    /// `out += Wᵀ v`.
    pub fn multiply_transpose_add(&self, vector: &[f64], out: &mut [f64]) {
        match self {
            Self::Dense(weights) => la::multiply_transpose_vector(weights, vector, out, true),
            Self::Layered(layers) => layers.blocks().for_each(|(matrix, to, from)| {
                la::multiply_transpose_vector(matrix, &vector[to], &mut out[from], true);
            }),
            Self::Sparse(weights) => weights.matrix().multiply_transpose_add(vector, out),
        }
    }

    /// `$\lVert W\rVert_2$` from below.
    pub(crate) fn norm(&self) -> f64 {
        norm_from_below(
            self.dimension(),
            |vector, out| self.multiply_add(vector, out),
            |vector, out| self.multiply_transpose_add(vector, out),
        )
    }

    /// W as one n × n matrix, row = postsynaptic neuron.
    pub fn to_matrix(&self) -> DMatrix<f64> {
        self.as_matrix().into_owned()
    }

    /// The same, borrowed where it is one.
    pub(crate) fn as_matrix(&self) -> Cow<'_, DMatrix<f64>> {
        Cow::Owned(match self {
            Self::Dense(weights) => return Cow::Borrowed(weights),
            Self::Layered(layers) => {
                let n = self.dimension();
                let mut full = DMatrix::zeros(n, n);
                layers.blocks().for_each(|(matrix, to, from)| {
                    full.view_mut((to.start, from.start), matrix.shape())
                        .copy_from(matrix);
                });
                full
            }
            Self::Sparse(weights) => weights.matrix().to_dense(),
        })
    }

    /// ‖W − Wᵀ‖_F / ‖W + Wᵀ‖_F.
    pub fn asymmetry(&self) -> f64 {
        match self {
            Self::Dense(weights) => asymmetry(weights),
            Self::Layered(_) => asymmetry(&self.to_matrix()),
            Self::Sparse(weights) => weights.matrix().asymmetry(),
        }
    }

    /// For every neuron, the sum of the squared rates of the neurons that act on it.
    pub fn presynaptic_power(&self, rates: &[f64]) -> Vec<f64> {
        let power = |rates: &[f64]| rates.iter().map(|rate| rate * rate).sum::<f64>();
        match self {
            Self::Dense(_) => vec![power(rates); rates.len()],
            Self::Layered(layers) => {
                let mut out = vec![0.0; rates.len()];
                layers.blocks().for_each(|(_, to, from)| {
                    let power = power(&rates[from]);
                    out[to].iter_mut().for_each(|value| *value += power);
                });
                out
            }
            Self::Sparse(weights) => {
                let row = |i: usize| weights.matrix().row(i).map(|(j, _)| rates[j] * rates[j]);
                (0..rates.len()).map(|i| row(i).sum()).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    #[test]
    fn the_norm_is_the_largest_singular_value() {
        let weights = Random::new(3, 0).matrix(9, 9, 1.0);
        let exact = weights.singular_values()[0];
        let found = Coupling::Dense(weights).norm();
        assert!(found <= exact * 1.000_001 && found > 0.95 * exact);
    }
}
