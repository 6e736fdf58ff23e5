//! From a group of points to their records: one free phase, then every estimate from it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::point::Grid;
use super::record::{
    FailedPhase, Failure, Measurement, RestMeasurement, SweepOutcome, SweepRecord,
};
use crate::dynamics::{Phase, SolverSettings, spectral_abscissa};
use crate::error::Error;
use crate::gradient::{
    Estimate, EstimatorOptions, FreePhase, Judgement, NudgeOptions, all_targets, asymmetry, judge,
};
use crate::io::Entries;

/// The records of one group, in the order of their points, or `None` if it was `stopped` meanwhile.
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
        let failed = |index| record(grid, index).failed(FailedPhase::Free, &fault);
        Some(indices.map(failed).collect())
    })
}

/// The record of a point of which nothing is known but that it settled.
fn record(grid: &Grid, index: u64) -> SweepRecord {
    let point = grid.point(index);
    SweepRecord {
        index,
        outcome: SweepOutcome::Settled,
        failure: None,
        measured: Measurement::default(),
        rest: point.network().is_none().then(RestMeasurement::default),
        point,
    }
}

fn group_records(
    grid: &Grid,
    mut indices: std::ops::Range<u64>,
    stopped: &dyn Fn() -> bool,
) -> Option<Vec<SweepRecord>> {
    let mut common = record(grid, indices.start);
    let settings = grid.config().solver(common.point.rtol);
    let at = |common: &SweepRecord, index| SweepRecord {
        index,
        point: grid.point(index),
        ..common.clone()
    };
    let fail = |common: &SweepRecord, error: &Error| {
        let failed = |index| at(common, index).failed(FailedPhase::Free, error);
        Some(indices.clone().map(failed).collect())
    };
    let problem = match grid.problem(&common.point) {
        Ok(problem) => problem,
        Err(error) => return fail(&common, &error),
    };
    common.measured.weight_asymmetry = problem
        .weights()
        .and_then(|weights| known(asymmetry(&weights)));
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    let (cost, start) = (&problem.cost, &problem.initial_state);
    let free = match FreePhase::settle(&field, phase, cost, start, &settings) {
        Ok(free) => free,
        Err(error) => return fail(&common, &error),
    };
    let nudging = NudgeOptions::new(&SolverSettings {
        polish: grid.config().polish_nudged,
        ..settings
    });
    describe(&free, cost.outputs(), &mut common.measured);
    if let Some(rest) = &mut common.rest {
        let point = &free.fixed_point;
        let names = problem.names().into_iter();
        rest.stable = point.stability();
        rest.leading_eigenvalue = point.eigenvalues().first().map(|v| [v.re, v.im]);
        rest.fixed_point = Some(Entries(names.zip(point.state().iter().copied()).collect()));
    }
    indices
        .try_fold(Vec::new(), |mut records, index| {
            if stopped() {
                return Err(());
            }
            let mut record = at(&common, index);
            // without a cost nothing is learned, and the record is about where the problem rests
            if !cost.outputs().is_empty() {
                let options = EstimatorOptions {
                    beta: record.point.beta,
                    ..EstimatorOptions::default()
                };
                let estimator = record.point.estimator.0.with(&options);
                match estimator.and_then(|estimator| estimator.estimate(&free, &nudging)) {
                    Ok(estimate) => record.measured = judged(&free, &estimate, record.measured),
                    Err(error) => record = record.failed(FailedPhase::Nudged, &error),
                }
            }
            records.push(record);
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

impl SweepRecord {
    /// The same without an estimate.
    fn failed(self, phase: FailedPhase, error: &Error) -> Self {
        Self {
            outcome: SweepOutcome::of_error(error),
            failure: Some(Failure::new(phase, error)),
            ..self
        }
    }
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
