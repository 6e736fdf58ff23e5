//! The `network` of a problem file: dense or layered, written out or drawn at random.

use nalgebra::DMatrix;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::super::activation::Activation;
use super::super::coupling::Coupling;
use super::super::dynamics::Dynamics;
use super::super::initialisation::Glorot;
use super::super::network::Network;
use super::CostName;
use super::layered::layered;
use super::sparse::{self, RawSparse};
use crate::error::{Error, Result};
use crate::io::{Name, Object, expect_length, from_value};

/// Largest network with full matrices: its Jacobian must fit in memory several times over.
const MAX_NEURONS: usize = 20_000;
/// Largest number of inputs.
const MAX_INPUTS: usize = 100_000;
/// Largest number of weights that an `init` may ask for.
const MAX_WEIGHTS: usize = 25_000_000;

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum NetworkType {
    /// Every neuron acts on every neuron.
    Dense,
    /// Neighbouring layers act on each other.
    Layered,
}

pub(super) type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Network"))]
pub(super) struct RawNetwork {
    /// Dense or layered.
    #[serde(rename = "type")]
    pub(super) kind: Name<NetworkType>,
    /// Which vector field.
    pub(super) dynamics: Name<Dynamics>,
    /// The firing rate ρ.
    pub(super) activation: Name<Activation>,
    /// Dense: n rows of n. `weights[i][j]` acts from neuron j on neuron i.
    pub(super) weights: Option<Rows>,
    /// The same from a file of arrays, read already.
    #[serde(skip)]
    pub(super) stored_weights: Option<DMatrix<f64>>,
    /// The same as three lists.
    #[serde(skip)]
    pub(super) sparse_weights: Option<RawSparse>,
    /// Dense: n rows of d. Default 0.
    pub(super) input_weights: Option<Rows>,
    /// Dense: n numbers. Layered: one list per layer, the input excluded. Default 0.
    pub(super) bias: Option<Value>,
    /// Dense: indices of the output neurons, each once.
    pub(super) outputs: Option<Vec<usize>>,
    /// Layered: sizes from input to output. Dense with `init`: inputs and neurons.
    pub(super) sizes: Option<Vec<usize>>,
    /// Layered: `forward[k]` maps layer k to k + 1.
    pub(super) forward: Option<Vec<Rows>>,
    /// Layered: `feedback[k]` maps layer k + 2 back to k + 1.
    pub(super) feedback: Option<Vec<Rows>>,
    /// Random weights instead of matrices and biases.
    pub(super) init: Option<Object<RawInit>>,
    // these three describe the problem, but are accepted here as well
    /// As in the problem itself.
    pub(super) cost: Option<Name<CostName>>,
    /// As in the problem itself.
    pub(super) time_constants: Option<Vec<f64>>,
    /// As in the problem itself.
    pub(super) state_bounds: Option<[f64; 2]>,
}

impl RawNetwork {
    /// Whether recurrent weights are given in any form.
    pub(super) fn has_weights(&self) -> bool {
        self.weights.is_some() || self.stored_weights.is_some() || self.sparse_weights.is_some()
    }
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Scheme {
    /// Uniform in ±gain·√(6/(n_in + n_out)).
    GlorotUniform,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Init"))]
pub(super) struct RawInit {
    /// How weights are drawn.
    #[expect(dead_code, reason = "there is one scheme. Naming another is an error")]
    scheme: Name<Scheme>,
    /// Seed of the generator.
    seed: u64,
    /// Factor on the Glorot limit. Default 1.
    gain: Option<f64>,
    /// 0 (feedback is the transpose of forward) to 1 (independent). Default 1.
    asymmetry: Option<f64>,
}

pub(super) fn matrix(field: &str, rows: &Rows, expected: (usize, usize)) -> Result<DMatrix<f64>> {
    if rows.len() != expected.0 {
        return Err(Error::invalid(
            field,
            format!("expected {} rows, found {}", expected.0, rows.len()),
        ));
    }
    for (i, row) in rows.iter().enumerate() {
        expect_length(
            &format!("{field}[{i}]"),
            row.len(),
            expected.1,
            "one per column",
        )?;
    }
    Ok(DMatrix::from_fn(expected.0, expected.1, |i, j| rows[i][j]))
}

pub(super) fn required<T>(field: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid(field, "missing. Give it, or give `network.init`"))
}

/// Refuses fields that the network's type, or its `init`, leaves without meaning.
pub(super) fn refuse(fields: &[(&str, bool)], why: &str) -> Result<()> {
    match fields.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(Error::invalid(format!("network.{field}"), why)),
        None => Ok(()),
    }
}

pub(super) fn check_size(field: &str, neurons: Option<usize>) -> Result<usize> {
    match neurons {
        Some(n) if (1..=MAX_NEURONS).contains(&n) => Ok(n),
        _ => Err(Error::invalid(
            field,
            format!(
                "expected 1 to {MAX_NEURONS} neurons in all (more, with {{\"sparse\": …}} weights)"
            ),
        )),
    }
}

pub(super) fn check_inputs(field: &str, inputs: usize) -> Result<()> {
    if inputs <= MAX_INPUTS {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("expected at most {MAX_INPUTS} inputs"),
        ))
    }
}

