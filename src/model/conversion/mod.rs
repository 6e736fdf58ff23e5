//! Problems written in other languages: equations in JSON, XPPAUT's `.ode`, netlists of SPICE.

mod equations;
mod languages;
mod writers;

use std::collections::HashSet;

use self::equations::written_out;
use super::problem::Problem;
use super::system::System;
use super::text_field::TextField;
use crate::error::{Error, Result};
use crate::expression::{Language, Printed, is_reserved, print};

/// A language that problems can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A problem file with its equations in text.
    Json,
    /// A file of XPPAUT.
    Ode,
    /// A netlist of ngspice.
    Spice,
}

impl Target {
    /// The language of a file, by what its name ends in.
    pub fn of(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "ode" => Some(Self::Ode),
            "cir" => Some(Self::Spice),
            _ => None,
        }
    }
}

/// The problem in another language. β is the influence parameter that the file begins with. A nudge
/// is written into `.ode` and `.cir` files where the cost is the squared error.
///
/// # Errors
/// [`Error::InvalidInput`] where the language has no words for the problem.
pub fn convert(problem: &Problem, target: Target, beta: f64) -> Result<String> {
    if beta != 0.0 {
        problem.expect_cost()?;
    }
    let text;
    let problem = match &problem.system {
        System::Network(network) => {
            text = written_out(problem, network)?;
            &text
        }
        System::Text(_) | System::Own(_) => problem,
    };
    let System::Text(field) = &problem.system else {
        let message = "is a function of the caller's own, which has no text";
        return Err(Error::invalid("field", message));
    };
    if problem.state_bounds.is_some() && target != Target::Json {
        let message =
            "are projected dynamics, for which this language has no words. Convert to .json";
        return Err(Error::invalid("state_bounds", message));
    }
    match target {
        Target::Json => writers::json(problem, field),
        Target::Ode => writers::ode(problem, field, beta),
        Target::Spice => writers::spice(problem, field, beta),
    }
}

/// Names that a language can take, all different: short words of lower-case letters and digits where
/// they have to be.
fn names(given: &[String], taken: &mut HashSet<String>, strict: bool, other: char) -> Vec<String> {
    let mut out = Vec::new();
    for (k, name) in given.iter().enumerate() {
        let plain = name.replace(['[', ']'], "");
        let fits = if strict {
            plain.len() <= 9
                && plain
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        } else {
            true
        };
        let fits = fits && !is_reserved(&plain) && !taken.contains(&plain);
        let chosen = if fits { plain } else { format!("{other}_{k}") };
        taken.insert(chosen.clone());
        out.push(chosen);
    }
    out
}

/// The field's equations in a language, its inputs having these names.
fn printed(field: &TextField, language: &dyn Language, inputs: &[String]) -> Result<Printed> {
    let printed = print(field.program(), language, inputs, "q")
        .map_err(|what| Error::invalid("field", format!("the language {what}")))?;
    let taken: HashSet<&String> = inputs.iter().collect();
    let mut quantities = printed.quantities.iter();
    if quantities.any(|(name, _)| taken.contains(name)) {
        let message = "names like `q0` are needed for shared parts. Rename them";
        return Err(Error::invalid("field", message));
    }
    Ok(printed)
}
