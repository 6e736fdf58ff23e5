//! How far the EP update is from the true gradient: over all parameters, for one target or all.

use nalgebra::{DMatrix, DVector};
use serde::Serialize;

use super::linearisation::Linearisation;
use crate::model::MetricFactor;
use crate::numeric::linear_algebra as la;
use crate::numeric::{largest_ratio, smallest_symmetric_eigenvalue};

/// The norm of parameter space seen from state space: a factor F with `FᵀF = G`, so that the update
/// `$\left(\partial\mu/\partial\theta\right)^\top v$` has norm ‖Fv‖. It covers the active neurons.
pub enum ParameterMetric {
    /// G is diagonal (all networks of this crate).
    Diagonal(Vec<f64>),
    /// Any other G.
    Full(DMatrix<f64>),
}

impl ParameterMetric {
    /// Factors `metric` (the n × n matrix G) restricted to the active neurons. Returns `None` if G
    /// is no number.
    pub fn new(metric: &DMatrix<f64>, active: &[usize]) -> Option<Self> {
        if metric.iter().any(|value| value.is_nan()) {
            return None;
        }
        let n = metric.nrows();
        let diagonal = (0..n).all(|j| (0..n).all(|i| i == j || metric[(i, j)] == 0.0));
        if diagonal {
            let factor = MetricFactor::of_diagonal_metric(metric.diagonal().as_slice());
            return Self::of_factor(&factor, active);
        }
        let restricted = DMatrix::from_fn(active.len(), active.len(), |i, j| {
            metric[(active[i], active[j])]
        });
        let (values, vectors) = la::symmetric_eigen(&restricted)?;
        let roots = DVector::from_iterator(values.len(), values.iter().map(|v| v.max(0.0).sqrt()));
        Some(Self::Full(
            DMatrix::from_diagonal(&roots) * vectors.transpose(),
        ))
    }

    /// The same from a root of G. Returns `None` if an entry is no number.
    pub fn of_factor(factor: &MetricFactor, active: &[usize]) -> Option<Self> {
        let own = match factor {
            MetricFactor::Diagonal(roots) => {
                let finite = roots.iter().all(|root| root.is_finite());
                let own = active.iter().map(|&i| roots[i]).collect();
                return finite.then_some(Self::Diagonal(own));
            }
            MetricFactor::Matrix(matrix) => matrix.select_columns(active),
        };
        if own.iter().any(|value| !value.is_finite()) {
            return None;
        }
        Some(Self::Full(if own.nrows() > own.ncols() {
            la::triangular_factor(&own)
        } else {
            own
        }))
    }

    /// F v. `vector` has a value for each active neuron.
    pub fn apply(&self, vector: &[f64]) -> Vec<f64> {
        match self {
            Self::Diagonal(roots) => roots.iter().zip(vector).map(|(f, v)| f * v).collect(),
            Self::Full(_) => {
                let column = DMatrix::from_column_slice(vector.len(), 1, vector);
                self.apply_columns(&column).data.into()
            }
        }
    }

    fn apply_columns(&self, matrix: &DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Diagonal(roots) => {
                let mut out = matrix.clone();
                for (mut row, root) in out.row_iter_mut().zip(roots) {
                    row *= *root;
                }
                out
            }
            Self::Full(factor) => {
                let mut out = la::multiply(factor, matrix);
                let sizes = la::multiply(&factor.map(f64::abs), &matrix.map(f64::abs));
                for (value, size) in out.iter_mut().zip(&sizes) {
                    // what cancels down to rounding is 0: it has no direction
                    if value.abs() <= 4.0 * f64::EPSILON * size {
                        *value = 0.0;
                    }
                }
                out
            }
        }
    }
}

/// The EP update beside the true gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// Angle between the two, in degrees, 0 … 180, or `None` if one is 0.
    pub angle_degrees: Option<f64>,
    /// ‖ν − (−∂J/∂θ)‖ / ‖∂J/∂θ‖, or `None` if the gradient is 0.
    pub relative_error: Option<f64>,
    /// ⟨ν, −∂J/∂θ⟩ / ‖∂J/∂θ‖²: positive if EP descends.
    pub descent: Option<f64>,
}

