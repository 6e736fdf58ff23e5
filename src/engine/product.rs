//! Plain matrix products for what surrounds the sweeps: input drives and weight updates.

use std::ops::Range;

use rayon::prelude::*;

use super::kernel::{Rows, RowsMut, multiply_add};
use super::lists::{BLOCK, Lists, multiply_sparse_add};
use super::packed::Packed;
use super::solve::{Engine, expect_length};
use crate::error::{Error, Result};
use crate::numeric::Scalar;

/// Multiplications, or numbers to be packed, below which threads cost more than they save.
pub(super) const WORTH_DIVIDING: usize = 100_000;

impl<T: Scalar> Engine<T> {
    /// The input drive `drive = x Uᵀ + b₁` of a batch: x holds one row of inputs a sample (already as
    /// rates), `drive` one row of n₁ numbers. Inputs that are 0 cost nothing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn drive(&mut self, inputs: &[T], drive: &mut [T]) -> Result<()> {
        let first = self.settings.sizes[0];
        let samples = drive.len() / first;
        expect_length("drive", drive.len(), samples * first)?;
        expect_length("inputs", inputs.len(), samples * self.settings.inputs)?;
        let (input, bias) = (&self.network.input, &self.network.layers[0].bias);
        self.products.drive(input, inputs, bias, drive);
        Ok(())
    }

    /// `out += a · Bᵀ` for row-major a (m × k) and b (n × k); out is m × n.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn multiply_add(&mut self, a: &[T], b: &[T], inner: usize, out: &mut [T]) -> Result<()> {
        if inner == 0 || !a.len().is_multiple_of(inner) || !b.len().is_multiple_of(inner) {
            return Err(Error::invalid(
                "inner",
                "the lengths of a and b are not multiples",
            ));
        }
        expect_length("out", out.len(), (a.len() / inner) * (b.len() / inner))?;
        self.products.multiply_add(a, b, inner, out);
        Ok(())
    }

    /// The sum of outer products that a weight update is, `out += scale · δᵀ r`: δ holds `samples` rows
    /// of m numbers, r as many rows of n, out is m × n. The rows of a large one are divided among the threads,
    /// each computed alike whatever their number.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn outer_add(
        &mut self,
        scale: T,
        delta: &[T],
        rates: &[T],
        samples: usize,
        out: &mut [T],
    ) -> Result<()> {
        if samples == 0
            || !delta.len().is_multiple_of(samples)
            || !rates.len().is_multiple_of(samples)
        {
            return Err(Error::invalid(
                "samples",
                "the lengths of delta and rates are not multiples",
            ));
        }
        let (rows, columns) = (delta.len() / samples, rates.len() / samples);
        expect_length("out", out.len(), rows * columns)?;
        let large = rows * rates.len() >= WORTH_DIVIDING;
        let Some(pool) = self.pool.as_ref().filter(|_| large) else {
            let all = (delta, 0..rows);
            self.products.outer_add(scale, all, rates, samples, out);
            return Ok(());
        };
        let share = rows.div_ceil(self.threads.len());
        let parts = self.threads.par_iter_mut();
        let parts = parts.zip(out.par_chunks_mut(share * columns)).enumerate();
        pool.install(|| {
            parts.for_each(|(k, (thread, out))| {
                let own = (delta, k * share..rows.min((k + 1) * share));
                let products = &mut thread.products;
                products.outer_add(scale, own, rates, samples, out);
            });
        });
        Ok(())
    }
}

/// Products with room that is kept between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Products<T> {
    packed: Packed<T>,
    rows: Vec<T>,
    /// Sums of panels that the result has no room for.
    room: Vec<T>,
    /// Samples' numbers in their order.
    samples: Vec<usize>,
    lists: Lists<T>,
}

impl<T: Scalar> Products<T> {
    /// `out = values · matrixᵀ + bias`, one row of `values` and of `out` a sample; zeros are skipped. The bias
    /// has room for whole panels.
    pub fn drive(&mut self, matrix: &Packed<T>, values: &[T], bias: &[T], out: &mut [T]) {
        let size = matrix.rows;
        if matrix.columns == 0 {
            for out in out.chunks_exact_mut(size) {
                out.copy_from_slice(&bias[..size]);
            }
            return;
        }
        let rows = values.chunks_exact(matrix.columns);
        self.lists
            .reserve(rows.len(), matrix.columns.div_ceil(BLOCK));
        for (sample, row) in rows.enumerate() {
            self.lists.fill(sample, 0, row);
        }
        let stride = size.next_multiple_of(matrix.panel_rows);
        let samples = out.len() / size;
        self.begin(samples, samples * stride);
        let bias = Rows::same(bias);
        let room = RowsMut {
            values: &mut self.room,
            stride,
            offset: 0,
        };
        multiply_sparse_add(matrix, &self.lists, 0, (Some(bias), room), &self.samples);
        let sums = self.room.chunks_exact(stride);
        for (out, sum) in out.chunks_exact_mut(size).zip(sums) {
            out.copy_from_slice(&sum[..size]);
        }
    }

    /// All samples, and room for so many sums, whatever they are.
    fn begin(&mut self, samples: usize, room: usize) {
        self.samples.clear();
        self.samples.extend(0..samples);
        if self.room.len() < room {
            self.room.resize(room, T::ZERO);
        }
    }

    /// `out += a · bᵀ`.
    pub fn multiply_add(&mut self, a: &[T], b: &[T], inner: usize, out: &mut [T]) {
        self.packed.reshape(b.len() / inner, inner);
        self.packed.set(b);
        let depth = self.packed.depth;
        self.rows.clear();
        self.rows.resize(a.len() / inner * depth, T::ZERO);
        for (padded, row) in self.rows.chunks_exact_mut(depth).zip(a.chunks_exact(inner)) {
            padded[..inner].copy_from_slice(row);
        }
        self.product(out);
    }

    /// `out += scale · deltaᵀ rates`, of which `out` holds the rows `own`.
    pub fn outer_add(
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
        self.begin(count, if last > 0 { count * width } else { 0 });
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
            add(&mut out[end - last..end], &room[i * width..]);
        }
    }
}

/// `out += values`, as far as `out` goes.
fn add<T: Scalar>(out: &mut [T], values: &[T]) {
    for (out, &value) in out.iter_mut().zip(values) {
        *out += value;
    }
}
