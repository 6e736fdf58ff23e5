//! What became of a trajectory, by type.

use super::cycle::Cycle;
use super::fixed_point::FixedPoint;
use super::settings::Statistics;
use crate::error::{Error, Result};

/// What became of a trajectory.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It reached a fixed point.
    Settled(FixedPoint),
    /// It started at a fixed point (stable or not) and stays there.
    AlreadySettled(FixedPoint),
    /// It reached a periodic orbit.
    LimitCycle(Cycle),
    /// It left every bound, or could not be continued.
    Diverged {
        /// Time at which it was seen.
        time: f64,
        /// Largest |s|, perhaps not finite.
        largest: f64,
    },
    /// It came to rest sliding along kinks, or on ones that it may as well leave: no fixed point.
    Sliding {
        /// Time at which it was seen.
        time: f64,
        /// s there.
        state: Vec<f64>,
        /// Who slides.
        neurons: Vec<usize>,
    },
    /// Neighbouring trajectories part for as long as it was followed.
    Chaotic {
        /// Time reached.
        time: f64,
        /// The largest Lyapunov exponent along the trajectory, per unit of time.
        lyapunov_exponent: f64,
    },
    /// The integrator could not make a step that keeps to its tolerances.
    StepUnderflow {
        /// Time reached.
        time: f64,
        /// ‖Π(μ)‖∞ there.
        residual: f64,
        /// Accepted steps.
        steps: usize,
    },
    /// None of these in the time or steps allowed.
    TimedOut {
        /// Time reached.
        time: f64,
        /// ‖Π(μ)‖∞ there.
        residual: f64,
        /// Accepted steps.
        steps: usize,
    },
}

impl Outcome {
    /// The same outcome of a trajectory that had run for `earlier` before, at the cost of `before`.
    pub(super) fn after(mut self, earlier: f64, before: Statistics) -> Self {
        match &mut self {
            Self::Settled(point) | Self::AlreadySettled(point) => {
                let mut statistics = point.statistics();
                statistics += before;
                let time = earlier + point.settling_time();
                return Self::Settled(point.clone().reached(time, statistics));
            }
            Self::LimitCycle(cycle) => cycle.time += earlier,
            Self::Diverged { time, .. }
            | Self::Sliding { time, .. }
            | Self::Chaotic { time, .. } => {
                *time += earlier;
            }
            Self::StepUnderflow { time, steps, .. } | Self::TimedOut { time, steps, .. } => {
                *time += earlier;
                *steps += before.steps;
            }
        }
        self
    }

    /// The fixed point, or the error that says what the dynamics did.
    ///
    /// # Errors
    /// [`Error::LimitCycle`], [`Error::Diverged`], [`Error::Sliding`], [`Error::Chaotic`],
    /// [`Error::StepUnderflow`], [`Error::TimedOut`].
    pub fn into_fixed_point(self) -> Result<FixedPoint> {
        match self {
            Self::Settled(point) | Self::AlreadySettled(point) => Ok(point),
            Self::LimitCycle(cycle) => Err(Error::LimitCycle {
                time: cycle.time,
                period: cycle.period,
                amplitude: cycle.amplitude,
            }),
            Self::Sliding {
                time,
                state,
                neurons,
            } => Err(Error::Sliding {
                time,
                state,
                neurons,
            }),
            Self::Diverged { time, largest } => Err(Error::Diverged { time, largest }),
            Self::Chaotic {
                time,
                lyapunov_exponent,
            } => Err(Error::Chaotic {
                time,
                lyapunov_exponent,
            }),
            Self::StepUnderflow {
                time,
                residual,
                steps,
            } => Err(Error::StepUnderflow {
                time,
                residual,
                steps,
            }),
            Self::TimedOut {
                time,
                residual,
                steps,
            } => Err(Error::TimedOut {
                time,
                residual,
                steps,
            }),
        }
    }
}
