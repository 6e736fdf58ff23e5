//! Orthonormal bases that grow by one vector after another.

use nalgebra::DMatrix;

use super::column_product::add_column_product;
use super::linear_algebra as la;

/// Adds to a vector the first columns of `basis` with these coefficients.
pub(super) fn add_span(basis: &DMatrix<f64>, coefficients: &[f64], vector: &mut [f64]) {
    let span = &basis.as_slice()[..basis.nrows() * coefficients.len()];
    add_column_product(span, coefficients, vector);
}

/// Takes from a vector what lies in the span of the first `count` columns of an orthonormal `basis`, and
/// returns its coefficients there.
pub(super) fn remove_span(basis: &DMatrix<f64>, count: usize, vector: &mut [f64]) -> Vec<f64> {
    let span = &basis.as_slice()[..basis.nrows() * count];
    let mut coefficients = vec![0.0; count];
    la::multiply_columns_transposed(span, vector, &mut coefficients);
    let negative: Vec<f64> = coefficients.iter().map(|c| -c).collect();
    add_span(basis, &negative, vector);
    coefficients
}
