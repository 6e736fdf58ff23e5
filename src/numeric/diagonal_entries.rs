//! Eigenvalues that can be read off a matrix.

use nalgebra::{Complex, DMatrix};

/// The eigenvalues that stand on the diagonal, as permutation to block triangular form shows
/// them, and the indices that remain.
pub(super) fn split_off(matrix: &DMatrix<f64>) -> (Vec<Complex<f64>>, Vec<usize>) {
    let mut values = Vec::new();
    let mut rest: Vec<usize> = (0..matrix.nrows()).collect();
    while let Some(position) = rest.iter().position(|&k| {
        let others = || rest.iter().filter(|&&other| other != k);
        others().all(|&i| matrix[(i, k)] == 0.0) || others().all(|&j| matrix[(k, j)] == 0.0)
    }) {
        let k = rest.swap_remove(position);
        values.push(Complex::new(matrix[(k, k)], 0.0));
    }
    (values, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::linear_algebra::eigenvalues;

    #[test]
    fn eigenvalues_of_a_defective_triangle_are_exact() {
        let matrix =
            DMatrix::from_row_slice(3, 3, &[-1.0, 5.0, 2.0, 0.0, -1.0, 7.0, 0.0, 0.0, -1.0]);
        let values = eigenvalues(&matrix).unwrap();
        assert!(values.iter().all(|value| *value == Complex::new(-1.0, 0.0)));
        assert_eq!(eigenvalues(&DMatrix::zeros(0, 0)), Some(Vec::new()));
        assert_eq!(eigenvalues(&DMatrix::from_element(1, 1, f64::NAN)), None);
    }
}
