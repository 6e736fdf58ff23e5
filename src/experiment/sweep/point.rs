//! One point of the grid, by its index.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::SweepConfig;
use super::estimator_name::EstimatorName;
use crate::gradient::Estimator;
use crate::io::Entries;
use crate::model::{Activation, Dynamics, ProblemSource};

/// The coordinates of a point of the grid, in the order of the axes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SweepPoint {
    /// Which system.
    #[serde(flatten)]
    pub system: SweptSystem,
    /// Relative tolerance of the integrator.
    pub rtol: f64,
    /// How the error vector is estimated.
    pub estimator: EstimatorName,
    /// β, or null if the estimator has none.
    pub beta: Option<f64>,
}

/// Which system a point is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum SweptSystem {
    /// A random network.
    Network(DrawnNetwork),
    /// The problem of a file.
    Problem {
        /// The values that are varied, by name.
        vary: Entries<f64>,
    },
}

/// Which random network a point is about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DrawnNetwork {
    /// Which vector field.
    pub dynamics: Dynamics,
    /// The firing rate.
    pub activation: Activation,
    /// Hidden layers, 0 for a dense network.
    pub depth: usize,
    /// Neurons of a dense network, or of each hidden layer.
    pub neurons: usize,
    /// Factor on the Glorot limit of the weights.
    pub gain: f64,
    /// λ of W = S + λA.
    pub asymmetry: f64,
    /// Seed of the network.
    pub seed: u64,
}

impl SweepPoint {
    /// The random network that it is about, if it is about one.
    pub fn network(&self) -> Option<&DrawnNetwork> {
        match &self.system {
            SweptSystem::Network(network) => Some(network),
            SweptSystem::Problem { .. } => None,
        }
    }

    /// The values that are varied, by name. A random network has none.
    pub fn varied(&self) -> &[(String, f64)] {
        match &self.system {
            SweptSystem::Network(_) => &[],
            SweptSystem::Problem { vary } => &vary.0,
        }
    }
}

/// A configuration whose points can be looked up by their index.
///
/// Points come in groups, one a free phase: those that differ in estimator and β alone.
#[derive(Debug, Clone)]
pub struct Grid {
    config: SweepConfig,
    /// The problem of its points, once it has been read.
    pub(super) source: Option<ProblemSource>,
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
            source: None,
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
        let system = if config.problem.is_some() {
            let last_first = config.vary.0.iter().rev();
            let mut vary: Vec<(String, f64)> = last_first
                .map(|(name, axis)| (name.clone(), axis.value(next(axis.len()))))
                .collect();
            vary.reverse();
            SweptSystem::Problem {
                vary: Entries(vary),
            }
        } else {
            SweptSystem::Network(config.network_at(&mut next))
        };
        SweepPoint {
            system,
            rtol,
            estimator: EstimatorName(estimator),
            beta,
        }
    }
}

impl SweepConfig {
    /// The random network at a point, the place along each axis given by `next`, the last first.
    fn network_at(&self, mut next: impl FnMut(u64) -> u64) -> DrawnNetwork {
        let seed = self.seeds.value(next(self.seeds.len()));
        let asymmetry = self.asymmetry.value(next(self.asymmetry.len()));
        let gain = self.gain.value(next(self.gain.len()));
        let neurons = self.neurons.value(next(self.neurons.len()));
        let depth = self.depth.value(next(self.depth.len()));
        let activation = self.activation[next(self.activation.len() as u64) as usize];
        let dynamics = self.dynamics[next(self.dynamics.len() as u64) as usize];
        DrawnNetwork {
            dynamics,
            activation,
            depth,
            neurons,
            gain,
            asymmetry,
            seed,
        }
    }
}
