//! How nudged phases are conducted: until they rest or for a time, and in which arithmetic.

use super::comparison::difference;
use super::deviation;
use crate::dynamics::{FixedPoint, Phase, SolverSettings, Statistics, sample, settle_nudged};
use crate::error::{Error, Result};

/// How nudged phases are conducted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NudgeOptions {
    /// Settings as requested. Each nudged phase scales its tolerances to its β
    /// ([`SolverSettings::for_nudge`]).
    pub settings: SolverSettings,
    /// The nudged phases end after this time, wherever the state then is (in units of time).
    /// `None` (the default): they end at rest.
    pub settle_time: Option<f64>,
    /// Follow the deviation from s⁰ instead of the state: the same trajectories without the
    /// rounding error that `s^β − s⁰` suffers by cancellation. Costs quadrature of Jacobian
    /// products, so that it serves as a reference, not as a method. Default false.
    pub without_rounding: bool,
}

impl NudgeOptions {
    /// Until rest, in ordinary arithmetic.
    pub fn new(settings: &SolverSettings) -> Self {
        Self {
            settings: *settings,
            settle_time: None,
            without_rounding: false,
        }
    }

    /// Refuses settings that no integrator can work with, and times that are none.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the setting.
    pub fn validate(&self) -> Result<()> {
        self.settings.validate()?;
        match self.settle_time {
            Some(time) if !(1e-9..=1e9).contains(&time) => Err(Error::invalid(
                "settle_time",
                format!("expected a number from 1e-9 to 1e9, found {time}"),
            )),
            _ => Ok(()),
        }
    }

    /// s^β − s⁰ at the end of a nudged phase.
    pub(super) fn displacement(
        &self,
        nudge: &NudgedPhase<'_>,
        statistics: &mut Statistics,
    ) -> Result<Vec<f64>> {
        let settings = self.settings.for_nudge(nudge.beta.0.hypot(nudge.beta.1));
        let in_phase = |error: Error| error.in_nudged_phase(nudge.beta);
        let end = match self.settle_time {
            None => {
                let point = settle_nudged(&nudge.phase, nudge.start, nudge.near, &settings)
                    .into_fixed_point();
                let point = point.map_err(in_phase)?;
                *statistics += point.statistics();
                let displacement = difference(point.state(), nudge.start);
                return if self.without_rounding {
                    deviation::settled(nudge, displacement)
                } else {
                    Ok(displacement)
                };
            }
            Some(time) if self.without_rounding => {
                return deviation::followed(nudge, time, &settings, statistics);
            }
            Some(time) => sample(
                &nudge.phase,
                nudge.start,
                (0.0, time),
                &[],
                &settings,
                &mut |_| {},
            ),
        };
        *statistics += end.run.statistics;
        match end.failure {
            Some(error) => Err(in_phase(error)),
            None => Ok(difference(&end.run.state, nudge.start)),
        }
    }
}

/// A nudged phase, and what the nudge alone does at the free fixed point.
pub(super) struct NudgedPhase<'p> {
    pub phase: Phase<'p>,
    /// s⁰.
    pub start: &'p [f64],
    /// The free fixed point, where its linearisation serves for the nudged one.
    pub near: Option<&'p FixedPoint>,
    /// The force at s⁰ that is due to the nudge, −β ∂C/∂s: exactly, without the rounding error of
    /// μ(s⁰).
    pub kick: Vec<f64>,
    /// Real and imaginary part of β.
    pub beta: (f64, f64),
}
