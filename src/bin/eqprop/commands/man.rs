//! `eqprop man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use eqprop::Error;

use super::Command;
use crate::report::{Verdict, print_text};

/// Write the manual pages: eqprop.1 and one for each command
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop man manual
  MANPATH=$PWD/manual man eqprop-gradient")]
pub struct ManArguments {
    /// Directory to write into. The pages go to its folder man1
    pub directory: PathBuf,
}

impl Command for ManArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        let place = self.directory.join("man1");
        let failed = |source| Error::io(&place, source);
        std::fs::create_dir_all(&place).map_err(failed)?;
        clap_mangen::generate_to(crate::Arguments::command(), &place).map_err(failed)?;
        print_text(&format!("{}\n", place.display()))?;
        Ok(Verdict::Done)
    }
}
