//! Inputs on which the program once went wrong, by kind of fault, with values from elsewhere.

mod clamp;

use std::path::Path;

use serde_json::Value;

/// A problem of tests/cases.
fn case(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(format!("{name}.json"));
    crate::support::read_json(&path)
}
