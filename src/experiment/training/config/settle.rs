//! How the fixed points of training are found and kept.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How fixed points are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SettleSettings {
    /// Which solver. Default `engine`.
    pub method: SettleMethod,
    /// Largest accepted ‖Π(μ)‖∞. Default 1e-4. What a nudge moves by less is lost.
    pub tolerance: f64,
    /// Sweeps of the engine in the free phase, at most. Default 200.
    pub free_sweeps: usize,
    /// Sweeps of the engine in a nudged phase, at most. Default 100.
    pub nudged_sweeps: usize,
    /// What a sample contributes whose free or nudged phase did not settle. Default `skip`.
    pub unsettled: Unsettled,
    /// In what form the fixed point of each training sample is kept as its next start. Default
    /// `f32`.
    pub persistent: Persistent,
    /// Whether a training sample that is wrong at its turn starts from 0 at its next one: where several
    /// fixed points are stable, the kept one may be the wrong one for good. Default false.
    pub restart_wrong: bool,
    /// Largest memory for those states in MiB. More is refused. Default 1024.
    pub persistent_limit_mib: usize,
}

/// Which solver finds the fixed points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SettleMethod {
    /// The batched fixed-point engine.
    Engine,
    /// Adaptive integration of every sample's trajectory: slow, and the yardstick.
    Adaptive,
}

/// What a sample contributes that did not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unsettled {
    /// Nothing: the update is the mean over the settled samples of the batch.
    Skip,
    /// Its difference as it stands, if it is finite.
    Use,
}

/// In what form fixed points are kept from epoch to epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Persistent {
    /// Not at all: every free phase starts at 0.
    None,
    /// Four bytes a state.
    F32,
    /// One byte a state in [0, 1], in steps of 1/255; needs `clamp: all`.
    U8,
}

impl Default for SettleSettings {
    fn default() -> Self {
        Self {
            method: SettleMethod::Engine,
            tolerance: 1e-4,
            free_sweeps: 200,
            nudged_sweeps: 100,
            unsettled: Unsettled::Skip,
            persistent: Persistent::F32,
            restart_wrong: false,
            persistent_limit_mib: 1024,
        }
    }
}
