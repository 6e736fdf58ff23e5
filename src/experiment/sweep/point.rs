//! One point of the grid, by its index.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::SweepConfig;
use super::estimator_name::EstimatorName;
use crate::gradient::Estimator;
use crate::model::{Activation, Dynamics};

/// The coordinates of a point of the grid, in the order of the axes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SweepPoint {
    /// Which vector field.
    pub dynamics: Dynamics,
    /// The firing rate.
    pub activation: Activation,
    /// Hidden layers; 0: dense.
    pub depth: usize,
    /// Neurons of a dense network, or of each hidden layer.
    pub neurons: usize,
    /// Factor on the Glorot limit of the weights.
    pub gain: f64,
    /// λ of W = S + λA.
    pub asymmetry: f64,
    /// Seed of the network.
    pub seed: u64,
    /// Relative tolerance of the integrator.
    pub rtol: f64,
    /// How the error vector is estimated.
    pub estimator: EstimatorName,
    /// β; null if the estimator has none.
    pub beta: Option<f64>,
}

/// A configuration whose points can be looked up by their index.
///
/// Points come in groups, one a free phase: those that differ in estimator and β alone.
#[derive(Debug, Clone)]
pub struct Grid {
    config: SweepConfig,
    measurements: Vec<(Estimator, Option<f64>)>,
    groups: u64,
}

impl Grid {
    /// The grid of a validated configuration.
    pub fn new(config: &SweepConfig) -> Self {
        Self {
            groups: config.groups().unwrap_or(0),
            measurements: config.measurements(),
            config: config.clone(),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &SweepConfig {
        &self.config
    }

    /// Number of groups.
    pub fn groups(&self) -> u64 {
        self.groups
    }

    /// Number of points of a group.
    pub fn group_size(&self) -> u64 {
        self.measurements.len() as u64
    }

    /// Number of points.
    pub fn points(&self) -> u64 {
        self.groups * self.group_size()
    }

    /// The point with an index below [`Grid::points`]: row by row, the last axis fastest.
    pub fn point(&self, index: u64) -> SweepPoint {
        let mut rest = index;
        let mut next = |length: u64| {
            let position = rest % length;
            rest /= length;
            position
        };
        let config = &self.config;
        let (estimator, beta) = self.measurements[next(self.group_size()) as usize];
        let rtol = config.rtol.value(next(config.rtol.len()));
        let seed = config.seeds.value(next(config.seeds.len()));
        let asymmetry = config.asymmetry.value(next(config.asymmetry.len()));
        let gain = config.gain.value(next(config.gain.len()));
        let neurons = config.neurons.value(next(config.neurons.len()));
        let depth = config.depth.value(next(config.depth.len()));
        let activation = config.activation[next(config.activation.len() as u64) as usize];
        let dynamics = config.dynamics[next(config.dynamics.len() as u64) as usize];
        SweepPoint {
            dynamics,
            activation,
            depth,
            neurons,
            gain,
            asymmetry,
            seed,
            rtol,
            estimator: EstimatorName(estimator),
            beta,
        }
    }
}
