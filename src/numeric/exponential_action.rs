//! What the exponential of a matrix does to a vector.

use nalgebra::{DMatrix, DVector};

/// `e^{Mt} v` for every time in `times`, by scaling and squaring of nalgebra's Padé exponential.
pub fn exponential_action(matrix: &DMatrix<f64>, vector: &[f64], times: &[f64]) -> Vec<Vec<f64>> {
    let start = DVector::from_column_slice(vector);
    times
        .iter()
        .map(|&time| ((matrix * time).exp() * &start).as_slice().to_vec())
        .collect()
}
