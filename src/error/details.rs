//! An error for programs: its exit code, and what it knows beside its message.

use serde_json::{Map, Value, json};

use super::Error;

impl Error {
    /// The exit code of a program that this error ends: 3 if the computation has no answer, 2 if
    /// the input is at fault.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Diverged { .. }
            | Self::TrainingDiverged { .. }
            | Self::NothingLearned { .. }
            | Self::LimitCycle { .. }
            | Self::Sliding { .. }
            | Self::Chaotic { .. }
            | Self::StepUnderflow { .. }
            | Self::TimedOut { .. }
            | Self::SingularJacobian { .. }
            | Self::Nudged { .. }
            | Self::NotAnalytic { .. } => 3,
            _ => 2,
        }
    }

    /// What stands beside `kind` and `message` in JSON. Numbers that are not finite are null.
    pub fn details(&self) -> Map<String, Value> {
        let mut details = Map::new();
        let mut cause = self;
        if let Self::Nudged {
            beta: (re, im),
            source,
        } = self
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
            Self::InvalidInput { file, field, .. } => {
                if let Some(file) = file {
                    add("file", file.display().to_string().into());
                }
                add("field", field.as_str().into());
            }
            Self::NotFound { path }
            | Self::Exists { path, .. }
            | Self::Io { path, .. }
            | Self::MissingData { path, .. } => {
                add("file", path.display().to_string().into());
            }
            Self::Diverged { time, largest } => {
                add("time", json!(time));
                add("largest", json!(largest));
            }
            Self::TrainingDiverged {
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
            Self::NothingLearned {
                epoch,
                free,
                nudged,
            } => {
                add("epoch", json!(epoch));
                add("free_residual", json!(free));
                add("nudged_residual", json!(nudged));
            }
            Self::LimitCycle {
                time,
                period,
                amplitude,
            } => {
                add("time", json!(time));
                add("period", json!(period));
                add("amplitude", json!(amplitude));
            }
            Self::Sliding {
                time,
                state,
                neurons,
            } => {
                add("time", json!(time));
                add("state", json!(state));
                add("neurons", json!(neurons));
            }
            Self::Chaotic {
                time,
                lyapunov_exponent,
            } => {
                add("time", json!(time));
                add("lyapunov_exponent", json!(lyapunov_exponent));
            }
            Self::StepUnderflow {
                time,
                residual,
                steps,
            }
            | Self::TimedOut {
                time,
                residual,
                steps,
            } => {
                add("time", json!(time));
                add("residual", json!(residual));
                add("steps", json!(steps));
            }
            Self::SingularJacobian {
                reciprocal_condition,
            } => {
                add("reciprocal_condition", json!(reciprocal_condition));
            }
            Self::NotAnalytic { activation } => {
                add("activation", activation.as_str().into());
            }
            _ => {}
        }
        details
    }
}
