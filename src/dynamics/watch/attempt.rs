//! Newton's method from where a trajectory is, and the proof that it has not left the trajectory's way.

use std::sync::atomic::AtomicUsize;

use super::{ARRIVED, AT_REST, Watch};
use crate::dynamics::fixed_point::FixedPoint;
use crate::dynamics::linear_regime::nonlinear_remainder;
use crate::dynamics::residual::relative_distance;

/// Largest nonlinear remainder at which a polished point may be the trajectory's own.
pub(in crate::dynamics) const LINEAR: f64 = 0.1;
/// Nonlinear remainder at which one attempt is proof enough.
const DEEPLY_LINEAR: f64 = 1e-3;
/// Residual below which a point on a kink is believed.
const ON_KINK: f64 = 1e-6;
/// Residual below which a known point is found anew.
const KNOWN_UP_TO: f64 = 1e-6;

impl Watch<'_> {
    pub(super) fn polished(&mut self, state: &[f64]) -> Option<FixedPoint> {
        if !self.settings.polish {
            return None;
        }
        FixedPoint::refine_near(self.phase, state, self.near, &mut self.statistics)
    }

    fn remainder(&mut self, point: &FixedPoint, state: &[f64], limit: f64) -> f64 {
        let evaluations = AtomicUsize::new(0);
        let counted = self.phase.counted(&evaluations);
        let remainder = nonlinear_remainder(&counted, point, state, limit);
        self.statistics.newton_rhs_evaluations += evaluations.into_inner();
        remainder
    }

    /// The remainder shrinks as the residual does: it is of the next order.
    fn expect_linear(&mut self, residual: f64, remainder: f64) {
        let share = DEEPLY_LINEAR / remainder;
        if share.is_finite() {
            self.wait_for(residual * share.clamp(1e-3, 0.3));
        }
    }

    /// No attempt is made before the residual is as small as this.
    pub(super) fn wait_for(&mut self, residual: f64) {
        self.next_attempt = residual.max(1e-3 * ARRIVED).min(self.next_attempt);
    }

    /// The trajectory's own fixed point, if Newton's method finds one from here that proves to be it.
    pub(super) fn attempt(&mut self, state: &[f64], residual: f64) -> Option<FixedPoint> {
        let smooth = self.phase.field().analytic().is_some();
        if let Some(known) = self.known.take() {
            // all the way to a stable point linear: whence it was found does not matter
            let remainder = self.remainder(&known, state, DEEPLY_LINEAR);
            if remainder <= DEEPLY_LINEAR {
                return Some(known);
            }
            self.expect_linear(residual, remainder);
            if residual > KNOWN_UP_TO {
                self.known = Some(known);
                return None;
            }
        }
        let arrived = residual <= ARRIVED;
        let Some(point) = self.polished(state) else {
            // no Newton step (not wanted, or none at a singular Jacobian): the trajectory may rest
            // all the same
            return arrived
                .then(|| FixedPoint::verify(self.phase, state))
                .flatten();
        };
        if self.phase.is_globally_stable() {
            return Some(point);
        }
        // an unstable point holds only a trajectory that has come to rest on it
        if (arrived && point.stable()) || residual <= AT_REST {
            return Some(point);
        }
        // of a smooth field the way need not be seen to its end: it is looked at again from nearer
        let limit = if smooth { DEEPLY_LINEAR } else { LINEAR };
        let remainder = self.remainder(&point, state, limit);
        // on a kink no linearisation holds on both sides: agreement alone must do
        let near = residual <= ON_KINK && !point.on_kink().is_empty();
        if !point.stable() || !(remainder <= LINEAR || near) {
            self.candidate = None;
            return None;
        }
        if smooth {
            if remainder <= DEEPLY_LINEAR {
                return Some(point);
            }
            self.known = Some(point.clone());
            self.expect_linear(residual, remainder);
            if residual > KNOWN_UP_TO {
                return None;
            }
            if !(near || self.remainder(&point, state, LINEAR) <= LINEAR) {
                self.candidate = None;
                return None;
            }
        }
        match &self.candidate {
            Some((first, candidate)) if relative_distance(candidate, point.state()) <= 1e-9 => {
                (residual <= 0.1 * first).then_some(point)
            }
            _ => {
                self.candidate = Some((residual, point.state().to_vec()));
                None
            }
        }
    }
}
