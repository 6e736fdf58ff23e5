//! Weights with their antisymmetric part turned up or down: W = S + λA.

use nalgebra::DMatrix;

/// S + λA of a matrix whose symmetric and antisymmetric parts are S and A.
pub(crate) fn with_asymmetry(matrix: &DMatrix<f64>, asymmetry: f64) -> DMatrix<f64> {
    let transpose = matrix.transpose();
    (matrix + &transpose) * 0.5 + (matrix - &transpose) * (0.5 * asymmetry)
}

/// The same of two matrices that answer each other, S and A being those of the feedforward one and the
/// transpose of the feedback one.
pub(crate) fn pair_with_asymmetry(
    forward: &DMatrix<f64>,
    feedback: &DMatrix<f64>,
    asymmetry: f64,
) -> (DMatrix<f64>, DMatrix<f64>) {
    let answer = feedback.transpose();
    let even = (forward + &answer) * 0.5;
    let odd = (forward - answer) * (0.5 * asymmetry);
    (&even + &odd, (even - odd).transpose())
}
