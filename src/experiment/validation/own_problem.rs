//! The theorem on one problem of the user's own.

use rayon::prelude::*;

use super::Validation;
use super::checks::problem_checks;
use super::companion_records::velocities;
use super::network_record::{Examination, Measured};
use super::study::{Fault, StudySettings};
use crate::dynamics::{At, FixedPoint, Phase, SolverSettings, Statistics, largest, settle};
use crate::error::{Error, Result};
use crate::experiment::provenance::Provenance;
use crate::gradient::{Estimator, FreePhase};
use crate::model::{Coupling, Parameters, Problem, Random};

/// Up to this many parameters each is varied by itself, more along random directions.
const MOST_PARAMETERS: usize = 1_000;
/// Random directions in the space of more parameters.
const DIRECTIONS: usize = 100;
/// Halvings of β until two measurements agree, at most.
const HALVINGS: usize = 8;
/// Measurements that differ by no more than this, relatively, agree.
const AGREEMENT: f64 = 1e-9;
/// Largest β of trajectories that are looked at along their way, whose error is of fourth order in it.
const FOLLOWED: f64 = 1e-2;
/// Largest displacement of a nudged state that is measured with.
const DISPLACEMENT: f64 = 1e-2;

/// Checks both formulas of the theorem at the fixed point that `problem` reaches or, with `at`, at the
/// one that is named: the EP update against nudged trajectories that no Newton step has touched (left
/// out at an unstable point), the gradient against finite differences of J with every fixed point
/// found anew, the bound over all targets, and the theorem along time.
///
/// # Errors
/// [`Error::InvalidInput`] where the theorem is silent (a neuron on a kink), where there is nothing to
/// learn, and for a planted fault that this problem cannot reveal. Otherwise what the dynamics did
/// instead of settling, or [`Error::SingularJacobian`].
pub fn validate_problem(
    problem: &Problem,
    at: Option<&At>,
    settings: &StudySettings,
) -> Result<Validation> {
    settings.validate()?;
    problem.expect_autonomous()?;
    problem.expect_cost()?;
    let clock = std::time::Instant::now();
    let field = problem.field();
    let free = match at {
        None => FreePhase::of_problem(problem, &field, &settings.solver)?,
        Some(at) => FreePhase::at(problem, &field, at, &settings.solver)?,
    };
    if !free.fixed_point.on_kink().is_empty() {
        return Err(Error::invalid(
            "problem",
            format!(
                "neurons {:?} rest on a kink of the activation, where the theorem is silent",
                free.fixed_point.on_kink()
            ),
        ));
    }
    let slope = free.linearisation.gather(&free.cost_gradient());
    if largest(slope) == 0.0 {
        return Err(Error::invalid(
            "target",
            "the cost has no slope at the fixed point, so that both updates are 0. Choose a target that is not met",
        ));
    }
    let family = family(problem);
    let mut examination = Examination::new(settings, problem, &field, free);
    let stable = examination.free.fixed_point.stable();
    let beta = largest_beta(&examination);
    let update_deviation = if stable {
        Some(update_deviation(&mut examination, beta)?)
    } else {
        None
    };
    let gradient_deviation = gradient_deviation(&mut examination, stable)?;
    let measured = Measured {
        update_deviation,
        gradient_deviation,
        targets_ascending: 0,
        targets: 0,
    };
    let record = examination.record(family, &measured);
    let along = if record.parameters <= MOST_PARAMETERS {
        ("all parameters", record.parameters)
    } else {
        ("random directions", DIRECTIONS)
    };
    let (shortest, longest) = examination.free.phase.time_scales();
    // what grows is looked at before it has left the linear regime
    let growth = record.spectral_abscissa.max(0.0);
    let end = (8.0 * longest).min(1e4 * shortest).min(2.0 / growth);
    // on its way a nudged state may swing further out than where it comes to rest
    let time_resolved = agreed(
        beta.min(FOLLOWED),
        |beta| Ok(velocities(settings, &examination.free, end, beta)),
        |record| record.nudged_velocity.concat(),
    )?;
    let checks = problem_checks(&record, &time_resolved, along);
    let passed = checks.iter().all(|check| check.passed);
    if passed && settings.fault.is_some() {
        return Err(Error::invalid(
            "plant",
            "this problem cannot reveal the planted fault: all its checks hold with it (formulas that differ by a transpose agree where the Jacobian is symmetric. Others are planted in the study of random networks)",
        ));
    }
    Ok(Validation {
        kind: "validation".into(),
        passed,
        checks,
        settings: StudySettings {
            networks: 1,
            digits: 0,
            ..settings.clone()
        },
        provenance: Provenance::current(),
        statistics: record.statistics,
        redrawn: 0,
        wall_seconds: clock.elapsed().as_secs_f64(),
        networks: vec![record],
        closed_form: Vec::new(),
        orders: Vec::new(),
        time_resolved: vec![time_resolved],
    })
}

