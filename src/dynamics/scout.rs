//! Settling at a loose tolerance where the error of the trajectory is known to stay small.
//!
//! Two trajectories of `$\dot s = W\rho(s) + d - s$` part no faster than `$e^{mt}$` with `$m =
//! \mathrm{Lip}(\rho)\,\lVert W\rVert_2 - 1$`, the logarithmic norm's bound (negative: the fixed
//! point is unique). A field in text that couples functions of one state each has such a bound, too.
//! So fast grows an error, and a trajectory whose accumulated error is of the size of what is left of the way,
//! deep in the linear regime of a stable point, comes to rest where the exact one does. Where it is certain that
//! there is one point to come to, any will do.

use super::integrate::{Control, integrate_keeping};
use super::outcome::Outcome;
use super::phase::Phase;
use super::settings::{Method, SolverSettings, Statistics};
use super::watch::{Beginning, Found, Watch};

/// The tolerances of its steps, one after the other.
const TOLERANCES: [f64; 2] = [1e-4, 1e-6];
/// The one where there is one point to come to.
const ANY: [f64; 1] = [1e-3];
/// Trajectories that part faster are not followed loosely.
const FASTEST: f64 = 0.8;
/// The error of a neuron at which the way is lost.
const LOST: f64 = 0.03;
/// How often the error may hold what is left of the way: a tenth of what the linear regime allows.
const SHARE: f64 = 10.0;
/// Steps after which it takes too long.
const STEPS: usize = 200;

/// The fixed point that the trajectory reaches, if a loose one shows it. What that
/// cost is added to `spent` where it does not.
pub(super) fn scout(
    phase: &Phase<'_>,
    from: &Beginning<'_>,
    settings: &SolverSettings,
    spent: &mut Statistics,
) -> Option<Outcome> {
    let may = settings.method == Method::Tsit45 && settings.polish && settings.max_steps > STEPS;
    if !(may && phase.is_plain()) {
        return None;
    }
    let phase = &phase.examined();
    let is_certain = phase.is_globally_stable();
    let growth = match phase.nudge() {
        _ if is_certain => 0.0,
        None => phase.field().logarithmic_norm()?,
        Some(_) => return None,
    };
    if growth.is_nan() || growth > FASTEST {
        return None;
    }
    // what the first only just does not show, the second does
    let tolerances: &[f64] = if is_certain { &ANY } else { &TOLERANCES };
    tolerances
        .iter()
        .copied()
        .filter(|&loose| settings.rtol < loose)
        .find_map(|loose| {
            let loose = SolverSettings {
                rtol: loose,
                atol: 1e-3 * loose,
                max_steps: STEPS,
                ..*settings
            };
            // what a nudge moves by is of the size of β
            let loose = (phase.nudge()).map_or(loose, |(_, beta)| loose.for_nudge(beta));
            follow(phase, from, &loose, growth, spent)
        })
}

