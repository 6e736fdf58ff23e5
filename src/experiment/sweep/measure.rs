//! From a group of points to their records: one free phase, then every estimate from it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::draw::problem;
use super::point::{Grid, SweepPoint};
use super::record::{FailedPhase, Failure, Measurement, SweepOutcome, SweepRecord};
use crate::dynamics::{SolverSettings, spectral_abscissa};
use crate::error::Error;
use crate::gradient::{
    Estimate, EstimatorOptions, FreePhase, Judgement, NudgeOptions, all_targets, asymmetry, judge,
};

/// The records of one group, in the order of their points; `None` if it was `stopped` meanwhile.
///
/// They depend on the grid and the group alone.
pub fn measure(grid: &Grid, group: u64, stopped: &dyn Fn() -> bool) -> Option<Vec<SweepRecord>> {
    if stopped() {
        return None;
    }
    let first = group * grid.group_size();
    let indices = first..first + grid.group_size();
    let attempt = || group_records(grid, indices.clone(), stopped);
    // a fault of the program in one network must not end the sweep
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| {
        let fault = Error::invalid("(internal)", "the program failed on this network");
        let failed = |index| {
            let point = grid.point(index);
            failed(
                index,
                point,
                Measurement::default(),
                FailedPhase::Free,
                &fault,
            )
        };
        Some(indices.map(failed).collect())
    })
}

fn group_records(
    grid: &Grid,
    mut indices: std::ops::Range<u64>,
    stopped: &dyn Fn() -> bool,
) -> Option<Vec<SweepRecord>> {
    let point = grid.point(indices.start);
    let settings = grid.config().solver(point.rtol);
    let mut common = Measurement::default();
    let fail = |measured: Measurement, error: &Error| {
        indices
            .clone()
            .map(|index| failed(index, grid.point(index), measured, FailedPhase::Free, error))
            .collect()
    };
    let problem = match problem(grid.config(), &point) {
        Ok(problem) => problem,
        Err(error) => return Some(fail(common, &error)),
    };
    common.weight_asymmetry = problem
        .weights()
        .and_then(|weights| known(asymmetry(&weights)));
    let field = problem.field();
    let free = match FreePhase::of_problem(&problem, &field, &settings) {
        Ok(free) => free,
        Err(error) => return Some(fail(common, &error)),
    };
    let nudging = NudgeOptions::new(&SolverSettings {
        polish: grid.config().polish_nudged,
        ..settings
    });
    describe(&free, problem.cost.outputs(), &mut common);
    indices
        .try_fold(Vec::new(), |mut records, index| {
            if stopped() {
                return Err(());
            }
            let point = grid.point(index);
            let options = EstimatorOptions {
                beta: point.beta,
                ..EstimatorOptions::default()
            };
            let estimator = point.estimator.0.with(&options);
            let estimate = estimator.and_then(|estimator| estimator.estimate(&free, &nudging));
            records.push(match estimate {
                Ok(estimate) => SweepRecord {
                    index,
                    point,
                    outcome: SweepOutcome::Settled,
                    failure: None,
                    measured: judged(&free, &estimate, common),
                },
                Err(error) => failed(index, point, common, FailedPhase::Nudged, &error),
            });
            Ok(records)
        })
        .ok()
}

/// The numbers of the free phase.
fn describe(free: &FreePhase<'_>, outputs: &[usize], out: &mut Measurement) {
    let point = &free.fixed_point;
    let all = all_targets(&free.linearisation, &free.metric, outputs);
    let statistics = point.statistics();
    out.jacobian_asymmetry = known(asymmetry(free.linearisation.jacobian()));
    out.error_bound = all.error_bound.and_then(known);
    out.descent_certificate = all.descent_certificate.and_then(known);
    out.spectral_abscissa = known(spectral_abscissa(point.eigenvalues()));
    out.residual = known(point.residual());
    out.cost = known(free.cost.value(point.state()));
    out.on_kink = Some(point.on_kink().len());
    out.pinned = Some(point.state().len() - point.active().len());
    out.settling_time = known(point.settling_time());
    out.free_rhs_evaluations = Some(statistics.all_rhs_evaluations());
    out.free_steps = Some(statistics.steps);
}

/// The numbers of an estimate beside those of its free phase.
fn judged(free: &FreePhase<'_>, estimate: &Estimate, common: Measurement) -> Measurement {
    let Judgement {
        to_gradient,
        to_limit,
        ..
    } = judge(free, estimate);
    Measurement {
        angle_degrees: to_gradient.angle_degrees.and_then(known),
        relative_error: to_gradient.relative_error.and_then(known),
        descent: to_gradient.descent.and_then(known),
        estimator_error: to_limit.relative_error.and_then(known),
        jumped: Some(estimate.jumped.len()),
        inside_convergence: estimate
            .convergence
            .and_then(|convergence| convergence.inside),
        nudged_rhs_evaluations: Some(estimate.statistics.all_rhs_evaluations()),
        nudged_steps: Some(estimate.statistics.steps),
        ..common
    }
}

fn failed(
    index: u64,
    point: SweepPoint,
    measured: Measurement,
    phase: FailedPhase,
    error: &Error,
) -> SweepRecord {
    SweepRecord {
        index,
        point,
        outcome: SweepOutcome::of_error(error),
        failure: Some(Failure::new(phase, error)),
        measured,
    }
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
