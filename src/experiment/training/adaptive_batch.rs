//! Trajectories of whole batches, whose samples share their steps.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::adaptive_solver::{double, row};
use super::config::{CostName, TrainingEstimator, TrainingSettings};
use super::solver::Batch;
use super::tally::{EndKind, PhaseEnd};
use crate::dynamics::{
    BatchPhase, BatchSettings, LANES_FROM, SampleEnding, SolverSettings, settle_batch,
};
use crate::engine::States;
use crate::error::Result;
use crate::model::{ClampedBatch, Dynamics, Network, Problem, SquaredError, System};

/// ‖μ‖∞ at which a trajectory has come to rest.
const TOLERANCE: f64 = 1e-9;

/// The network of a problem if its samples can share their steps: it has many neurons and no bounds, whose events
/// are a matter of each sample, and the estimator asks for no more than states.
pub(super) fn network_in_lanes<'a>(
    problem: &'a Problem,
    settings: &TrainingSettings,
) -> Option<&'a Network> {
    let System::Network(network) = &problem.system else {
        return None;
    };
    let serves = network.dynamics == Dynamics::Leaky
        && network.dimension() >= LANES_FROM
        && problem.state_bounds.is_none()
        && settings.cost == CostName::SquaredError
        && settings.estimator == TrainingEstimator::Ep;
    serves.then_some(network)
}

/// Follows the samples of a batch from `starts` (n × B) to rest, nudged by `beta` if it is not 0.
pub(super) fn follow(
    network: &Network,
    batch: &Batch,
    starts: &DMatrix<f64>,
    beta: f64,
    solver: SolverSettings,
) -> Result<(DMatrix<f64>, Vec<PhaseEnd>)> {
    let rates = DMatrix::from_vec(network.inputs(), batch.count, double(&batch.rates));
    let field = ClampedBatch::with_input_rates(network, Cow::Owned(rates));
    let targets = batch.targets.chunks(network.outputs.len());
    let costs: Vec<SquaredError> = targets
        .map(|target| SquaredError::new(&network.outputs, &double(target)))
        .collect::<Result<_>>()?;
    let mut phase = BatchPhase::free(&field);
    if beta != 0.0 {
        phase = phase.nudged(&costs, beta);
    }
    let settings = BatchSettings {
        tolerance: TOLERANCE,
        solver,
        ..BatchSettings::default()
    };
    let run = settle_batch(&phase, starts, &settings)?;
    let end = PhaseEnd::of_trajectory;
    let ends = run.samples.iter().map(|sample| match sample.ending {
        SampleEnding::Settled => end(EndKind::Settled, sample.residual),
        SampleEnding::LimitCycle { .. } => end(EndKind::Oscillating, f64::NAN),
        SampleEnding::Diverged => end(EndKind::Diverged, f64::NAN),
        SampleEnding::TimedOut => end(EndKind::Stalled, sample.residual),
    });
    let ends = ends.collect();
    Ok((run.states, ends))
}

/// The states of a batch, one sample a column.
pub(super) fn columns(states: &States<f32>, count: usize) -> DMatrix<f64> {
    let rows = (0..count).flat_map(|sample| row(states, sample, count));
    let n: usize = states.layers.iter().map(|layer| layer.len() / count).sum();
    DMatrix::from_iterator(n, count, rows)
}
