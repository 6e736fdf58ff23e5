//! Input drives of a batch: packed matrices and biases, for inputs most of which may be 0.

use rayon::prelude::*;

use super::rows::{Rows, RowsMut};
use super::sparse::{SparseRates, multiply_sparse_add};
use crate::engine::threads::{Pool, WORTH_DIVIDING, thread_pool};
use crate::engine::weights::{BLOCK, Layout, Packed};
use crate::error::{Error, Result};
use crate::model::Network;
use crate::numeric::Scalar;

/// The drives `$U\rho(x) + b$` of the first layer of neurons, U and b packed once for many batches.
///
/// The neurons are divided among threads in equal shares. Every neuron is computed alike whatever
/// their number, so that the results do not depend on it, to the last bit.
#[derive(Debug)]
pub struct InputDrive<T> {
    inputs: usize,
    neurons: usize,
    /// Neurons of each share but the last, which may hold fewer.
    share: usize,
    shares: Vec<Share<T>>,
    pool: Pool,
}

impl<T: Scalar> InputDrive<T> {
    /// All weights and biases zero. One of `threads` = 0 is one.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the threads cannot be started.
    pub fn new(inputs: usize, neurons: usize, threads: usize) -> Result<Self> {
        let pool = thread_pool(threads)?;
        Ok(Self::with_pool(inputs, neurons, threads, pool))
    }

    pub(crate) fn with_pool(inputs: usize, neurons: usize, threads: usize, pool: Pool) -> Self {
        let share = neurons.div_ceil(threads.max(1)).max(1);
        let starts = (0..neurons).step_by(share);
        Self {
            inputs,
            neurons,
            share,
            shares: starts
                .map(|start| Share::new(inputs, share.min(neurons - start)))
                .collect(),
            pool,
        }
    }

    /// The input weights and biases of a network's first layer (of all neurons, if it is dense).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the threads cannot be started.
    pub fn of(network: &Network, threads: usize) -> Result<Self> {
        let (neurons, inputs) = network.input_weights.shape();
        let mut drive = Self::new(inputs, neurons, threads)?;
        drive.set_network(network)?;
        Ok(drive)
    }

    /// Takes the input weights and biases of a network's first layer (of all neurons, if it is dense).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if its shape is another.
    pub fn set_network(&mut self, network: &Network) -> Result<()> {
        let weights = &network.input_weights;
        let cast = |values: &[f64]| -> Vec<T> { values.iter().map(|&v| T::from_f64(v)).collect() };
        self.set(
            &cast(weights.transpose().as_slice()),
            &cast(&network.bias[..weights.nrows()]),
        )
    }

