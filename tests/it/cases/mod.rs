//! Inputs on which the program once went wrong, with the right values, and random siblings of each.

mod arrays;
mod bifurcations;
mod clamp;
mod corners;
mod faults;
mod jumps;
mod messages;
mod nudged_trajectories;
mod own_problem;
mod portraits;
mod rest;
mod searches;
mod simulations;
mod tables;
mod text;
mod unstable_points;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::eqprop;

/// A file of tests/cases by its whole name.
pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name)
}

/// The path of a problem of tests/cases.
pub fn case(name: &str) -> String {
    file(&format!("{name}.json")).to_str().unwrap().to_owned()
}

/// A case as JSON, to be varied.
pub fn document(name: &str) -> Value {
    crate::support::read_json(case(name).as_ref())
}

/// What `eqprop gradient --json` answers to a case.
pub fn gradient_of(name: &str, more: &[&str]) -> Value {
    let path = case(name);
    let asked = [&["gradient", &path, "--json"], more].concat();
    let ran = eqprop(&asked);
    assert_eq!(ran.code, 0, "{name} {more:?}: {}", ran.stderr);
    ran.document()
}
