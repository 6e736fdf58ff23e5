//! What a sweep runs over: the axes of its grid, and what all points share.

use std::path::{Path, PathBuf};

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::axis::{Axis, refuse_repeats};
use super::estimator_name::EstimatorName;
use super::range::SeedRange;
use crate::data::hexadecimal;
use crate::dynamics::{Method, SolverSettings};
use crate::error::{Error, Result};
use crate::gradient::Estimator;
use crate::io::{Document, Entries, plain, read_text, within};
use crate::model::{Activation, Dynamics, ProblemOptions};

/// Largest number of neurons in all.
const MOST_NEURONS: usize = 5_000;
/// Largest number of inputs.
const MOST_INPUTS: usize = 100_000;
/// Largest number of input weights.
const MOST_INPUT_WEIGHTS: usize = 25_000_000;
/// Largest number of values of β.
const MOST_BETAS: u64 = 10_000;
/// Largest number of points.
const MOST_POINTS: u64 = 1_000_000_000;

/// A sweep. The grid is the product of its axes, in the order in which they stand here, the last
/// one running fastest. Every field has a default.
///
/// The weights, biases, input and target of a network depend on its seed and sizes alone, so that
/// points which differ in another axis are paired. With a `problem` the axes of random networks give
/// way to those of `vary`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SweepConfig {
    /// A problem's file (JSON or `.ode`), beside the configuration: its values are varied in place of
    /// random networks. Default null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// SHA-256 of that file in hexadecimal. The program fills it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem_sha256: Option<String>,
    /// Axes: numbers of the problem by the names that `--set` takes, in their order.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub vary: Entries<Axis<f64>>,
    /// What is asked of the problem in place of what its file says: outputs, target, cost, learned
    /// parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ProblemOptions>,
    /// Where the configuration stands.
    #[serde(skip)]
    pub directory: PathBuf,
    /// Axis: which vector field. Default `["leaky"]`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub dynamics: Vec<Dynamics>,
    /// Axis: the firing rate ρ. Default `["tanh"]`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub activation: Vec<Activation>,
    /// Axis: hidden layers. 0 is a dense network, every neuron acting on every neuron.
    /// Default `[0]`.
    pub depth: Axis<usize>,
    /// Axis: neurons of a dense network (outputs included), or of each hidden layer of a layered
    /// one (outputs not included). Default `[10]`.
    pub neurons: Axis<usize>,
    /// Axis: factor on the Glorot limit, weights being uniform in
    /// `$\pm\,\text{gain}\sqrt{6/(n_\text{in}+n_\text{out})}$`. In a dense network at asymmetry 1
    /// the largest eigenvalues of W have modulus about `gain`. Default `[0.6]`.
    pub gain: Axis<f64>,
    /// Axis: λ of W = S + λA, S and A the symmetric and antisymmetric parts of the weights as
    /// drawn. 0 is symmetric, 1 leaves them as drawn, −1 is the transpose. Default `[1]`.
    pub asymmetry: Axis<f64>,
    /// Axis: seeds of the random networks, a list or `{"first": 0, "count": 100}`. Default one,
    /// 0.
    pub seeds: Axis<u64, SeedRange>,
    /// Axis: relative tolerance of the integrator. The absolute one is a thousandth of it.
    /// Default `[1e-9]`.
    pub rtol: Axis<f64>,
    /// Axis: how the error vector is estimated. Default `["linear_response"]`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub estimator: Vec<EstimatorName>,
    /// Axis: influence parameter β, 1e-10 ≤ |β| ≤ 1e3, of the estimators that have one (the others
    /// take one point). null, the default, stands for each estimator's own default.
    pub beta: Option<Axis<f64>>,
    /// Inputs. Default 2.
    pub inputs: usize,
    /// Output neurons: the last ones of a dense network, the last layer of a layered one.
    /// Default 2.
    pub outputs: usize,
    /// Input weights are uniform in [low, high]. Default [−1, 1].
    pub input_weights: [f64; 2],
    /// Biases are uniform in [low, high]. Default [−0.5, 0.5].
    pub bias: [f64; 2],
    /// Inputs are uniform in [low, high]. Default [−1, 1].
    pub input: [f64; 2],
    /// Targets are uniform in [low, high]. Default [−1, 1].
    pub target: [f64; 2],
    /// States are held inside [low, high] (projected dynamics). Default null, no bounds.
    pub state_bounds: Option<[f64; 2]>,
    /// The integrator. Default `tsit45`.
    pub method: Method,
    /// Longest time to wait for a steady state, in units of the time constant. Default 1e4.
    pub max_time: f64,
    /// Largest number of accepted steps of one phase. Default 20,000.
    pub max_steps: usize,
    /// Whether Newton's method may finish a nudged phase near its end, as it finishes the free one.
    /// If not, the trajectory itself has to arrive, and costs every evaluation of the way.
    /// Default true.
    pub polish_nudged: bool,
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self {
            problem: None,
            problem_sha256: None,
            vary: Entries::default(),
            changes: None,
            directory: PathBuf::new(),
            dynamics: vec![Dynamics::Leaky],
            activation: vec![Activation::Tanh],
            depth: Axis::List(vec![0]),
            neurons: Axis::List(vec![10]),
            gain: Axis::List(vec![0.6]),
            asymmetry: Axis::List(vec![1.0]),
            seeds: Axis::Range(SeedRange { first: 0, count: 1 }),
            rtol: Axis::List(vec![1e-9]),
            estimator: vec![EstimatorName(Estimator::LinearResponse)],
            beta: None,
            inputs: 2,
            outputs: 2,
            input_weights: [-1.0, 1.0],
            bias: [-0.5, 0.5],
            input: [-1.0, 1.0],
            target: [-1.0, 1.0],
            state_bounds: None,
            method: Method::Tsit45,
            max_time: 1e4,
            max_steps: 20_000,
            polish_nudged: true,
        }
    }
}