    /// Takes the weights, one row of them a neuron, and the biases.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn set(&mut self, weights: &[T], bias: &[T]) -> Result<()> {
        let (neurons, inputs) = (self.neurons, self.inputs);
        if weights.len() != neurons * inputs || bias.len() != neurons {
            let message = format!(
                "expected {neurons} rows of {inputs} weights and {neurons} biases, found {} and {} numbers",
                weights.len(),
                bias.len()
            );
            return Err(Error::invalid("input_weights", message));
        }
        let share = self.share;
        self.in_shares(1, |k, own| {
            let rows = k * share..(k * share + share).min(neurons);
            own.matrix
                .set(&weights[rows.start * inputs..rows.end * inputs]);
            own.bias[..rows.len()].copy_from_slice(&bias[rows]);
        });
        Ok(())
    }

    /// Inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Neurons that they drive.
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    /// The packed matrices with the bias of their neurons, the number of the first of them before each.
    pub(crate) fn shares_mut(&mut self) -> impl Iterator<Item = (usize, &mut Packed<T>, &mut [T])> {
        let (starts, shares) = ((0..).step_by(self.share), self.shares.iter_mut());
        starts.zip(shares).map(|(start, share)| {
            let Share { matrix, bias, .. } = share;
            let rows = matrix.rows;
            (start, matrix, &mut bias[..rows])
        })
    }

    /// Writes the weights as [`InputDrive::set`] takes them.
    pub fn write_weights(&self, weights: &mut [T]) {
        let rows = weights.chunks_mut((self.share * self.inputs).max(1));
        for (weights, own) in rows.zip(&self.shares) {
            own.matrix.write_rows(weights);
        }
    }

    /// Writes the drives of a batch: `inputs` holds one row of rates ρ(x) a sample, `drives` one row of a number
    /// per neuron. Inputs that are 0 cost nothing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn drives(&mut self, inputs: &[T], drives: &mut [T]) -> Result<()> {
        let (size, columns) = (self.neurons, self.inputs);
        let samples = drives.len() / size.max(1);
        if drives.len() != samples * size || inputs.len() != samples * columns {
            let message = format!(
                "expected rows of {columns} numbers for as many rows of {size} drives, found {} and {} numbers",
                inputs.len(),
                drives.len()
            );
            return Err(Error::invalid("inputs", message));
        }
        self.in_shares(samples, |_, own| own.multiply(inputs, samples));
        for (k, own) in self.shares.iter().enumerate() {
            let (rows, start) = (own.matrix.rows, k * self.share);
            let sums = own.sums.chunks_exact(own.bias.len());
            for (drives, sums) in drives.chunks_exact_mut(size).zip(sums) {
                drives[start..start + rows].copy_from_slice(&sums[..rows]);
            }
        }
        Ok(())
    }

    /// Does `work` for every share, of which it is told the number, each in a thread of its own if
    /// there is enough to do with every weight `times` times.
    fn in_shares(&mut self, times: usize, work: impl Fn(usize, &mut Share<T>) + Sync) {
        let large = times * self.neurons * self.inputs >= WORTH_DIVIDING;
        let shares = &mut self.shares;
        match self.pool.as_ref().filter(|_| large) {
            Some(pool) => pool.install(|| {
                let shares = shares.par_iter_mut().enumerate();
                shares.for_each(|(k, own)| work(k, own));
            }),
            None => {
                let shares = shares.iter_mut().enumerate();
                shares.for_each(|(k, own)| work(k, own));
            }
        }
    }
}

/// Some of the neurons.
#[derive(Debug)]
struct Share<T> {
    matrix: Packed<T>,
    /// With room for whole panels.
    bias: Vec<T>,
    rates: SparseRates<T>,
    /// The drives, in rows as long as `bias`.
    sums: Vec<T>,
    /// Samples' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> Share<T> {
    fn new(inputs: usize, neurons: usize) -> Self {
        let matrix = Packed::zeros(neurons, inputs, Layout::Groups);
        Self {
            bias: vec![T::ZERO; neurons.next_multiple_of(matrix.panel_rows)],
            matrix,
            rates: SparseRates::default(),
            sums: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// Leaves the drives of these neurons in `sums`.
    fn multiply(&mut self, inputs: &[T], samples: usize) {
        let (columns, stride) = (self.matrix.columns, self.bias.len());
        if self.sums.len() < samples * stride {
            self.sums.resize(samples * stride, T::ZERO);
        }
        if columns == 0 {
            for sums in self.sums.chunks_exact_mut(stride) {
                sums.copy_from_slice(&self.bias);
            }
            return;
        }
        self.rates.reserve(samples, columns.div_ceil(BLOCK));
        for (sample, row) in inputs.chunks_exact(columns).enumerate() {
            self.rates.fill(sample, 0, row);
        }
        self.samples.clear();
        self.samples.extend(0..samples);
        let sums = RowsMut {
            values: &mut self.sums,
            stride,
            offset: 0,
        };
        let bias = Some(Rows::same(&self.bias));
        let all = 0..self.matrix.groups();
        multiply_sparse_add(
            &self.matrix,
            &self.rates,
            0,
            (bias, sums),
            &self.samples,
            all,
        );
    }
}
