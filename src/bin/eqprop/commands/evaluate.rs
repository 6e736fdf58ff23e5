//! `eqprop evaluate`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::training::evaluate;

use super::Command;
use crate::cli::ThreadsArgument;
use crate::report::{Verdict, print_json, print_text};

/// Cost and error of a checkpoint's training, validation and test sets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop evaluate trained/checkpoint.eqprop")]
pub struct EvaluateArguments {
    /// Checkpoint, such as DIR/checkpoint.eqprop
    pub checkpoint: PathBuf,
    /// Directory of MNIST's IDX files
    #[arg(long)]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub threads: ThreadsArgument,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

impl Command for EvaluateArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &EvaluateArguments) -> eqprop::Result<Verdict> {
    let evaluation = evaluate(
        &arguments.checkpoint,
        arguments.data.as_deref(),
        arguments.threads.count(),
    )?;
    if arguments.json {
        print_json(&evaluation)?;
        return Ok(Verdict::Done);
    }
    let mut text = format!(
        "after {} epochs and {} batches\n{:<12}{:>9}{:>12}{:>10}{:>13}\n",
        evaluation.position.epoch,
        evaluation.position.batch,
        "set",
        "samples",
        "cost",
        "error %",
        "unsettled %"
    );
    let sets = [
        ("training", evaluation.training),
        ("validation", evaluation.validation),
        ("test", evaluation.test),
    ];
    for (name, set) in sets {
        if let Some(set) = set {
            let _ = writeln!(
                text,
                "{name:<12}{:>9}{:>12.6}{:>10.3}{:>13.3}",
                set.samples,
                set.cost,
                100.0 * set.error,
                100.0 * set.unsettled
            );
        }
    }
    print_text(&text)?;
    Ok(Verdict::Done)
}
