//! Exit codes, and what goes to which stream.

pub mod gradient;
pub mod simulation;
mod waiting;

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use eqprop::Error;
use serde_json::{Map, Value, json};

pub use waiting::waiting;

/// How a command that could be carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Done,
    /// Done, and a check did not hold.
    ChecksFailed,
    /// Ended by a signal. What was finished is saved.
    Interrupted,
}

/// Exit code of a run that a signal ended, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// Ends the program: reports an error, chooses the exit code.
pub fn finish(outcome: eqprop::Result<Verdict>, json: bool) -> ExitCode {
    match outcome {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::ChecksFailed) => ExitCode::from(1),
        Ok(Verdict::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            let message = message(&error);
            if json && let Err(unprintable) = print_json(&error_document(&error, &message)) {
                eprintln!("error: {unprintable}");
            }
            eprintln!("error: {message}");
            ExitCode::from(error.exit_code())
        }
    }
}

/// Ends the program on arguments that do not parse (or on `--help`).
pub fn unparsable(error: &clap::Error) -> ExitCode {
    let asked_for_text = !error.use_stderr();
    if !asked_for_text && std::env::args_os().any(|argument| argument == "--json") {
        let message = error.to_string();
        let document = json!({"error": {"kind": "invalid_input", "message": message.trim_end()}});
        // what cannot be printed is on standard error all the same
        let _ = print_json(&document);
    }
    // a closed pipe is no reason to fail
    let _ = error.print();
    ExitCode::from(if asked_for_text { 0 } else { 2 })
}

/// A number with its unit, or `none`.
pub fn known(value: Option<f64>, digits: usize, unit: &str) -> String {
    value.map_or("none".into(), |value| format!("{value:.digits$}{unit}"))
}

/// An eigenvalue of a real matrix: a real number, or a pair of conjugates. What is real in the
/// digits that are shown is written as a real number.
pub fn eigenvalue([re, im]: [f64; 2]) -> String {
    if im.abs() < 5e-10 {
        format!("{re:.9}")
    } else {
        format!("{re:.9} ± {:.9}i", im.abs())
    }
}

/// Prints one JSON document.
pub fn print_json(document: &impl serde::Serialize) -> eqprop::Result<()> {
    let mut text = serde_json::to_string(document)
        .map_err(|error| Error::io(Path::new("standard output"), error.into()))?;
    text.push('\n');
    print_text(&text)
}

/// Prints text to standard output. A reader that has gone away is no failure.
pub fn print_text(text: &str) -> eqprop::Result<()> {
    let mut output = std::io::stdout().lock();
    match output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io(Path::new("standard output"), error))
        }
        _ => Ok(()),
    }
}

/// What the error says, and which option answers it.
fn message(error: &Error) -> String {
    match error {
        Error::Exists {
            resumable: true, ..
        } => format!("{error} (--force, --resume)"),
        Error::Exists { .. } => format!("{error} (--force)"),
        _ => error.to_string(),
    }
}

fn error_document(error: &Error, message: &str) -> Value {
    let mut document = Map::new();
    document.insert("kind".into(), error.kind().into());
    document.insert("message".into(), message.into());
    document.extend(error.details());
    json!({ "error": document })
}

#[cfg(test)]
mod tests {
    use super::eigenvalue;

    #[test]
    fn a_real_eigenvalue_is_printed_as_a_real_number() {
        assert_eq!(eigenvalue([-0.5, 0.0]), "-0.500000000");
        assert_eq!(eigenvalue([-0.5, -1e-16]), "-0.500000000");
        let pair = "-0.500000000 ± 0.250000000i";
        assert_eq!(eigenvalue([-0.5, 0.25]), pair);
        assert_eq!(eigenvalue([-0.5, -0.25]), pair);
    }
}