/// The same at one tolerance.
fn follow(
    phase: &Phase<'_>,
    from: &Beginning<'_>,
    loose: &SolverSettings,
    growth: f64,
    spent: &mut Statistics,
) -> Option<Outcome> {
    let is_certain = phase.is_globally_stable();
    let start = from.state;
    let lost = LOST * (start.len() as f64).sqrt();
    let mut watch = Watch::new(phase, from, loose);
    let mut error = 0.0;
    let span = (0.0, loose.max_time);
    // what comes to one point, whichever way it goes, is caught before it hovers about it
    let stable = (loose, !is_certain);
    let mut run = integrate_keeping(phase, start, span, stable, &mut |moment| {
        error *= (growth * (moment.time - moment.step_start)).exp();
        error += moment.error;
        if is_certain || error <= lost {
            watch.observe(moment)
        } else {
            Control::Stop
        }
    });
    run.statistics += watch.statistics;
    run.statistics += std::mem::take(spent);
    if let Some(Found::FixedPoint(point)) = watch.found {
        let pairs = run.state.iter().zip(point.state());
        let left = pairs
            .map(|(s, end)| (s - end) * (s - end))
            .sum::<f64>()
            .sqrt();
        if is_certain || error <= SHARE * left {
            let point = point.reached(run.time, run.statistics);
            return Some(if watch.at_rest {
                Outcome::AlreadySettled(point)
            } else {
                Outcome::Settled(point)
            });
        }
    }
    *spent = run.statistics;
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{settle, settle_nudged};
    use crate::model::{
        Activation, Coupling, Dynamics, Glorot, Network, Random, SquaredError, VectorField,
    };
    use nalgebra::DMatrix;

    fn network(weights: DMatrix<f64>) -> Network {
        let n = weights.nrows();
        Network {
            dynamics: Dynamics::Leaky,
            activation: Activation::Tanh,
            coupling: Coupling::Dense(weights),
            input_weights: DMatrix::zeros(n, 0),
            bias: (0..n).map(|i| (i as f64).cos()).collect(),
            outputs: vec![0],
        }
    }

    fn from(state: &[f64]) -> Beginning<'_> {
        Beginning {
            state,
            is_nudged: false,
            near: None,
        }
    }

    #[test]
    fn a_loose_trajectory_finds_the_point_of_a_tight_one_with_fewer_evaluations() {
        let network = network(Random::new(8, 0).matrix(12, 12, 0.3));
        let (field, mut spent) = (network.clamp(&[]), Statistics::default());
        let phase = Phase::free(&field);
        let (start, settings) = (vec![0.0; 12], SolverSettings::default());
        let found = scout(&phase, &from(&start), &settings, &mut spent).unwrap();
        let point = found.into_fixed_point().unwrap();
        let tight = SolverSettings {
            polish: false,
            ..settings
        };
        let own = settle(&phase, &start, &tight);
        let own = own.into_fixed_point().unwrap();
        for (one, other) in point.state().iter().zip(own.state()) {
            assert!((one - other).abs() < 1e-9, "{one} {other}");
        }
        let (few, many) = (point.statistics(), own.statistics());
        assert!(3 * few.rhs_evaluations < many.rhs_evaluations);
    }

    /// The symmetric part of W has a largest eigenvalue of 0.95, or of 1.05, beside an antisymmetric part of any size.
    #[test]
    fn what_has_one_point_for_all_is_believed_at_once() {
        for (dynamics, neurons) in [
            (Dynamics::Leaky, 5),
            (Dynamics::Leaky, 40),
            (Dynamics::Rate, 5),
        ] {
            let matrix = Random::new(5, 0).matrix(neurons, neurons, 1.0);
            let symmetric = (&matrix + matrix.transpose()) * 0.5;
            let largest = symmetric.symmetric_eigenvalues().max();
            let of_size = |size: f64| {
                let weights = &symmetric * (size / largest) + (&matrix - &symmetric) * 2.0;
                Network {
                    dynamics,
                    ..network(weights)
                }
            };
            assert!(!of_size(1.05).clamp(&[]).is_globally_stable(0.0));
            let network = of_size(0.95);
            let field = network.clamp(&[]);
            assert!(field.is_globally_stable(0.0));
            let (phase, settings) = (Phase::free(&field), SolverSettings::default());
            let point_from = |start: f64, settings: &SolverSettings| {
                let start = vec![start; neurons];
                let found = settle(&phase, &start, settings);
                found.into_fixed_point().unwrap()
            };
            // by the tight trajectory to its end
            let tight = SolverSettings {
                polish: false,
                ..settings
            };
            let own = point_from(0.0, &tight);
            for start in [0.0, 2.0] {
                let point = point_from(start, &settings);
                assert!(5 * point.statistics().rhs_evaluations < own.statistics().rhs_evaluations);
                for (one, own) in point.state().iter().zip(own.state()) {
                    assert!((one - own).abs() < 1e-9, "{one} {own}");
                }
            }
        }
    }

    /// W = w 1 without drives: the only fixed point is 0 where w < 1 + β, and it is unstable beyond.
    #[test]
    fn a_nudge_away_from_the_targets_takes_from_what_is_certain() {
        let diagonal = |weight| network(DMatrix::from_diagonal_element(3, 3, weight));
        for (weight, beta, expected) in [
            (0.9, 0.0, true),
            (0.9, 50.0, true),
            (0.9, -0.09, true),
            (0.9, -0.11, false),
            (-5.0, -0.99, true),
            (-5.0, -1.0, false),
            (-5.0, f64::NAN, false),
        ] {
            let of = |dynamics| Network {
                dynamics,
                ..diagonal(weight)
            };
            let leaky = of(Dynamics::Leaky);
            let field = leaky.clamp(&[]);
            assert_eq!(field.is_globally_stable(beta), expected, "{weight} {beta}");
            let rate = of(Dynamics::Rate);
            let is_free = beta == 0.0;
            assert_eq!(rate.clamp(&[]).is_globally_stable(beta), is_free);
            let cost = SquaredError::new(&[0, 1, 2], &[0.5; 3]).unwrap();
            let phase = Phase::free(&field).nudged(&cost, beta).examined();
            assert_eq!(phase.is_globally_stable(), expected);
            assert!(!phase.with_field(&field).is_globally_stable());
            let bounded = phase.nudged(&cost, beta).with_state_bounds(-1.0, 1.0);
            assert!(!bounded.examined().is_globally_stable());
        }
    }

    #[test]
    fn a_nudged_phase_that_is_certain_rests_where_its_tight_trajectory_does() {
        let glorot = Glorot {
            gain: 0.5,
            ..Glorot::default()
        };
        let layered = glorot.layered(&[1, 6, 4, 2], Dynamics::Leaky, Activation::Tanh);
        let layered = Network {
            bias: (0..12).map(|i| (i as f64).cos()).collect(),
            input_weights: DMatrix::zeros(12, 0),
            ..layered.unwrap()
        };
        for network in [network(Random::new(8, 0).matrix(12, 12, 0.3)), layered] {
            nudged_both_ways(&network);
        }
    }

    fn nudged_both_ways(network: &Network) {
        let (field, settings) = (network.clamp(&[]), SolverSettings::default());
        let cost = SquaredError::new(&[0, 10], &[0.5, -0.5]).unwrap();
        let free = Phase::free(&field);
        let free_point = settle(&free, &[0.0; 12], &settings);
        let free_point = free_point.into_fixed_point().unwrap();
        let tight = SolverSettings {
            polish: false,
            ..settings
        };
        for beta in [1e-3, -1e-3, 0.1, -0.1, 2.0] {
            let phase = free.nudged(&cost, beta);
            assert!(phase.examined().is_globally_stable());
            let rest = |near, settings: &SolverSettings| {
                let settings = settings.for_nudge(beta);
                let rest = settle_nudged(&phase, free_point.state(), near, &settings);
                rest.into_fixed_point().unwrap()
            };
            let own = rest(None, &tight);
            for near in [None, Some(&free_point)] {
                let point = rest(near, &settings);
                let (few, many) = (point.statistics(), own.statistics());
                assert!(few.steps > 0 && 3 * few.rhs_evaluations < many.rhs_evaluations);
                assert!(near.is_none() || beta > 1.0 || few.lu_factorisations == 0);
                for (one, other) in point.state().iter().zip(own.state()) {
                    assert!((one - other).abs() < 1e-10, "{beta}: {one} {other}");
                }
                // computed when they are asked for
                assert_eq!(point.eigenvalues().len(), 12);
                assert_eq!(point.stability(), Some(true));
            }
        }
    }

    #[test]
    fn what_parts_trajectories_is_not_followed_loosely() {
        let apart = network(DMatrix::from_row_slice(2, 2, &[2.0, 0.0, 0.0, 2.0]));
        let field = apart.clamp(&[]);
        assert!(field.logarithmic_norm().is_some_and(|growth| growth > 1.0));
        // a norm that overflows is no small one
        let huge = network(DMatrix::from_element(2, 2, 1e200));
        assert_eq!(huge.clamp(&[]).logarithmic_norm(), Some(f64::INFINITY));
        assert!(!Phase::free(&field).with_state_bounds(0.0, 1.0).is_plain());
        let settings = SolverSettings::default();
        let start = vec![0.0; field.dimension()];
        let mut spent = Statistics::default();
        assert!(scout(&Phase::free(&field), &from(&start), &settings, &mut spent).is_none());
        assert_eq!(spent, Statistics::default());
    }
}
