//! When a linear system, followed without Newton's method, has come to rest.

use std::ops::ControlFlow;

use super::caution::Caution;
use super::integrate::{Control, Ending, integrate};
use super::phase::{Phase, largest};
use super::settings::{SolverSettings, Statistics};
use super::spectrum::longest_stable_step;
use crate::error::{Error, Result};
use crate::numeric::EscapeLimit;

/// Residual at rest, relative to the terms that cancel in it.
const AT_REST: f64 = 1e-13;
/// A window of steps that lowers the residual by less than this factor is a stall.
const STALLED: f64 = 0.9;

/// Judges a sequence of relative residuals. A method at the edge of its stability region stalls:
/// then steps are shortened, and where that no longer helps, what is left is the solver's own error.
pub(super) struct Arrival {
    rtol: f64,
    caution: Caution,
}

impl Arrival {
    pub fn new(rtol: f64) -> Self {
        Self {
            rtol,
            caution: Caution::new(STALLED),
        }
    }

    /// `Break` at rest. Otherwise the fraction of the longest stable step not to exceed.
    pub fn observe(&mut self, residual: f64) -> ControlFlow<(), f64> {
        if residual <= AT_REST {
            return ControlFlow::Break(());
        }
        let most_careful = self.caution.is_exhausted();
        let stalled = self.caution.observe(residual, false) == Some(true);
        if stalled && most_careful && self.caution.lowest_of_window() <= self.rtol {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(self.caution.factor())
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
    let limit = EscapeLimit::of(offset);
    let stable = longest_stable_step(phase, &start, settings.method);
    let mut arrival = Arrival::new(settings.rtol);
    let mut rested = false;
    let span = (
        0.0,
        time.unwrap_or(settings.max_time * phase.time_scales().1),
    );
    let run = integrate(phase, &start, span, settings, &mut |moment| {
        let size = largest(moment.state.iter().copied());
        if limit.is_exceeded_by(size) {
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
