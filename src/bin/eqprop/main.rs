//! The command line: parse, run one command, report, exit.

mod aggregate;
mod arguments;
mod continue_command;
mod evaluate;
mod export;
mod fixed_points;
mod gradient;
mod merge;
mod plot;
mod portrait;
mod report;
mod schema;
mod simulate;
mod simulation_report;
mod spectrum;
mod sweep;
mod train;
mod validate;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments::with_ranges(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => return report::unparsable(&error),
    };
    let json = arguments.command.json();
    let outcome = match arguments.command {
        Command::Aggregate(arguments) => aggregate::run(&arguments),
        Command::Continue(arguments) => continue_command::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::FixedPoints(arguments) => fixed_points::run(&arguments),
        Command::Gradient(arguments) => gradient::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Spectrum(arguments) => spectrum::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Portrait(arguments) => portrait::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
    };
    report::finish(outcome, json)
}
