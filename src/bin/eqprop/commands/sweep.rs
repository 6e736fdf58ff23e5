//! `eqprop sweep`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use eqprop::Error;
use eqprop::experiment::sweep::{
    Existing, Manifest, Shard, SweepConfig, SweepOptions, SweepOutcome, SweepSummary, sweep,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::Command;
use crate::cli::ThreadsArgument;
use crate::interrupt;
use crate::report::{Verdict, print_json, print_text};

/// A record for every point of a grid of random networks, nudges and solvers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop sweep sweep.json --out grid
  eqprop sweep sweep.json --out parts --shard 1/2 --resume")]
pub struct SweepArguments {
    /// Configuration (JSON), which `eqprop schema sweep` describes
    pub config: PathBuf,
    /// Directory for sweep.json, records.jsonl and summary.json
    #[arg(long)]
    pub out: PathBuf,
    /// Go on with what an earlier run left there
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Part I of N, I from 0 to N − 1 or 1 to N [default: the task of a Slurm job array, or all]
    #[arg(long, value_name = "I/N", allow_hyphen_values = true)]
    pub shard: Option<String>,
    #[command(flatten)]
    pub threads: ThreadsArgument,
    /// Remove earlier records of the same part and begin anew
    #[arg(long)]
    pub force: bool,
    /// Print the summary as one JSON document
    #[arg(long)]
    pub json: bool,
}

impl Command for SweepArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &SweepArguments) -> eqprop::Result<Verdict> {
    let config = SweepConfig::read(&arguments.config)?;
    let options = SweepOptions {
        shard: shard(arguments.shard.as_deref())?,
        threads: Some(arguments.threads.count()),
        existing: match (arguments.resume, arguments.force) {
            (true, _) => Existing::Resume,
            (_, true) => Existing::Replace,
            _ => Existing::Refuse,
        },
    };
    let stop = interrupt::flag()?;
    let bar = ProgressBar::new(0);
    let template = "{bar:40} {pos}/{len} points, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let began = std::cell::Cell::new(false);
    let summary = sweep(&config, &arguments.out, &options, &stop, &|done, points| {
        // points of earlier runs must not count as speed
        if !began.replace(true) {
            bar.set_length(points);
            bar.set_position(done);
            bar.reset_eta();
        }
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let summary = summary.inspect_err(|error| {
        if matches!(error, Error::Io { .. }) {
            eprintln!("note: what was finished is kept. --resume goes on from there");
        }
    })?;
    if summary.mixed_programs {
        eprintln!("warning: another build of the program began this sweep. Last digits may differ");
    }
    if summary.unlocked {
        eprintln!(
            "warning: the file system has no locks. See to it that no other process writes to these records"
        );
    }
    if arguments.json {
        print_json(&summary)?;
    } else {
        print_text(&text(&summary, &arguments.out))?;
    }
    if summary.complete {
        return Ok(Verdict::Done);
    }
    Ok(interrupt::said())
}

fn shard(given: Option<&str>) -> eqprop::Result<Shard> {
    if let Some(text) = given {
        return text.parse();
    }
    let of_array = Shard::from_slurm(|name| std::env::var(name).ok())?;
    if let Some(shard) = of_array {
        eprintln!("part {shard}, from the Slurm job array");
    }
    Ok(of_array.unwrap_or(Shard::WHOLE))
}

fn text(summary: &SweepSummary, directory: &Path) -> String {
    let mut text = format!(
        "{} of {} points, {} of them new: {:.1} s, {:.0} a second, {} threads\n",
        summary.records,
        summary.points,
        summary.records - summary.found,
        summary.wall_seconds,
        summary.records_per_second,
        summary.threads,
    );
    for outcome in SweepOutcome::ALL {
        let count = summary.outcomes.of(outcome);
        if count > 0 {
            let _ = writeln!(text, "  {:<18}{count:>12}", outcome.name());
        }
    }
    let _ = writeln!(
        text,
        "records are in {}, described by {}",
        directory.display(),
        Manifest::path(directory).display()
    );
    text
}
