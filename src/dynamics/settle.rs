//! Letting the dynamics run until they rest, and saying by type what they did instead.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::caution::Caution;
use super::cycle::{Cycle, CycleDetector};
use super::fixed_point::FixedPoint;
use super::integrate::{Control, Ending, Moment, integrate};
use super::linear_regime::nonlinear_remainder;
use super::outcome::Outcome;
use super::phase::{Phase, largest};
use super::settings::{Method, SolverSettings, Statistics};
use super::spectrum::longest_stable_step;
use crate::numeric::EscapeLimit;

/// The settings by which a periodic orbit is believed.
const STRICT: SolverSettings = SolverSettings {
    method: Method::Tsit45,
    rtol: 1e-8,
    atol: 1e-11,
    initial_step: 0.1,
    max_time: 1e5,
    max_steps: 200_000,
    polish: true,
};
/// Residuals below this, relative to the state's size, are at rest from the start.
const AT_REST: f64 = 1e-13;
/// First residual at which Newton's method is tried.
const FIRST_ATTEMPT: f64 = 1e-2;
/// Largest nonlinear remainder at which a polished point may be the trajectory's own.
const LINEAR: f64 = 0.1;
/// Nonlinear remainder at which one attempt is proof enough.
const DEEPLY_LINEAR: f64 = 1e-3;
/// Residual below which a point on a kink is believed.
const ON_KINK: f64 = 1e-6;
/// Part of the residual of a nudge at which Newton's method takes over from its trajectory, and at
/// which one that is not handed over has arrived.
const NUDGE_FOLLOWED: f64 = 1e-3;
const NUDGE_ARRIVED: f64 = 1e-8;
/// Below this residual the trajectory itself has arrived: no more proof is asked of it.
const ARRIVED: f64 = 1e-11;
/// A window of steps that lowers the residual by less than this factor is a stall.
const STALLED: f64 = 0.999;

/// Follows the trajectory of `phase` from `start` until it settles, cycles, diverges or runs out
/// of time.
///
/// Near a steady state Newton's method takes over, but only with proof that it stays on the
/// trajectory's own fixed point: the polished point is stable, the nonlinear part of the velocity is
/// at most 10 % of the slowest damping all along the way that the linearised dynamics predict, and two attempts, made at residuals a decade apart, agree;
/// one attempt is enough if the nonlinear part of a smooth field is below 0.1 %. An unstable point is accepted only if the trajectory itself arrives there.
pub fn settle(phase: &Phase<'_>, start: &[f64], settings: &SolverSettings) -> Outcome {
    follow(phase, start, settings, false)
}

/// The same for a phase that begins near its rest because it is only nudged away from that of
/// another: the trajectory itself goes all the way but a thousandth before Newton's method takes over
/// and, without it, until a hundred-millionth is left.
pub fn settle_nudged(phase: &Phase<'_>, start: &[f64], settings: &SolverSettings) -> Outcome {
    follow(phase, start, settings, true)
}

