//! Letting the dynamics run until they rest, and saying by type what they did instead.

use super::fixed_point::FixedPoint;
use super::integrate::{Ending, Run, integrate};
use super::lyapunov::{Effort, Lyapunov, largest_exponent};
use super::outcome::Outcome;
use super::phase::{Phase, largest};
use super::scout::scout;
use super::settings::{Method, SolverSettings, Statistics};
use super::watch::{Beginning, Found, Watch};
use crate::numeric::among_threads;

/// At this relative tolerance and below, the pair of order 8(7) takes fewer evaluations to the rest of a smooth
/// field than that of order 5(4): 0.7 of them here, half at 1e-9, a third at 1e-12 (random networks of 5 and 30
/// neurons, free and nudged).
const HIGH_ORDER_UP_TO: f64 = 1e-7;
/// What moves faster than this at first, relative to its size, was not measured.
const MEASURED_UP_TO: f64 = 1e6;
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

/// Follows the trajectory of `phase` from `start` until it settles, cycles, diverges, proves chaotic
/// or runs out of time.
///
/// Rest is judged neuron by neuron, each force relative to |sᵢ| + 1. Near a steady state, and now
/// and then far from one, Newton's method takes over, but only with proof that it stays on the
/// trajectory's own fixed point: the polished point is stable, the nonlinear part of the velocity
/// is at most 10 % of the slowest damping all along the way that the linearised dynamics predict,
/// and two attempts, made at residuals a decade apart, agree. One attempt is enough if the
/// nonlinear part of a smooth field is below 0.1 %. An unstable point is accepted only if the
/// trajectory itself arrives there.
///
/// An oscillation whose amplitude drifts slowly is answered by its return map: whether
/// it shrinks all the way to the fixed point inside, or to (or grows to) a periodic orbit on the way.
/// A system that keeps an explicit method at its stability limit is handed to [`Method::Bdf`]. Of
/// a trajectory that does none of these, the largest Lyapunov exponent tells chaos from slowness: at
/// the end of the time or steps allowed, or earlier where steps are expensive.
///
/// A trajectory is followed for its rest here, and [`Method::Tsit45`] is the way there only where it is the
/// shorter one: a smooth field without bounds is followed by [`Method::Vern8`] in its place, at the same tolerance,
/// if that is at most 1e-7.
///
/// Of a leaky network (or a field in text that couples as simply) that has one point for all trajectories, or lets them
/// part slowly only, the tolerance asked for decides nothing: it is followed at a looser one at first, and what
/// that finds is believed where the bound on its error leaves no other answer, or where it is certain that every
/// trajectory comes to one point ([`crate::model::VectorField::is_globally_stable`]).
pub fn settle(phase: &Phase<'_>, start: &[f64], settings: &SolverSettings) -> Outcome {
    let from = Beginning {
        state: start,
        is_nudged: false,
        near: None,
    };
    settle_from(phase, &from, settings)
}

fn settle_from(phase: &Phase<'_>, from: &Beginning<'_>, settings: &SolverSettings) -> Outcome {
    among_threads(from.state.len(), || settle_here(phase, from, settings))
}

fn settle_here(phase: &Phase<'_>, from: &Beginning<'_>, settings: &SolverSettings) -> Outcome {
    let mut spent = Statistics::default();
    if let Some(outcome) = scout(phase, from, settings, &mut spent) {
        return outcome;
    }
    let settings = shorter(phase, from.state, settings);
    let watch = Watch::new(phase, from, &settings);
    let outcome = follow(phase, from.state, &settings, watch);
    if spent.rhs_evaluations > 0 {
        outcome.after(0.0, spent)
    } else {
        outcome
    }
}

/// The settings with the method that takes the fewer evaluations to a rest.
fn shorter(phase: &Phase<'_>, start: &[f64], settings: &SolverSettings) -> SolverSettings {
    let mut settings = *settings;
    let smooth = phase.bounds().is_none() && phase.field().analytic().is_some();
    if settings.method == Method::Tsit45 && smooth && settings.rtol <= HIGH_ORDER_UP_TO {
        let mut force = vec![0.0; start.len()];
        phase.force(start, &mut force);
        let size = 1.0 + largest(start.iter().copied());
        if largest(force) <= MEASURED_UP_TO * size {
            settings.method = Method::Vern8;
        }
    }
    settings
}

/// The same for a phase that begins near its rest because it is only nudged away from that of
/// another: the trajectory itself goes all the way but a thousandth (a tenth, where it is certain that there is one point to
/// come to) before Newton's method takes over and, without it, until a hundred-millionth is left.
///
/// `near` is the fixed point of that phase, if its linearisation is known: the nudged one is then sought with the same
/// factorised Jacobian (simplified Newton steps, which contract by about β ‖Jac⁻¹‖) for as long as that serves.
pub fn settle_nudged(
    phase: &Phase<'_>,
    start: &[f64],
    near: Option<&FixedPoint>,
    settings: &SolverSettings,
) -> Outcome {
    let from = Beginning {
        state: start,
        is_nudged: true,
        near,
    };
    settle_from(phase, &from, settings)
}