/// Compares `update` with `truth`, given their difference (separately, because it may be known more
/// exactly than by subtraction). All three are vectors, and their Euclidean norms count.
pub fn compare(update: &[f64], truth: &[f64], difference: &[f64]) -> Comparison {
    let norm = |vector: &[f64]| vector.iter().map(|v| v * v).sum::<f64>().sqrt();
    let (update_norm, truth_norm) = (norm(update), norm(truth));
    let usable = |value: f64| value > 0.0 && value.is_finite();
    let defined = usable(truth_norm);
    // arccos of a dot product would lose half the digits of a small angle
    let angle = |_| {
        let (mut minus, mut plus) = (0.0, 0.0);
        for (u, v) in update.iter().zip(truth) {
            let (u, v) = (u / update_norm, v / truth_norm);
            minus += (u - v) * (u - v);
            plus += (u + v) * (u + v);
        }
        (2.0 * minus.sqrt().atan2(plus.sqrt())).to_degrees()
    };
    Comparison {
        angle_degrees: (defined && usable(update_norm)).then_some(()).map(angle),
        relative_error: defined.then(|| norm(difference) / truth_norm),
        descent: defined.then(|| {
            let dot: f64 = update.iter().zip(truth).map(|(u, v)| u * v).sum();
            dot / (truth_norm * truth_norm)
        }),
    }
}

/// a − b.
pub(super) fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// What holds for every target at once.
#[derive(Debug, Clone, PartialEq)]
pub struct AllTargets {
    /// The largest relative error over all targets, attained, or `None` if it has no upper limit,
    /// or no output is active.
    pub error_bound: Option<f64>,
    /// The output error `e = s_out − y` that attains the bound (one value per active output).
    pub worst_error: Option<Vec<f64>>,
    /// The smallest eigenvalue of the symmetric part of `$E\,\mathrm{Jac}^{-\top}
    /// G\,\mathrm{Jac}^{-\top} E^\top$`: positive if and only if EP descends for every target. It
    /// is `None` if no output is active.
    pub descent_certificate: Option<f64>,
}

/// The tight error bound and the descent certificate of the outputs.
///
/// With `e = s_out − y` arbitrary, the true update is `F M₂ e` and the error of EP `F M₁ e`,
/// `$M_1 = (\mathrm{Jac}^{-1}-\mathrm{Jac}^{-\top})E^\top$`,
/// `$M_2 = \mathrm{Jac}^{-\top}E^\top$`: the bound is the largest ratio of the two norms.
pub fn all_targets(
    linearisation: &Linearisation,
    metric: &ParameterMetric,
    outputs: &[usize],
) -> AllTargets {
    let true_columns = linearisation.true_columns(outputs);
    let difference = metric.apply_columns(&linearisation.difference_columns(&true_columns));
    let truth = metric.apply_columns(&true_columns);
    if truth.ncols() == 0 {
        return AllTargets {
            error_bound: None,
            worst_error: None,
            descent_certificate: None,
        };
    }
    let worst = largest_ratio(&difference, &truth);
    let product = la::multiply(&(&truth + &difference).transpose(), &truth);
    let symmetric = (&product + product.transpose()) * 0.5;
    AllTargets {
        error_bound: worst.as_ref().map(|(ratio, _)| *ratio),
        worst_error: worst.map(|(_, error)| error.as_slice().to_vec()),
        descent_certificate: smallest_symmetric_eigenvalue(&symmetric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_angles_keep_their_digits() {
        let angle = 1e-9f64;
        let update = [angle.cos(), angle.sin()];
        let comparison = compare(&update, &[2.0, 0.0], &[0.0, 0.0]);
        let found = comparison.angle_degrees.unwrap().to_radians();
        assert!((found / angle - 1.0).abs() < 1e-7, "{found}");
        assert_eq!(compare(&[0.0], &[0.0], &[0.0]).angle_degrees, None);
        assert_eq!(compare(&[-3.0], &[1.0], &[-4.0]).angle_degrees, Some(180.0));
    }
}