impl SweepConfig {
    /// Reads and validates a configuration file (JSON).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::InvalidInput`] as of
    /// [`SweepConfig::from_json`].
    pub fn read(path: &Path) -> Result<Self> {
        let text = read_text(path)?;
        let mut config = Self::from_json(&text).map_err(|error| error.in_file(path))?;
        config.directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(config)
    }

    /// The same from text.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with the JSON path of the field and what is accepted.
    pub fn from_json(text: &str) -> Result<Self> {
        let config: Self = Document::Sweep.parse(text)?;
        config.validate()?;
        Ok(config)
    }

    /// Refuses axes without values or with values out of range, and networks that cannot be.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field.
    pub fn validate(&self) -> Result<()> {
        self.validate_given()?;
        refuse_repeats("dynamics", &self.dynamics)?;
        refuse_repeats("activation", &self.activation)?;
        refuse_repeats("estimator", &self.estimator)?;
        self.depth.validate_within("depth", 0, 1000)?;
        self.neurons.validate_within("neurons", 1, MOST_NEURONS)?;
        self.gain.validate_within("gain", 0.0, 1e6)?;
        self.asymmetry.validate_within("asymmetry", -1e6, 1e6)?;
        self.seeds.validate("seeds")?;
        self.rtol.validate_within("rtol", 1e-13, 0.1)?;
        self.validate_beta()?;
        self.validate_sizes()?;
        for (field, [low, high]) in [
            ("input_weights", self.input_weights),
            ("bias", self.bias),
            ("input", self.input),
            ("target", self.target),
        ] {
            if !(low <= high && low.abs() <= 1e6 && high.abs() <= 1e6) {
                return Err(Error::invalid(
                    field,
                    format!(
                        "expected [low, high], low ≤ high, within ±1e6, found [{low:?}, {high:?}]"
                    ),
                ));
            }
        }
        if let Some([low, high]) = self.state_bounds
            && low >= high
        {
            return Err(Error::invalid(
                "state_bounds",
                format!("expected [low, high] with low < high, found [{low:?}, {high:?}]"),
            ));
        }
        self.solver(1e-9).validate()?;
        let measurements = self.measurements().len() as u64;
        let points = self
            .groups()
            .and_then(|groups| groups.checked_mul(measurements));
        match points {
            Some(points) if points <= MOST_POINTS => Ok(()),
            _ => Err(Error::invalid(
                "(file)",
                format!("the grid has more than {MOST_POINTS} points. Shorten an axis"),
            )),
        }
    }

