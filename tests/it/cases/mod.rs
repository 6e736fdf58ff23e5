//! Inputs on which the program once went wrong, with the right values, and random siblings of each.

mod bifurcations;
mod clamp;
mod portraits;
mod rest;
mod searches;
mod simulations;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of tests/cases.
pub fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(format!("{name}.json"))
}

/// A case as JSON, to be varied.
pub fn document(name: &str) -> Value {
    crate::support::read_json(&case(name))
}
