//! `eqprop explore`.

use std::path::PathBuf;

use clap::Args;
use eqprop::explore::{ExploreOptions, serve};

use super::Command;
use crate::interrupt;
use crate::report::{Verdict, print_text};

/// One page in the browser: the plane of a network, its spectrum and its learning, under your hands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop explore problem.json
  eqprop explore --port 8080 --no-browser")]
pub struct ExploreArguments {
    /// Problem file (JSON, or .ode of XPPAUT) to begin with [default: an example]
    pub problem: Option<PathBuf>,
    /// Port on 127.0.0.1 [default: any that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Only print the address
    #[arg(long)]
    pub no_browser: bool,
}

impl Command for ExploreArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        let options = ExploreOptions {
            port: self.port,
            problem: self.problem.clone(),
        };
        let stop = interrupt::flag()?;
        serve(&options, &stop, &mut |address| {
            // a closed pipe must not end the server
            let _ = print_text(&format!("{address}\n"));
            eprintln!("Ctrl-C ends it, and so does closing the last tab.");
            if !self.no_browser {
                open(address);
            }
        })?;
        Ok(Verdict::Done)
    }
}

/// Asks the desktop to open an address. Without a desktop, the printed address has to do.
fn open(address: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let quiet = std::process::Stdio::null;
    let _ = std::process::Command::new(program)
        .arg(address)
        .stdin(quiet())
        .stdout(quiet())
        .stderr(quiet())
        .spawn();
}
