//! The two estimators that transpose the Jacobian, and so reach the true gradient.

use crate::dynamics::rest_of_linear;
use crate::error::Result;
use crate::gradient::auxiliary::{Augmented, LinearField};
use crate::gradient::estimator::{ErrorEstimator, Estimate};
use crate::gradient::free_phase::{FreePhase, Nudges};
use crate::gradient::nudge_options::NudgeOptions;

/// Centred nudges of the field with `$(\mathrm{Jac}^\top - \mathrm{Jac})(s - s^0)$` added: g +
/// O(β²) (AsymEP, Scurria et al., arXiv:2602.03670).
#[derive(Debug, Clone, Copy)]
pub struct Asymmetric {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for Asymmetric {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let state = free.fixed_point.state();
        let field = Augmented::new(free.phase.field(), &free.linearisation, state);
        let mut nudges = Nudges::of(free, nudging, free.phase.with_field(&field));
        let quotient = nudges.centred(self.beta)?;
        Ok(Estimate {
            reaches_the_gradient: true,
            ..nudges.finish(quotient, self.beta)
        })
    }
}

/// The signal d/β of `$\tau\dot d = \mathrm{Jac}(m)^\top d - \beta c(m)$` beside `$\dot m = \mu(m)$`,
/// followed to rest: g, whatever β (the same source). The free phase has brought m to s⁰, where it
/// stays, so that d alone moves, linearly.
#[derive(Debug, Clone, Copy)]
pub struct Dyadic {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for Dyadic {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let mut pull = free.cost_gradient();
        pull.iter_mut().for_each(|value| *value *= self.beta);
        let field = LinearField::companion(&free.linearisation, true, &pull);
        let phase = free.phase.without_bounds().with_field(&field);
        let settings = nudging.settings.for_nudge(self.beta);
        let (signal, statistics) = rest_of_linear(&phase, nudging.settle_time, &settings)
            .map_err(|error| error.in_nudged_phase((self.beta, 0.0)))?;
        let error_vector = signal.iter().map(|signal| signal / self.beta).collect();
        Ok(Estimate {
            statistics,
            beta: Some(self.beta),
            reaches_the_gradient: true,
            ..Estimate::of_error_vector(free, error_vector)
        })
    }
}
