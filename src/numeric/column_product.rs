//! The product of a large matrix and one vector, at the pace of memory: several columns are read at once.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::sparse_product::add;

/// Rows that one thread takes at a time, a page of memory a column, the same for any number of threads, so
/// that the sums are, too.
const ROWS: usize = 512;
/// Columns read at once.
const TOGETHER: usize = 8;

/// `out += M v`, M column by column.
pub(super) fn add_column_product(matrix: &[f64], vector: &[f64], out: &mut [f64]) {
    let rows = out.len();
    if rows <= ROWS {
        return add_rows((matrix, rows), 0, vector, out);
    }
    let parts = out.par_chunks_mut(ROWS).enumerate();
    parts.for_each(|(k, out)| add_rows((matrix, rows), k * ROWS, vector, out));
}

/// The part of the rows from `first` on.
fn add_rows((matrix, rows): (&[f64], usize), first: usize, vector: &[f64], out: &mut [f64]) {
    pulp::Arch::new().dispatch(Product {
        matrix,
        rows,
        first,
        vector,
        out,
    });
}

struct Product<'a> {
    matrix: &'a [f64],
    rows: usize,
    first: usize,
    vector: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (matrix, length) = (self.matrix, self.out.len());
        let part = |j: usize| {
            let start = j * self.rows + self.first;
            &matrix[start..start + length]
        };
        let whole = self.vector.len() / TOGETHER * TOGETHER;
        let mut j = 0;
        while j < whole {
            let terms: [_; TOGETHER] = std::array::from_fn(|k| (self.vector[j + k], part(j + k)));
            add(terms, self.out);
            j += TOGETHER;
        }
        for j in whole..self.vector.len() {
            add([(self.vector[j], part(j))], self.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DVector;

    use super::*;
    use crate::model::Random;

    #[test]
    fn it_is_the_plain_product() {
        for (rows, columns) in [(1, 1), (513, 9), (1100, 16)] {
            let matrix = Random::new(2, 0).matrix(rows, columns, 1.0);
            let vector = DVector::from_fn(columns, |j, _| (j as f64).sin());
            let mut out = vec![1.0; rows];
            add_column_product(matrix.as_slice(), vector.as_slice(), &mut out);
            let expected = &matrix * &vector;
            for (out, expected) in out.iter().zip(&expected) {
                assert!((out - 1.0 - expected).abs() < 1e-13);
            }
        }
    }
}
