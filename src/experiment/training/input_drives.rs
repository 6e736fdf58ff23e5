//! Input drives, divided among threads by neurons.

use rayon::prelude::*;

use crate::engine::InputDrive;
use crate::error::{Error, Result};

/// The neurons of the first layer in equal shares, one a thread. Every row is computed alike
/// whatever the number of shares: to the last bit, results do not depend on it.
pub(super) struct InputDrives {
    /// Neurons of the first layer.
    first: usize,
    share: usize,
    parts: Vec<Part>,
    pool: rayon::ThreadPool,
}

struct Part {
    input: InputDrive<f32>,
    drives: Vec<f32>,
}

impl InputDrives {
    pub fn new(inputs: usize, first: usize, threads: usize) -> Result<Self> {
        let share = first.div_ceil(threads);
        let part = |start: usize| Part {
            input: InputDrive::new(inputs, share.min(first - start)),
            drives: Vec::new(),
        };
        Ok(Self {
            first,
            share,
            parts: (0..first).step_by(share).map(part).collect(),
            pool: rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| Error::invalid("threads", error.to_string()))?,
        })
    }

    /// Takes input weights (row-major) and biases of the first layer.
    pub fn set_input_weights(&mut self, matrix: &[f32], bias: &[f32]) -> Result<()> {
        let (share, columns) = (self.share, matrix.len() / self.first);
        let parts = self.parts.par_iter_mut();
        let shares = matrix
            .par_chunks(share * columns)
            .zip(bias.par_chunks(share));
        self.pool.install(|| {
            parts
                .zip(shares)
                .try_for_each(|(part, (matrix, bias))| part.input.set(matrix, bias))
        })
    }

    /// Input drives `x Uᵀ + b`: one row of inputs and of `out` a sample.
    pub fn drive(&mut self, inputs: &[f32], samples: usize, out: &mut [f32]) -> Result<()> {
        let (first, share) = (self.first, self.share);
        let parts = self.parts.par_iter_mut();
        self.pool.install(|| {
            parts.enumerate().try_for_each(|(k, part)| {
                let size = share.min(first - k * share);
                part.drives.resize(samples * size, 0.0);
                part.input.drives(inputs, &mut part.drives)
            })
        })?;
        for (k, part) in self.parts.iter().enumerate() {
            let size = share.min(first - k * share);
            for (out, row) in out
                .chunks_exact_mut(first)
                .zip(part.drives.chunks_exact(size))
            {
                out[k * share..k * share + size].copy_from_slice(row);
            }
        }
        Ok(())
    }
}
