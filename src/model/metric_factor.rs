//! A root of the metric of parameter space seen from state space.

use nalgebra::DMatrix;

/// F with `FᵀF = G` and all digits, where the square root of G has half of them; n columns.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricFactor {
    /// F is diagonal: what moves one state moves no other. Its n entries.
    Diagonal(Vec<f64>),
    /// Any other F.
    Matrix(DMatrix<f64>),
}

impl MetricFactor {
    /// Of a diagonal G (n values). Entries beyond the largest square that a double holds are taken as 1e300:
    /// they outweigh all others either way. NaN stays.
    pub fn of_diagonal_metric(diagonal: &[f64]) -> Self {
        const LARGEST: f64 = 1e300;
        let roots = diagonal.iter().map(|g| g.clamp(0.0, LARGEST).sqrt());
        Self::Diagonal(roots.collect())
    }
}