fn family(problem: &Problem) -> String {
    match problem.network() {
        None => "text".into(),
        Some(network) => format!(
            "{} {} {}",
            match network.coupling {
                Coupling::Dense(_) => "dense",
                Coupling::Layered(_) => "layered",
                Coupling::Sparse(_) => "sparse",
            },
            network.dynamics.name(),
            network.activation.name()
        ),
    }
}

/// A β at which states move little, and no neuron comes to a kink or a bound.
fn largest_beta(examination: &Examination<'_>) -> f64 {
    let free = &examination.free;
    let state = free.fixed_point.state();
    let response = largest(free.linearisation.ep_error_vector(&free.cost_gradient()));
    let mut room = DISPLACEMENT;
    let bounds = free.phase.bounds().map(|(low, high)| [low, high]);
    let corners = bounds.iter().flatten();
    for corner in corners.chain(examination.problem.kinks()) {
        for &i in free.linearisation.active() {
            room = room.min(0.25 * (state[i] - corner).abs());
        }
    }
    // neurons that the bounds hold must stay held
    let mut force = vec![0.0; state.len()];
    free.phase.force(state, &mut force);
    for (i, force) in force.iter().enumerate() {
        if free.linearisation.active().binary_search(&i).is_err() {
            room = room.min(0.1 * force.abs());
        }
    }
    (room / response).clamp(1e-8, 0.1)
}

/// What is measured at `beta`, or at a half of it, a quarter, …, until two in a row agree: of those that
/// were, the one nearest to its forerunner. `numbers` of it are compared, relative to the largest.
fn agreed<T: Clone>(
    beta: f64,
    mut measure: impl FnMut(f64) -> Result<T>,
    numbers: impl Fn(&T) -> Vec<f64>,
) -> Result<T> {
    let mut previous = measure(beta)?;
    let mut best = (f64::INFINITY, previous.clone());
    for halving in 1..=HALVINGS {
        let next = measure(beta * 0.5f64.powi(halving as i32))?;
        let (old, new) = (numbers(&previous), numbers(&next));
        let gap = largest(old.iter().zip(&new).map(|(old, new)| old - new));
        let apart = gap / largest(new).max(f64::MIN_POSITIVE);
        if apart < best.0 {
            best = (apart, next.clone());
        }
        if apart <= AGREEMENT {
            break;
        }
        previous = next;
    }
    Ok(best.1)
}

/// ‖ν by the formula − ν by trajectories‖/‖ν‖, β being halved until the trajectories agree with
/// themselves.
fn update_deviation(examination: &mut Examination<'_>, beta: f64) -> Result<f64> {
    let settings = SolverSettings {
        polish: false,
        ..examination.settings.solver
    };
    let raw = FreePhase::of_problem(examination.problem, examination.field, &settings)?;
    let mut statistics = raw.fixed_point.statistics();
    let estimator = match examination.settings.fault {
        Some(Fault::EstimatesSwapped) => Estimator::OneSided,
        _ => Estimator::Richardson,
    };
    let estimate = |beta: f64| -> Result<Vec<f64>> {
        let estimate = raw.estimate(estimator, Some(beta))?;
        statistics += estimate.statistics;
        Ok(estimate.error_vector)
    };
    let measured = agreed(beta, estimate, Vec::clone)?;
    examination.statistics += statistics;
    let (_, update) = examination.formulas();
    let difference: Vec<f64> = update.iter().zip(&measured).map(|(a, b)| a - b).collect();
    let comparison = examination.free.compare(&measured, &update, &difference);
    Ok(comparison.relative_error.unwrap_or(f64::NAN))
}

