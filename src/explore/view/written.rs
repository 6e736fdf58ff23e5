//! Problems as the page has them: JSON in which every number stands, whatever they were read from.

use std::path::Path;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::io::read_text;
use crate::model::{Coupling, Network, Problem, ProblemOptions, Target, convert};

/// The problem as a file in which every number stands. Equations in `text` stay as they were
/// written.
///
/// # Errors
/// [`Error::InvalidInput`] if the text is no JSON.
pub(super) fn explicit(problem: &Problem, text: &str) -> Result<Value> {
    let Some(network) = problem.network() else {
        let document = serde_json::from_str(text);
        return document.map_err(|error| Error::invalid("(problem)", error.to_string()));
    };
    let mut out = json!({
        "network": explicit_network(network),
        "target": problem.cost.target(),
        "initial_state": problem.initial_state,
    });
    if !problem.input.is_empty() {
        out["input"] = json!(problem.input);
    }
    if let Some(constants) = &problem.time_constants {
        out["time_constants"] = json!(constants);
    }
    if let Some((low, high)) = problem.state_bounds {
        out["state_bounds"] = json!([low, high]);
    }
    Ok(out)
}

fn explicit_network(network: &Network) -> Value {
    let rows = |matrix: &DMatrix<f64>| -> Value {
        let rows = matrix.row_iter();
        rows.map(|row| row.iter().copied().collect::<Vec<f64>>())
            .collect::<Vec<_>>()
            .into()
    };
    let mut out = json!({
        "type": "dense",
        "dynamics": network.dynamics,
        "activation": network.activation,
    });
    match &network.coupling {
        Coupling::Dense(weights) => {
            out["weights"] = rows(weights);
            if network.inputs() > 0 {
                out["input_weights"] = rows(&network.input_weights);
            }
            out["bias"] = json!(network.bias);
            out["outputs"] = json!(network.outputs);
        }
        Coupling::Sparse(weights) => {
            let places = weights.places();
            out["weights"] = json!({"sparse": {"row": places.row, "column": places.column,
                "value": weights.listed()}});
            out["bias"] = json!(network.bias);
            out["outputs"] = json!(network.outputs);
        }
        Coupling::Layered(layers) => {
            let sizes: Vec<usize> = std::iter::once(network.inputs())
                .chain(layers.sizes().iter().copied())
                .collect();
            let forward = std::iter::once(&network.input_weights).chain(layers.forward());
            out["type"] = json!("layered");
            out["sizes"] = json!(sizes);
            out["forward"] = forward.map(rows).collect();
            out["feedback"] = layers.feedback().iter().map(rows).collect();
            let bias = layers.ranges().map(|range| json!(network.bias[range]));
            out["bias"] = bias.collect();
        }
    }
    out
}

/// A file of XPPAUT that was opened.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct OpenAsked {
    /// The `.ode` file.
    pub ode: String,
}

/// It as a problem of the page.
#[derive(Debug, Serialize)]
pub(super) struct Opened {
    text: String,
    /// What its author should know.
    warnings: Vec<String>,
}

/// Turns an `.ode` file into a problem of the page.
///
/// # Errors
/// [`Error::InvalidInput`] with its line.
pub(super) fn open(asked: &OpenAsked) -> Result<Opened> {
    let problem = Problem::from_ode(&asked.ode, &ProblemOptions::default())?;
    Ok(Opened {
        text: convert(&problem, Target::Json, 0.0)?,
        warnings: problem.warnings,
    })
}

/// The text with which the page begins on a file.
///
/// # Errors
/// As of [`Problem::read`].
pub(in crate::explore) fn read(path: &Path) -> Result<String> {
    let problem = Problem::read(path)?;
    if Target::of(path) == Some(Target::Ode) {
        return convert(&problem, Target::Json, 0.0);
    }
    let text = read_text(path)?;
    if problem.network().is_none() || Problem::from_json(&text).is_ok() {
        return Ok(text);
    }
    // its arrays stand in files that the page does not see
    Ok(format!("{:#}", explicit(&problem, &text)?))
}
