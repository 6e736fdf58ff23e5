//! What is trained where a field in text learns: its problem, checked, with other parameters and inputs.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use super::config::{CostName, NetworkSettings, TrainingSettings};
use crate::error::{Error, Result};
use crate::io::read_json;
use crate::model::{Adjustable, Problem, ProblemField, System, TextField, is_ode};

impl NetworkSettings {
    /// Puts the field's problem itself in the place of its file, which stands in `directory`.
    pub(super) fn read_field(&mut self, directory: &Path) -> Result<()> {
        if let Some(Value::String(file)) = &self.field {
            let path = directory.join(file);
            if is_ode(&path) {
                let message = "expected a problem in JSON. `eqprop convert FILE.ode --outputs NAME --target 0 --out FILE.json` makes one";
                return Err(Error::invalid("network.field", message));
            }
            let document: Value = read_json(&path)?;
            Problem::from_json(&document.to_string()).map_err(|error| error.in_file(&path))?;
            self.field = Some(document);
        }
        Ok(())
    }

    /// The problem of the field, if a field learns.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if it is none that can be trained.
    pub(super) fn field_problem(&self) -> Result<Option<Problem>> {
        let Some(document) = &self.field else {
            return Ok(None);
        };
        let inside = |error: Error| match error {
            Error::InvalidInput { field, message, .. } => {
                Error::invalid(format!("network.field.{field}"), message)
            }
            other => other,
        };
        if !document.is_object() {
            let message = "expected a problem's file beside the configuration, or the problem";
            return Err(Error::invalid("network.field", message));
        }
        let problem = Problem::from_json(&document.to_string()).map_err(inside)?;
        problem.expect_autonomous().map_err(inside)?;
        if problem.cost.target().is_empty() {
            let message = "is missing or an expression. Training needs `outputs` with a `target`, which the samples replace";
            return Err(Error::invalid("network.field.target", message));
        }
        let System::Text(field) = &problem.system else {
            let message = "is missing. Networks are described by `network.sizes`";
            return Err(Error::invalid("network.field.field", message));
        };
        if field.learned_names().is_empty() {
            let message = "expected at least one parameter to learn";
            return Err(Error::invalid("network.field.field.parameters", message));
        }
        Ok(Some(problem))
    }
}

impl TrainingSettings {
    /// Refuses what has no meaning beside a field.
    pub(super) fn validate_field(&self, problem: &Problem) -> Result<()> {
        let given = &self.network;
        let plain = NetworkSettings {
            field: given.field.clone(),
            sizes: given.sizes.clone(),
            ..NetworkSettings::default()
        };
        let only = "belongs to a network. A field is what its equations say";
        if *given != plain {
            return Err(Error::invalid("network", only));
        }
        let own = sizes(problem);
        if given.sizes != own && given.sizes != NetworkSettings::default().sizes {
            return Err(Error::invalid("network.sizes", only));
        }
        if self.homeostasis != 0.0 {
            return Err(Error::invalid("homeostasis", only));
        }
        if self.cost != CostName::SquaredError {
            let message = "expected `squared_error` where a field learns";
            return Err(Error::invalid("cost", message));
        }
        Ok(())
    }
}

/// The sizes of the blocks of a field: one block, its parameters.
pub(super) fn sizes(problem: &Problem) -> Vec<usize> {
    let learned = learned(problem).map_or(0, |field| field.learned_names().len());
    vec![learned]
}

fn learned(problem: &Problem) -> Option<&TextField> {
    match &problem.system {
        System::Text(field) => Some(field),
        System::Network(_) | System::Own(_) => None,
    }
}

/// The parameters of a field as it is written.
pub(super) fn parameters(problem: &Problem) -> Vec<f64> {
    let values = learned(problem).map(Adjustable::parameters);
    values.map_or_else(Vec::new, |values| values.iter().collect())
}

/// The same problem with these parameters.
pub(super) fn with_parameters(problem: &Problem, values: impl Iterator<Item = f64>) -> Problem {
    let mut out = problem.clone();
    if let System::Text(field) = &mut out.system {
        *field = field.with_learned(values);
    }
    out
}

/// The vector field of a problem with an input clamped.
pub(super) fn clamped<'a>(problem: &'a Problem, input: &[f64]) -> Result<ProblemField<'a>> {
    Ok(match &problem.system {
        System::Network(network) => ProblemField::Network(network.clamp(input)),
        System::Text(field) => ProblemField::Text(Cow::Owned(field.clamp(input)?)),
        System::Own(field) => ProblemField::Own(&**field),
    })
}
