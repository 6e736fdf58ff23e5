//! Exit codes, and what goes to which stream.

use std::io::Write;
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
}

/// Ends the program: reports an error, chooses the exit code.
pub fn finish(outcome: eqprop::Result<Verdict>, json: bool) -> ExitCode {
    match outcome {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::ChecksFailed) => ExitCode::from(1),
        Err(error) => {
            if json {
                print_json(&error_document(&error));
            }
            eprintln!("error: {error}");
            ExitCode::from(exit_code(&error))
        }
    }
}

/// Ends the program on arguments that do not parse (or on `--help`).
pub fn unparsable(error: &clap::Error) -> ExitCode {
    let asked_for_text = !error.use_stderr();
    if !asked_for_text && std::env::args_os().any(|argument| argument == "--json") {
        let message = error.to_string();
        print_json(&json!({"error": {"kind": "invalid_input", "message": message.trim_end()}}));
    }
    // a closed pipe is no reason to fail
    let _ = error.print();
    ExitCode::from(if asked_for_text { 0 } else { 2 })
}

/// Prints one JSON document; a closed pipe is no reason to fail.
pub fn print_json(document: &impl serde::Serialize) {
    let mut output = std::io::stdout().lock();
    let _ = serde_json::to_writer(&mut output, document)
        .map_err(std::io::Error::from)
        .and_then(|()| output.write_all(b"\n"));
}

/// Prints text to standard output; a closed pipe is no reason to fail.
pub fn print_text(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Diverged { .. }
        | Error::LimitCycle { .. }
        | Error::TimedOut { .. }
        | Error::SingularJacobian { .. }
        | Error::NotAnalytic { .. } => 3,
        _ => 2,
    }
}

fn error_document(error: &Error) -> Value {
    let mut details = Map::new();
    details.insert("kind".into(), error.kind().into());
    details.insert("message".into(), error.to_string().into());
    let mut add = |name: &str, value: Value| details.insert(name.into(), value);
    match error {
        Error::InvalidInput { file, field, .. } => {
            if let Some(file) = file {
                add("file", file.display().to_string().into());
            }
            add("field", field.as_str().into());
        }
        Error::NotFound { path } | Error::Io { path, .. } => {
            add("file", path.display().to_string().into());
        }
        Error::Diverged { time, largest } => {
            add("time", json!(time));
            add("largest", json!(largest));
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
        Error::TimedOut {
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
