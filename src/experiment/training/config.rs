//! What `eqprop train` is asked to do: every setting with its meaning and default.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data::DataSource;
use crate::io::object;
use crate::model::Activation;

/// A training run; every field has a default, those of the embedded digits run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TrainingSettings {
    /// Seed of weights, shuffles and signs of β; default 0.
    pub seed: u64,
    /// Passes over the training set; default 150.
    pub epochs: usize,
    /// Samples a batch; the last one of an epoch may be smaller; default 20.
    pub batch: usize,
    /// What is learned.
    #[serde(deserialize_with = "object")]
    pub data: DataSettings,
    /// What learns it.
    #[serde(deserialize_with = "object")]
    pub network: NetworkSettings,
    /// The cost that nudges; default `squared_error`.
    pub cost: CostName,
    /// How the error vector is estimated; default `ep`.
    pub estimator: TrainingEstimator,
    /// The nudge of the estimators `ep` and `asymmetric`.
    #[serde(deserialize_with = "object")]
    pub nudge: NudgeSettings,
    /// Weight λ_h ≥ 0 of the homeostasis penalty `$2\lVert A\rVert_F^2$`, A the antisymmetric part
    /// of the Jacobian at the free fixed point (A. Laborieux and F. Zenke, arXiv:2309.02214);
    /// default 0 (none). Its gradient is exact at the rates' present slopes.
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
    /// Minutes between two checkpoints, > 0; one is written at the end all the same; default 5.
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
    /// Samples held out of the training set for the choice of settings; default 0.
    pub validation: usize,
    /// Only this many training samples (before the validation set is taken); default all.
    pub limit: Option<usize>,
}

/// What learns: a layered leaky network (theory, section 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// Sizes of the layers, from input to output; default 64, 64, 10.
    pub sizes: Vec<usize>,
    /// The firing rate ρ; default `hard_sigmoid`.
    pub activation: Activation,
    /// Which states are held in [0, 1]. An output whose drive falls below −β is then lost to its class,
    /// because no nudge lifts it off its bound: the default is `all`, as the published codes have it, where
    /// β ≥ 1, and `hidden` below (`all` too for `settle.method: adaptive` and `settle.persistent: u8`). A free
    /// output follows a linear rule, stable while its rate times ‖ρ(h)‖² over 1 + β stays below 2.
    pub clamp: Option<Clamp>,
    /// Whether each feedback matrix stays the transpose of its feedforward one: the symmetric
    /// network, for comparison; default false.
    pub tied: bool,
    /// Factor on the Glorot limit of the feedforward weights; default 1.
    pub gain: f64,
    /// Factor on the initial feedback weights; default 0.5, which settles more easily.
    pub feedback_gain: f64,
    /// 0 starts feedback at the transpose of feedforward, 1 independently; default 1.
    pub asymmetry: f64,
}

/// Which states are held in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Clamp {
    /// Those of every neuron.
    All,
    /// Those of the hidden neurons; the outputs are free.
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
    /// Influence parameter β > 0; default 4. The output answers by β/(1 + β) of the error, and the update
    /// divides by β: the same rates learn more slowly at a larger β, and the default ones make up for it.
    pub beta: f64,
    /// Which nudged phases there are; default `one_sided`.
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

/// How updates become steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OptimiserSettings {
    /// The rule; default `sgd`.
    #[serde(deserialize_with = "object")]
    pub method: OptimiserMethod,
    /// Learning rates of the feedforward matrices and of the biases of the layers that they lead
    /// to, input side first; one number serves all. The default follows β, of which the update takes off a
    /// part of the error (`TrainingSettings::rates`): 3, 0.8 at β = 4.
    pub rates: Option<Vec<f64>>,
    /// Learning rates of the feedback matrices, input side first; by default each is that of the
    /// feedforward matrix between the same layers.
    pub feedback_rates: Option<Vec<f64>>,
    /// How the rates change from epoch to epoch; default `cosine` to 0.
    #[serde(deserialize_with = "object")]
    pub schedule: Schedule,
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
        /// Decay of the first moment; default 0.9.
        #[serde(default = "first_moment")]
        first_moment: f64,
        /// Decay of the second moment; default 0.999.
        #[serde(default = "second_moment")]
        second_moment: f64,
        /// Added to the root of the second moment; default 1e-8.
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
        /// The last factor; default 0.
        #[serde(default)]
        end: f64,
    },
}

/// How fixed points are found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SettleSettings {
    /// Which solver; default `engine`.
    pub method: SettleMethod,
    /// Largest accepted ‖Π(μ)‖∞; default 1e-4. What a nudge moves by less is lost.
    pub tolerance: f64,
    /// Sweeps of the engine in the free phase, at most; default 200.
    pub free_sweeps: usize,
    /// Sweeps of the engine in a nudged phase, at most; default 100.
    pub nudged_sweeps: usize,
    /// What a sample contributes whose free or nudged phase did not settle; default `skip`.
    pub unsettled: Unsettled,
    /// In what form the fixed point of each training sample is kept as its next start; default
    /// `f32`.
    pub persistent: Persistent,
    /// Largest memory for those states in MiB; more is refused; default 1024.
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

/// What is measured once an epoch, besides what training sees anyway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ObserveSettings {
    /// Epochs between two measurements; default 1. The start and the last epoch are measured all
    /// the same.
    pub every: usize,
    /// Samples of the probe set, the first of the training set: Jacobian and angles are means over
    /// them; 0 leaves those out; default 64.
    pub probe: usize,
    /// Whether the error of the test set is measured as well; default true.
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

impl Default for OptimiserSettings {
    fn default() -> Self {
        Self {
            method: OptimiserMethod::Sgd {},
            rates: None,
            feedback_rates: None,
            schedule: Schedule::Cosine { end: 0.0 },
        }
    }
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
            persistent_limit_mib: 1024,
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
