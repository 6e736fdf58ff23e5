//! Inputs on which the program once went wrong, with the right values, and random siblings of each.

mod arrays;
mod bifurcations;
mod clamp;
mod messages;
mod portraits;
mod rest;
mod searches;
mod simulations;
mod tables;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file of tests/cases by its whole name.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name)
}

/// A problem of tests/cases.
pub fn case(name: &str) -> PathBuf {
    file(&format!("{name}.json"))
}

/// A case as JSON, to be varied.
pub fn document(name: &str) -> Value {
    crate::support::read_json(&case(name))
}