fn follow(
    phase: &Phase<'_>,
    start: &[f64],
    settings: &SolverSettings,
    mut watch: Watch<'_>,
) -> Outcome {
    let span = (0.0, settings.max_time * phase.time_scales().1);
    let mut effort = Effort::new(phase);
    let mut chaos = None;
    let mut run = integrate(phase, start, span, settings, &mut |moment| {
        let control = watch.observe(moment);
        if watch.found.is_none() && effort.is_due() {
            chaos = largest_exponent(phase, moment.state, &effort);
            if chaos.is_some() {
                return super::Control::Stop;
            }
        }
        control
    });
    run.statistics += watch.statistics;
    let slides = |neurons| Outcome::Sliding {
        time: run.time,
        state: run.state.clone(),
        neurons,
    };
    if !matches!(watch.found, Some(Found::FixedPoint(_) | Found::Escape)) {
        let neurons = phase.pressed_onto_jump(&run.state);
        if !neurons.is_empty() {
            return slides(neurons);
        }
    }
    match watch.found {
        Some(Found::FixedPoint(point)) if run.time == 0.0 && watch.at_rest => {
            Outcome::AlreadySettled(point.reached(0.0, run.statistics))
        }
        Some(Found::FixedPoint(point)) => Outcome::Settled(point.reached(run.time, run.statistics)),
        // a loose tolerance can balance a weak damping and make an orbit of its own
        Some(Found::Cycle(cycle)) if settings.rtol > STRICT.rtol => {
            let strict = SolverSettings {
                max_time: settings.max_time,
                max_steps: settings.max_steps,
                polish: settings.polish,
                ..STRICT
            };
            settle(phase, &cycle.state, &strict).after(cycle.time, run.statistics)
        }
        Some(Found::Cycle(cycle)) => Outcome::LimitCycle(cycle.measured(phase, settings)),
        Some(Found::Sliding(neurons)) => slides(neurons),
        Some(Found::Stiffness) => {
            let implicit = SolverSettings {
                method: Method::Bdf,
                max_time: settings.max_time - run.time / phase.time_scales().1,
                ..*settings
            };
            settle(phase, &run.state, &implicit).after(run.time, run.statistics)
        }
        Some(Found::Escape) => diverged(&run),
        None => unsettled(phase, &run, chaos, &effort),
    }
}

/// What became of a trajectory that ended without anything found.
fn unsettled(phase: &Phase<'_>, run: &Run, chaos: Option<Lyapunov>, effort: &Effort) -> Outcome {
    let residual = phase.residual(&run.state);
    let steps = run.statistics.steps;
    match run.ending {
        Ending::EndTime | Ending::StepLimit | Ending::Observer => {
            match chaos.or_else(|| largest_exponent(phase, &run.state, effort)) {
                Some(lyapunov) => Outcome::Chaotic {
                    time: run.time + lyapunov.time,
                    lyapunov_exponent: lyapunov.exponent,
                },
                None => Outcome::TimedOut {
                    time: run.time,
                    residual,
                    steps,
                },
            }
        }
        // an integrator that cannot go on where nothing grows has not seen a divergence
        Ending::Breakdown if is_finite(phase, &run.state) => Outcome::StepUnderflow {
            time: run.time,
            residual,
            steps,
        },
        Ending::Breakdown => diverged(run),
    }
}

fn diverged(run: &Run) -> Outcome {
    Outcome::Diverged {
        time: run.time,
        largest: largest(run.state.iter().copied()),
    }
}

/// Whether the velocity at a state is a number.
pub(super) fn is_finite(phase: &Phase<'_>, state: &[f64]) -> bool {
    let mut velocity = vec![0.0; state.len()];
    phase.velocity(state, &mut velocity);
    velocity.iter().all(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Coupling, Dynamics, Network, Random};
    use nalgebra::DMatrix;

    /// Strong weights, which nothing follows loosely.
    fn strong(activation: Activation) -> Network {
        let weights = Random::new(2, 0).matrix(6, 6, 1.2);
        Network {
            dynamics: Dynamics::Leaky,
            activation,
            coupling: Coupling::Dense(&weights + weights.transpose()),
            input_weights: DMatrix::zeros(6, 0),
            bias: (0..6).map(|i| (i as f64).cos()).collect(),
            outputs: vec![0],
        }
    }

    #[test]
    fn the_shorter_way_to_a_smooth_rest_is_of_order_eight() {
        let start = [0.0; 6];
        let way = |activation, method, rtol: f64| {
            let network = strong(activation);
            let field = network.clamp(&[]);
            let settings = SolverSettings {
                method,
                rtol,
                atol: 1e-3 * rtol,
                polish: false,
                ..SolverSettings::default()
            };
            let point = settle(&Phase::free(&field), &start, &settings).into_fixed_point();
            let point = point.unwrap();
            (point.state().to_vec(), point.statistics().rhs_evaluations)
        };
        let (tanh, hard) = (Activation::Tanh, Activation::HardSigmoid);
        let tight = way(tanh, Method::Tsit45, 1e-9);
        assert_eq!(tight, way(tanh, Method::Vern8, 1e-9));
        // the same rest as by steps of order five, which are taken where they are as good
        let loose = way(tanh, Method::Tsit45, 1e-6);
        assert_ne!(loose.1, way(tanh, Method::Vern8, 1e-6).1);
        for (one, other) in tight.0.iter().zip(&loose.0) {
            assert!((one - other).abs() < 1e-9, "{one} {other}");
        }
        assert_ne!(
            way(hard, Method::Tsit45, 1e-9).1,
            way(hard, Method::Vern8, 1e-9).1
        );
    }
}
