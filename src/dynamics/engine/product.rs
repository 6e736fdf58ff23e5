//! Plain matrix products for what surrounds the sweeps: input drives and weight updates.

use super::kernel::{Rows, RowsMut, multiply_add};
use super::packed::Packed;
use super::scalar::Scalar;

/// Products with room that is kept between calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Products<T> {
    out: Vec<T>,
}

impl<T: Scalar> Products<T> {
    /// `out += values · matrixᵀ`, one row of `values` and of `out` a sample.
    pub fn multiply_packed_add(&mut self, matrix: &Packed<T>, values: &[T], out: &mut [T]) {
        for (row, out) in values
            .chunks_exact(matrix.columns)
            .zip(out.chunks_exact_mut(matrix.rows))
        {
            for (j, &value) in row.iter().enumerate() {
                if value != T::ZERO {
                    for (i, out) in out.iter_mut().enumerate() {
                        *out = value.fused(matrix.entry(i, j), *out);
                    }
                }
            }
        }
    }

    /// `out += a · bᵀ`.
    pub fn multiply_add(&mut self, a: &[T], b: &[T], inner: usize, out: &mut [T]) {
        let mut packed = Packed::zeros(b.len() / inner, inner);
        packed.set(b);
        self.product(&packed, a, inner, out);
    }

    /// `out += scale · deltaᵀ rates`.
    pub fn outer_add(&mut self, scale: T, delta: &[T], rates: &[T], samples: usize, out: &mut [T]) {
        let (m, n) = (delta.len() / samples, rates.len() / samples);
        let mut transposed = vec![T::ZERO; m * samples];
        for (sample, row) in delta.chunks_exact(m).enumerate() {
            for (i, &value) in row.iter().enumerate() {
                transposed[i * samples + sample] = scale * value;
            }
        }
        let mut packed = Packed::zeros(n, samples);
        packed.set_transposed(rates);
        self.product(&packed, &transposed, samples, out);
    }

    fn product(&mut self, packed: &Packed<T>, a: &[T], inner: usize, out: &mut [T]) {
        let rows = a.len() / inner;
        let mut padded = vec![T::ZERO; rows * packed.depth];
        for (padded, row) in padded
            .chunks_exact_mut(packed.depth)
            .zip(a.chunks_exact(inner))
        {
            padded[..inner].copy_from_slice(row);
        }
        let stride = packed.rows.next_multiple_of(packed.panel_rows);
        self.out.clear();
        self.out.resize(rows * stride, T::ZERO);
        let samples: Vec<usize> = (0..rows).collect();
        multiply_add(
            packed,
            Rows {
                values: &padded,
                stride: packed.depth,
                offset: 0,
            },
            RowsMut {
                values: &mut self.out,
                stride,
                offset: 0,
            },
            &samples,
        );
        for (out, sum) in out
            .chunks_exact_mut(packed.rows)
            .zip(self.out.chunks_exact(stride))
        {
            for (out, &sum) in out.iter_mut().zip(sum) {
                *out += sum;
            }
        }
    }
}
