//! The problem file: JSON in, a validated [`Problem`] out, every refusal naming its field.

mod layered;
mod network;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::Deserialize;

use self::network::{RawNetwork, network};
use super::cost::SquaredError;
use super::problem::Problem;
use crate::error::{Error, Result};
use crate::io::{Document, Name, Object, expect_length, plain};

/// A problem as its file has it: a network, an input, a target and where the state starts.
///
/// Its lengths have to agree, which a schema cannot say.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Problem"))]
pub struct ProblemFile {
    /// The network.
    network: Object<RawNetwork>,
    /// x, one number per input; enters as ρ(x); default none.
    input: Option<Vec<f64>>,
    /// y, one number per output neuron.
    target: Vec<f64>,
    /// s at t = 0, one number per neuron; default 0 (or the nearest bound).
    initial_state: Option<Vec<f64>>,
    /// The cost; default `squared_error`.
    cost: Option<Name<CostName>>,
    /// τ, one positive number per neuron; default 1.
    time_constants: Option<Vec<f64>>,
    /// States are held inside [low, high]; default none.
    state_bounds: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
enum CostName {
    /// ½‖target − s_outputs‖²
    SquaredError,
}

/// A validated problem from JSON text.
pub(super) fn parse(text: &str) -> Result<Problem> {
    validate(Document::Problem.parse(text)?)
}

/// The same, with the arrays of files in `directory` that it refers to.
#[cfg(feature = "experiment")]
pub(super) fn parse_beside(text: &str, directory: &std::path::Path) -> Result<Problem> {
    let mut document = Document::Problem.parse(text)?;
    crate::io::resolve(&mut document, directory, "")?;
    validate(crate::io::from_value("", document)?)
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

fn validate(raw: ProblemFile) -> Result<Problem> {
    let Object(mut raw_network) = raw.network;
    let time_constants = once(
        "time_constants",
        raw.time_constants,
        raw_network.time_constants.take(),
    )?;
    let state_bounds = once(
        "state_bounds",
        raw.state_bounds,
        raw_network.state_bounds.take(),
    )?;
    let cost_name = once("cost", raw.cost, raw_network.cost.take())?;
    let Name(CostName::SquaredError) = cost_name.unwrap_or(Name(CostName::SquaredError));
    let network = network(raw_network, raw.input.as_ref().map(Vec::len))?;
    let n = network.dimension();
    let input = raw.input.unwrap_or_default();
    expect_length("input", input.len(), network.inputs(), "one per input")?;
    let cost = SquaredError::new(&network.outputs, &raw.target)?;
    if let Some(constants) = &time_constants {
        expect_length("time_constants", constants.len(), n, "one per neuron")?;
        if let Some(i) = constants.iter().position(|&constant| constant <= 0.0) {
            return Err(Error::invalid(
                format!("time_constants[{i}]"),
                format!("expected a positive number, found {}", plain(constants[i])),
            ));
        }
    }
    let bounds = state_bounds.map(|[low, high]| (low, high));
    if let Some((low, high)) = bounds
        && low >= high
    {
        return Err(Error::invalid(
            "state_bounds",
            format!("expected [low, high] with low < high, found [{low:?}, {high:?}]"),
        ));
    }
    let initial_state = match raw.initial_state {
        Some(state) => {
            expect_length("initial_state", state.len(), n, "one per neuron")?;
            if let Some((low, high)) = bounds
                && let Some(i) = state.iter().position(|s| !(low..=high).contains(s))
            {
                return Err(Error::invalid(
                    format!("initial_state[{i}]"),
                    format!(
                        "expected a value inside state_bounds, found {}",
                        plain(state[i])
                    ),
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
