//! Where a number came from.

use serde::{Deserialize, Serialize};

/// The program that computed a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Always `eqprop`.
    pub program: String,
    /// The crate's version.
    pub version: String,
    /// The commit it was built from, with `-dirty` if the tree had changes, or null outside git.
    pub commit: Option<String>,
}

impl Provenance {
    /// This program.
    pub fn current() -> Self {
        Self {
            program: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            commit: option_env!("EQPROP_COMMIT").map(Into::into),
        }
    }
}
