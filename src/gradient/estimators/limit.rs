//! The limit β → 0 itself: a, by a linear solve or as the steady state of a sensitivity.

use crate::dynamics::{Method, beta_sensitivity, rest_of_linear};
use crate::error::Result;
use crate::gradient::auxiliary::LinearField;
use crate::gradient::estimator::{ErrorEstimator, Estimate, Formation};
use crate::gradient::free_phase::FreePhase;
use crate::gradient::nudge_options::NudgeOptions;

/// `$a = \mathrm{Jac}^{-1} c$`: one linear solve, no evaluation of the right-hand side.
#[derive(Debug, Clone, Copy)]
pub struct LinearResponse;

impl ErrorEstimator for LinearResponse {
    fn estimate(&self, free: &FreePhase<'_>, _nudging: &NudgeOptions) -> Result<Estimate> {
        let error_vector = free.linearisation.ep_error_vector(&free.cost_gradient());
        Ok(Estimate {
            formation: Formation::Limit,
            ..Estimate::of_error_vector(free, error_vector)
        })
    }
}

/// Forward sensitivity of the nudged phase to β, at β = 0, followed to rest:
/// `$\tau\dot y = \mathrm{Jac}\,y - c$`, y → a. Neurons that the bounds hold at s⁰ stay held.
///
/// It is diffsol's own sensitivity, but with Euler's method, which has none: then it is that linear
/// equation as an ODE of its own.
#[derive(Debug, Clone, Copy)]
pub struct Sensitivity;

impl ErrorEstimator for Sensitivity {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let settings = &nudging.settings;
        let (error_vector, statistics) = if let Method::Euler { .. } = settings.method {
            let field = LinearField::companion(&free.linearisation, false, &free.cost_gradient());
            let phase = free.phase.without_bounds().with_field(&field);
            rest_of_linear(&phase, nudging.settle_time, settings)?
        } else {
            let nudged = free.phase.nudged(free.cost, 0.0);
            let state = free.fixed_point.state();
            beta_sensitivity(&nudged, state, nudging.settle_time, settings)?
        };
        Ok(Estimate {
            statistics,
            ..Estimate::of_error_vector(free, error_vector)
        })
    }
}
