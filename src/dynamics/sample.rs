//! A trajectory seen at chosen times.

use super::integrate::{Control, Ending, Moment, Run, integrate};
use super::phase::{Phase, largest};
use super::settings::SolverSettings;
use super::settle::is_finite;
use super::watch::escape_limit;
use crate::error::{Error, Result};
use crate::numeric::EscapeLimit;

/// The states of a trajectory at chosen times, and how far it came.
#[derive(Debug)]
pub struct Sampled {
    /// s at each time, in order, fewer than asked for if the trajectory failed before the last.
    pub states: Vec<Vec<f64>>,
    /// The end of the trajectory.
    pub run: Run,
    /// Why it ended early: [`Error::Diverged`] or [`Error::TimedOut`].
    pub failure: Option<Error>,
}

/// Follows `phase` from `start` over `span` and takes the state at `times` (increasing, inside the
/// span) from the method's dense output. `also` sees every moment.
///
/// Steps of the explicit method are held inside its stability region: near a steady state it would
/// otherwise hover at the edge, with an error at the tolerance that never dies away.
pub fn sample(
    phase: &Phase<'_>,
    start: &[f64],
    span: (f64, f64),
    times: &[f64],
    settings: &SolverSettings,
    also: &mut dyn FnMut(&Moment<'_>),
) -> Sampled {
    let guard = Guard::new(phase, start);
    let mut states: Vec<Vec<f64>> = Vec::with_capacity(times.len());
    let run = integrate(phase, start, span, settings, &mut |moment| {
        let control = guard.control(moment);
        if control != Control::Stop {
            also(moment);
            while let Some(&time) = times.get(states.len()).filter(|time| **time <= moment.time) {
                let mut state = vec![0.0; start.len()];
                moment.interpolate(time, &mut state);
                states.push(state);
            }
        }
        control
    });
    let failure = match run.ending {
        Ending::EndTime => {
            // the last time may lie a rounding error beyond the last step
            states.resize(times.len(), run.state.clone());
            None
        }
        Ending::Breakdown if !is_finite(phase, &run.state) => Some(diverged(&run)),
        Ending::Observer => Some(diverged(&run)),
        // an integrator that gives up where nothing grows has not seen a divergence
        Ending::Breakdown => Some(Error::StepUnderflow {
            time: run.time,
            residual: phase.residual(&run.state),
            steps: run.statistics.steps,
        }),
        Ending::StepLimit => Some(Error::TimedOut {
            time: run.time,
            residual: phase.residual(&run.state),
            steps: run.statistics.steps,
        }),
    };
    Sampled {
        states,
        run,
        failure,
    }
}

fn diverged(run: &Run) -> Error {
    Error::Diverged {
        time: run.time,
        largest: largest(run.state.iter().copied()),
    }
}

/// The time at which ‖Π(μ)‖∞ first falls to `residual`, relative to the state's size, or `None` if
/// it has not by the time `longest`.
///
/// # Errors
/// [`Error::Diverged`].
pub fn resting_time(
    phase: &Phase<'_>,
    start: &[f64],
    residual: f64,
    longest: f64,
    settings: &SolverSettings,
) -> Result<Option<f64>> {
    let guard = Guard::new(phase, start);
    let mut rested = None;
    let run = integrate(phase, start, (0.0, longest), settings, &mut |moment| {
        let size = largest(moment.state.iter().copied());
        if phase.residual(moment.state) <= residual * (1.0 + size) {
            rested = Some(moment.time);
            return Control::Stop;
        }
        guard.control(moment)
    });
    match run.ending {
        Ending::Observer if rested.is_none() => Err(diverged(&run)),
        _ => Ok(rested),
    }
}

/// Stops what diverges.
struct Guard {
    limit: EscapeLimit,
}

impl Guard {
    fn new(phase: &Phase<'_>, start: &[f64]) -> Self {
        Self {
            limit: escape_limit(phase, start),
        }
    }

    fn control(&self, moment: &Moment<'_>) -> Control {
        let size = largest(moment.state.iter().copied());
        if self.limit.is_exceeded_by(size) {
            Control::Stop
        } else {
            Control::Continue
        }
    }
}
