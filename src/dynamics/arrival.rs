//! When a linear system, followed without Newton's method, has come to rest.

use std::ops::ControlFlow;

use super::integrate::{Control, Ending, integrate};
use super::phase::{Phase, largest};
use super::settings::{SolverSettings, Statistics};
use super::spectrum::longest_stable_step;
use crate::error::{Error, Result};

/// Residual at rest, relative to the terms that cancel in it.
const AT_REST: f64 = 1e-13;
/// Residuals above this do not stall, they have not begun to fall.
const FALLING: f64 = 1e-2;
/// Steps between two looks at whether the residual stalls.
const WINDOW: usize = 32;
/// The most careful factor on the longest stable step.
const MOST_CAREFUL: f64 = 1.0 / 64.0;

/// Judges a sequence of relative residuals. A method at the edge of its stability region stalls:
/// then steps are shortened, and where that no longer helps, what is left is the solver's own error.
pub(super) struct Arrival {
    rtol: f64,
    steps: usize,
    lowest: f64,
    lowest_before: f64,
    caution: f64,
}

impl Arrival {
    pub fn new(rtol: f64) -> Self {
        Self {
            rtol,
            steps: 0,
            lowest: f64::INFINITY,
            lowest_before: f64::INFINITY,
            caution: 1.0,
        }
    }

    /// `Break` at rest; otherwise the fraction of the longest stable step not to exceed.
    pub fn observe(&mut self, residual: f64) -> ControlFlow<(), f64> {
        if residual <= AT_REST {
            return ControlFlow::Break(());
        }
        self.steps += 1;
        self.lowest = self.lowest.min(residual);
        if self.steps.is_multiple_of(WINDOW) {
            let stalled = residual < FALLING && self.lowest >= 0.9 * self.lowest_before;
            self.lowest_before = std::mem::replace(&mut self.lowest, f64::INFINITY);
            if stalled && self.lowest_before <= self.rtol && self.caution <= MOST_CAREFUL {
                return ControlFlow::Break(());
            }
            if stalled {
                self.caution = (0.5 * self.caution).max(MOST_CAREFUL);
            }
        }
        ControlFlow::Continue(self.caution)
    }
}

/// Follows a linear `phase` (`$\tau\dot y = My + q$`, without bounds) from 0 until it rests, to a
/// residual of 1e-13 of ‖q‖ + ‖y‖ or, if the solver cannot reach that, where it stalls below its
/// relative tolerance. A residual relative to q makes the answer as exact for a small q as for a
/// large one. With a `time` it ends then, at rest or not.
///
/// # Errors
/// [`Error::Diverged`] or [`Error::TimedOut`] if it does not rest.
pub fn rest_of_linear(
    phase: &Phase<'_>,
    time: Option<f64>,
    settings: &SolverSettings,
) -> Result<(Vec<f64>, Statistics)> {
    let start = vec![0.0; phase.dimension()];
    let mut offset = start.clone();
    phase.force(&start, &mut offset);
    let offset = largest(offset);
    let stable = longest_stable_step(phase, &start);
    let mut arrival = Arrival::new(settings.rtol);
    let mut rested = false;
    let span = (
        0.0,
        time.unwrap_or(settings.max_time * phase.time_scales().1),
    );
    let run = integrate(phase, &start, span, settings, &mut |moment| {
        let size = largest(moment.state.iter().copied());
        if size.is_nan() || size > 1e10 * offset {
            return Control::Stop;
        }
        let residual = phase.residual(moment.state);
        match arrival.observe(if residual > 0.0 {
            residual / (offset + size)
        } else {
            residual
        }) {
            ControlFlow::Break(()) if time.is_none() => {
                rested = true;
                Control::Stop
            }
            ControlFlow::Continue(caution) if caution < 1.0 => Control::CapStep(caution * stable),
            _ => Control::Continue,
        }
    });
    let largest = largest(run.state.iter().copied());
    if rested || (time.is_some() && run.ending == Ending::EndTime) {
        Ok((run.state, run.statistics))
    } else if run.ending == Ending::Observer || !largest.is_finite() {
        Err(Error::Diverged {
            time: run.time,
            largest,
        })
    } else {
        Err(Error::TimedOut {
            time: run.time,
            residual: phase.residual(&run.state),
            steps: run.statistics.steps,
        })
    }
}
