//! How updates become steps: the rule, its rates and their schedule.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::io::{object, optional_object};

/// How updates become steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OptimiserSettings {
    /// The rule. Default `sgd`.
    #[serde(deserialize_with = "object")]
    pub method: OptimiserMethod,
    /// Learning rates of the feedforward matrices and of the biases of the layers that they lead
    /// to, input side first. One number serves all. The default follows β, of which the update takes off a
    /// part of the error (`TrainingSettings::rates`): 3, 0.8 at β = 4.
    pub rates: Option<Vec<f64>>,
    /// Learning rates of the feedback matrices, input side first. By default each is that of the
    /// feedforward matrix between the same layers.
    pub feedback_rates: Option<Vec<f64>>,
    /// How the rates change from epoch to epoch. Default `cosine` to 0.
    #[serde(deserialize_with = "object")]
    pub schedule: Schedule,
    /// Last epochs with other rates, after those that the schedule covers. Default none.
    #[serde(deserialize_with = "optional_object")]
    pub last_stage: Option<LastStage>,
}

/// From an averaged update to a step, for each parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum OptimiserMethod {
    /// `$\theta \leftarrow \theta + \eta\,\nu$`
    Sgd {},
    /// `$v \leftarrow m v + \nu,\ \theta \leftarrow \theta + \eta\,v$`
    Momentum {
        /// m in [0, 1).
        momentum: f64,
    },
    /// D. P. Kingma and J. Ba, arXiv:1412.6980, with bias correction.
    Adam {
        /// Decay of the first moment. Default 0.9.
        #[serde(default = "first_moment")]
        first_moment: f64,
        /// Decay of the second moment. Default 0.999.
        #[serde(default = "second_moment")]
        second_moment: f64,
        /// Added to the root of the second moment. Default 1e-8.
        #[serde(default = "epsilon")]
        epsilon: f64,
    },
}

fn first_moment() -> f64 {
    0.9
}

fn second_moment() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-8
}

/// Factor on the learning rates in epoch e = 0, 1, …
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    /// 1.
    Constant {},
    /// `factor` to the power of ⌊e / every⌋.
    Step {
        /// Epochs between two steps.
        every: usize,
        /// Factor of each step.
        factor: f64,
    },
    /// `factor` to the power of e.
    Exponential {
        /// Factor of an epoch.
        factor: f64,
    },
    /// From 1 to `end` along half a cosine, reached in the last epoch.
    Cosine {
        /// The last factor. Default 0.
        #[serde(default)]
        end: f64,
    },
}

/// The last epochs: their rates are those at the end of the schedule, times a factor. The update of the
/// outputs is right even where that of hidden layers is not, so that the last wrong samples want outputs
/// that learn fast above hidden layers that keep nearly still.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LastStage {
    /// How many of the epochs, fewer than all.
    pub epochs: usize,
    /// Factor of the last feedforward matrix and of the outputs' biases.
    pub outputs: f64,
    /// Factor of all others.
    pub others: f64,
}

impl Default for OptimiserSettings {
    fn default() -> Self {
        Self {
            method: OptimiserMethod::Sgd {},
            rates: None,
            feedback_rates: None,
            schedule: Schedule::Cosine { end: 0.0 },
            last_stage: None,
        }
    }
}
