//! The workloads on trajectories: adaptive integration until the residual is small.

use std::borrow::Cow;

use eqprop::dynamics::{BatchPhase, BatchRun, BatchSettings, settle_batch};
use eqprop::model::{ClampedBatch, SquaredError};
use nalgebra::DMatrix;
use rayon::prelude::*;

use super::judge::{angle, layered_update};
use super::problems::{LayeredProblem, SweepProblem};

/// β of W3.
pub const W3_BETA: f64 = 0.5;
/// β of W4.
pub const W4_BETA: f64 = 0.01;

fn settings(tolerance: f64) -> BatchSettings {
    BatchSettings {
        tolerance,
        ..BatchSettings::default()
    }
}

fn settle(phase: &BatchPhase<'_>, starts: &DMatrix<f64>, tolerance: f64) -> BatchRun {
    settle_batch(phase, starts, &settings(tolerance)).expect("starts are finite")
}

/// W1: the free fixed point of one small network.
pub fn small(network: &eqprop::model::Network) -> BatchRun {
    let field = ClampedBatch::with_input_rates(network, Cow::Owned(DMatrix::zeros(0, 1)));
    let start = DMatrix::zeros(network.dimension(), 1);
    settle(&BatchPhase::free(&field), &start, 1e-9)
}

/// W2: the free fixed points of a batch.
pub fn free(problem: &LayeredProblem) -> BatchRun {
    let field = ClampedBatch::with_input_rates(&problem.network, Cow::Borrowed(&problem.inputs));
    let start = DMatrix::zeros(problem.network.dimension(), field.samples());
    settle(&BatchPhase::free(&field), &start, 1e-6)
}

/// W3: free and nudged fixed points, and the EP update.
pub fn learn(problem: &LayeredProblem) -> (BatchRun, BatchRun, Vec<DMatrix<f64>>) {
    let field = ClampedBatch::with_input_rates(&problem.network, Cow::Borrowed(&problem.inputs));
    let start = DMatrix::zeros(problem.network.dimension(), field.samples());
    let phase = BatchPhase::free(&field);
    let free = settle(&phase, &start, 1e-6);
    let nudged = settle(&phase.nudged(&problem.costs, W3_BETA), &free.states, 1e-6);
    let update = layered_update(problem, &free.states, &nudged.states, W3_BETA);
    (free, nudged, update)
}

/// W4 for one network: the free fixed point, and the angle between EP update and gradient.
pub struct Angle {
    /// s⁰.
    pub free: Vec<f64>,
    /// Degrees.
    pub degrees: f64,
    /// Evaluations of the velocity.
    pub evaluations: usize,
}

/// W4: 420 networks, three fixed points each, gradient and angle.
pub fn sweep(problems: &[SweepProblem]) -> Vec<Angle> {
    problems.par_iter().map(sweep_one).collect()
}

fn sweep_one(problem: &SweepProblem) -> Angle {
    let field = ClampedBatch::with_input_rates(&problem.network, Cow::Owned(DMatrix::zeros(0, 1)));
    let start = DMatrix::zeros(problem.network.dimension(), 1);
    let costs: &[SquaredError] = std::slice::from_ref(&problem.cost);
    let phase = BatchPhase::free(&field);
    let free = settle(&phase, &start, 1e-10);
    let nudged = |beta| settle(&phase.nudged(costs, beta), &free.states, 1e-10);
    let (plus, minus) = (nudged(W4_BETA), nudged(-W4_BETA));
    let response = (&plus.states - &minus.states) / (2.0 * W4_BETA);
    Angle {
        degrees: angle(problem, free.states.as_slice(), response.as_slice()),
        evaluations: [&free, &plus, &minus]
            .iter()
            .map(|run| run.statistics.rhs_evaluations)
            .sum(),
        free: free.states.as_slice().to_vec(),
    }
}

/// All states of W4 as one matrix, one network a column.
pub fn states(angles: &[Angle]) -> DMatrix<f64> {
    let columns: Vec<f64> = angles.iter().flat_map(|angle| angle.free.clone()).collect();
    DMatrix::from_vec(columns.len() / angles.len(), angles.len(), columns)
}
