//! The command line: parse, run one command, report, exit.

mod arguments;
mod continue_command;
mod evaluate;
mod export;
mod fixed_points;
mod gradient;
mod plot;
mod portrait;
mod report;
mod simulate;
mod simulation_report;
mod spectrum;
mod train;
mod validate;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return report::unparsable(&error),
    };
    let json = arguments.command.json();
    let outcome = match arguments.command {
        Command::Continue(arguments) => continue_command::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::FixedPoints(arguments) => fixed_points::run(&arguments),
        Command::Gradient(arguments) => gradient::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Spectrum(arguments) => spectrum::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Portrait(arguments) => portrait::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
    };
    report::finish(outcome, json)
}
