//! The product of a small matrix and one vector, where the general routine would spend its time on
//! deciding what to do.

use pulp::{Simd, WithSimd};

/// Matrices of up to this many entries (32 kB: they stay in the first cache) are small.
pub(crate) const SMALL: usize = 4096;

/// `out += M v`, M column by column.
pub(crate) fn add_product(matrix: &[f64], vector: &[f64], out: &mut [f64]) {
    pulp::Arch::new().dispatch(Product {
        matrix,
        vector,
        out,
    });
}

/// The product inside of what is dispatched as a whole.
pub(crate) struct Product<'a> {
    /// M, column by column.
    pub matrix: &'a [f64],
    /// v
    pub vector: &'a [f64],
    /// To which it is added.
    pub out: &'a mut [f64],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let rows = self.out.len();
        match rows {
            2 => return self.add_whole::<2>(),
            3 => return self.add_whole::<3>(),
            4 => return self.add_whole::<4>(),
            5 => return self.add_whole::<5>(),
            6 => return self.add_whole::<6>(),
            7 => return self.add_whole::<7>(),
            8 => return self.add_whole::<8>(),
            _ => {}
        }
        let mut first = 0;
        while first < rows {
            // the least registers that hold what is left, or the most that there are
            let left = (rows - first).div_ceil(S::F64_LANES);
            let fits = |registers: usize| registers * S::F64_LANES <= rows;
            first = if left > 4 && fits(8) {
                self.add_block::<S, 8>(simd, first)
            } else if left > 2 && fits(4) {
                self.add_block::<S, 4>(simd, first)
            } else if left > 1 && fits(2) {
                self.add_block::<S, 2>(simd, first)
            } else if fits(1) {
                self.add_block::<S, 1>(simd, first)
            } else {
                self.add_row(first)
            };
        }
    }
}

impl Product<'_> {
    /// All of a matrix with so few rows, to the bits of its blocks.
    #[inline(always)]
    fn add_whole<const ROWS: usize>(&mut self) {
        let mut sums = [0.0; ROWS];
        for (column, &v) in self.matrix.as_chunks().0.iter().zip(self.vector) {
            for (sum, &entry) in sums.iter_mut().zip::<&[f64; ROWS]>(column) {
                *sum = v.mul_add(entry, *sum);
            }
        }
        for (out, sum) in self.out.iter_mut().zip(&sums) {
            *out += sum;
        }
    }

    /// The part for as many rows as `REGISTERS` hold, from `first` on, or (if there are less) for
    /// the last rows and returns the row after it.
    #[inline(always)]
    fn add_block<S: Simd, const REGISTERS: usize>(&mut self, simd: S, first: usize) -> usize {
        let (rows, size) = (self.out.len(), REGISTERS * S::F64_LANES);
        let start = first.min(rows - size);
        let mut sums = [simd.splat_f64s(0.0); REGISTERS];
        for (column, &v) in self.matrix.chunks_exact(rows).zip(self.vector) {
            let v = simd.splat_f64s(v);
            let (entries, _) = S::as_simd_f64s(&column[start..start + size]);
            if let Some(entries) = entries.first_chunk::<REGISTERS>() {
                for (sum, &entry) in sums.iter_mut().zip(entries) {
                    *sum = simd.mul_add_f64s(v, entry, *sum);
                }
            }
        }
        let values: &[f64] = pulp::bytemuck::cast_slice(&sums);
        for (out, sum) in self.out[first..].iter_mut().zip(&values[first - start..]) {
            *out += sum;
        }
        start + size
    }

    /// One row by itself.
    #[inline(always)]
    fn add_row(&mut self, row: usize) -> usize {
        let rows = self.out.len();
        let entries = self.matrix.iter().skip(row).step_by(rows);
        self.out[row] += entries
            .zip(self.vector)
            .map(|(entry, v)| entry * v)
            .sum::<f64>();
        row + 1
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;

    #[test]
    fn every_size_is_the_plain_product() {
        for rows in 1..70 {
            for columns in [1, 2, 7, 30] {
                let matrix = DMatrix::from_fn(rows, columns, |i, j| (3 * i + 5 * j) as f64 % 7.0);
                let vector = DVector::from_fn(columns, |j, _| 1.0 - j as f64);
                let mut out = vec![2.0; rows];
                add_product(matrix.as_slice(), vector.as_slice(), &mut out);
                let expected = matrix * vector;
                assert!(
                    out.iter()
                        .zip(&expected)
                        .all(|(out, product)| *out == 2.0 + product)
                );
            }
        }
    }
}
