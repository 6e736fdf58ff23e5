//! Inputs on which the program once went wrong, with the right values, and random siblings of each.

mod bifurcations;
mod clamp;
mod jumps;
mod nudged_trajectories;
mod own_problem;
mod portraits;
mod rest;
mod searches;
mod simulations;
mod unstable_points;

use serde_json::Value;

use crate::support::eqprop;

/// The path of a file of tests/cases.
pub fn case(name: &str) -> String {
    format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"))
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
