//! What a sweep changes in the problem that it is about.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked of the problem in place of what its file says, as of the options of the same names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProblemChanges {
    /// Output states, by name or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<String>>,
    /// Target of the outputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Vec<f64>>,
    /// Cost of the states, an expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// Parameters that learn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn: Option<Vec<String>>,
    /// A named set of an `.ode` file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_set: Option<String>,
}
