//! Norms and eigenvalues that are known for certain to be small.

use nalgebra::DMatrix;

use super::linear_algebra as la;

/// Whether `$\lVert M\rVert_2 < b$`, that is whether `$b^2 I - M^\top M$` has a Cholesky factor. A norm within
/// 1e-9 of the bound counts as above it, as do entries that are not finite.
pub(crate) fn norm_is_below(matrix: &DMatrix<f64>, bound: f64) -> bool {
    let mut gap = -la::multiply(&matrix.transpose(), matrix);
    let least = (1.0 - 1e-9) * bound;
    (0..gap.nrows()).for_each(|i| gap[(i, i)] += least * least);
    least > 0.0 && la::is_positive_definite(gap)
}

/// Whether every eigenvalue of `$(M + M^\top)/2$` is below `bound`, that is whether `$b I - (M + M^\top)/2$` has a
/// Cholesky factor. One within 1e-9 of the size of the symmetric part and of 1 counts as above it, as do entries that
/// are not finite.
pub(crate) fn symmetric_part_is_below(matrix: &DMatrix<f64>, bound: f64) -> bool {
    let n = matrix.nrows();
    let mut gap = DMatrix::from_fn(n, n, |i, j| -0.5 * (matrix[(i, j)] + matrix[(j, i)]));
    let margin = 1e-9 * (1.0 + gap.norm());
    (0..n).for_each(|i| gap[(i, i)] += bound - margin);
    la::is_positive_definite(gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    #[test]
    fn the_bound_lies_at_the_largest_singular_value() {
        for (rows, columns) in [(1, 1), (5, 5), (3, 7), (40, 40)] {
            let matrix = Random::new(3, 0).matrix(rows, columns, 0.4);
            let norm = matrix.singular_values().max();
            assert!(norm_is_below(&matrix, (1.0 + 2e-9) * norm));
            assert!(!norm_is_below(&matrix, (1.0 - 1e-12) * norm));
            assert!(!norm_is_below(&matrix, -2.0 * norm));
        }
        assert!(norm_is_below(&DMatrix::zeros(3, 3), 1e-3));
        for entry in [f64::NAN, f64::INFINITY, 1e200] {
            for rows in [2, 20] {
                assert!(!norm_is_below(
                    &DMatrix::from_element(rows, rows, entry),
                    1.0
                ));
            }
        }
    }

    #[test]
    fn the_bound_lies_at_the_largest_eigenvalue_of_the_symmetric_part() {
        for neurons in [1, 2, 5, 40, 90] {
            let matrix = Random::new(4, 0).matrix(neurons, neurons, 1.0);
            // a large antisymmetric part changes nothing
            let turned = &matrix + (&matrix - matrix.transpose()) * 30.0;
            let symmetric = (&matrix + matrix.transpose()) * 0.5;
            let largest = symmetric.symmetric_eigenvalues().max();
            let near = 2e-9 * (1.0 + symmetric.norm());
            for matrix in [matrix, turned] {
                assert!(symmetric_part_is_below(&matrix, largest + near));
                assert!(!symmetric_part_is_below(&matrix, largest - 1e-12));
            }
        }
        for entry in [f64::NAN, f64::INFINITY, 1e200] {
            for rows in [2, 20] {
                let matrix = DMatrix::from_element(rows, rows, entry);
                assert!(!symmetric_part_is_below(&matrix, 1.0));
            }
        }
    }
}
