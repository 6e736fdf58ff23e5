//! Holomorphic equilibrium propagation: nudges with complex β around a circle.

mod circle;
mod complex_nudge;
mod convergence;

use circle::Circle;

use crate::dynamics::Statistics;
use crate::error::Result;
use crate::gradient::estimator::{ErrorEstimator, Estimate};
use crate::gradient::free_phase::FreePhase;
use crate::gradient::nudge_options::NudgeOptions;

/// Points on the circle of nudges unless told.
pub const HOLOMORPHIC_POINTS: usize = 8;
/// `$a \approx \frac1N\sum_k s^{\beta_k}/\beta_k$`, `$\beta_k = \beta e^{2\pi i k/N}$`: the first
/// Taylor coefficient of s^β by the discrete Cauchy integral, exact to O(β^N)
/// (A. Laborieux and F. Zenke, arXiv:2209.00530). Needs the complex continuations
/// [`crate::model::VectorField::analytic`] of the field and [`crate::model::Cost::analytic`] of the cost, and a
/// circle inside the radius of convergence of s^β, which the points themselves tell
/// ([`crate::gradient::Convergence`]).
#[derive(Debug, Clone, Copy)]
pub struct Holomorphic {
    /// The radius of the circle, which is β of its first point (dimensionless).
    pub beta: f64,
    /// N.
    pub points: usize,
}

impl ErrorEstimator for Holomorphic {
    /// # Errors
    /// [`crate::Error::NotAnalytic`] if the field or the cost has no complex continuation, or with
    /// state bounds, and [`crate::Error::Nudged`] with β and what the complex dynamics did instead
    /// of settling.
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let circle = Circle::new(self, free)?;
        let mut statistics = Statistics::default();
        let mut displacements = Vec::new();
        for k in 0..=self.points / 2 {
            displacements.push(circle.displacement(k, nudging, &mut statistics)?);
        }
        let error_vector = circle.mean(&displacements, 1);
        let convergence = nudging
            .settle_time
            .is_none()
            .then(|| circle.convergence(&displacements));
        Ok(Estimate {
            statistics,
            beta: Some(self.beta),
            convergence,
            ..Estimate::of_error_vector(free, error_vector)
        })
    }
}
