//! Input drives of a batch: one packed matrix and a bias, for inputs most of which may be 0.

use super::rows::{Rows, RowsMut};
use super::sparse::{SparseRates, multiply_sparse_add};
use crate::engine::weights::{BLOCK, Layout, Packed};
use crate::error::{Error, Result};
use crate::model::Network;
use crate::numeric::Scalar;

/// The drives `$U\rho(x) + b$` of the first layer of neurons, U and b packed once for many batches.
#[derive(Debug, Clone)]
pub struct InputDrive<T> {
    matrix: Packed<T>,
    /// With room for whole panels.
    bias: Vec<T>,
    rates: SparseRates<T>,
    sums: Vec<T>,
    /// Samples' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> InputDrive<T> {
    /// All weights and biases zero.
    pub fn new(inputs: usize, neurons: usize) -> Self {
        let matrix = Packed::zeros(neurons, inputs, Layout::Groups);
        Self {
            bias: vec![T::ZERO; neurons.next_multiple_of(matrix.panel_rows)],
            matrix,
            rates: SparseRates::default(),
            sums: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// The input weights and biases of a network's first layer (of all neurons, if it is dense).
    pub fn of(network: &Network) -> Self {
        let weights = &network.input_weights;
        let mut drive = Self::new(weights.ncols(), weights.nrows());
        drive.matrix.set_columns(weights.as_slice());
        for (slot, &value) in drive.bias.iter_mut().zip(&network.bias[..weights.nrows()]) {
            *slot = T::from_f64(value);
        }
        drive
    }

    /// Takes the weights, one row of them a neuron, and the biases.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn set(&mut self, weights: &[T], bias: &[T]) -> Result<()> {
        let (neurons, inputs) = (self.matrix.rows, self.matrix.columns);
        if weights.len() != neurons * inputs || bias.len() != neurons {
            let message = format!(
                "expected {neurons} rows of {inputs} weights and {neurons} biases, found {} and {} numbers",
                weights.len(),
                bias.len()
            );
            return Err(Error::invalid("input_weights", message));
        }
        self.matrix.set(weights);
        self.bias[..neurons].copy_from_slice(bias);
        Ok(())
    }

    /// Writes the drives of a batch: `inputs` holds one row of rates ρ(x) a sample, `drives` one row of a number
    /// per neuron. Inputs that are 0 cost nothing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn drives(&mut self, inputs: &[T], drives: &mut [T]) -> Result<()> {
        let (size, columns) = (self.matrix.rows, self.matrix.columns);
        let samples = drives.len() / size;
        if drives.len() != samples * size || inputs.len() != samples * columns {
            let message = format!(
                "expected rows of {columns} numbers for as many rows of {size} drives, found {} and {} numbers",
                inputs.len(),
                drives.len()
            );
            return Err(Error::invalid("inputs", message));
        }
        if columns == 0 {
            for drives in drives.chunks_exact_mut(size) {
                drives.copy_from_slice(&self.bias[..size]);
            }
            return Ok(());
        }
        self.rates.reserve(samples, columns.div_ceil(BLOCK));
        for (sample, row) in inputs.chunks_exact(columns).enumerate() {
            self.rates.fill(sample, 0, row);
        }
        self.samples.clear();
        self.samples.extend(0..samples);
        let stride = self.bias.len();
        if self.sums.len() < samples * stride {
            self.sums.resize(samples * stride, T::ZERO);
        }
        let sums = RowsMut {
            values: &mut self.sums,
            stride,
            offset: 0,
        };
        let bias = Some(Rows::same(&self.bias));
        multiply_sparse_add(&self.matrix, &self.rates, 0, (bias, sums), &self.samples);
        let sums = self.sums.chunks_exact(stride);
        for (drives, sums) in drives.chunks_exact_mut(size).zip(sums) {
            drives.copy_from_slice(&sums[..size]);
        }
        Ok(())
    }
}
