//! What `eqprop train` is asked to do: every setting with its meaning and default.

mod optimiser;
mod settle;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use optimiser::{LastStage, OptimiserMethod, OptimiserSettings, Schedule};
pub use settle::{Persistent, SettleMethod, SettleSettings, Unsettled};

use crate::data::DataSource;
use crate::io::object;
use crate::model::Activation;

/// A training run. Every field has a default, those of the embedded digits run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TrainingSettings {
    /// Seed of weights, shuffles and signs of β. Default 0.
    pub seed: u64,
    /// Passes over the training set. Default 150.
    pub epochs: usize,
    /// Samples per batch. The last one of an epoch may be smaller. Default 20.
    pub batch: usize,
    /// What is learned.
    #[serde(deserialize_with = "object")]
    pub data: DataSettings,
    /// What learns it.
    #[serde(deserialize_with = "object")]
    pub network: NetworkSettings,
    /// The cost that nudges. Default `squared_error`.
    pub cost: CostName,
    /// How the error vector is estimated. Default `ep`.
    pub estimator: TrainingEstimator,
    /// The nudge of the estimators `ep` and `asymmetric`.
    #[serde(deserialize_with = "object")]
    pub nudge: NudgeSettings,
    /// Weight λ_h ≥ 0 of the homeostasis penalty `$2\lVert A\rVert_F^2$`, A the antisymmetric part
    /// of the Jacobian at the free fixed point (A. Laborieux and F. Zenke, arXiv:2309.02214).
    /// Default 0 (none). Its gradient is exact at the rates' present slopes.
    pub homeostasis: f64,
    /// How updates become steps.
    #[serde(deserialize_with = "object")]
    pub optimiser: OptimiserSettings,
    /// How fixed points are found.
    #[serde(deserialize_with = "object")]
    pub settle: SettleSettings,
    /// What is measured once an epoch.
    #[serde(deserialize_with = "object")]
    pub observe: ObserveSettings,
    /// Minutes between two checkpoints, > 0. One is written at the end all the same. Default 5.
    pub checkpoint_minutes: f64,
}

/// What is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DataSettings {
    /// Where the samples come from.
    #[serde(deserialize_with = "object")]
    pub source: DataSource,
    /// Samples held out of the training set for the choice of settings. Default 0.
    pub validation: usize,
    /// Only this many training samples (before the validation set is taken). Default all.
    pub limit: Option<usize>,
}

/// What learns: a layered leaky network (theory, section 1), or a field in text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// A problem with a field in text, or its file beside the configuration: it learns in place of a
    /// network. A sample clamps its `inputs`. The target is that of its `outputs`, one a class, or of
    /// two classes one output with the targets 0 and 1. Its parameters begin as they are written, every
    /// phase at its `initial_state` (`settle.method` is `adaptive`, `persistent` `none`). Default null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<serde_json::Value>,
    /// Sizes of the layers, from input to output. Default 64, 64, 10.
    pub sizes: Vec<usize>,
    /// The firing rate ρ. Default `hard_sigmoid`.
    pub activation: Activation,
    /// Which states are held in [0, 1]. An output whose drive falls below −β is then lost to its class,
    /// because no nudge lifts it off its bound: the default is `all`, as the published codes have it, where
    /// β ≥ 1, and `hidden` below (`all` too for `settle.method: adaptive` and `settle.persistent: u8`). A free
    /// output follows a linear rule, stable while its rate times ‖ρ(h)‖² over 1 + β stays below 2.
    pub clamp: Option<Clamp>,
    /// Whether each feedback matrix stays the transpose of its feedforward one: the symmetric
    /// network, for comparison. Default false.
    pub tied: bool,
    /// Factor on the Glorot limit of the feedforward weights. Default 1.
    pub gain: f64,
    /// Factor on the initial feedback weights. Default 0.5, which settles more easily.
    pub feedback_gain: f64,
    /// 0 starts feedback at the transpose of feedforward, 1 independently. Default 1.
    pub asymmetry: f64,
}

/// Which states are held in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clamp {
    /// Those of every neuron.
    All,
    /// Those of the hidden neurons. The outputs are free.
    Hidden,
    /// None.
    None,
}

/// The cost of an output h₀ at a target y (one value a class).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CostName {
    /// `$\tfrac12\lVert y - h_0\rVert^2$`
    SquaredError,
    /// `$-\sum_k y_k \ln \mathrm{softmax}(h_0)_k$`
    SoftmaxCrossEntropy,
}

/// How the error vector of a sample is estimated (theory, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrainingEstimator {
    /// Equilibrium propagation: `$(s^\beta - s^0)/\beta$`, which tends to `$a = \mathrm{Jac}^{-1} c$`.
    Ep,
    /// The same with the nudged field corrected by `$(\mathrm{Jac}^\top - \mathrm{Jac})(s - s^0)$`,
    /// which tends to the true gradient (E. Scurria et al., arXiv:2602.03670).
    Asymmetric,
    /// The true gradient, `$g = \mathrm{Jac}^{-\top} c$`: the reference.
    TrueGradient,
}

/// The nudge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NudgeSettings {
    /// Influence parameter β > 0. Default 4. The output answers by β/(1 + β) of the error, and the update
    /// divides by β: the same rates learn more slowly at a larger β, and the default ones make up for it.
    pub beta: f64,
    /// Which nudged phases there are. Default `one_sided`.
    pub scheme: NudgeScheme,
}

/// Which nudged phases there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NudgeScheme {
    /// One at +β.
    OneSided,
    /// One at +β or −β, drawn for each batch: the bias of one side averages out.
    RandomSign,
    /// Two, at +β and −β.
    Centred,
}

/// What is measured once an epoch, besides what training sees anyway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ObserveSettings {
    /// Epochs between two measurements. Default 1. The start and the last epoch are measured all
    /// the same.
    pub every: usize,
    /// Samples of the probe set, the first of the training set: Jacobian and angles are means over
    /// them. 0 leaves those out. Default 64.
    pub probe: usize,
    /// Whether the error of the test set is measured as well. Default true.
    pub test: bool,
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs: 150,
            batch: 20,
            data: DataSettings::default(),
            network: NetworkSettings::default(),
            cost: CostName::SquaredError,
            estimator: TrainingEstimator::Ep,
            nudge: NudgeSettings::default(),
            homeostasis: 0.0,
            optimiser: OptimiserSettings::default(),
            settle: SettleSettings::default(),
            observe: ObserveSettings::default(),
            checkpoint_minutes: 5.0,
        }
    }
}

impl Default for DataSettings {
    fn default() -> Self {
        Self {
            source: DataSource::Digits { split_seed: 0 },
            validation: 0,
            limit: None,
        }
    }
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            field: None,
            sizes: vec![64, 64, 10],
            activation: Activation::HardSigmoid,
            clamp: None,
            tied: false,
            gain: 1.0,
            feedback_gain: 0.5,
            asymmetry: 1.0,
        }
    }
}

impl Default for NudgeSettings {
    fn default() -> Self {
        Self {
            beta: 4.0,
            scheme: NudgeScheme::OneSided,
        }
    }
}

impl Default for ObserveSettings {
    fn default() -> Self {
        Self {
            every: 1,
            probe: 64,
            test: true,
        }
    }
}