    /// Number of points along all axes but the last two, or `None` if there are too many to count.
    pub(super) fn groups(&self) -> Option<u64> {
        let lengths: Vec<u64> = if self.problem.is_some() {
            let varied = self.vary.0.iter().map(|(_, axis)| axis.len());
            varied.chain([self.rtol.len()]).collect()
        } else {
            self.lengths_of_networks()
        };
        lengths.into_iter().try_fold(1, u64::checked_mul)
    }

    fn lengths_of_networks(&self) -> Vec<u64> {
        vec![
            self.dynamics.len() as u64,
            self.activation.len() as u64,
            self.depth.len(),
            self.neurons.len(),
            self.gain.len(),
            self.asymmetry.len(),
            self.seeds.len(),
            self.rtol.len(),
        ]
    }

    fn validate_beta(&self) -> Result<()> {
        let Some(beta) = &self.beta else {
            return Ok(());
        };
        beta.validate_within("beta", -1e3, 1e3)?;
        if beta.len() > MOST_BETAS {
            let message = format!("expected at most {MOST_BETAS} values, found {}", beta.len());
            return Err(Error::invalid("beta", message));
        }
        match (0..beta.len()).find(|&k| beta.value(k).abs() < 1e-10) {
            None => Ok(()),
            Some(k) => Err(Error::invalid(
                match beta {
                    Axis::List(_) => format!("beta[{k}]"),
                    Axis::Range(_) => "beta".into(),
                },
                format!("expected 1e-10 ≤ |β| ≤ 1e3, found {}", plain(beta.value(k))),
            )),
        }
    }

    fn validate_sizes(&self) -> Result<()> {
        within("inputs", self.inputs, 0, MOST_INPUTS)?;
        let neurons = self.neurons.values();
        if let Some(neurons) = neurons
            .iter()
            .find(|&n| n * self.inputs > MOST_INPUT_WEIGHTS)
        {
            let message = format!("with {neurons} neurons exceed {MOST_INPUT_WEIGHTS} weights");
            return Err(Error::invalid("inputs", message));
        }
        for depth in self.depth.values() {
            for &neurons in &neurons {
                let (most, all) = if depth == 0 {
                    (neurons, neurons)
                } else {
                    (
                        MOST_NEURONS,
                        depth * neurons + self.outputs.min(MOST_NEURONS),
                    )
                };
                within("outputs", self.outputs, 1, most)?;
                if all > MOST_NEURONS {
                    let message = format!(
                        "{depth} layers of {neurons} and {} outputs exceed {MOST_NEURONS} neurons",
                        self.outputs
                    );
                    return Err(Error::invalid("depth", message));
                }
            }
        }
        Ok(())
    }

    /// How trajectories are integrated at a relative tolerance.
    pub fn solver(&self, rtol: f64) -> SolverSettings {
        SolverSettings {
            method: self.method,
            rtol,
            atol: 1e-3 * rtol,
            max_time: self.max_time,
            max_steps: self.max_steps,
            ..SolverSettings::default()
        }
    }

    /// The last two axes: each estimator with its values of β, those without one once.
    pub fn measurements(&self) -> Vec<(Estimator, Option<f64>)> {
        let betas = |estimator: Estimator| match (&self.beta, estimator.default_beta()) {
            (_, None) => vec![None],
            (None, default) => vec![default],
            (Some(axis), _) => (0..axis.len()).map(|k| Some(axis.value(k))).collect(),
        };
        self.estimator
            .iter()
            .flat_map(|&EstimatorName(estimator)| {
                betas(estimator)
                    .into_iter()
                    .map(move |beta| (estimator, beta))
            })
            .collect()
    }

    /// SHA-256 of the configuration with all defaults filled in, in hexadecimal: what has to agree
    /// before records may stand in one file.
    pub fn hash(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        hexadecimal(&Sha256::digest(text.as_bytes()))
    }
}
