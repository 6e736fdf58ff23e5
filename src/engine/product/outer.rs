//! Sums of outer products, of which the update of a batch is made.

use std::ops::Range;

use rayon::prelude::*;

use super::dense::multiply_add;
use super::rows::{Rows, RowsMut};
use crate::engine::weights::Packed;
use crate::error::{Error, Result};
use crate::numeric::Scalar;

/// Multiplications below which threads cost more than they save.
const WORTH_DIVIDING: usize = 100_000;

/// Sums of outer products over the samples of a batch, in threads of its own.
#[derive(Debug)]
pub struct OuterProducts<T> {
    parts: Vec<Part<T>>,
    pool: Option<rayon::ThreadPool>,
}

impl<T: Scalar> OuterProducts<T> {
    /// For so many threads, at least 1.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they cannot be started.
    pub fn new(threads: usize) -> Result<Self> {
        Ok(Self {
            parts: vec![Part::default(); threads.max(1)],
            pool: thread_pool(threads)?,
        })
    }

    /// `out += scale · δᵀ r`: δ holds `samples` rows of m numbers, r as many rows of n, out is m × n. The rows of
    /// a large one are divided among the threads, each computed alike whatever their number.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn add(
        &mut self,
        scale: T,
        delta: &[T],
        rates: &[T],
        samples: usize,
        out: &mut [T],
    ) -> Result<()> {
        let whole = |values: &[T]| samples > 0 && values.len().is_multiple_of(samples);
        if !whole(delta)
            || !whole(rates)
            || out.len() * samples * samples != delta.len() * rates.len()
        {
            let message =
                "expected a row of each factor for every sample, and room for their products";
            return Err(Error::invalid("samples", message));
        }
        let (rows, columns) = (delta.len() / samples, rates.len() / samples);
        let large = rows * rates.len() >= WORTH_DIVIDING;
        let Some(pool) = self.pool.as_ref().filter(|_| large) else {
            self.parts[0].add(scale, (delta, 0..rows), rates, samples, out);
            return Ok(());
        };
        let share = rows.div_ceil(self.parts.len());
        let parts = self.parts.par_iter_mut();
        let parts = parts.zip(out.par_chunks_mut(share * columns)).enumerate();
        pool.install(|| {
            parts.for_each(|(k, (part, out))| {
                let own = (delta, k * share..rows.min((k + 1) * share));
                part.add(scale, own, rates, samples, out);
            });
        });
        Ok(())
    }
}

/// So many threads; none for one, which needs no pool.
///
/// # Errors
/// [`Error::InvalidInput`] if they cannot be started.
pub(crate) fn thread_pool(threads: usize) -> Result<Option<rayon::ThreadPool>> {
    let builder = || rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = (threads > 1).then(builder).transpose();
    pool.map_err(|error| Error::invalid("threads", error.to_string()))
}

/// What one thread needs, kept between calls.
#[derive(Debug, Clone, Default)]
struct Part<T> {
    packed: Packed<T>,
    rows: Vec<T>,
    /// Sums of panels that the result has no room for.
    room: Vec<T>,
    /// Rows' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> Part<T> {
    /// `out += scale · deltaᵀ rates`, of which `out` holds the rows `own`.
    fn add(
        &mut self,
        scale: T,
        (delta, own): (&[T], Range<usize>),
        rates: &[T],
        samples: usize,
        out: &mut [T],
    ) {
        let (m, n) = (delta.len() / samples, rates.len() / samples);
        self.packed.reshape(n, samples);
        self.packed.set_transposed(rates);
        let depth = self.packed.depth;
        self.rows.clear();
        self.rows.resize(own.len() * depth, T::ZERO);
        for (sample, row) in delta.chunks_exact(m).enumerate() {
            let row = &row[own.clone()];
            for (slot, &value) in self.rows[sample..].iter_mut().step_by(depth).zip(row) {
                *slot = scale * value;
            }
        }
        self.product(out);
    }

    /// `out += rows · packedᵀ`; rows of zeros are skipped.
    fn product(&mut self, out: &mut [T]) {
        let (columns, width) = (self.packed.rows, self.packed.panel_rows);
        let (count, last) = (out.len() / columns, columns % width);
        self.samples.clear();
        self.samples.extend(0..count);
        if last > 0 && self.room.len() < count * width {
            self.room.resize(count * width, T::ZERO);
        }
        let Self {
            packed,
            rows,
            room,
            samples,
            ..
        } = self;
        samples.retain(|&i| {
            let row = &rows[i * packed.depth..(i + 1) * packed.depth];
            row.iter().any(|value| !value.is_zero())
        });
        let rates = Rows {
            values: rows,
            stride: packed.depth,
            offset: 0,
        };
        let whole = columns / width;
        let sums = RowsMut {
            values: &mut *out,
            stride: columns,
            offset: 0,
        };
        multiply_add(packed, rates, (None, sums), samples, 0..whole);
        if last == 0 {
            return;
        }
        // the last panel is wider than what is left of a row
        room[..count * width].fill(T::ZERO);
        let rest = RowsMut {
            values: &mut *room,
            stride: width,
            offset: 0,
        };
        multiply_add(packed, rates, (None, rest), samples, whole..whole + 1);
        for &i in &*samples {
            let end = (i + 1) * columns;
            add_row(&mut out[end - last..end], &room[i * width..]);
        }
    }
}

/// `out += values`, as far as `out` goes.
fn add_row<T: Scalar>(out: &mut [T], values: &[T]) {
    for (out, &value) in out.iter_mut().zip(values) {
        *out += value;
    }
}
