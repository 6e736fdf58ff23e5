//! Which vector field a network's weights define.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which vector field the weights define.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Dynamics {
    /// The paper's leaky integrator,
    /// `$\mu_i = \sum_j W_{ij}\rho(s_j) + \sum_k U_{ik}\rho(x_k) + b_i - s_i$`.
    /// Symmetric weights do *not* make its Jacobian `$W\,\mathrm{diag}\,\rho'(s) - I$` symmetric.
    Leaky,
    /// The energy-based continuous Hopfield field,
    /// `$\mu_i = \rho'(s_i)\bigl(\sum_j W_{ij}\rho(s_j) + \sum_k U_{ik}\rho(x_k) + b_i\bigr) - s_i$`,
    /// a gradient field exactly when W is symmetric.
    Hopfield,
    /// Rates of the total drive, `$\mu_i = \rho\bigl(\sum_j W_{ij}s_j + \sum_k U_{ik}x_k +
    /// b_i\bigr) - s_i$`, as most code has it: states are rates, and inputs enter as they are. Its
    /// Jacobian is `$\mathrm{diag}\,\rho'(Ws + Ux + b)\,W - I$`.
    Rate,
}

impl Dynamics {
    /// The name used in problem files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leaky => "leaky",
            Self::Hopfield => "hopfield",
            Self::Rate => "rate",
        }
    }
}
