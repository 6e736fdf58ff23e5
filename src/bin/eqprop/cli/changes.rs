//! What a call changes in the problem that it is about.

use std::path::Path;

use clap::Args;
use eqprop::model::{Problem, ProblemOptions};
use eqprop::{Error, Result};

/// Changes to the problem for this call.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes to the problem")]
pub struct ChangeArguments {
    /// Another value for a parameter, a constant or a field of the problem. It may be repeated
    #[arg(long, value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub set: Vec<String>,
    /// Output states, by name or number
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub outputs: Option<Vec<String>>,
    /// Target of the outputs
    #[arg(
        long,
        value_name = "Y,…",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    pub target: Option<Vec<f64>>,
    /// Parameters that learn [default: all of a field in text]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub learn: Option<Vec<String>>,
    /// A named set of an .ode file
    #[arg(long, value_name = "NAME")]
    pub named_set: Option<String>,
}

/// A cost in place of that of the problem.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes to the problem")]
pub struct CostArgument {
    /// Cost of the states of a field in text, such as "0.5*(v - 0.3)^2"
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub cost: Option<String>,
}

impl ChangeArguments {
    /// The problem with these changes. What is to be known of its file goes to standard error.
    pub fn read(&self, path: &Path, cost: Option<&CostArgument>) -> Result<Problem> {
        let set = self.set.iter().map(|change| {
            let pair = change.split_once('=');
            pair.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                .ok_or_else(|| {
                    let message = format!("expected NAME=VALUE, found `{change}`");
                    Error::invalid("--set", message)
                })
        });
        let options = ProblemOptions {
            set: set.collect::<Result<_>>()?,
            cost: cost.and_then(|cost| cost.cost.clone()),
            outputs: self.outputs.clone(),
            target: self.target.clone(),
            learn: self.learn.clone(),
            named_set: self.named_set.clone(),
        };
        let problem = Problem::read_with(path, &options)?;
        for warning in &problem.warnings {
            eprintln!("warning: {}: {warning}", path.display());
        }
        Ok(problem)
    }
}
