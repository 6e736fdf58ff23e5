//! Sparse weights in a problem file: three lists, of which each may stand in a file of arrays.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::io::{expect_length, from_value};
use crate::model::{Places, SparseWeights};

const FIELD: &str = "network.weights.sparse";
/// Largest sparse network.
const MAX_NEURONS: u32 = 1_000_000;

/// What stands in `weights` as `{"sparse": …}`, read.
pub(super) struct RawSparse {
    /// Postsynaptic neurons.
    row: Vec<f64>,
    /// Presynaptic neurons.
    column: Vec<f64>,
    /// One weight per place.
    value: Vec<f64>,
}

/// The same as a document has it: three lists or references to them, or one file that holds all
/// three.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    row: Option<Value>,
    column: Option<Value>,
    value: Option<Value>,
    file: Option<String>,
}

/// Takes `network.weights` out of a document if it is of the form `{"sparse": …}`. Files are looked
/// for in `directory`.
pub(super) fn take(document: &mut Value, directory: Option<&Path>) -> Result<Option<RawSparse>> {
    let network = document.get_mut("network").and_then(Value::as_object_mut);
    let Some(network) = network else {
        return Ok(None);
    };
    let weights = network.get_mut("weights").and_then(Value::as_object_mut);
    let Some(sparse) = weights.filter(|weights| weights.len() == 1) else {
        return Ok(None);
    };
    let Some(sparse) = sparse.remove("sparse") else {
        return Ok(None);
    };
    network.remove("weights");
    let mut lists: Lists = from_value(FIELD, sparse)?;
    let file = lists.file.take();
    let list = |name: &str, value: Option<Value>| {
        let field = format!("{FIELD}.{name}");
        let given = match (&file, value) {
            (Some(file), None) => json!({"file": file, "array": name}),
            (None, Some(value)) => value,
            (Some(_), Some(_)) => {
                return Err(Error::invalid(field, "already in `file`. Give it once"));
            }
            (None, None) => return Err(Error::invalid(field, "missing. Give a list")),
        };
        match directory {
            #[cfg(feature = "experiment")]
            Some(directory) if given.is_object() => crate::io::read_list(given, directory, &field),
            _ => from_value(&field, given),
        }
    };
    Ok(Some(RawSparse {
        row: list("row", lists.row.take())?,
        column: list("column", lists.column.take())?,
        value: list("value", lists.value.take())?,
    }))
}

impl RawSparse {
    /// The weights between n neurons.
    pub(super) fn validate(self, n: usize) -> Result<SparseWeights> {
        let count = self.value.len();
        let indices = |name: &str, list: &[f64]| {
            let field = format!("{FIELD}.{name}");
            expect_length(&field, list.len(), count, "one per value")?;
            let index = |(k, &number): (usize, &f64)| {
                let inside = number >= 0.0 && number < n as f64 && number.fract() == 0.0;
                inside.then_some(number as u32).ok_or_else(|| {
                    Error::invalid(
                        format!("{field}[{k}]"),
                        format!("expected a neuron from 0 to {}, found {number}", n - 1),
                    )
                })
            };
            list.iter()
                .enumerate()
                .map(index)
                .collect::<Result<Vec<u32>>>()
        };
        let places = Places {
            row: indices("row", &self.row)?,
            column: indices("column", &self.column)?,
        };
        SparseWeights::new(n, places, &self.value)
            .ok_or_else(|| Error::invalid(FIELD, "a pair of row and column is listed twice"))
    }
}

/// n of a sparse network: as many as there are biases.
pub(super) fn neurons(biases: Option<usize>) -> Result<usize> {
    match biases {
        Some(n) if (1..=MAX_NEURONS as usize).contains(&n) => Ok(n),
        Some(n) => Err(Error::invalid(
            "network.bias",
            format!("expected 1 to {MAX_NEURONS} neurons, found {n}"),
        )),
        None => Err(Error::invalid(
            "network.bias",
            "missing. With sparse weights it says how many neurons there are",
        )),
    }
}
