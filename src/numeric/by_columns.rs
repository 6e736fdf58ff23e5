//! Large matrices, written by all threads: to get new memory takes as long as to compute what stands in it.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// Matrices of fewer numbers are written by one thread.
const LARGE: usize = 1 << 18;

/// A matrix of this shape, `write(j, column)` writing column j, which holds zeros.
pub(crate) fn by_columns(
    (rows, columns): (usize, usize),
    write: impl Fn(usize, &mut [f64]) + Sync,
) -> DMatrix<f64> {
    by_groups((rows, columns), 1, write)
}

/// The same with `together` columns at once, from column j on. There are fewer in the last group.
pub(super) fn by_groups(
    (rows, columns): (usize, usize),
    together: usize,
    write: impl Fn(usize, &mut [f64]) + Sync,
) -> DMatrix<f64> {
    let write = |k: usize, group: &mut [f64]| write(k * together, group);
    let values = in_parts(rows * columns, rows * together, write);
    DMatrix::from_vec(rows, columns, values)
}

/// So many numbers, `write(k, part)` writing the kth part, which holds zeros. All have `size` numbers but the
/// last, which may have fewer.
pub(crate) fn in_parts(
    count: usize,
    size: usize,
    write: impl Fn(usize, &mut [f64]) + Sync,
) -> Vec<f64> {
    let mut values = vec![0.0; count];
    // where nothing is to be written, parts may be empty
    let size = size.max(1);
    if count < LARGE {
        let parts = values.chunks_mut(size).enumerate();
        parts.for_each(|(k, part)| write(k, part));
    } else {
        let parts = values.par_chunks_mut(size).enumerate();
        parts.for_each(|(k, part)| write(k, part));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_written_once_by_any_number_of_threads() {
        for (rows, columns) in [(0, 3), (3, 0), (2, 3), (700, 500)] {
            let expected = DMatrix::from_fn(rows, columns, |i, j| (i * columns + j) as f64);
            for together in [1, 3, 32] {
                let found = by_groups((rows, columns), together, |first, group| {
                    for (k, column) in group.chunks_mut(rows).enumerate() {
                        for (i, value) in column.iter_mut().enumerate() {
                            *value += (i * columns + first + k) as f64;
                        }
                    }
                });
                assert_eq!(found, expected);
            }
        }
    }
}
