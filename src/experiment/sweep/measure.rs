//! From a group of points to their records: one free phase, then every estimate from it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::draw::problem;
use super::point::{Grid, SweepPoint};
use super::record::{FailedPhase, Failure, Measurement, SweepOutcome, SweepRecord};
use crate::dynamics::{SolverSettings, spectral_abscissa};
use crate::error::Error;
use crate::gradient::{
    Comparison, Conduct, Estimate, Estimator, EstimatorOptions, FreePhase, ParameterMetric,
    all_targets, asymmetry, compare,
};
use crate::model::{Parameters, VectorField};

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
    common.weight_asymmetry = known(asymmetry(&problem.network.coupling.to_matrix()));
    let field = problem.field();
    let prepared = FreePhase::of_problem(&problem, &field, &settings).and_then(|free| {
        let metric = field.parameter_metric(free.fixed_point.state());
        let metric = ParameterMetric::new(&metric, free.fixed_point.active());
        // a metric that is not finite belongs to a state that is not
        let metric = metric.ok_or(Error::Diverged {
            time: free.fixed_point.settling_time(),
            largest: f64::INFINITY,
        })?;
        Ok((free, metric))
    });
    let (free, metric) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Some(fail(common, &error)),
    };
    let conduct = Conduct::new(&SolverSettings {
        polish: grid.config().polish_nudged,
        ..settings
    });
    let truth = Truth::new(&free, &metric);
    describe(&free, &metric, &mut common);
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
            let estimate = estimator.and_then(|estimator| estimator.estimate(&free, &conduct));
            records.push(match estimate {
                Ok(estimate) => SweepRecord {
                    index,
                    point,
                    outcome: SweepOutcome::Settled,
                    failure: None,
                    measured: truth.judge(point.estimator.0, &estimate, common),
                },
                Err(error) => failed(index, point, common, FailedPhase::Nudged, &error),
            });
            Ok(records)
        })
        .ok()
}

/// The numbers of the free phase.
fn describe(free: &FreePhase<'_>, metric: &ParameterMetric, out: &mut Measurement) {
    let point = &free.fixed_point;
    let outputs = free
        .cost
        .as_squared_error()
        .map_or(&[][..], |cost| cost.outputs());
    let all = all_targets(&free.linearisation, metric, outputs);
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
    out.free_rhs_evaluations = Some(statistics.rhs_evaluations);
    out.free_steps = Some(statistics.steps);
}

/// What estimates are held against, over all parameters.
struct Truth<'a> {
    free: &'a FreePhase<'a>,
    metric: &'a ParameterMetric,
    /// g and a, n values each.
    gradient: Vec<f64>,
    limit: Vec<f64>,
}

impl<'a> Truth<'a> {
    fn new(free: &'a FreePhase<'a>, metric: &'a ParameterMetric) -> Self {
        let c = free.cost_gradient();
        Self {
            free,
            metric,
            gradient: free.linearisation.true_error_vector(&c),
            limit: free.linearisation.ep_error_vector(&c),
        }
    }

    fn judge(&self, estimator: Estimator, estimate: &Estimate, common: Measurement) -> Measurement {
        let limit = if estimator.reaches_the_gradient() {
            &self.gradient
        } else {
            &self.limit
        };
        let (comparison, from_limit) = if estimator.is_path_dependent() {
            // its update is no pullback of an error vector
            let of = |vector: &[f64]| {
                let state = self.free.fixed_point.state();
                let pulled = self.free.phase.field().parameter_pullback(state, vector);
                values(&pulled)
            };
            let (update, truth, limit) = (values(&estimate.update), of(&self.gradient), of(limit));
            let difference = subtract(&update, &truth);
            let from_limit = compare(&update, &limit, &subtract(&update, &limit));
            (compare(&update, &truth, &difference), from_limit)
        } else {
            let vector = &estimate.error_vector;
            let difference = match estimator {
                Estimator::LinearResponse => self.free.linearisation.difference(&self.gradient),
                _ => subtract(vector, &self.gradient),
            };
            let from_limit = self.compare(vector, limit, &subtract(vector, limit));
            (
                self.compare(vector, &self.gradient, &difference),
                from_limit,
            )
        };
        Measurement {
            angle_degrees: comparison.angle_degrees.and_then(known),
            relative_error: comparison.relative_error.and_then(known),
            descent: comparison.descent.and_then(known),
            estimator_error: from_limit.relative_error.and_then(known),
            jumped: Some(estimate.jumped.len()),
            inside_convergence: estimate
                .convergence
                .and_then(|convergence| convergence.inside),
            nudged_rhs_evaluations: Some(estimate.statistics.rhs_evaluations),
            nudged_steps: Some(estimate.statistics.steps),
            ..common
        }
    }

    /// Compares error vectors in the norm of the updates that follow from them.
    fn compare(&self, vector: &[f64], truth: &[f64], difference: &[f64]) -> Comparison {
        let norm_of = |vector: &[f64]| {
            let gathered = self.free.linearisation.gather(vector);
            self.metric.apply(&gathered)
        };
        compare(&norm_of(vector), &norm_of(truth), &norm_of(difference))
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

fn values(parameters: &Parameters) -> Vec<f64> {
    parameters.iter().collect()
}

fn subtract(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
