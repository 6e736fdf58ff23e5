//! Plain matrix products for what surrounds the sweeps: input drives and weight updates.

use std::ops::Range;

use super::kernel::{Rows, RowsMut, multiply_add};
use super::lists::{BLOCK, Lists, multiply_sparse_add};
use super::packed::Packed;
use super::scalar::Scalar;

/// Products with room that is kept between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Products<T> {
    packed: Packed<T>,
    rows: Vec<T>,
    out: Vec<T>,
    /// All samples' numbers in their order.
    samples: Vec<usize>,
    lists: Lists<T>,
}

impl<T: Scalar> Products<T> {
    /// `out += values · matrixᵀ`, one row of `values` and of `out` a sample; zeros are skipped.
    pub fn multiply_sparse_add(&mut self, matrix: &Packed<T>, values: &[T], out: &mut [T]) {
        let rows = values.chunks_exact(matrix.columns.max(1));
        self.lists
            .reserve(rows.len(), matrix.columns.div_ceil(BLOCK));
        for (sample, row) in rows.enumerate() {
            self.lists.fill(sample, 0, row);
        }
        let lists = &self.lists;
        into_rows(
            out,
            matrix,
            &mut self.out,
            &mut self.samples,
            |out, samples| {
                multiply_sparse_add(matrix, lists, 0, out, samples);
            },
        );
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

    /// `out += rows · packedᵀ`.
    fn product(&mut self, out: &mut [T]) {
        let packed = &self.packed;
        let rates = Rows {
            values: &self.rows,
            stride: packed.depth,
            offset: 0,
        };
        into_rows(
            out,
            packed,
            &mut self.out,
            &mut self.samples,
            |out, samples| {
                multiply_add(packed, rates, out, samples);
            },
        );
    }
}

/// Lets a product add to all rows of `out`, by way of `room` where a row is not whole panels.
fn into_rows<T: Scalar>(
    out: &mut [T],
    matrix: &Packed<T>,
    room: &mut Vec<T>,
    samples: &mut Vec<usize>,
    product: impl FnOnce(RowsMut<'_, T>, &[usize]),
) {
    let rows = out.len() / matrix.rows;
    samples.clear();
    samples.extend(0..rows);
    let stride = matrix.rows.next_multiple_of(matrix.panel_rows);
    if stride == matrix.rows {
        let out = RowsMut {
            values: out,
            stride,
            offset: 0,
        };
        return product(out, samples);
    }
    room.clear();
    room.resize(rows * stride, T::ZERO);
    let padded = RowsMut {
        values: &mut *room,
        stride,
        offset: 0,
    };
    product(padded, samples);
    for (out, sum) in out
        .chunks_exact_mut(matrix.rows)
        .zip(room.chunks_exact(stride))
    {
        for (out, &sum) in out.iter_mut().zip(sum) {
            *out += sum;
        }
    }
}
