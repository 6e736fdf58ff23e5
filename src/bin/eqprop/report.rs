//! Exit codes, and what goes to which stream.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use eqprop::Error;
use serde_json::{Map, Value, json};

/// How a command that could be carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Done,
    /// Done, and a check did not hold.
    ChecksFailed,
    /// Ended by a signal; what was finished is saved.
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
            if json && let Err(unprintable) = print_json(&error_document(&error)) {
                eprintln!("error: {unprintable}");
            }
            eprintln!("error: {}", message(&error));
            ExitCode::from(exit_code(&error))
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

/// Prints one JSON document.
pub fn print_json(document: &impl serde::Serialize) -> eqprop::Result<()> {
    let mut text = serde_json::to_string(document)
        .map_err(|error| Error::io(Path::new("standard output"), error.into()))?;
    text.push('\n');
    print_text(&text)
}

/// Prints text to standard output; a reader that has gone away is no failure.
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

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Diverged { .. }
        | Error::TrainingDiverged { .. }
        | Error::NothingLearned { .. }
        | Error::LimitCycle { .. }
        | Error::Sliding { .. }
        | Error::Chaotic { .. }
        | Error::StepUnderflow { .. }
        | Error::TimedOut { .. }
        | Error::SingularJacobian { .. }
        | Error::Nudged { .. }
        | Error::NotAnalytic { .. } => 3,
        _ => 2,
    }
}

fn error_document(error: &Error) -> Value {
    let mut details = Map::new();
    details.insert("kind".into(), error.kind().into());
    details.insert("message".into(), message(error).into());
    let mut cause = error;
    if let Error::Nudged {
        beta: (re, im),
        source,
    } = error
    {
        details.insert("phase".into(), "nudged".into());
        let beta = if *im == 0.0 {
            json!(re)
        } else {
            json!([re, im])
        };
        details.insert("beta".into(), beta);
        cause = source;
    }
    let mut add = |name: &str, value: Value| details.insert(name.into(), value);
    match cause {
        Error::InvalidInput { file, field, .. } => {
            if let Some(file) = file {
                add("file", file.display().to_string().into());
            }
            add("field", field.as_str().into());
        }
        Error::NotFound { path }
        | Error::Exists { path, .. }
        | Error::Io { path, .. }
        | Error::MissingData { path, .. } => {
            add("file", path.display().to_string().into());
        }
        Error::Diverged { time, largest } => {
            add("time", json!(time));
            add("largest", json!(largest));
        }
        Error::TrainingDiverged {
            epoch,
            updates,
            largest,
            checkpoint,
        } => {
            add("epoch", json!(epoch));
            add("updates", json!(updates));
            add("largest", json!(largest));
            let path = checkpoint.as_ref().map(|path| path.display().to_string());
            add("checkpoint", json!(path));
        }
        Error::NothingLearned {
            epoch,
            free,
            nudged,
        } => {
            add("epoch", json!(epoch));
            add("free_residual", json!(free));
            add("nudged_residual", json!(nudged));
        }
        Error::LimitCycle {
            time,
            period,
            amplitude,
        } => {
            add("time", json!(time));
            add("period", json!(period));
            add("amplitude", json!(amplitude));
        }
        Error::Sliding {
            time,
            state,
            neurons,
        } => {
            add("time", json!(time));
            add("state", json!(state));
            add("neurons", json!(neurons));
        }
        Error::Chaotic {
            time,
            lyapunov_exponent,
        } => {
            add("time", json!(time));
            add("lyapunov_exponent", json!(lyapunov_exponent));
        }
        Error::StepUnderflow {
            time,
            residual,
            steps,
        }
        | Error::TimedOut {
            time,
            residual,
            steps,
        } => {
            add("time", json!(time));
            add("residual", json!(residual));
            add("steps", json!(steps));
        }
        Error::SingularJacobian {
            reciprocal_condition,
        } => {
            add("reciprocal_condition", json!(reciprocal_condition));
        }
        Error::NotAnalytic { activation } => {
            add("activation", activation.as_str().into());
        }
        _ => {}
    }
    json!({ "error": details })
}
