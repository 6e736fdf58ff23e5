//! The problem file: JSON in, a validated [`Problem`] out, every refusal naming its field.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use nalgebra::DMatrix;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::activation::Activation;
use super::cost::SquaredError;
use super::coupling::{Coupling, Layers};
use super::initialisation::Glorot;
use super::network::{Dynamics, Network};
use super::problem::Problem;
use crate::error::{Error, Result};

/// Largest problem file, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Largest network: its dense Jacobian must fit in memory several times over.
const MAX_NEURONS: usize = 5_000;
/// Largest number of inputs.
const MAX_INPUTS: usize = 100_000;
/// Largest number of weights that an `init` may ask for.
const MAX_WEIGHTS: usize = 25_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProblem {
    network: RawNetwork,
    input: Option<Vec<f64>>,
    target: Vec<f64>,
    initial_state: Option<Vec<f64>>,
    cost: Option<CostName>,
    time_constants: Option<Vec<f64>>,
    state_bounds: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CostName {
    SquaredError,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum NetworkType {
    Dense,
    Layered,
}

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNetwork {
    #[serde(rename = "type")]
    kind: NetworkType,
    dynamics: Dynamics,
    activation: Activation,
    weights: Option<Rows>,
    input_weights: Option<Rows>,
    /// A list of numbers (dense) or a list of lists (layered).
    bias: Option<Value>,
    outputs: Option<Vec<usize>>,
    sizes: Option<Vec<usize>>,
    forward: Option<Vec<Rows>>,
    feedback: Option<Vec<Rows>>,
    init: Option<RawInit>,
    // these three describe the problem, but are accepted here as well
    cost: Option<CostName>,
    time_constants: Option<Vec<f64>>,
    state_bounds: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scheme {
    GlorotUniform,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInit {
    #[expect(dead_code, reason = "there is one scheme; naming another is an error")]
    scheme: Scheme,
    seed: u64,
    gain: Option<f64>,
    asymmetry: Option<f64>,
}

/// The text of a file of acceptable size.
pub(super) fn read_text(path: &Path) -> Result<String> {
    let refuse = |message: &str| Error::invalid("(file)", message).in_file(path);
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let metadata = file.metadata().map_err(|source| Error::io(path, source))?;
    if metadata.is_dir() {
        return Err(refuse("is a directory; a problem file (JSON) is expected"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::io(path, source))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse("is larger than 256 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| refuse("is not text (UTF-8); JSON is expected"))
}

/// A validated problem from JSON text.
pub(super) fn parse(text: &str) -> Result<Problem> {
    if text.trim().is_empty() {
        return Err(Error::invalid(
            "(file)",
            "is empty; a JSON object is expected",
        ));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let raw: RawProblem = with_path("", serde_path_to_error::deserialize(&mut reader))?;
    reader
        .end()
        .map_err(|error| Error::invalid("(file)", error.to_string()))?;
    validate(raw)
}

fn with_path<T>(
    prefix: &str,
    parsed: std::result::Result<T, serde_path_to_error::Error<serde_json::Error>>,
) -> Result<T> {
    parsed.map_err(|error| {
        let path = error.path().to_string();
        let field = match (prefix, path.as_str()) {
            ("", ".") => "(file)".to_owned(),
            ("", path) => path.to_owned(),
            (prefix, ".") => prefix.to_owned(),
            (prefix, path) if path.starts_with('[') => format!("{prefix}{path}"),
            (prefix, path) => format!("{prefix}.{path}"),
        };
        Error::invalid(field, error.inner().to_string())
    })
}

fn from_value<T: DeserializeOwned>(field: &str, value: Value) -> Result<T> {
    with_path(field, serde_path_to_error::deserialize(value))
}

/// A field that may stand in the problem or in its network, but not in both.
fn once<T>(field: &str, problem: Option<T>, network: Option<T>) -> Result<Option<T>> {
    if problem.is_some() && network.is_some() {
        return Err(Error::invalid(
            format!("network.{field}"),
            format!("already given as `{field}`; give it once"),
        ));
    }
    Ok(problem.or(network))
}

fn validate(mut raw: RawProblem) -> Result<Problem> {
    let time_constants = once(
        "time_constants",
        raw.time_constants,
        raw.network.time_constants.take(),
    )?;
    let state_bounds = once(
        "state_bounds",
        raw.state_bounds,
        raw.network.state_bounds.take(),
    )?;
    let cost_name = once("cost", raw.cost, raw.network.cost.take())?;
    let CostName::SquaredError = cost_name.unwrap_or(CostName::SquaredError);
    let network = network(raw.network, raw.input.as_ref().map(Vec::len))?;
    let n = network.dimension();
    let input = raw.input.unwrap_or_default();
    expect_length("input", input.len(), network.inputs(), "one an input")?;
    let cost = SquaredError::new(&network.outputs, &raw.target)?;
    if let Some(constants) = &time_constants {
        expect_length("time_constants", constants.len(), n, "one a neuron")?;
        if let Some(i) = constants.iter().position(|&constant| constant <= 0.0) {
            return Err(Error::invalid(
                format!("time_constants[{i}]"),
                format!("expected a positive number, found {}", constants[i]),
            ));
        }
    }
    let bounds = state_bounds.map(|[low, high]| (low, high));
    if let Some((low, high)) = bounds
        && low >= high
    {
        return Err(Error::invalid(
            "state_bounds",
            format!("expected [low, high] with low < high, found [{low}, {high}]"),
        ));
    }
    let initial_state = match raw.initial_state {
        Some(state) => {
            expect_length("initial_state", state.len(), n, "one a neuron")?;
            if let Some((low, high)) = bounds
                && let Some(i) = state.iter().position(|s| !(low..=high).contains(s))
            {
                return Err(Error::invalid(
                    format!("initial_state[{i}]"),
                    format!("expected a value inside state_bounds, found {}", state[i]),
                ));
            }
            state
        }
        None => vec![bounds.map_or(0.0, |(low, high)| 0.0f64.clamp(low, high)); n],
    };
    Ok(Problem {
        network,
        input,
        cost,
        initial_state,
        time_constants,
        state_bounds: bounds,
    })
}

fn expect_length(field: &str, found: usize, expected: usize, which: &str) -> Result<()> {
    if found == expected {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("expected {expected} numbers ({which}), found {found}"),
        ))
    }
}

fn matrix(field: &str, rows: &Rows, expected: (usize, usize)) -> Result<DMatrix<f64>> {
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
            "one a column",
        )?;
    }
    Ok(DMatrix::from_fn(expected.0, expected.1, |i, j| rows[i][j]))
}

fn required<T>(field: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::invalid(field, "missing; give it, or give `network.init`"))
}

/// Refuses fields that the network's type, or its `init`, leaves without meaning.
fn refuse(fields: &[(&str, bool)], why: &str) -> Result<()> {
    match fields.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(Error::invalid(format!("network.{field}"), why)),
        None => Ok(()),
    }
}

fn check_size(field: &str, neurons: Option<usize>) -> Result<usize> {
    match neurons {
        Some(n) if (1..=MAX_NEURONS).contains(&n) => Ok(n),
        _ => Err(Error::invalid(
            field,
            format!("expected 1 to {MAX_NEURONS} neurons in all"),
        )),
    }
}

fn check_inputs(field: &str, inputs: usize) -> Result<()> {
    if inputs <= MAX_INPUTS {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("expected at most {MAX_INPUTS} inputs"),
        ))
    }
}