/// ‖∂J/∂θ by the formula − by finite differences‖/‖∂J/∂θ‖, over all parameters or, as its root mean
/// square, along random directions.
fn gradient_deviation(examination: &mut Examination<'_>, stable: bool) -> Result<f64> {
    let (truth, _) = examination.formulas();
    let claimed = examination.free.pullback(&truth);
    let norm = claimed.norm();
    let count = claimed.len();
    let each = count <= MOST_PARAMETERS;
    let directions = if each { count } else { DIRECTIONS };
    let shared = &*examination;
    let differences: Vec<(f64, Statistics)> = (0..directions)
        .into_par_iter()
        .map(|k| {
            let mut direction = claimed.scaled(0.0);
            if each {
                direction.iter_mut().skip(k).take(1).for_each(|v| *v = 1.0);
            } else {
                let mut random = Random::new(shared.settings.seed, 5_000_000 + k as u64);
                direction
                    .iter_mut()
                    .for_each(|v| *v = random.uniform(-1.0, 1.0));
                direction = direction.scaled(1.0 / direction.norm());
            }
            let (slope, statistics) = derivative(shared, &direction, stable, norm)?;
            Ok((slope + claimed.dot(&direction), statistics))
        })
        .collect::<Result<_>>()?;
    let square: f64 = differences.iter().map(|(gap, _)| gap * gap).sum();
    differences
        .iter()
        .for_each(|(_, statistics)| examination.statistics += *statistics);
    Ok((square * count as f64 / directions as f64).sqrt() / norm)
}

/// dJ along a direction, of fourth order in the step, which is made shorter while two orders differ.
fn derivative(
    examination: &Examination<'_>,
    direction: &Parameters,
    stable: bool,
    norm: f64,
) -> Result<(f64, Statistics)> {
    let mut statistics = Statistics::default();
    let along = examination.field.parameters().dot(direction).abs();
    let first = examination.settings.difference_step * along.max(1.0);
    let mut best = (f64::INFINITY, f64::NAN);
    for shortening in [1.0, 0.25, 1.0 / 16.0, 1.0 / 64.0] {
        let step = first * shortening;
        let mut difference = |step: f64| -> Result<f64> {
            let (above, cost) = objective(examination, direction, step, stable)?;
            statistics += cost;
            let (below, cost) = objective(examination, direction, -step, stable)?;
            statistics += cost;
            Ok(above - below)
        };
        let (near, far) = (difference(step)?, difference(2.0 * step)?);
        let fourth = (8.0 * near - far) / (12.0 * step);
        let apart = (fourth - near / (2.0 * step)).abs();
        if apart < best.0 {
            best = (apart, fourth);
        }
        if apart <= 1e-6 * norm {
            break;
        }
    }
    Ok((best.1, statistics))
}

/// J at θ + step · direction: by the trajectory from s⁰, or at an unstable point by Newton's method.
fn objective(
    examination: &Examination<'_>,
    direction: &Parameters,
    step: f64,
    stable: bool,
) -> Result<(f64, Statistics)> {
    let problem = examination.problem;
    let parameters = examination.field.parameters().plus(step, direction);
    let moved = examination.field.with_parameters(&parameters);
    let phase = Phase::of_problem(problem, &*moved);
    let start = examination.free.fixed_point.state();
    let point = if stable {
        settle(&phase, start, &examination.settings.solver).into_fixed_point()?
    } else {
        FixedPoint::refine(&phase, start).ok_or_else(|| {
            Error::invalid(
                "at",
                "with its parameters a little changed, Newton's method loses the fixed point. It is too near to a bifurcation",
            )
        })?
    };
    let cost = crate::model::Cost::value(&problem.cost, point.state());
    Ok((cost, point.statistics()))
}
