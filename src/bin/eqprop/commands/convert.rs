//! `eqprop convert`.

use std::path::PathBuf;

use clap::Args;
use eqprop::io::{refuse_existing, write_whole};
use eqprop::model::{Target, convert};
use eqprop::{Error, Result};

use super::Command;
use crate::cli::{ChangeArguments, CostArgument};
use crate::report::{Verdict, print_text};

/// Write a problem in another language: equations in JSON, .ode for XPPAUT, .cir for ngspice
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop convert problem.json --out problem.ode
  eqprop convert problem.json --out problem.cir --beta 0.1")]
pub struct ConvertArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// File to write: .json, .ode or .cir
    #[arg(long)]
    pub out: PathBuf,
    /// Influence parameter that the nudge in .ode and .cir begins with
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0)]
    pub beta: f64,
    /// Replace an earlier file
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
}

impl Command for ConvertArguments {
    fn run(&self) -> Result<Verdict> {
        let target = Target::of(&self.out).ok_or_else(|| {
            let message = "expected a name that ends in .json, .ode or .cir";
            Error::invalid("--out", message).in_file(&self.out)
        })?;
        refuse_existing(&self.out, self.force)?;
        let problem = self.changes.read(&self.problem, Some(&self.cost))?;
        let text = convert(&problem, target, self.beta)?;
        write_whole(&self.out, text.as_bytes()).map_err(|source| Error::io(&self.out, source))?;
        print_text(&format!("{}\n", self.out.display()))?;
        Ok(Verdict::Done)
    }
}
