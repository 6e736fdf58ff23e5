//! The problem file: JSON in, a validated [`Problem`] out, every refusal naming its field.

mod arrays;
mod field;
mod field_checks;
mod layered;
mod network;
mod ode;
mod options;
mod outputs;
mod sparse;

use nalgebra::DMatrix;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use self::arrays::by_name;
use self::field::{RawField, assemble};
use self::field_checks::{cost, expect_finite, expect_states_only, guarded_division};
use self::network::{RawNetwork, network};
pub use self::options::ProblemOptions;
use self::outputs::squared_error;
use self::sparse::RawSparse;
use super::cost::SquaredError;
use super::problem::Problem;
use super::system::{ProblemCost, System};
use super::text_cost::TextCost;
use crate::error::{Error, Result};
use crate::expression::Text;
use crate::io::{Document, Name, Object, expect_length, from_value, plain};

/// A problem as its file has it: a network or a field in text, an input, a target and where the state
/// starts.
///
/// Its lengths have to agree, which a schema cannot say.
#[derive(Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Problem"))]
pub struct ProblemFile {
    /// The network.
    network: Option<Object<RawNetwork>>,
    /// Equations in text, in place of a network.
    field: Option<Object<RawField>>,
    /// x, one number per input. It enters a network as ρ(x). Default none, or as the field says.
    input: Option<Vec<f64>>,
    /// Of a field: the names (or the numbers) of the output states.
    outputs: Option<Vec<Value>>,
    /// y, one number per output.
    target: Option<Vec<f64>>,
    /// s at t = 0, one number per state, or of a field by name. Default 0 (or the nearest bound).
    initial_state: Option<Value>,
    /// The cost: `squared_error` (default), or of a field an expression of its states.
    cost: Option<String>,
    /// τ, one positive number per state, or of a field by name. Default 1.
    time_constants: Option<Value>,
    /// States are held inside [low, high]. Default none.
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
    if text.contains("\"sparse\"") {
        let mut document = Document::Problem.parse(text)?;
        let sparse_weights = sparse::take(&mut document, None)?;
        return from_document(document, None, sparse_weights);
    }
    validate(Document::Problem.parse(text)?)
}

/// A problem whose weights stand in its document otherwise than as rows.
fn from_document(
    document: Value,
    stored_weights: Option<DMatrix<f64>>,
    sparse_weights: Option<RawSparse>,
) -> Result<Problem> {
    let mut raw: ProblemFile = from_value("", document)?;
    if let Some(Object(network)) = &mut raw.network {
        network.stored_weights = stored_weights;
        network.sparse_weights = sparse_weights;
    }
    validate(raw)
}

/// The same, with the arrays of files in `directory` that it refers to.
#[cfg(feature = "experiment")]
pub(super) fn parse_beside(text: &str, directory: &std::path::Path) -> Result<Problem> {
    beside(Document::Problem.parse(text)?, directory)
}

#[cfg(feature = "experiment")]
fn beside(mut document: Value, directory: &std::path::Path) -> Result<Problem> {
    let weights = crate::io::take_matrix(&mut document, directory, ["network", "weights"])?;
    let sparse_weights = sparse::take(&mut document, Some(directory))?;
    crate::io::resolve(&mut document, directory, "")?;
    from_document(document, weights, sparse_weights)
}

#[cfg(not(feature = "experiment"))]
fn beside(mut document: Value, _directory: &std::path::Path) -> Result<Problem> {
    let sparse_weights = sparse::take(&mut document, None)?;
    from_document(document, None, sparse_weights)
}

/// The same with changes for one call.
pub(super) fn parse_changed(
    text: &str,
    directory: &std::path::Path,
    options: &ProblemOptions,
) -> Result<Problem> {
    let mut document = Document::Problem.parse(text)?;
    options.apply(&mut document)?;
    beside(document, directory)
}

/// A problem from an `.ode` file of XPPAUT.
pub(super) fn parse_ode(text: &str, options: &ProblemOptions) -> Result<Problem> {
    let file = ode::read(text, options)?;
    let raw = ProblemFile {
        initial_state: Some(file.initial_state.into()),
        cost: options.cost.clone(),
        outputs: options.output_values(),
        target: options.target.clone(),
        ..ProblemFile::default()
    };
    let mut problem = put_together(raw, file.assembly, options.learn.as_deref())?;
    problem.free_time = Some(file.free_time);
    problem.warnings.splice(0..0, file.warnings);
    Ok(problem)
}

/// A field that may stand in the problem or in its network, but not in both.
fn once<T>(place: &str, field: &str, problem: Option<T>, inner: Option<T>) -> Result<Option<T>> {
    if problem.is_some() && inner.is_some() {
        return Err(Error::invalid(
            format!("{place}.{field}"),
            format!("already given as `{field}`. Give it once"),
        ));
    }
    Ok(problem.or(inner))
}

fn validate(mut raw: ProblemFile) -> Result<Problem> {
    match (raw.network.take(), raw.field.take()) {
        (Some(Object(network)), None) => of_network(raw, network),
        (None, Some(Object(field))) => of_field(raw, field),
        (Some(_), Some(_)) => Err(Error::invalid(
            "field",
            "stands beside a `network`. A problem has one of them",
        )),
        (None, None) => Err(Error::invalid(
            "(file)",
            "`network` is missing (or a `field`, for equations in text)",
        )),
    }
}