fn follow(phase: &Phase<'_>, start: &[f64], settings: &SolverSettings, nudged: bool) -> Outcome {
    let evaluations = AtomicUsize::new(0);
    let counted = phase.counted(&evaluations);
    let mut watch = Watch::new(&counted, &evaluations, start, settings, nudged);
    let span = (0.0, settings.max_time * phase.time_scales().1);
    let mut run = integrate(phase, start, span, settings, &mut |moment| {
        watch.observe(moment)
    });
    watch.add_to(&mut run.statistics);
    let largest = largest(run.state.iter().copied());
    let timed_out = |time| Outcome::TimedOut {
        time,
        residual: phase.residual(&run.state),
        steps: run.statistics.steps,
    };
    match (watch.found, run.ending) {
        (Some(Found::FixedPoint(point)), _) if run.time == 0.0 && watch.at_rest => {
            Outcome::AlreadySettled(point.reached(0.0, run.statistics))
        }
        (Some(Found::FixedPoint(point)), _) => {
            Outcome::Settled(point.reached(run.time, run.statistics))
        }
        // a loose tolerance can balance a weak damping and make an orbit of its own
        (Some(Found::Cycle(cycle)), _) if settings.rtol > STRICT.rtol => {
            let strict = SolverSettings {
                max_time: settings.max_time,
                max_steps: settings.max_steps,
                polish: settings.polish,
                ..STRICT
            };
            settle(phase, &cycle.state, &strict).after(cycle.time)
        }
        (Some(Found::Cycle(cycle)), _) => Outcome::LimitCycle(cycle),
        (None, Ending::EndTime | Ending::StepLimit) => timed_out(run.time),
        // an integrator that cannot go on where nothing grows has not seen a divergence
        (None, Ending::Breakdown)
            if !watch.limit.is_exceeded_by(largest) && is_finite(phase, &run.state) =>
        {
            timed_out(run.time)
        }
        (None, Ending::Observer | Ending::Breakdown) => Outcome::Diverged {
            time: run.time,
            largest,
        },
    }
}

/// The residual at which a point of rest is looked for first.
fn first_attempt(polish: bool) -> f64 {
    if polish { FIRST_ATTEMPT } else { ARRIVED }
}

/// Whether the velocity at a state is a number.
pub(super) fn is_finite(phase: &Phase<'_>, state: &[f64]) -> bool {
    let mut velocity = vec![0.0; state.len()];
    phase.velocity(state, &mut velocity);
    velocity.iter().all(|value| value.is_finite())
}

/// The size of state beyond which a trajectory from `start` has diverged.
pub(super) fn divergence_limit(phase: &Phase<'_>, start: &[f64]) -> EscapeLimit {
    let mut force = vec![0.0; start.len()];
    phase.force(start, &mut force);
    EscapeLimit::of(1.0 + largest(start.iter().copied()) + largest(force))
}

enum Found {
    FixedPoint(FixedPoint),
    Cycle(Cycle),
}

struct Watch<'a> {
    phase: &'a Phase<'a>,
    /// Evaluations by `phase`, and how many of them are Newton's.
    evaluations: &'a AtomicUsize,
    newton_evaluations: usize,
    newton_steps: usize,
    polish: bool,
    rtol: f64,
    /// Whether the trajectory itself has to go most of the way.
    nudged: bool,
    /// Whether the method has a stability limit.
    explicit: bool,
    cycles: CycleDetector,
    limit: EscapeLimit,
    next_attempt: f64,
    /// The residual at which Newton's method first led to a point, and that point.
    candidate: Option<(f64, Vec<f64>)>,
    caution: Caution,
    found: Option<Found>,
    at_rest: bool,
}

impl<'a> Watch<'a> {
    fn new(
        phase: &'a Phase<'a>,
        evaluations: &'a AtomicUsize,
        start: &[f64],
        settings: &SolverSettings,
        nudged: bool,
    ) -> Self {
        Self {
            phase,
            evaluations,
            newton_evaluations: 0,
            newton_steps: 0,
            polish: settings.polish,
            rtol: settings.rtol,
            nudged,
            explicit: settings.method.is_explicit(),
            cycles: CycleDetector::new(settings.rtol),
            limit: divergence_limit(phase, start),
            next_attempt: first_attempt(settings.polish),
            candidate: None,
            caution: Caution::new(STALLED),
            found: None,
            at_rest: false,
        }
    }

