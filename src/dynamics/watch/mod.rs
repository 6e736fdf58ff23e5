//! What a trajectory is looked at for, step by step: rest, a periodic orbit, escape, stiffness.

mod attempt;

use super::caution::Caution;
use super::cycle::{Cycle, CycleDetector};
use super::fixed_point::FixedPoint;
use super::integrate::{Control, Moment};
use super::phase::{Phase, largest};
use super::residual::{relative_residual, rounding_floor};
use super::settings::{SolverSettings, Statistics};
use super::slow_orbit::slow_orbit;
use super::spectrum::longest_stable_step;
use crate::numeric::EscapeLimit;
pub(super) use attempt::LINEAR;

/// Residuals below this, relative to each neuron's size, are at rest from the start.
const AT_REST: f64 = 1e-13;
/// First residual at which Newton's method is tried.
const FIRST_ATTEMPT: f64 = 1e-2;
/// Residual below which what slides on a kink is at rest otherwise.
const SLIDING: f64 = 1e-9;
/// Part of the residual of a nudge at which Newton's method takes over from its trajectory, and at
/// which one that is not handed over has arrived.
const NUDGE_FOLLOWED: f64 = 1e-3;
/// The former where it is certain that every trajectory comes to one point.
const NUDGE_BEGUN: f64 = 0.1;
const NUDGE_ARRIVED: f64 = 1e-8;
/// Below this residual the trajectory itself has arrived: no more proof is asked of it.
const ARRIVED: f64 = 1e-11;
/// A window of steps that lowers the residual by less than this factor is a stall.
const STALLED: f64 = 0.999;
/// After so many steps, and four times as many, and so on, Newton's method is tried from wherever
/// the trajectory is: where the dynamics are nearly linear, slow damping needs no waiting.
const FIRST_FAR_ATTEMPT: usize = 512;
/// After so many steps, and four times as many, and so on, an oscillation is examined for a slow
/// drift of its amplitude.
const FIRST_ORBIT: usize = 4096;
/// Steps at the stability limit of an explicit method after which the system is called stiff.
const STIFF: usize = 16_384;
/// Largest number of neurons of a system that is handed to an implicit method, whose steps cost n³.
const IMPLICIT_UP_TO: usize = 500;

/// What ended a watch.
pub(super) enum Found {
    /// The trajectory's own fixed point.
    FixedPoint(Box<FixedPoint>),
    /// A periodic orbit.
    Cycle(Cycle),
    /// Rest in sliding along kinks: these neurons.
    Sliding(Vec<usize>),
    /// An explicit method has to take tiny steps where nothing moves fast.
    Stiffness,
    /// States without limit.
    Escape,
}

impl Found {
    pub fn fixed_point(point: FixedPoint) -> Self {
        Self::FixedPoint(Box::new(point))
    }
}

/// Where a trajectory begins.
#[derive(Clone, Copy)]
pub(super) struct Beginning<'a> {
    pub state: &'a [f64],
    /// Whether it begins near its rest, because it is only nudged away from that of another phase.
    pub is_nudged: bool,
    /// The fixed point of that phase, where its linearisation is known.
    pub near: Option<&'a FixedPoint>,
}

/// Looks at every moment of a trajectory.
pub(super) struct Watch<'a> {
    phase: &'a Phase<'a>,
    settings: &'a SolverSettings,
    cycles: CycleDetector,
    limit: EscapeLimit,
    /// Whether the trajectory itself has to go most of the way, and whence it was nudged.
    nudged: bool,
    near: Option<&'a FixedPoint>,
    next_attempt: f64,
    /// The residual at which Newton's method first led to a point, and that point.
    candidate: Option<(f64, Vec<f64>)>,
    /// The stable point that an attempt led to in a smooth field, which need not be found again.
    known: Option<FixedPoint>,
    caution: Caution,
    steps: usize,
    next_far_attempt: usize,
    next_orbit: usize,
    /// Steps at the explicit method's stability limit.
    limited_steps: usize,
    /// The size of rounding in each force, looked at now and then.
    floor: Vec<f64>,
    /// State and velocity at the last moment, and at this one.
    last: (Vec<f64>, Vec<f64>),
    now: (Vec<f64>, Vec<f64>),
    /// What was evaluated here, and not by the integrator.
    pub statistics: Statistics,
    pub found: Option<Found>,
    pub at_rest: bool,
}

impl<'a> Watch<'a> {
    pub fn new(phase: &'a Phase<'a>, from: &Beginning<'a>, settings: &'a SolverSettings) -> Self {
        let start = from.state;
        Self {
            phase,
            settings,
            cycles: CycleDetector::new(settings.rtol),
            limit: escape_limit(phase, start),
            nudged: from.is_nudged,
            near: from.near,
            next_attempt: first_attempt(settings.polish),
            candidate: None,
            known: None,
            caution: Caution::new(STALLED),
            steps: 0,
            // a Newton step costs as much as many steps of a large network
            next_far_attempt: if from.is_nudged {
                usize::MAX
            } else {
                FIRST_FAR_ATTEMPT.max(8 * start.len())
            },
            next_orbit: FIRST_ORBIT,
            limited_steps: 0,
            floor: rounding_floor(phase, start),
            last: Default::default(),
            now: Default::default(),
            statistics: Statistics::default(),
            found: None,
            at_rest: false,
        }
    }