fn of_network(mut raw: ProblemFile, mut raw_network: RawNetwork) -> Result<Problem> {
    if raw.outputs.is_some() {
        let message = "belongs to a `field`. Those of a network stand in the network";
        return Err(Error::invalid("outputs", message));
    }
    let given = raw.time_constants.take();
    let given = given
        .map(|value| from_value("time_constants", value))
        .transpose()?;
    let inner = raw_network.time_constants.take();
    let time_constants: Option<Vec<f64>> = once("network", "time_constants", given, inner)?;
    let inner = raw_network.state_bounds.take();
    raw.state_bounds = once("network", "state_bounds", raw.state_bounds, inner)?;
    let given = raw.cost.take().map(Value::String);
    let given = given.map(|name| from_value("cost", name)).transpose()?;
    let cost_name = once("network", "cost", given, raw_network.cost.take())?;
    let Name(CostName::SquaredError) = cost_name.unwrap_or(Name(CostName::SquaredError));
    let network = network(raw_network, raw.input.as_ref().map(Vec::len))?;
    let n = network.dimension();
    let input = raw.input.take().unwrap_or_default();
    expect_length("input", input.len(), network.inputs(), "one per input")?;
    let cost = match &raw.target {
        Some(target) => SquaredError::new(&network.outputs, target)?,
        None => SquaredError::new(&[], &[])?,
    };
    if let Some(constants) = &time_constants {
        expect_length("time_constants", constants.len(), n, "one per neuron")?;
    }
    let start = raw.initial_state.take();
    let start: Option<Vec<f64>> = start
        .map(|value| from_value("initial_state", value))
        .transpose()?;
    if let Some(start) = &start {
        expect_length("initial_state", start.len(), n, "one per neuron")?;
    }
    let problem = Problem {
        initial_state: start.clone().unwrap_or_default(),
        system: System::Network(network),
        input,
        cost: cost.into(),
        time_constants,
        state_bounds: None,
        free_time: None,
        warnings: Vec::new(),
    };
    bounded(problem, raw.state_bounds, n, start.is_some())
}

fn of_field(mut raw: ProblemFile, mut raw_field: RawField) -> Result<Problem> {
    let inner = raw_field.time_constants.take();
    let time_constants = once("field", "time_constants", raw.time_constants.take(), inner)?;
    let inner = raw_field.state_bounds.take();
    raw.state_bounds = once("field", "state_bounds", raw.state_bounds, inner)?;
    raw.time_constants = time_constants;
    let learn = raw_field.learn.take();
    let assembly = assemble(&mut raw_field)?;
    put_together(raw, assembly, learn.as_deref())
}

/// The problem of a field whose equations are put together.
fn put_together(
    mut raw: ProblemFile,
    mut assembly: field::Assembly,
    learn: Option<&[String]>,
) -> Result<Problem> {
    let names = assembly.states.clone();
    let (n, numbers) = (names.len(), assembly.numbers());
    let source = raw.cost.take().filter(|cost| cost != "squared_error");
    let squared = squared_error(&raw, &names, source.is_some())?;
    let node = match &source {
        Some(source) => {
            let text = Text::new("cost", source.as_str());
            Some(cost(&mut assembly, &text)?)
        }
        None => None,
    };
    let (mut text_field, program) = assembly.finish(node);
    if let Some(learn) = learn {
        text_field = text_field.learning(learn).map_err(|error| match error {
            Error::InvalidInput { message, .. } => Error::invalid("field.learn", message),
            other => other,
        })?;
    }
    if let Some(input) = raw.input.take() {
        text_field = text_field.clamp(&input)?;
    }
    let cost = match program {
        Some(program) => {
            expect_states_only(&program, &text_field)?;
            ProblemCost::Text(TextCost::new(program, &numbers))
        }
        None => squared.into(),
    };
    let time_constants = (raw.time_constants.take())
        .map(|value| by_name("time_constants", value, &names, 1.0))
        .transpose()?;
    let given = raw.initial_state.take();
    let is_given = given.is_some();
    let start = given
        .map(|value| by_name("initial_state", value, &names, 0.0))
        .transpose()?;
    let problem = Problem {
        initial_state: start.unwrap_or_default(),
        input: Vec::new(),
        system: System::Text(text_field),
        cost,
        time_constants,
        state_bounds: None,
        free_time: None,
        warnings: Vec::new(),
    };
    let mut problem = bounded(problem, raw.state_bounds, n, is_given)?;
    if let System::Text(field) = &problem.system {
        expect_finite(field, &problem.initial_state)?;
        let warning = guarded_division(field, &problem.initial_state);
        problem.warnings.extend(warning);
    }
    Ok(problem)
}

/// The problem with its bounds, everything in it checked against them.
fn bounded(
    mut problem: Problem,
    bounds: Option<[f64; 2]>,
    n: usize,
    starts: bool,
) -> Result<Problem> {
    if let Some(constants) = &problem.time_constants
        && let Some(i) = constants.iter().position(|&constant| constant <= 0.0)
    {
        return Err(Error::invalid(
            format!("time_constants[{i}]"),
            format!("expected a positive number, found {}", plain(constants[i])),
        ));
    }
    let bounds = bounds.map(|[low, high]| (low, high));
    if let Some((low, high)) = bounds
        && low >= high
    {
        return Err(Error::invalid(
            "state_bounds",
            format!("expected [low, high] with low < high, found [{low:?}, {high:?}]"),
        ));
    }
    problem.state_bounds = bounds;
    if !starts {
        problem.initial_state = vec![bounds.map_or(0.0, |(low, high)| 0.0f64.clamp(low, high)); n];
    } else if let Some((low, high)) = bounds
        && let Some(i) = problem
            .initial_state
            .iter()
            .position(|s| !(low..=high).contains(s))
    {
        return Err(Error::invalid(
            format!("initial_state[{i}]"),
            format!(
                "expected a value inside state_bounds, found {}",
                plain(problem.initial_state[i])
            ),
        ));
    }
    Ok(problem)
}