fn glorot(init: &RawInit) -> Result<Glorot> {
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

fn network(raw: RawNetwork, given_inputs: Option<usize>) -> Result<Network> {
    match raw.kind {
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
    let outputs = raw
        .outputs
        .ok_or_else(|| Error::invalid("network.outputs", "missing; list the output neurons"))?;
    if let Some(init) = &raw.init {
        refuse(
            &[
                ("weights", raw.weights.is_some()),
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
        return Ok(glorot(init)?.dense(inputs, neurons, outputs, raw.dynamics, raw.activation));
    }
    refuse(
        &[("sizes", raw.sizes.is_some())],
        "belongs to layered networks and to `init`",
    )?;
    let weights = required("network.weights", raw.weights)?;
    let n = check_size("network.weights", Some(weights.len()))?;
    let weights = matrix("network.weights", &weights, (n, n))?;
    let input_weights = match &raw.input_weights {
        Some(rows) => {
            let inputs = rows.first().map_or(0, Vec::len);
            check_inputs("network.input_weights", inputs)?;
            matrix("network.input_weights", rows, (n, inputs))?
        }
        // weights left out are 0, and they are parameters all the same
        None => {
            check_inputs("input", given_inputs)?;
            check_weights(n.checked_mul(given_inputs))?;
            DMatrix::zeros(n, given_inputs)
        }
    };
    let bias = match raw.bias {
        Some(value) => from_value::<Vec<f64>>("network.bias", value)?,
        None => vec![0.0; n],
    };
    expect_length("network.bias", bias.len(), n, "one a neuron")?;
    check_outputs(&outputs, n)?;
    Ok(Network {
        dynamics: raw.dynamics,
        activation: raw.activation,
        coupling: Coupling::Dense(weights),
        input_weights,
        bias,
        outputs,
    })
}

fn check_weights(count: Option<usize>) -> Result<()> {
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

fn layered(raw: RawNetwork) -> Result<Network> {
    refuse(
        &[
            ("weights", raw.weights.is_some()),
            ("input_weights", raw.input_weights.is_some()),
            ("outputs", raw.outputs.is_some()),
        ],
        "belongs to networks of type \"dense\"; the outputs are the last layer",
    )?;
    let sizes = raw
        .sizes
        .ok_or_else(|| Error::invalid("network.sizes", "missing; list the layers, input first"))?;
    if sizes.len() < 2 {
        return Err(Error::invalid(
            "network.sizes",
            format!("expected at least two layers, found {}", sizes.len()),
        ));
    }
    if let Some(k) = sizes.iter().position(|&size| size == 0) {
        return Err(Error::invalid(
            format!("network.sizes[{k}]"),
            "expected a positive size, found 0",
        ));
    }
    check_inputs("network.sizes[0]", sizes[0])?;
    let neurons = sizes[1..]
        .iter()
        .try_fold(0usize, |sum, &size| sum.checked_add(size));
    let neurons = check_size("network.sizes", neurons)?;
    check_weights(sizes.windows(2).try_fold(0usize, |sum, pair| {
        sum.checked_add(pair[0].checked_mul(pair[1])?)
    }))?;
    if let Some(init) = &raw.init {
        refuse(
            &[
                ("forward", raw.forward.is_some()),
                ("feedback", raw.feedback.is_some()),
                ("bias", raw.bias.is_some()),
            ],
            "cannot be given together with `init`",
        )?;
        return glorot(init)?.layered(&sizes, raw.dynamics, raw.activation);
    }
    let pairs = sizes.len() - 2;
    let read_series = |field: &str, given: Option<Vec<Rows>>, shapes: Vec<(usize, usize)>| {
        let series = required(field, given)?;
        if series.len() != shapes.len() {
            return Err(Error::invalid(
                field,
                format!("expected {} matrices, found {}", shapes.len(), series.len()),
            ));
        }
        series
            .iter()
            .zip(shapes)
            .enumerate()
            .map(|(k, (rows, shape))| matrix(&format!("{field}[{k}]"), rows, shape))
            .collect::<Result<Vec<_>>>()
    };
    let mut forward = read_series(
        "network.forward",
        raw.forward,
        (0..=pairs).map(|k| (sizes[k + 1], sizes[k])).collect(),
    )?;
    let feedback_given = if pairs == 0 {
        raw.feedback.or(Some(Vec::new()))
    } else {
        raw.feedback
    };
    let feedback = read_series(
        "network.feedback",
        feedback_given,
        (0..pairs).map(|k| (sizes[k + 1], sizes[k + 2])).collect(),
    )?;
    let bias = match raw.bias {
        None => vec![0.0; neurons],
        Some(value) => {
            let layers: Rows = from_value("network.bias", value)?;
            if layers.len() != sizes.len() - 1 {
                return Err(Error::invalid(
                    "network.bias",
                    format!("expected {} lists, found {}", sizes.len() - 1, layers.len()),
                ));
            }
            for (k, layer) in layers.iter().enumerate() {
                let field = format!("network.bias[{k}]");
                expect_length(&field, layer.len(), sizes[k + 1], "one a neuron")?;
            }
            layers.concat()
        }
    };
    let input_weights = forward.remove(0);
    let layers = Layers::new(&sizes[1..], forward, feedback)
        .ok_or_else(|| Error::invalid("network.sizes", "do not fit the matrices"))?;
    Ok(Network {
        dynamics: raw.dynamics,
        activation: raw.activation,
        input_weights,
        coupling: Coupling::Layered(layers),
        bias,
        outputs: (neurons - sizes[sizes.len() - 1]..neurons).collect(),
    })
}
