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
/// returns its coefficients there. Twice is enough: the rounding of the first sweep is removed by the second.
pub(super) fn remove_span(basis: &DMatrix<f64>, count: usize, vector: &mut [f64]) -> Vec<f64> {
    let span = &basis.as_slice()[..basis.nrows() * count];
    let mut total = vec![0.0; count];
    let mut coefficients = total.clone();
    for _ in 0..2 {
        la::multiply_columns_transposed(span, vector, &mut coefficients);
        for (total, coefficient) in total.iter_mut().zip(&mut coefficients) {
            *total += *coefficient;
            *coefficient = -*coefficient;
        }
        add_span(basis, &coefficients, vector);
    }
    total
}

/// The length of a vector.
pub(super) fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}