    fn observe(&mut self, moment: &Moment<'_>) -> Control {
        let size = largest(moment.state.iter().copied());
        if self.limit.is_exceeded_by(size) {
            return Control::Stop;
        }
        let residual = self.phase.residual(moment.state) / (1.0 + size);
        if moment.time == 0.0 && residual <= AT_REST {
            self.at_rest = true;
            self.found = self
                .polished(moment.state)
                .or_else(|| FixedPoint::verify(self.phase, moment.state))
                .map(Found::FixedPoint);
        } else if moment.time == 0.0 && self.nudged {
            // where the tolerance is loose, the trajectory knows no more of the way than that
            self.next_attempt = if self.polish {
                (NUDGE_FOLLOWED * residual).max(10.0 * self.rtol)
            } else {
                (NUDGE_ARRIVED * residual).max(AT_REST)
            }
            .min(self.next_attempt);
        } else if residual <= self.next_attempt {
            self.found = self.attempt(moment.state, residual).map(Found::FixedPoint);
        }
        if self.found.is_none() {
            self.found = self.cycles.observe(self.phase, moment).map(Found::Cycle);
        }
        if self.found.is_some() {
            return Control::Stop;
        }
        let Some(stalled) = self.caution.observe(residual) else {
            return Control::Continue;
        };
        // what rounding or the tolerance keeps from coming nearer has come near enough
        if stalled && self.nudged && (self.polish || self.caution.is_exhausted()) {
            self.next_attempt = self.next_attempt.max(first_attempt(self.polish));
        }
        if !self.explicit {
            return Control::Continue;
        }
        // without caution the integrator keeps to the stability limit by itself
        let factor = self.caution.factor();
        let longest = longest_stable_step(self.phase, moment.state);
        Control::CapStep(if factor < 1.0 {
            factor * longest
        } else {
            f64::INFINITY
        })
    }

    fn polished(&mut self, state: &[f64]) -> Option<FixedPoint> {
        if !self.polish {
            return None;
        }
        let before = self.evaluations.load(Ordering::Relaxed);
        let point = FixedPoint::refine_counting(self.phase, state, &mut self.newton_steps);
        self.count_newton_since(before);
        point
    }

    fn count_newton_since(&mut self, before: usize) {
        self.newton_evaluations += self.evaluations.load(Ordering::Relaxed) - before;
    }

    /// Adds what watching has cost.
    fn add_to(&self, statistics: &mut Statistics) {
        let all = self.evaluations.load(Ordering::Relaxed);
        statistics.rhs_evaluations += all - self.newton_evaluations;
        statistics.newton_rhs_evaluations += self.newton_evaluations;
        statistics.newton_steps += self.newton_steps;
    }

    fn attempt(&mut self, state: &[f64], residual: f64) -> Option<FixedPoint> {
        self.next_attempt = (0.3 * residual).max(1e-3 * ARRIVED);
        let arrived = residual <= ARRIVED;
        let Some(point) = self.polished(state) else {
            // no Newton step (not wanted, or none at a singular Jacobian): the trajectory may rest
            // all the same
            return arrived
                .then(|| FixedPoint::verify(self.phase, state))
                .flatten();
        };
        // an unstable point holds only a trajectory that has come to rest on it
        if (arrived && point.stable()) || residual <= AT_REST {
            return Some(point);
        }
        let before = self.evaluations.load(Ordering::Relaxed);
        let remainder = nonlinear_remainder(self.phase, &point, state, LINEAR);
        self.count_newton_since(before);
        // on a kink no linearisation holds on both sides: agreement alone must do
        let near = residual <= ON_KINK && !point.on_kink().is_empty();
        if !point.stable() || !(remainder <= LINEAR || near) {
            self.candidate = None;
            return None;
        }
        if remainder <= DEEPLY_LINEAR && self.phase.field().analytic().is_some() {
            return Some(point);
        }
        let agrees = |candidate: &[f64]| {
            let gap = largest(candidate.iter().zip(point.state()).map(|(a, b)| a - b));
            gap <= 1e-9 * (1.0 + largest(candidate.iter().copied()))
        };
        match &self.candidate {
            Some((first, candidate)) if agrees(candidate) => {
                (residual <= 0.1 * first).then_some(point)
            }
            _ => {
                self.candidate = Some((residual, point.state().to_vec()));
                None
            }
        }
    }
}
