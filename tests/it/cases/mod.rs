//! Inputs on which the program once went wrong, with the right values, and their siblings.

mod jumps;
mod nudged_trajectories;
mod own_problem;
mod unstable_points;

use serde_json::Value;

use crate::support::eqprop;

/// The path of a problem below tests/cases.
pub fn case(name: &str) -> String {
    format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// What `eqprop gradient --json` answers to a case.
pub fn gradient_of(name: &str, more: &[&str]) -> Value {
    let path = case(name);
    let ran = eqprop(&[&["gradient", &path, "--json"], more].concat());
    assert_eq!(ran.code, 0, "{name} {more:?}: {}", ran.stderr);
    ran.document()
}
