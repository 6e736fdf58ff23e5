//! The loop over the steps of samples in step: who has settled retires, who diverges is put out,
//! and the lanes close up.

use nalgebra::DMatrix;

use super::phase::{BatchFlow, BatchPhase};
use super::settle::{BatchSettings, Group, SampleEnding, SampleRun, UNSETTLED};
use crate::dynamics::adaptive::{LaneLaunch, LaneStepper, with_lanes};
use crate::dynamics::phase::largest;
use crate::dynamics::settings::Statistics;

/// Steps after which the stability limit is first looked at (the first steps are short).
const FIRST_LOOK: usize = 4;
/// Steps between two looks later on.
const WINDOW: usize = 32;
/// The explicit method is stable up to this step times the spectral radius.
const STABLE: f64 = 3.3;
/// States beyond this multiple of the problem's scale have diverged.
const DIVERGED: f64 = 1e10;

/// Follows all samples of `phase` from `starts` (n × B). A sample that has neither settled nor
/// diverged within the steps allowed is `TimedOut`, with the state last seen.
pub(super) fn walk(
    phase: &BatchPhase<'_>,
    starts: DMatrix<f64>,
    settings: &BatchSettings,
) -> Group {
    let samples = starts.ncols();
    let mut walk = Walk {
        settings,
        group: Group {
            samples: vec![UNSETTLED; samples],
            statistics: Statistics::default(),
            states: starts,
        },
        members: (0..samples).collect(),
        time: 0.0,
        next_step: settings.initial_step * phase.shortest_time_constant(),
        steps: 0,
        stable: f64::INFINITY,
        caution: 1.0,
        lowest: f64::INFINITY,
        lowest_before: f64::INFINITY,
        limit: f64::NAN,
    };
    while !walk.members.is_empty() && walk.steps < settings.max_steps {
        let part = phase.select(&walk.members);
        if !walk.with_members(&part) {
            break;
        }
    }
    walk.group
}

struct Walk<'s> {
    settings: &'s BatchSettings,
    group: Group,
    /// The samples in the lanes.
    members: Vec<usize>,
    time: f64,
    next_step: f64,
    steps: usize,
    /// Longest stable step.
    stable: f64,
    /// Factor on it, halved whenever the residual stalls.
    caution: f64,
    /// Lowest of the largest residuals in this window of steps, and in the one before.
    lowest: f64,
    lowest_before: f64,
    /// The size of state beyond which a sample has diverged.
    limit: f64,
}

impl Walk<'_> {
    /// Goes on with the samples in `members`, of which `phase` is made, until a quarter of them is
    /// done; `false` if the integrator cannot go on.
    fn with_members(&mut self, phase: &BatchPhase<'_>) -> bool {
        let starts = self.group.states.select_columns(&self.members);
        let flow = BatchFlow::new(phase);
        let launch = LaneLaunch {
            time: self.time,
            states: starts.as_slice(),
            lanes: self.members.len(),
            first_step: self.next_step,
            rtol: self.settings.rtol,
            atol: self.settings.atol,
        };
        let went_on = with_lanes(&flow, &launch, |stepper| {
            let went_on = self.steps(phase, stepper);
            self.group.statistics += stepper.statistics();
            went_on
        });
        went_on == Ok(true)
    }

    fn steps(&mut self, phase: &BatchPhase<'_>, stepper: &mut dyn LaneStepper) -> bool {
        let lanes = self.members.len();
        let mut done = vec![false; lanes];
        let mut directions = start_directions(phase.dimension(), lanes);
        if self.limit.is_nan() {
            let scale = largest(stepper.states().iter().copied())
                + largest(stepper.velocities().iter().copied());
            self.limit = DIVERGED * (1.0 + scale);
        }
        let went_on = loop {
            self.look(phase, stepper, &mut done);
            let count = done.iter().filter(|&&done| done).count();
            if 4 * count >= lanes || self.steps >= self.settings.max_steps {
                break true;
            }
            if self.steps == FIRST_LOOK || self.steps % WINDOW == 3 * FIRST_LOOK {
                self.keep_stable(phase, stepper.states(), &mut directions);
            }
            stepper.limit_step(self.caution * self.stable);
            if stepper.step().is_err() {
                break false;
            }
            self.steps += 1;
        };
        self.time = stepper.time();
        self.next_step = stepper.step_size();
        let n = phase.dimension();
        for (lane, &member) in self.members.iter().enumerate() {
            if !done[lane] {
                let state = &stepper.states()[lane * n..(lane + 1) * n];
                self.group.states.column_mut(member).copy_from_slice(state);
            }
        }
        let mut done = done.into_iter();
        self.members.retain(|_| done.next() == Some(false));
        went_on
    }

    /// Writes down who has settled or diverged.
    fn look(&mut self, phase: &BatchPhase<'_>, stepper: &dyn LaneStepper, done: &mut [bool]) {
        let n = phase.dimension();
        let lanes = stepper
            .states()
            .chunks_exact(n)
            .zip(stepper.velocities().chunks_exact(n));
        let mut worst: f64 = 0.0;
        for (lane, (state, velocity)) in lanes.enumerate() {
            if done[lane] {
                continue;
            }
            let residual = phase.residual(velocity);
            let size = largest(state.iter().copied());
            let ending = if residual <= self.settings.tolerance {
                SampleEnding::Settled
            } else if !residual.is_finite() || size.is_nan() || size > self.limit {
                SampleEnding::Diverged
            } else {
                worst = worst.max(residual);
                SampleEnding::TimedOut
            };
            let member = self.members[lane];
            self.group.samples[member] = SampleRun {
                ending,
                residual,
                time: stepper.time(),
            };
            if ending != SampleEnding::TimedOut {
                done[lane] = true;
                self.group.states.column_mut(member).copy_from_slice(state);
            }
        }
        self.lowest = self.lowest.min(worst);
    }

    /// Looks at the stability limit, and whether the residual stalls: an error test that lets the
    /// step grow over the limit keeps a trajectory from coming to rest.
    fn keep_stable(&mut self, phase: &BatchPhase<'_>, states: &[f64], vectors: &mut DMatrix<f64>) {
        let radius = phase.spectral_radius(states, vectors);
        self.stable = if radius > 0.0 {
            STABLE / radius
        } else {
            f64::INFINITY
        };
        if self.steps > WINDOW && self.lowest >= 0.999 * self.lowest_before {
            self.caution = (0.5 * self.caution).max(1.0 / 64.0);
        }
        self.lowest_before = std::mem::replace(&mut self.lowest, f64::INFINITY);
    }
}

/// Vectors without symmetry, so that no mode is orthogonal to them.
fn start_directions(n: usize, lanes: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, lanes, |i, _| 1.0 + 0.618 * ((i * 7 + 3) % 11) as f64)
}
