//! The smallest eigenvalue of a symmetric matrix, which is what certificates ask for.

use nalgebra::DMatrix;

use super::linear_algebra::symmetric_eigen;

/// The smallest eigenvalue of a symmetric matrix (its lower triangle is read), or `None` of an empty one and where
/// [`symmetric_eigen`] has none.
pub(crate) fn smallest_symmetric_eigenvalue(matrix: &DMatrix<f64>) -> Option<f64> {
    if matrix.shape() != (2, 2) {
        return symmetric_eigen(matrix)?.0.first().copied();
    }
    let (first, second, beside) = (matrix[(0, 0)], matrix[(1, 1)], matrix[(1, 0)]);
    let smallest = 0.5 * (first + second) - (0.5 * (first - second)).hypot(beside);
    smallest.is_finite().then_some(smallest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_eigenvalue_of_two_rows_is_that_of_the_general_routine() {
        for entries in [
            [2.0, -1.0, 0.5],
            [1e-9, 1.0, 1e-9],
            [-3.0, 1e8, -3.0],
            [0.0; 3],
        ] {
            let [first, beside, second] = entries;
            let matrix = DMatrix::from_row_slice(2, 2, &[first, beside, beside, second]);
            let found = smallest_symmetric_eigenvalue(&matrix).unwrap();
            let (values, _) = symmetric_eigen(&matrix).unwrap();
            assert!(
                (found - values[0]).abs() <= 1e-15 * matrix.norm(),
                "{found}"
            );
        }
        let broken = DMatrix::from_element(2, 2, f64::NAN);
        assert_eq!(smallest_symmetric_eigenvalue(&broken), None);
        assert_eq!(smallest_symmetric_eigenvalue(&DMatrix::zeros(0, 0)), None);
    }
}
