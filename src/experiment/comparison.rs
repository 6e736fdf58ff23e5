//! A user's own update beside the EP update and the true gradient, block by block.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::gradient::compare;
use crate::io::{expect_length, from_value, read_blocks, unknown};
use crate::model::{ParameterBlock, Parameters};

/// Beyond this angle from both, an update is near neither.
const FAR_DEGREES: f64 = 45.0;
/// Angles that differ by less than this share of the angle between the references do not decide.
const UNDECIDED: f64 = 0.01;

/// An update against one reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Against {
    /// The angle between them in degrees, 0 … 180, or `None` if one is 0.
    pub angle_degrees: Option<f64>,
    /// ‖update − reference‖/‖reference‖.
    pub relative_error: Option<f64>,
    /// The factor c that minimises ‖c·update − reference‖.
    pub scale: Option<f64>,
}

/// Which reference an update is closer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CloserTo {
    /// The EP update.
    Ep,
    /// The true gradient.
    Gradient,
    /// Both alike: they coincide, or the update is half-way between them.
    Both,
    /// It is more than 45° from both.
    Neither,
}

/// One block, or all of them, against both references.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BlockComparison {
    /// Against ν.
    pub to_ep: Against,
    /// Against −∂J/∂θ.
    pub to_gradient: Against,
    /// Which of them is closer.
    pub closer_to: CloserTo,
}

/// What `eqprop compare` says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpdateComparison {
    /// The blocks that the update has.
    pub blocks: BTreeMap<String, BlockComparison>,
    /// All of these together.
    pub all: BlockComparison,
    /// As in `all`.
    pub closer_to: CloserTo,
}

/// The angle between two vectors, or `None` if one is 0.
fn angle(a: &[f64], b: &[f64]) -> Option<f64> {
    compare(a, b, &[]).angle_degrees
}

impl Against {
    fn new(update: &[f64], reference: &[f64]) -> Self {
        let gap: Vec<f64> = update.iter().zip(reference).map(|(a, b)| a - b).collect();
        let product: f64 = update.iter().zip(reference).map(|(a, b)| a * b).sum();
        let power: f64 = update.iter().map(|value| value * value).sum();
        let compared = compare(update, reference, &gap);
        Self {
            angle_degrees: compared.angle_degrees,
            relative_error: compared.relative_error,
            scale: (power > 0.0).then(|| product / power),
        }
    }
}

impl BlockComparison {
    /// An update against ν and −∂J/∂θ, values in the same order.
    pub fn new(update: &[f64], ep: &[f64], gradient: &[f64]) -> Self {
        let (to_ep, to_gradient) = (Against::new(update, ep), Against::new(update, gradient));
        let between = angle(ep, gradient).unwrap_or(0.0);
        let closer_to = match (to_ep.angle_degrees, to_gradient.angle_degrees) {
            (Some(a), Some(g)) if a.min(g) > FAR_DEGREES => CloserTo::Neither,
            (Some(a), Some(g)) if (a - g).abs() <= UNDECIDED * between + 1e-6 => CloserTo::Both,
            (Some(a), Some(g)) if a < g => CloserTo::Ep,
            (Some(_), Some(_)) => CloserTo::Gradient,
            _ => CloserTo::Neither,
        };
        Self {
            to_ep,
            to_gradient,
            closer_to,
        }
    }
}

/// The name of each block in a file: `weights`, `forward_0`, … and its place in a series.
fn names(parameters: &Parameters) -> Vec<(String, usize)> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for series in parameters.blocks.chunk_by(|a, b| a.name == b.name) {
        for (k, block) in series.iter().enumerate() {
            let name = match block.in_series {
                true => format!("{}_{k}", block.name),
                false => block.name.to_owned(),
            };
            out.push((name, k));
        }
    }
    out
}

/// The values of a block as the library has them, column by column.
fn values(path: &str, block: &ParameterBlock, value: Value) -> Result<Vec<f64>> {
    let (rows, columns) = block.values.shape();
    if let (Some(labels), Value::Object(entries)) = (&block.labels, &value) {
        let known: Vec<&str> = labels.iter().map(String::as_str).collect();
        if let Some(name) = entries.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Error::invalid(
                format!("{path}.{name}"),
                unknown(name, &known),
            ));
        }
        let number = |label: &String| match entries.get(label) {
            Some(value) => from_value(&format!("{path}.{label}"), value.clone()),
            None => Ok(0.0),
        };
        return labels.iter().map(number).collect();
    }
    if block.is_vector {
        let list: Vec<f64> = from_value(path, value)?;
        expect_length(path, list.len(), rows, "one per parameter")?;
        return Ok(list);
    }
    let list: Vec<Vec<f64>> = from_value(path, value)?;
    if list.len() != rows {
        let message = format!("expected {rows} rows, found {}", list.len());
        return Err(Error::invalid(path, message));
    }
    for (i, row) in list.iter().enumerate() {
        expect_length(
            &format!("{path}[{i}]"),
            row.len(),
            columns,
            "one per column",
        )?;
    }
    let places = (0..columns).flat_map(|j| (0..rows).map(move |i| (i, j)));
    Ok(places.map(|(i, j)| list[i][j]).collect())
}

/// Compares the update in a file (`.npz` with one array per block, or JSON) with ν and −∂J/∂θ.
/// Blocks may be missing.
///
/// # Errors
/// [`Error::InvalidInput`] naming the block that does not fit or that nobody knows.
pub fn compare_update(
    path: &Path,
    ep: &Parameters,
    gradient: &Parameters,
) -> Result<UpdateComparison> {
    let compared = compare_blocks(read_blocks(path)?, ep, gradient);
    compared.map_err(|error| error.in_file(path))
}

fn compare_blocks(
    given: Value,
    ep: &Parameters,
    gradient: &Parameters,
) -> Result<UpdateComparison> {
    let Value::Object(mut given) = given else {
        let message = "expected an object with one list a block, such as {\"weights\": [[…]]}";
        return Err(Error::invalid("(file)", message));
    };
    let names = names(ep);
    let mut blocks = BTreeMap::new();
    let mut all: [Vec<f64>; 3] = Default::default();
    for ((name, place), (one, other)) in names.iter().zip(ep.blocks.iter().zip(&gradient.blocks)) {
        let own = given
            .remove(name)
            .or_else(|| match given.get_mut(one.name) {
                Some(Value::Array(series)) if one.in_series => {
                    series.get_mut(*place).map(Value::take)
                }
                _ => None,
            });
        let Some(own) = own else {
            continue;
        };
        let update = values(name, one, own)?;
        let [ep, gradient] = [one, other].map(|block| block.values.as_slice());
        blocks.insert(name.clone(), BlockComparison::new(&update, ep, gradient));
        all[0].extend(&update);
        all[1].extend(ep);
        all[2].extend(gradient);
    }
    let known: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
    let series = |name: &String| ep.blocks.iter().any(|block| block.name == *name);
    if let Some(name) = given.keys().find(|name| !series(name)) {
        return Err(Error::invalid(name.as_str(), unknown(name, &known)));
    }
    if blocks.is_empty() {
        let message = format!("has no block, expected some of {}", known.join(", "));
        return Err(Error::invalid("(file)", message));
    }
    let all = BlockComparison::new(&all[0], &all[1], &all[2]);
    Ok(UpdateComparison {
        blocks,
        all,
        closer_to: all.closer_to,
    })
}
