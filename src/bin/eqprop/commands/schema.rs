//! `eqprop schema`.

use clap::{Args, ValueEnum};
use eqprop::experiment::sweep::{SweepConfig, SweepRecord};
use eqprop::experiment::training::TrainingSettings;
use eqprop::io::{schema_of, schema_with_files_of};
use eqprop::model::ProblemFile;

use super::Command;
use crate::report::{Verdict, print_text};

/// The JSON Schema of a kind of file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop schema problem
  eqprop schema training")]
pub struct SchemaArguments {
    /// Which kind of file
    #[arg(value_enum, default_value = "sweep")]
    pub file: FileKind,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum FileKind {
    /// The configuration of `eqprop sweep`
    Sweep,
    /// One line of its records
    SweepRecord,
    /// A problem, as of `eqprop gradient`
    Problem,
    /// The configuration of `eqprop train`
    Training,
}

impl Command for SchemaArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &SchemaArguments) -> eqprop::Result<Verdict> {
    print_text(&match arguments.file {
        FileKind::Sweep => schema_of::<SweepConfig>(),
        FileKind::Problem => schema_with_files_of::<ProblemFile>(),
        FileKind::SweepRecord => schema_of::<SweepRecord>(),
        FileKind::Training => schema_of::<TrainingSettings>(),
    })?;
    Ok(Verdict::Done)
}
