//! The outputs of a field in text, by name or number, and their squared error.

use serde_json::Value;

use super::ProblemFile;
use crate::error::{Error, Result};
use crate::io::unknown;
use crate::model::SquaredError;

/// The squared error of a field's outputs: of none if there is no target.
pub(super) fn squared_error(
    raw: &ProblemFile,
    names: &[String],
    has_cost: bool,
) -> Result<SquaredError> {
    if has_cost && (raw.outputs.is_some() || raw.target.is_some()) {
        let message = "is an expression, which needs neither `outputs` nor `target`. Leave them out, or the cost";
        return Err(Error::invalid("cost", message));
    }
    let mut outputs = Vec::new();
    for (k, output) in raw.outputs.iter().flatten().enumerate() {
        let path = format!("outputs[{k}]");
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = match output {
            Value::String(name) => known.iter().position(|own| own == name),
            Value::Number(number) => number.as_u64().and_then(|i| usize::try_from(i).ok()),
            _ => None,
        };
        match found {
            Some(i) if i < names.len() && outputs.contains(&i) => {
                return Err(Error::invalid(
                    path,
                    format!("`{}` is listed twice", names[i]),
                ));
            }
            Some(i) if i < names.len() => outputs.push(i),
            _ => {
                let shown = output
                    .as_str()
                    .map_or_else(|| output.to_string(), str::to_owned);
                return Err(Error::invalid(path, unknown(&shown, &known)));
            }
        }
    }
    match &raw.target {
        Some(target) if outputs.is_empty() && !target.is_empty() => Err(Error::invalid(
            "outputs",
            "is missing. Name the states that the `target` is of",
        )),
        Some(target) => SquaredError::new(&outputs, target),
        None if !outputs.is_empty() => Err(Error::invalid(
            "target",
            "is missing. Give one number per output",
        )),
        None => SquaredError::new(&[], &[]),
    }
}
