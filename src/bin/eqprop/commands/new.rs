//! `eqprop new`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use eqprop::Error;
use eqprop::io::{refuse_existing, write_whole};

use super::Command;
use crate::report::{Verdict, print_text};

/// Write a problem, field, sweep or training file to edit, and say what its fields mean
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop new problem.json
  eqprop new field.json --kind field
  eqprop new sweep.json --kind sweep
  eqprop new training.json --kind training")]
pub struct NewArguments {
    /// File to write
    #[arg(value_name = "NAME")]
    pub path: PathBuf,
    /// What it is to be
    #[arg(long, value_enum, default_value = "problem")]
    pub kind: Kind,
    /// Replace an earlier file
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// One network with its input and target
    Problem,
    /// Equations of your own, in text
    Field,
    /// The grid of `eqprop sweep`
    Sweep,
    /// The settings of `eqprop train`
    Training,
}

impl Command for NewArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &NewArguments) -> eqprop::Result<Verdict> {
    let path = match arguments.path.extension() {
        Some(_) => arguments.path.clone(),
        None => arguments.path.with_extension("json"),
    };
    let (file, fields) = match arguments.kind {
        Kind::Problem => (
            include_str!("../templates/problem.json"),
            include_str!("../templates/problem.txt"),
        ),
        Kind::Field => (
            include_str!("../templates/field.json"),
            include_str!("../templates/field.txt"),
        ),
        Kind::Sweep => (
            include_str!("../templates/sweep.json"),
            include_str!("../templates/sweep.txt"),
        ),
        Kind::Training => (
            include_str!("../templates/training.json"),
            include_str!("../templates/training.txt"),
        ),
    };
    refuse_existing(&path, arguments.force)?;
    write_whole(&path, file.as_bytes()).map_err(|source| Error::io(&path, source))?;
    let name = path.display().to_string();
    print_text(&format!("{name}\n\n{}", fields.replace("NAME", &name)))?;
    Ok(Verdict::Done)
}
