//! Letting a whole batch settle: one function, which chooses how, and says of every sample what
//! became of it.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::phase::BatchPhase;
use super::walk::{Packed, walk};
use crate::dynamics::outcome::Outcome;
use crate::dynamics::settings::{SolverSettings, Statistics};
use crate::dynamics::settle::settle;
use crate::error::{Error, Result};
use crate::model::Dynamics;
use crate::numeric::largest;

/// From this many neurons on, samples share their steps (and their products with the weights).
pub(crate) const LANES_FROM: usize = 128;
/// Samples that share their steps: enough for fast products, and a working set inside the cache.
/// Fixed, so that results do not depend on the number of threads.
const LANES: usize = 32;
/// From this many neurons on, a batch is at least two groups: their products take long enough for two threads, though
/// one alone would be faster with a single group.
const DIVIDED_FROM: usize = 1024;

/// How a batch is followed to rest. Every field is public and has a default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BatchSettings {
    /// Largest ‖μ^β‖∞ at which a sample has settled. Default 1e-6.
    pub tolerance: f64,
    /// Relative tolerance of a step. Default 1e-3. The step never exceeds the stability limit, so
    /// a loose tolerance does not keep the trajectory from coming to rest.
    pub rtol: f64,
    /// Absolute tolerance of a step (states are dimensionless). Default 1e-5.
    pub atol: f64,
    /// First step, in units of the smallest time constant. Default 0.1.
    pub initial_step: f64,
    /// Largest number of accepted steps before a sample is handed to [`crate::dynamics::settle()`], which
    /// tells slow settling from a limit cycle. Default 5000.
    pub max_steps: usize,
    /// What [`crate::dynamics::settle()`] works with then.
    pub solver: SolverSettings,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            rtol: 1e-3,
            atol: 1e-5,
            initial_step: 0.1,
            max_steps: 5000,
            solver: SolverSettings::default(),
        }
    }
}

/// What became of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleEnding {
    /// Its residual is within the tolerance.
    Settled,
    /// It reached a periodic orbit.
    LimitCycle {
        /// Period of the orbit.
        period: f64,
        /// Largest distance of two points of the orbit, in any one component.
        amplitude: f64,
    },
    /// It left every bound.
    Diverged,
    /// None of these in the time or steps allowed.
    TimedOut,
}

/// One sample of a batch that was let settle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleRun {
    /// What became of it.
    pub ending: SampleEnding,
    /// ‖Π(μ^β)‖∞ of the returned state, which may not be finite if it diverged.
    pub residual: f64,
    /// Time at which it ended, in units of the time constant.
    pub time: f64,
}

/// A batch that was let settle.
#[derive(Debug, Clone)]
pub struct BatchRun {
    /// The states, n × B. Of a sample that did not settle, this is the last state that was seen.
    pub states: DMatrix<f64>,
    /// What became of each sample.
    pub samples: Vec<SampleRun>,
    /// What it cost. Steps and evaluations of samples in step are counted once.
    pub statistics: Statistics,
}

impl BatchRun {
    /// Whether every sample settled.
    pub fn all_settled(&self) -> bool {
        self.samples
            .iter()
            .all(|sample| sample.ending == SampleEnding::Settled)
    }

    /// The largest residual of all samples, ‖Π(μ^β)‖∞ in the units of the states, or NaN if any is.
    pub fn largest_residual(&self) -> f64 {
        largest(self.samples.iter().map(|sample| sample.residual))
    }
}

