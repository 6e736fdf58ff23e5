//! What surrounds the sweeps, divided among threads by rows: input drives and outer products.

use rayon::prelude::*;

use crate::dynamics::engine::{Engine, EngineSettings, Weights};
use crate::error::{Error, Result};
use crate::model::Activation;

/// Multiplications below which threads cost more than they save.
const WORTH_DIVIDING: usize = 100_000;

/// The neurons of the first layer in equal shares, one a thread. Every row is computed alike
/// whatever the number of shares: to the last bit, results do not depend on it.
pub(super) struct Products {
    /// Neurons of the first layer.
    first: usize,
    share: usize,
    parts: Vec<Part>,
    pool: rayon::ThreadPool,
}

struct Part {
    engine: Engine<f32>,
    delta: Vec<f32>,
    drive: Vec<f32>,
}

impl Products {
    pub fn new(inputs: usize, first: usize, threads: usize) -> Result<Self> {
        let share = first.div_ceil(threads);
        let part = |start: usize| {
            let size = share.min(first - start);
            let settings = EngineSettings::layered(Activation::Identity, inputs, &[size]);
            Ok(Part {
                engine: Engine::new(settings)?,
                delta: Vec::new(),
                drive: Vec::new(),
            })
        };
        Ok(Self {
            first,
            share,
            parts: (0..first).step_by(share).map(part).collect::<Result<_>>()?,
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
            parts.zip(shares).try_for_each(|(part, (matrix, bias))| {
                let none = Weights::Layered {
                    forward: &[],
                    feedback: &[],
                };
                part.engine.set_weights(none, &[bias])?;
                part.engine.set_input_weights(matrix)
            })
        })
    }

    /// Input drives `x Uᵀ + b`: one row of inputs and of `out` a sample.
    pub fn drive(&mut self, inputs: &[f32], samples: usize, out: &mut [f32]) -> Result<()> {
        let (first, share) = (self.first, self.share);
        let parts = self.parts.par_iter_mut();
        self.pool.install(|| {
            parts.enumerate().try_for_each(|(k, part)| {
                let size = share.min(first - k * share);
                part.drive.resize(samples * size, 0.0);
                part.engine.drive(inputs, &mut part.drive)
            })
        })?;
        for (k, part) in self.parts.iter().enumerate() {
            let size = share.min(first - k * share);
            for (out, row) in out
                .chunks_exact_mut(first)
                .zip(part.drive.chunks_exact(size))
            {
                out[k * share..k * share + size].copy_from_slice(row);
            }
        }
        Ok(())
    }

    /// `out += scale · δᵀ r`: δ and r hold one row for each of `samples` samples.
    pub fn outer_add(
        &mut self,
        scale: f32,
        delta: &[f32],
        rates: &[f32],
        samples: usize,
        out: &mut [f32],
    ) -> Result<()> {
        let (rows, columns) = (delta.len() / samples, rates.len() / samples);
        if rows * rates.len() < WORTH_DIVIDING || self.parts.len() == 1 {
            let engine = &mut self.parts[0].engine;
            return engine.outer_add(scale, delta, rates, samples, out);
        }
        let share = rows.div_ceil(self.parts.len());
        let parts = self.parts.par_iter_mut();
        let shares = out.par_chunks_mut(share * columns);
        self.pool.install(|| {
            parts
                .zip(shares)
                .enumerate()
                .try_for_each(|(k, (part, out))| {
                    let own = k * share..rows.min((k + 1) * share);
                    part.delta.clear();
                    let all = delta.chunks_exact(rows);
                    part.delta
                        .extend(all.flat_map(|row| &row[own.clone()]).copied());
                    part.engine
                        .outer_add(scale, &part.delta, rates, samples, out)
                })
        })
    }
}
