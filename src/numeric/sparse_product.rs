//! The product of a matrix and many vectors most of whose entries are 0, as pixels are.

use pulp::{Simd, WithSimd};

/// Columns that all vectors use before the next ones are read: 64 of 512 rows stay in the second cache.
const BLOCK: usize = 64;
/// Columns added at once, so that sums are written a quarter as often.
const TOGETHER: usize = 4;

/// Whether so few entries are not 0 that skipping the rest beats the dense product.
pub(crate) fn is_sparse(vectors: &[f64]) -> bool {
    let filled = vectors.iter().filter(|&&value| value != 0.0).count();
    4 * filled < vectors.len()
}

/// `out += M v` for each vector v. M is column by column, the vectors lie one after the other, as do the
/// sums, of which each takes the first rows of `stride` numbers.
pub(crate) fn add_sparse_product(
    (matrix, rows): (&[f64], usize),
    vectors: &[f64],
    (out, stride): (&mut [f64], usize),
) {
    if rows == 0 || matrix.is_empty() {
        return;
    }
    // not a closure, which the compiler would leave outside of what it vectorises
    pulp::Arch::new().dispatch(Product {
        matrix,
        rows,
        vectors,
        out,
        stride,
    });
}

struct Product<'a> {
    matrix: &'a [f64],
    rows: usize,
    vectors: &'a [f64],
    out: &'a mut [f64],
    stride: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (matrix, rows) = (self.matrix, self.rows);
        let columns = matrix.len() / rows;
        let column = |k: usize| &matrix[k * rows..(k + 1) * rows];
        for first in (0..columns).step_by(BLOCK) {
            let block = first..(first + BLOCK).min(columns);
            let sums = self.out.chunks_mut(self.stride);
            for (vector, out) in self.vectors.chunks_exact(columns).zip(sums) {
                let out = &mut out[..rows];
                let mut found = [(0.0, first); TOGETHER];
                let mut count = 0;
                for k in block.clone() {
                    if vector[k] == 0.0 {
                        continue;
                    }
                    found[count] = (vector[k], k);
                    count += 1;
                    if count == TOGETHER {
                        add(found.map(|(factor, k)| (factor, column(k))), out);
                        count = 0;
                    }
                }
                for &(factor, k) in &found[..count] {
                    add([(factor, column(k))], out);
                }
            }
        }
    }
}

/// Adds multiples of some columns at once.
#[inline(always)]
pub(super) fn add<const N: usize>(terms: [(f64, &[f64]); N], out: &mut [f64]) {
    let rows = out.len();
    let terms = terms.map(|(factor, column)| (factor, &column[..rows]));
    for (i, out) in out.iter_mut().enumerate() {
        let mut sum = *out;
        for (factor, column) in terms {
            sum += factor * column[i];
        }
        *out = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;
    use nalgebra::DMatrix;

    #[test]
    fn it_is_the_product_of_the_textbook() {
        let mut random = Random::new(3, 0);
        let matrix = random.matrix(7, 150, 1.0);
        let vectors = DMatrix::from_fn(150, 3, |k, sample| {
            let value = random.symmetric(1, 1.0)[0];
            if (k + sample) % 5 == 0 { value } else { 0.0 }
        });
        assert!(is_sparse(vectors.as_slice()));
        let mut out = DMatrix::from_element(9, 3, 1.0);
        let sums = (out.as_mut_slice(), 9);
        add_sparse_product((matrix.as_slice(), 7), vectors.as_slice(), sums);
        let expected = &matrix * &vectors;
        for (i, j) in (0..9).flat_map(|i| (0..3).map(move |j| (i, j))) {
            let sum = if i < 7 { expected[(i, j)] } else { 0.0 };
            assert!((out[(i, j)] - 1.0 - sum).abs() < 1e-13);
        }
    }
}
