//! `eqprop export`.

use std::path::PathBuf;

use clap::Args;
use eqprop::Error;
use eqprop::experiment::training::Checkpoint;
use eqprop::io::{refuse_existing, write_whole};

use super::Command;
use crate::report::{Verdict, print_text};

/// A checkpoint's weights as a NumPy archive, or as a problem file
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop export trained/checkpoint.eqprop --out trained.npz")]
pub struct ExportArguments {
    /// Checkpoint, such as DIR/checkpoint.eqprop
    pub checkpoint: PathBuf,
    /// File to write: .npz (the weights) or .json (a problem for `eqprop gradient`)
    #[arg(long)]
    pub out: PathBuf,
    /// The sample whose input and target the problem holds, counted through the data set
    #[arg(long, default_value_t = 0)]
    pub sample: usize,
    /// Directory of MNIST's IDX files
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Replace an earlier file
    #[arg(long)]
    pub force: bool,
}

impl Command for ExportArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &ExportArguments) -> eqprop::Result<Verdict> {
    let path = arguments.out.as_path();
    let extension = path.extension().and_then(|extension| extension.to_str());
    refuse_existing(path, arguments.force)?;
    let bytes = match extension {
        Some("npz") => Checkpoint::read(&arguments.checkpoint)?.to_npz(),
        Some("json") => {
            let checkpoint = Checkpoint::read(&arguments.checkpoint)?;
            let source = &checkpoint.header.settings.data.source;
            let data = source.load(arguments.data.as_deref())?;
            let problem = checkpoint.to_problem(&data, arguments.sample)?;
            serde_json::to_vec(&problem).map_err(|error| Error::io(path, error.into()))?
        }
        _ => {
            let message = "expected a name that ends in .npz or .json";
            return Err(Error::invalid("--out", message).in_file(path));
        }
    };
    write_whole(path, &bytes).map_err(|source| Error::io(path, source))?;
    print_text(&format!("written {}\n", path.display()))?;
    Ok(Verdict::Done)
}
