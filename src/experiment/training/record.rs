//! What is recorded of an epoch: one JSON line, the same on every run from the same seed.

use serde::{Deserialize, Serialize};

/// One line of `records.jsonl`. Epoch 0 is the start, before any update. Nothing in it depends on
/// the clock: seconds are in [`EpochTiming`], a file of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Epochs completed; 0 at the start.
    pub epoch: usize,
    /// Batches learned from so far.
    pub updates: u64,
    /// Learning rates of this epoch, feedforward, input side first.
    pub rates: Vec<f64>,
    /// The training set, each sample at the free fixed point of its turn, before the update;
    /// null at the start.
    pub training: Option<SetRecord>,
    /// The validation set after the epoch, null if there is none.
    pub validation: Option<SetRecord>,
    /// The test set after the epoch, null if it was not measured.
    pub test: Option<SetRecord>,
    /// The free phases of the epoch's training, null at the start.
    pub free: Option<SettleRecord>,
    /// Its nudged phases (centred: both), null at the start, and for the true gradient.
    pub nudged: Option<SettleRecord>,
    /// Samples that contributed to no update because a phase did not settle.
    pub skipped: usize,
    /// Root mean square of the weights, by block.
    pub weights: Vec<BlockValue>,
    /// What was measured of the weights and at the probe's fixed points, null if it was not.
    pub observables: Option<Observables>,
}

/// Cost and error over a set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SetRecord {
    /// Samples.
    pub samples: usize,
    /// Mean cost of a sample.
    pub cost: f64,
    /// Share of the samples whose largest output is not their class, 0 … 1.
    pub error: f64,
    /// Share of the samples whose free phase did not settle, 0 … 1. They are counted above by
    /// the state that they were left in.
    pub unsettled: f64,
}

/// How the phases of an epoch settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettleRecord {
    /// Phases, one a sample and nudge.
    pub phases: usize,
    /// Share of them that reached the tolerance, 0 … 1.
    pub settled: f64,
    /// Share that came to a standstill of the sweeps above the tolerance, or had no sweeps left.
    pub stalled: f64,
    /// Share that oscillated from sweep to sweep (an iteration's oscillation proves none of the
    /// dynamics).
    pub oscillating: f64,
    /// Share whose states grew without limit or were no numbers.
    pub diverged: f64,
    /// Mean sweeps of a phase, null if they were integrated.
    pub mean_sweeps: Option<f64>,
    /// Most sweeps of a phase, null if they were integrated.
    pub largest_sweeps: Option<usize>,
    /// Residuals ‖Π(μ)‖∞ at the end.
    pub residual: Quantiles,
}

/// Quantiles of a distribution (nearest rank), null where they are no numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half lie at or below.
    pub median: Option<f64>,
    /// 90 %.
    pub p90: Option<f64>,
    /// 99 %.
    pub p99: Option<f64>,
    /// 99.9 %.
    pub p999: Option<f64>,
    /// The largest.
    pub largest: Option<f64>,
}

/// A number that belongs to a block of parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockValue {
    /// The block: `forward[k]`, `feedback[k]` or `bias[k]`, numbered as in a problem file.
    pub block: String,
    /// The number, null where it is undefined.
    pub value: Option<f64>,
}

/// What was measured once, of the weights and at the fixed points of the probe set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observables {
    /// One entry for each pair of neighbouring layers of neurons, input side first.
    pub pairs: Vec<PairRecord>,
    /// Probe samples that settled, which what follows is about. 0 without a probe.
    pub probe: usize,
    /// ‖Jac − Jacᵀ‖_F / ‖Jac + Jacᵀ‖_F, neurons at a bound left out: mean over the probe.
    pub jacobian_asymmetry: Option<f64>,
    /// Largest real part of an eigenvalue of Jac, neurons at a bound left out: the largest of the
    /// probe (of its first eight samples where more than 64 neurons of either every other layer
    /// are between the bounds).
    pub spectral_abscissa: Option<f64>,
    /// Between the EP update and −∂J/∂θ, both summed over the probe.
    pub angle: Option<AngleRecord>,
}

/// A pair of neighbouring layers of neurons: forward W_ff (upper × lower), feedback W_fb.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairRecord {
    /// tr(W_fb W_ff), the paper's tr(W_{k,k+1} W_{k+1,k}).
    pub trace: f64,
    /// Cosine of the angle between W_ff and W_fbᵀ as vectors, null if one is 0.
    pub cosine: Option<f64>,
}

/// Angles in degrees between the EP update, formed as training forms it, and the true gradient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AngleRecord {
    /// Over all parameters.
    pub all: Option<f64>,
    /// By block.
    pub blocks: Vec<BlockValue>,
    /// Mean over the probe of the angle of each sample alone, over all parameters.
    pub mean_of_samples: Option<f64>,
}

/// How long an epoch took, one line of `timing.jsonl`, which no comparison of runs looks at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochTiming {
    /// The epoch.
    pub epoch: usize,
    /// Seconds of training: phases and updates. Of a resumed epoch, those since the resume.
    pub training_seconds: f64,
    /// Seconds of what was measured after it: validation, test, observables.
    pub measuring_seconds: f64,
    /// Of the training: seconds in free phases.
    pub free_seconds: f64,
    /// Of the training: seconds in nudged phases or in the solves of the true gradient.
    pub nudged_seconds: f64,
    /// Of the training: seconds in updates.
    pub update_seconds: f64,
    /// Whether the epoch was interrupted and resumed.
    pub resumed: bool,
}
