//! The course of one sample: whether it gets nearer, and what is tried if it does not.

use super::control::{End, SweepControl};
use crate::numeric::EscapeLimit;

/// By how much plain sweeps must bring the residual down before they are accelerated: sweeps that contract
/// have a fixed point that attracts, an extrapolation may find one that does not.
const TRUST: f64 = 0.1;
/// A rise over the lowest residual by more than this is no contraction: the residual must then stay low ...
const RELAPSE: f64 = 2.0;
/// ... for so many sweeps, which the dips on a limit cycle do not.
const CALM: usize = 8;
/// Sweeps without progress after which a sample is damped, then given up.
const PATIENCE: usize = 20;
/// What counts as progress.
const PROGRESS: f64 = 0.95;
/// An accelerated step that raises the residual by this factor is not trusted.
const SETBACK: f64 = 10.0;
/// Growth over the lowest residual that ends an undamped attempt.
const GROWTH: f64 = 1e3;
/// What a step of a linearisation must leave of the residual at most, or sweeps take over.
const GUIDANCE: f64 = 0.5;
/// The course of one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Monitor {
    pub sweeps: usize,
    first: f64,
    previous: f64,
    lowest: f64,
    lowest_at: usize,
    /// Residual at which the present run of contractions began, and the lowest since.
    run_start: f64,
    run_lowest: f64,
    /// Whether it rose in between, and for how many sweeps it has been low.
    relapsed: bool,
    low: usize,
    accelerated: bool,
    pub damped: bool,
    /// Whether steps of a linearisation take the place of sweeps.
    guided: bool,
}

/// What a sample does next.
pub(crate) enum Next {
    Advance { accelerate: bool, forget: bool },
    Guide,
    Restart,
    Stop(End),
}

impl Monitor {
    const START: Self = Self {
        sweeps: 0,
        first: f64::INFINITY,
        previous: f64::INFINITY,
        lowest: f64::INFINITY,
        lowest_at: 0,
        run_start: f64::INFINITY,
        run_lowest: f64::INFINITY,
        relapsed: false,
        low: 0,
        accelerated: false,
        damped: false,
        guided: false,
    };

    /// A sample at its start. `guided` says whether steps of a linearisation lead it.
    pub fn new(guided: bool) -> Self {
        Self {
            guided,
            ..Self::START
        }
    }

    /// Plain sweeps from the start, whatever was tried before.
    fn restart(&mut self, damped: bool) -> Next {
        *self = Self {
            sweeps: self.sweeps,
            first: self.first,
            lowest_at: self.sweeps,
            damped,
            ..Self::START
        };
        Next::Restart
    }

    /// What to do with a sample whose residual is this. The rounding of residuals is given as where one may stop
    /// falling and by how much the exact one may lie above it.
    pub fn judge(
        &mut self,
        residual: f64,
        control: &SweepControl,
        (floor, margin): (f64, f64),
    ) -> Next {
        if self.sweeps == 0 {
            self.first = residual;
        }
        if !residual.is_finite() || EscapeLimit::of(1.0 + self.first).is_exceeded_by(residual) {
            return Next::Stop(End::Diverged);
        }
        if residual <= control.tolerance - margin {
            return Next::Stop(End::Settled);
        }
        if self.sweeps >= control.max_sweeps {
            return Next::Stop(End::Stalled);
        }
        if residual < PROGRESS * self.lowest {
            self.lowest = residual;
            self.lowest_at = self.sweeps;
        }
        let waited = self.sweeps - self.lowest_at;
        self.sweeps += 1;
        if self.guided {
            if residual > GUIDANCE * self.previous {
                return self.restart(false);
            }
            self.previous = residual;
            return Next::Guide;
        }
        if waited > PATIENCE || residual > GROWTH * self.lowest {
            return if self.lowest <= floor {
                Next::Stop(End::Stalled)
            } else if self.damped {
                Next::Stop(End::Oscillating)
            } else {
                self.restart(true)
            };
        }
        let setback = self.accelerated && residual > SETBACK * self.previous;
        if setback
            || self.run_start.is_infinite()
            || (!self.accelerated && residual >= self.run_start)
        {
            self.accelerated = false;
            (self.run_start, self.run_lowest) = (residual, residual);
            (self.relapsed, self.low) = (setback, 0);
        }
        self.relapsed |= residual > RELAPSE * self.run_lowest;
        self.run_lowest = self.run_lowest.min(residual);
        self.low = if residual <= TRUST * self.run_start {
            self.low + 1
        } else {
            0
        };
        let needed = if self.relapsed { CALM } else { 1 };
        self.accelerated |= control.accelerate && self.low >= needed;
        self.previous = residual;
        Next::Advance {
            accelerate: self.accelerated,
            forget: setback,
        }
    }
}
