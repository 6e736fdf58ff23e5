//! The product of a large matrix and one vector, at the pace of memory: several columns are read at once.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::linear_algebra::Block;
use super::sparse_product::add;

/// Rows that one thread takes at a time, a page of memory a column, and half as many of a matrix that has few.
const ROWS: usize = 512;
/// Columns read at once.
const TOGETHER: usize = 8;

/// `out += M v`, M column by column.
pub(super) fn add_column_product(matrix: &[f64], vector: &[f64], out: &mut [f64]) {
    add_column_products(matrix, &[vector], [out]);
}

/// The same of several vectors, each with its own sums, for which the matrix is read once.
pub(super) fn add_column_products<'o>(
    matrix: &[f64],
    vectors: &[&[f64]],
    out: impl IntoIterator<Item = &'o mut [f64]>,
) {
    let (mut rows, mut together) = (0, ROWS);
    let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
    for out in out {
        rows = out.len();
        together = if rows > 2 * ROWS { ROWS } else { ROWS / 2 };
        for (k, part) in out.chunks_mut(together).enumerate() {
            match parts.get_mut(k) {
                Some(together) => together.push(part),
                None => parts.push(vec![part]),
            }
        }
    }
    let add = |(k, out): (usize, Vec<&mut [f64]>)| {
        pulp::Arch::new().dispatch(Product {
            matrix,
            rows,
            first: k * together,
            vectors,
            out,
        });
    };
    if parts.len() <= 1 {
        parts.into_iter().enumerate().for_each(add);
    } else {
        parts.into_par_iter().enumerate().for_each(add);
    }
}

/// `out += M v` of a matrix in blocks, divided by the rows of `out`, each of which sums up its blocks in their order.
pub(super) fn add_block_products<'a>(
    blocks: &(impl Iterator<Item = Block<'a>> + Clone + Sync),
    vector: &[f64],
    out: &mut [f64],
) {
    let parts = out.par_chunks_mut(ROWS / 2).enumerate();
    parts.for_each(|(k, out)| {
        let (start, end) = (k * ROWS / 2, k * ROWS / 2 + out.len());
        for (matrix, to, from) in blocks.clone() {
            let (first, last) = (to.start.max(start), to.end.min(end));
            if first < last {
                pulp::Arch::new().dispatch(Product {
                    matrix: matrix.as_slice(),
                    rows: matrix.nrows(),
                    first: first - to.start,
                    vectors: &[&vector[from]],
                    out: vec![&mut out[first - start..last - start]],
                });
            }
        }
    });
}

/// The part of the rows from `first` on.
struct Product<'a> {
    matrix: &'a [f64],
    rows: usize,
    first: usize,
    vectors: &'a [&'a [f64]],
    out: Vec<&'a mut [f64]>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let (matrix, vectors) = (self.matrix, self.vectors);
        let (length, columns) = match (self.out.first(), vectors.first()) {
            (Some(out), Some(vector)) => (out.len(), vector.len()),
            _ => return,
        };
        let part = |j: usize| {
            let start = j * self.rows + self.first;
            &matrix[start..start + length]
        };
        let whole = columns / TOGETHER * TOGETHER;
        let mut j = 0;
        while j < whole {
            for (vector, out) in vectors.iter().zip(&mut self.out) {
                let terms: [_; TOGETHER] = std::array::from_fn(|k| (vector[j + k], part(j + k)));
                add(terms, out);
            }
            j += TOGETHER;
        }
        for j in whole..columns {
            for (vector, out) in vectors.iter().zip(&mut self.out) {
                add([(vector[j], part(j))], out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DVector;

    use super::*;
    use crate::model::Random;

    #[test]
    fn blocks_are_added_where_they_belong() {
        let mut random = Random::new(7, 0);
        let (tall, wide) = (random.matrix(700, 300, 1.0), random.matrix(300, 700, 1.0));
        let blocks = [(&tall, 300..1000, 0..300), (&wide, 0..300, 300..1000)];
        let vector = DVector::from_fn(1000, |j, _| (j as f64).sin());
        let mut out = vec![1.0; 1000];
        add_block_products(&blocks.into_iter(), vector.as_slice(), &mut out);
        let upper = &wide * vector.rows(300, 700);
        let lower = &tall * vector.rows(0, 300);
        for (out, expected) in out.iter().zip(upper.iter().chain(&lower)) {
            assert!((out - 1.0 - expected).abs() < 1e-12);
        }
    }

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
            // two at once have the bits of one at a time
            let twice = &vector * 2.0;
            let (mut one, mut two) = (vec![1.0; rows], vec![1.0; rows]);
            let (vectors, outs) = ([vector.as_slice(), twice.as_slice()], [&mut one, &mut two]);
            add_column_products(matrix.as_slice(), &vectors, outs.map(Vec::as_mut_slice));
            assert_eq!(one, out);
            let mut alone = vec![1.0; rows];
            add_column_product(matrix.as_slice(), twice.as_slice(), &mut alone);
            assert_eq!(two, alone);
        }
    }
}
