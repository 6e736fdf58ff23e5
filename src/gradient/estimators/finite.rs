//! Difference quotients of nudged fixed points.

use crate::error::Result;
use crate::gradient::estimator::{ErrorEstimator, Estimate};
use crate::gradient::free_phase::{FreePhase, Nudges};
use crate::gradient::nudge_options::NudgeOptions;

/// `$(s^\beta - s^0)/\beta = a + O(\beta)$`.
#[derive(Debug, Clone, Copy)]
pub struct OneSided {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for OneSided {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let mut nudges = Nudges::new(free, nudging);
        let mut displacement = nudges.displacement(self.beta)?;
        displacement
            .iter_mut()
            .for_each(|value| *value *= 1.0 / self.beta);
        Ok(nudges.finish(displacement, self.beta))
    }
}

/// `$(s^\beta - s^{-\beta})/2\beta = a + O(\beta^2)$`.
#[derive(Debug, Clone, Copy)]
pub struct Centred {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for Centred {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let mut nudges = Nudges::new(free, nudging);
        let quotient = nudges.centred(self.beta)?;
        Ok(nudges.finish(quotient, self.beta))
    }
}

/// `$(4 c_{\beta/2} - c_\beta)/3 = a + O(\beta^4)$`, c the centred quotient.
#[derive(Debug, Clone, Copy)]
pub struct Richardson {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
}

impl ErrorEstimator for Richardson {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let mut nudges = Nudges::new(free, nudging);
        let coarse = nudges.centred(self.beta)?;
        let fine = nudges.centred(0.5 * self.beta)?;
        let extrapolated = fine
            .iter()
            .zip(coarse)
            .map(|(fine, coarse)| (4.0 * fine - coarse) / 3.0)
            .collect();
        Ok(nudges.finish(extrapolated, self.beta))
    }
}