pub(super) fn glorot(init: &RawInit) -> Result<Glorot> {
    let default = Glorot::default();
    let glorot = Glorot {
        seed: init.seed,
        gain: init.gain.unwrap_or(default.gain),
        asymmetry: init.asymmetry.unwrap_or(default.asymmetry),
    };
    if glorot.gain < 0.0 {
        return Err(Error::invalid("network.init.gain", "expected a number ≥ 0"));
    }
    if !(0.0..=1.0).contains(&glorot.asymmetry) {
        return Err(Error::invalid(
            "network.init.asymmetry",
            "expected a number from 0 (symmetric) to 1 (independent)",
        ));
    }
    Ok(glorot)
}

/// The validated network.
pub(super) fn network(raw: RawNetwork, given_inputs: Option<usize>) -> Result<Network> {
    match raw.kind.0 {
        NetworkType::Dense => dense(raw, given_inputs.unwrap_or(0)),
        NetworkType::Layered => layered(raw),
    }
}

fn dense(raw: RawNetwork, given_inputs: usize) -> Result<Network> {
    refuse(
        &[
            ("forward", raw.forward.is_some()),
            ("feedback", raw.feedback.is_some()),
        ],
        "belongs to networks of type \"layered\"",
    )?;
    let has_weights = raw.has_weights();
    let outputs = raw
        .outputs
        .ok_or_else(|| Error::invalid("network.outputs", "missing. List the output neurons"))?;
    if let Some(Object(init)) = &raw.init {
        refuse(
            &[
                ("weights", has_weights),
                ("input_weights", raw.input_weights.is_some()),
                ("bias", raw.bias.is_some()),
            ],
            "cannot be given together with `init`",
        )?;
        let [inputs, neurons] = *required("network.sizes", raw.sizes)?.as_slice() else {
            return Err(Error::invalid(
                "network.sizes",
                "expected [inputs, neurons] for a dense network with `init`",
            ));
        };
        check_inputs("network.sizes[0]", inputs)?;
        check_size("network.sizes[1]", Some(neurons))?;
        check_weights(neurons.checked_mul(neurons + inputs))?;
        check_outputs(&outputs, neurons)?;
        return Ok(glorot(init)?.dense(inputs, neurons, outputs, raw.dynamics.0, raw.activation.0));
    }
    refuse(
        &[("sizes", raw.sizes.is_some())],
        "belongs to layered networks and to `init`",
    )?;
    let bias = match raw.bias {
        Some(value) => Some(from_value::<Vec<f64>>("network.bias", value)?),
        None => None,
    };
    let coupling = match (raw.sparse_weights, raw.stored_weights) {
        (Some(sparse), _) => {
            let n = sparse::neurons(bias.as_ref().map(Vec::len))?;
            Coupling::Sparse(sparse.validate(n)?)
        }
        (None, Some(stored)) => {
            let (n, columns) = stored.shape();
            check_size("network.weights", Some(n))?;
            expect_length("network.weights[0]", columns, n, "one per column")?;
            Coupling::Dense(stored)
        }
        (None, None) => {
            let rows = required("network.weights", raw.weights)?;
            let n = check_size("network.weights", Some(rows.len()))?;
            Coupling::Dense(matrix("network.weights", &rows, (n, n))?)
        }
    };
    let n = coupling.dimension();
    let input_weights = match &raw.input_weights {
        Some(rows) => {
            let inputs = rows.first().map_or(0, Vec::len);
            check_inputs("network.input_weights", inputs)?;
            matrix("network.input_weights", rows, (n, inputs))?
        }
        None if given_inputs > 0 => {
            let message = format!(
                "missing, though there is an `input`, which would act on nothing. Give a row of {given_inputs} per neuron, or leave the input out"
            );
            return Err(Error::invalid("network.input_weights", message));
        }
        None => DMatrix::zeros(n, 0),
    };
    let bias = bias.unwrap_or_else(|| vec![0.0; n]);
    expect_length("network.bias", bias.len(), n, "one per neuron")?;
    check_outputs(&outputs, n)?;
    Ok(Network {
        dynamics: raw.dynamics.0,
        activation: raw.activation.0,
        coupling,
        input_weights,
        bias,
        outputs,
    })
}

pub(super) fn check_weights(count: Option<usize>) -> Result<()> {
    match count {
        Some(count) if count <= MAX_WEIGHTS => Ok(()),
        _ => Err(Error::invalid(
            "network.sizes",
            format!("expected at most {MAX_WEIGHTS} weights in all"),
        )),
    }
}

fn check_outputs(outputs: &[usize], neurons: usize) -> Result<()> {
    if outputs.is_empty() {
        return Err(Error::invalid(
            "network.outputs",
            "expected at least one output neuron",
        ));
    }
    let mut seen = vec![false; neurons];
    for (k, &neuron) in outputs.iter().enumerate() {
        match seen.get_mut(neuron) {
            None => {
                return Err(Error::invalid(
                    format!("network.outputs[{k}]"),
                    format!(
                        "expected an index from 0 to {}, found {neuron}",
                        neurons - 1
                    ),
                ));
            }
            Some(true) => {
                return Err(Error::invalid(
                    format!("network.outputs[{k}]"),
                    format!("neuron {neuron} is listed twice"),
                ));
            }
            Some(slot) => *slot = true,
        }
    }
    Ok(())
}