/// Follows the trajectories of all samples from `starts` (n × B) until each has settled, cycles,
/// diverges or runs out of time.
///
/// Large networks take lanes: up to 32 samples share one adaptive step, so that each product with
/// the weights serves all of them. Samples that have settled retire. As long as rounding to single
/// precision is far below the tolerances of a step, and no sample is near rest, their steps are in
/// single precision. The last are in double precision, in which every residual is evaluated. Small
/// networks are solved sample by sample, as are bounded ones (their events are their own). Either
/// way in parallel on rayon's threads, with results that do not depend on their number. Samples
/// that do not settle within `max_steps` are handed to [`crate::dynamics::settle()`].
///
/// # Errors
/// [`Error::InvalidInput`] if `starts` has another shape, or a start is not finite.
pub fn settle_batch(
    phase: &BatchPhase<'_>,
    starts: &DMatrix<f64>,
    settings: &BatchSettings,
) -> Result<BatchRun> {
    let (n, samples) = (phase.dimension(), phase.samples());
    if starts.shape() != (n, samples) {
        return Err(Error::invalid(
            "starts",
            format!(
                "expected {n} × {samples} numbers, found {:?}",
                starts.shape()
            ),
        ));
    }
    if !starts.iter().all(|value| value.is_finite()) {
        return Err(Error::invalid("starts", "expected finite numbers"));
    }
    let all: Vec<usize> = (0..samples).collect();
    let together = samples > 1 && n >= LANES_FROM && phase.bounds().is_none();
    let size = if together {
        let least = if n < DIVIDED_FROM { 1 } else { 2 };
        samples.div_ceil(samples.div_ceil(LANES).max(least))
    } else {
        1
    };
    let network = phase.field().network();
    let leaky = network.dynamics == Dynamics::Leaky;
    let packed = (together && leaky).then(|| Packed::of(network, settings));
    let group =
        |members: &[usize]| settle_group((phase, packed.as_ref()), members, starts, settings);
    let groups: Vec<LaneGroup> = if samples <= size {
        vec![group(&all)]
    } else {
        all.par_chunks(size).map(group).collect()
    };
    let mut out = BatchRun {
        states: starts.clone(),
        samples: Vec::with_capacity(samples),
        statistics: Statistics::default(),
    };
    for group in groups {
        let first = out.samples.len();
        out.states
            .columns_mut(first, group.samples.len())
            .copy_from(&group.states);
        out.samples.extend(group.samples);
        out.statistics += group.statistics;
    }
    Ok(out)
}

/// A group of samples that share their steps.
pub(super) struct LaneGroup {
    pub states: DMatrix<f64>,
    pub samples: Vec<SampleRun>,
    pub statistics: Statistics,
}

fn settle_group(
    (phase, packed): (&BatchPhase<'_>, Option<&Packed>),
    members: &[usize],
    starts: &DMatrix<f64>,
    settings: &BatchSettings,
) -> LaneGroup {
    let own = starts.select_columns(members);
    let mut group = if phase.bounds().is_some() {
        // events are a matter of each sample
        LaneGroup::new(own)
    } else {
        walk((phase, packed), members, own, settings)
    };
    for (place, &sample) in members.iter().enumerate() {
        if group.samples[place].ending == SampleEnding::TimedOut {
            let start = starts.column(sample);
            alone(phase, sample, start.as_slice(), settings, &mut group, place);
        }
    }
    group
}

impl LaneGroup {
    /// Samples of which nothing is known but where they are.
    pub fn new(states: DMatrix<f64>) -> Self {
        let unknown = SampleRun {
            ending: SampleEnding::TimedOut,
            residual: f64::NAN,
            time: 0.0,
        };
        Self {
            samples: vec![unknown; states.ncols()],
            states,
            statistics: Statistics::default(),
        }
    }
}

/// Settles one sample by itself, from its start.
fn alone(
    batch: &BatchPhase<'_>,
    sample: usize,
    start: &[f64],
    settings: &BatchSettings,
    group: &mut LaneGroup,
    place: usize,
) {
    let field = batch.field().sample(sample);
    let phase = batch.sample(sample, &field);
    let (ending, time, state) = match settle(&phase, start, &settings.solver) {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => {
            group.statistics += point.statistics();
            (
                SampleEnding::Settled,
                point.settling_time(),
                Some(point.state().to_vec()),
            )
        }
        Outcome::LimitCycle(cycle) => (
            SampleEnding::LimitCycle {
                period: cycle.period,
                amplitude: cycle.amplitude,
            },
            cycle.time,
            Some(cycle.state),
        ),
        // a leaky network, the only one that batches follow, slides on nothing
        Outcome::Sliding { time, .. } => (SampleEnding::TimedOut, time, None),
        Outcome::Diverged { time, .. } => (SampleEnding::Diverged, time, None),
        Outcome::Chaotic { time, .. }
        | Outcome::StepUnderflow { time, .. }
        | Outcome::TimedOut { time, .. } => (SampleEnding::TimedOut, time, None),
    };
    if let Some(state) = state {
        group.states.column_mut(place).copy_from_slice(&state);
    }
    group.samples[place] = SampleRun {
        ending,
        residual: phase.residual(group.states.column(place).as_slice()),
        time,
    };
}
