//! What the page asks, and what the library answers: no server here, and no drawing.

mod learning;
mod plane;
mod problem;
mod saving;
mod written;

pub(super) use written::read;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dynamics::SolverSettings;
use crate::error::{Error, Result};

/// An answer with its type.
pub(super) struct Answer {
    pub media: &'static str,
    pub bytes: Vec<u8>,
}

/// Answers the view `name` from the body of a request, or `None` if there is no such view. `first`
/// is the problem that the explorer was started with.
pub(super) fn answer(
    name: &str,
    body: &[u8],
    first: Option<&(String, String)>,
) -> Option<Result<Answer>> {
    Some(match name {
        "start" => json(&problem::start(first)),
        "open" => asked(body).and_then(|ask| json(&written::open(&ask)?)),
        "describe" => asked(body).and_then(|ask| json(&problem::describe(&ask)?)),
        "portrait" => asked(body).and_then(|ask| json(&plane::portrait(&ask)?)),
        "trajectory" => asked(body).and_then(|ask| json(&plane::trajectory(&ask)?)),
        "learning" => asked(body).and_then(|ask| json(&learning::learning(&ask)?)),
        "branch" => asked(body).and_then(|ask| json(&learning::branch(&ask)?)),
        "learn" => asked(body).and_then(|ask| json(&learning::learn(&ask)?)),
        "save" => asked(body).and_then(|ask| saving::save(&ask)),
        "commands" => asked(body).and_then(|ask| json(&saving::commands(&ask))),
        _ => return None,
    })
}

fn asked<A: DeserializeOwned>(body: &[u8]) -> Result<A> {
    serde_json::from_slice(body).map_err(|error| Error::invalid("(request)", error.to_string()))
}

fn json<T: Serialize>(value: &T) -> Result<Answer> {
    let bytes =
        serde_json::to_vec(value).map_err(|error| Error::invalid("(answer)", error.to_string()))?;
    Ok(Answer {
        media: "application/json",
        bytes,
    })
}

/// Trajectories that a person waits for: an endless one is cut.
fn patient() -> SolverSettings {
    SolverSettings {
        max_time: 1e4,
        max_steps: 20_000,
        ..SolverSettings::default()
    }
}
