//! `eqprop merge`.

use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::sweep::{Manifest, Shard, merge};
use eqprop::io::refuse_existing;

use super::Command;
use crate::report::{Verdict, print_json, print_text};

/// Join the parts of a sweep into what one process would have written
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop sweep sweep.json --out parts --shard 2/2 --resume
  eqprop merge parts --out whole")]
pub struct MergeArguments {
    /// Directories that hold parts of one sweep
    #[arg(required = true)]
    pub directories: Vec<PathBuf>,
    /// Directory for the sweep as a whole
    #[arg(long)]
    pub out: PathBuf,
    /// Join what there is, even if points are missing
    #[arg(long)]
    pub partial: bool,
    /// Replace an earlier result
    #[arg(long)]
    pub force: bool,
    /// Print the summary as one JSON document
    #[arg(long)]
    pub json: bool,
}

impl Command for MergeArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &MergeArguments) -> eqprop::Result<Verdict> {
    let out = &arguments.out;
    refuse_existing(&Manifest::path(out), arguments.force)?;
    refuse_existing(&out.join(Shard::WHOLE.file_name()), arguments.force)?;
    let summary = merge(&arguments.directories, out, arguments.partial)?;
    for path in &summary.torn {
        eprintln!("warning: {}: the last line is torn", path.display());
    }
    if summary.mixed_programs {
        eprintln!("warning: the parts were computed by different builds of the program");
    }
    if !summary.complete {
        eprintln!("warning: {}", summary.missing_text());
    }
    if arguments.json {
        print_json(&summary)?;
    } else {
        print_text(&format!(
            "{} of {} points from {} files are in {}\n",
            summary.records,
            summary.points,
            summary.files,
            out.display()
        ))?;
    }
    Ok(Verdict::Done)
}
