//! Plasticity along the nudged trajectory, the weights themselves at rest.

use crate::error::Result;
use crate::gradient::comparison::difference;
use crate::gradient::estimator::{ErrorEstimator, Estimate, Formation};
use crate::gradient::free_phase::{FreePhase, Nudges};
use crate::gradient::nudge_options::NudgeOptions;
use crate::gradient::plasticity::plasticity_integral;

/// `$\frac1\beta\int(\partial\mu/\partial\theta)^\top\,ds$` along the nudged trajectory: ν + O(β).
#[derive(Debug, Clone, Copy)]
pub struct Plasticity {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for Plasticity {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let start = free.fixed_point.state();
        let mut nudges = Nudges::new(free, nudging);
        let phase = nudges.phase(self.beta);
        let along = plasticity_integral(
            free.field,
            &phase,
            start,
            nudging.settle_time,
            &nudging.settings.for_nudge(self.beta),
        )
        .map_err(|error| error.in_nudged_phase((self.beta, 0.0)))?;
        let displacement = difference(&along.end, start);
        nudges.statistics += along.statistics;
        nudges.see(&phase, &displacement);
        let quotient = displacement.iter().map(|value| value / self.beta).collect();
        Ok(Estimate {
            update: along.integral.scaled(1.0 / self.beta),
            formation: Formation::AlongTheWay,
            ..nudges.finish(quotient, self.beta)
        })
    }
}
