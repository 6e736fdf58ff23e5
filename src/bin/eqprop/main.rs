//! The command line: parse, run one command, report, exit.

mod cli;
mod commands;
mod interrupt;
mod report;
mod version;

use std::process::ExitCode;

use clap::Parser;

/// Networks are small, and many: a fifth of their time would go into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Equilibrium propagation in vector-field dynamics, solved as explicit ODEs.
#[derive(Debug, Parser)]
#[command(version, long_version = version::LONG.as_str(), max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Asked,
}

fn main() -> ExitCode {
    match Arguments::try_parse_from(cli::with_ranges(std::env::args_os())) {
        Ok(Arguments { command }) => report::finish(command.run(), command.json()),
        Err(error) => report::unparsable(&error),
    }
}
