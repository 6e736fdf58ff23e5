//! Euler's method beside the adaptive solution: the picture of why this project exists.

use serde::{Deserialize, Serialize};

use super::PhaseRecord;
use crate::dynamics::{Method, Phase, SolverSettings, Statistics, sample};
use crate::error::{Error, Result};

/// Euler's method with one step, through both phases, from its own states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EulerRecord {
    /// Step.
    pub dt: f64,
    /// Largest |s − adaptive s| over neurons and rows, or null if the method diverged.
    pub largest_error: Option<f64>,
    /// Time at which it is reached, in units of the time constant, or null if the method diverged.
    pub time_of_largest: Option<f64>,
    /// Time at which the method diverged, or null if it did not.
    pub diverged_at: Option<f64>,
    /// s at the rows of the free, then of the nudged phase, fewer if it diverged.
    pub state: [Vec<Vec<f64>>; 2],
    /// Largest error over neurons at the same rows.
    pub error: [Vec<f64>; 2],
    /// What both phases cost.
    pub statistics: Statistics,
}

pub(super) fn compare_with_euler(
    phases: [&Phase<'_>; 2],
    start: &[f64],
    spans: [(f64, f64); 2],
    references: [&PhaseRecord; 2],
    solver: &SolverSettings,
    dt: f64,
) -> Result<EulerRecord> {
    let settings = SolverSettings {
        method: Method::Euler { dt },
        ..*solver
    };
    let mut record = EulerRecord {
        dt,
        largest_error: None,
        time_of_largest: None,
        diverged_at: None,
        state: Default::default(),
        error: Default::default(),
        statistics: Statistics::default(),
    };
    let mut start = start.to_vec();
    let mut largest: Option<(f64, f64)> = None;
    for k in 0..2 {
        let reference = references[k];
        let times = &reference.time;
        let sampled = sample(phases[k], &start, spans[k], times, &settings, &mut |_| {});
        record.statistics += sampled.run.statistics;
        for ((state, exact), &time) in sampled.states.iter().zip(&reference.state).zip(times) {
            let errors = state.iter().zip(exact).map(|(s, exact)| (s - exact).abs());
            let error = errors.fold(0.0, f64::max);
            record.error[k].push(error);
            if largest.is_none_or(|(most, _)| error > most) {
                largest = Some((error, time));
            }
        }
        record.state[k] = sampled.states;
        match sampled.failure {
            Some(Error::Diverged { time, .. }) => {
                record.diverged_at = Some(time);
                return Ok(record);
            }
            Some(other) => return Err(other),
            None => start = sampled.run.state,
        }
    }
    record.largest_error = largest.map(|(error, _)| error);
    record.time_of_largest = largest.map(|(_, time)| time);
    Ok(record)
}