    pub fn observe(&mut self, moment: &Moment<'_>) -> Control {
        if self
            .limit
            .is_exceeded_by(largest(moment.state.iter().copied()))
        {
            self.found = Some(Found::Escape);
            return Control::Stop;
        }
        let residual = self.see(moment);
        if self.phase.is_globally_stable() {
            // nothing else can become of it, but a nudged trajectory is begun nevertheless
            if moment.time == 0.0 && self.phase.nudge().is_some() {
                self.next_attempt = (NUDGE_BEGUN * residual).min(self.next_attempt);
            }
            self.steps += 1;
            self.found = self.look_for_rest(moment, residual);
            return if self.found.is_some() {
                Control::Stop
            } else {
                Control::Continue
            };
        }
        let resolved = self.resolves(moment);
        std::mem::swap(&mut self.last, &mut self.now);
        self.found = self.look(moment, residual);
        if self.found.is_some() {
            return Control::Stop;
        }
        self.steps += 1;
        let Some(stalled) = self.caution.observe(residual, resolved) else {
            return Control::Continue;
        };
        // what rounding or the tolerance keeps from coming nearer has come near enough
        let polish = self.settings.polish;
        if stalled && self.nudged && (polish || self.caution.is_exhausted()) {
            self.next_attempt = self.next_attempt.max(first_attempt(polish));
        }
        self.floor = rounding_floor(self.phase, moment.state);
        let factor = self.caution.factor();
        if factor < 1.0 && self.settings.method.is_explicit() {
            return Control::CapStep(
                factor * longest_stable_step(self.phase, moment.state, self.settings.method),
            );
        }
        // without caution the integrator keeps to the stability limit by itself
        Control::CapStep(f64::INFINITY)
    }

    fn look(&mut self, moment: &Moment<'_>, residual: f64) -> Option<Found> {
        if residual <= SLIDING {
            let sliding = self.phase.sliding(moment.state);
            if !sliding.is_empty() {
                return Some(Found::Sliding(sliding));
            }
        }
        if moment.time == 0.0 && self.nudged && residual > AT_REST {
            // where the tolerance is loose, the trajectory knows no more of the way than that
            self.next_attempt = if self.settings.polish {
                (NUDGE_FOLLOWED * residual).max(10.0 * self.settings.rtol)
            } else {
                (NUDGE_ARRIVED * residual).max(AT_REST)
            }
            .min(self.next_attempt);
            return None;
        }
        let rest = self.look_for_rest(moment, residual);
        if rest.is_some() {
            return rest;
        }
        if let Some(cycle) = self.cycles.observe(self.phase, moment) {
            // a spiral may be too slow for two returns to show it
            let point = self.attempt(moment.state, residual);
            return Some(point.map_or(Found::Cycle(cycle), Found::fixed_point));
        }
        if self.settings.polish && self.steps >= self.next_orbit {
            self.next_orbit *= 4;
            if let Some(found) = slow_orbit(self.phase, moment) {
                return Some(found);
            }
        }
        let step = moment.time - moment.step_start;
        self.limited_steps += usize::from(step >= 0.5 * moment.longest_stable);
        let stiff = self.limited_steps >= STIFF && moment.state.len() <= IMPLICIT_UP_TO;
        (stiff && self.settings.method.is_explicit()).then_some(Found::Stiffness)
    }

    fn look_for_rest(&mut self, moment: &Moment<'_>, residual: f64) -> Option<Found> {
        if moment.time == 0.0 && residual <= AT_REST {
            self.at_rest = true;
            return self
                .polished(moment.state)
                .or_else(|| FixedPoint::verify(self.phase, moment.state))
                .map(Found::fixed_point);
        }
        let far = self.settings.polish && self.steps >= self.next_far_attempt;
        if far {
            self.next_far_attempt *= 4;
        }
        if residual > self.next_attempt && !far {
            return None;
        }
        self.wait_for(0.3 * residual);
        let point = self.attempt(moment.state, residual);
        point.map(Found::fixed_point)
    }

    /// Takes note of the state and its velocity, and returns the residual.
    fn see(&mut self, moment: &Moment<'_>) -> f64 {
        let (state, velocity) = &mut self.now;
        state.clear();
        state.extend_from_slice(moment.state);
        velocity.clear();
        if let Some(known) = moment.velocity {
            velocity.extend_from_slice(known);
            let force = |i: usize| velocity[i] * self.phase.time_constant(i);
            return relative_residual(state, force, |_| false, &self.floor);
        }
        velocity.resize(state.len(), 0.0);
        self.phase.force(state, velocity);
        self.statistics.rhs_evaluations += 1;
        let held = self.phase.pinned_under(state, velocity);
        let residual = relative_residual(state, |i| velocity[i], |i| held[i], &self.floor);
        for (i, velocity) in velocity.iter_mut().enumerate() {
            *velocity = if held[i] {
                0.0
            } else {
                *velocity / self.phase.time_constant(i)
            };
        }
        residual
    }

    /// Whether the last step follows the velocities at its ends. A step at the edge of the stability
    /// region does not, however small the residual: there the state hovers.
    fn resolves(&self, moment: &Moment<'_>) -> bool {
        let ((state, before), (_, velocity)) = (&self.last, &self.now);
        let step = moment.time - moment.step_start;
        let (mut gap, mut way) = (0.0f64, 0.0f64);
        for i in 0..state.len() {
            let moved = moment.state[i] - state[i];
            gap = gap.max((moved - 0.5 * step * (before[i] + velocity[i])).abs());
            way = way.max(moved.abs());
        }
        gap <= 0.25 * way
    }
}

/// The residual at which a point of rest is looked for first.
fn first_attempt(polish: bool) -> f64 {
    if polish { FIRST_ATTEMPT } else { ARRIVED }
}

/// The size of state beyond which a trajectory from `start` has diverged.
pub(super) fn escape_limit(phase: &Phase<'_>, start: &[f64]) -> EscapeLimit {
    let mut force = vec![0.0; start.len()];
    phase.force(start, &mut force);
    EscapeLimit::of(1.0 + largest(start.iter().copied()) + largest(force))
}
