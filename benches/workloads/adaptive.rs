//! The workloads on trajectories: adaptive integration until the residual is small.

use std::borrow::Cow;

use eqprop::dynamics::{BatchPhase, BatchRun, BatchSettings, settle_batch};
use eqprop::model::{ClampedBatch, SquaredError};
use nalgebra::DMatrix;
use rayon::prelude::*;

use super::judge::{angle, layered_update};
use super::problems::{LayeredProblem, SweepProblem, W3_BETA, W4_BETA};

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

/// W2: the free fixed points of a batch. W3 (`learn`): the nudged ones and the EP update too.
pub fn layered(
    problem: &LayeredProblem,
    learn: bool,
) -> (BatchRun, Option<BatchRun>, Vec<DMatrix<f64>>) {
    let field = ClampedBatch::with_input_rates(&problem.network, Cow::Borrowed(&problem.inputs));
    let start = DMatrix::zeros(problem.network.dimension(), field.samples());
    let phase = BatchPhase::free(&field);
    let free = settle(&phase, &start, 1e-6);
    if !learn {
        return (free, None, Vec::new());
    }
    let nudged = settle(&phase.nudged(&problem.costs, W3_BETA), &free.states, 1e-6);
    let update = layered_update(problem, &free.states, &nudged.states, W3_BETA);
    (free, Some(nudged), update)
}

/// W4 for one network: s⁰, the angle in degrees, evaluations of the velocity in the three phases.
pub type Angle = (Vec<f64>, f64, usize);

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
    let evaluations = [&free, &plus, &minus]
        .iter()
        .map(|run| run.statistics.rhs_evaluations)
        .sum();
    (
        free.states.as_slice().to_vec(),
        angle(problem, free.states.as_slice(), response.as_slice()),
        evaluations,
    )
}
