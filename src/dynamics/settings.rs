//! How a trajectory is computed: method, tolerances, limits, and what it cost.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The integrator.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Explicit Runge–Kutta of order 5(4) (Tsitouras 2011). To rest in a smooth field it is replaced by
    /// [`Method::Vern8`] at tight tolerances ([`crate::dynamics::settle()`]).
    Tsit45,
    /// Explicit Runge–Kutta of order 8(7) (Verner 2010): fewer evaluations at tight tolerances.
    Vern8,
    /// Backward differentiation of variable order, for stiff systems.
    Bdf,
    /// Trapezoidal rule with BDF2, L-stable, order 2.
    TrBdf2,
    /// Singly diagonally implicit Runge–Kutta of order 3(4) with explicit first stage.
    Esdirk34,
    /// Fixed-step Euler with step `dt`: the baseline, not a method to trust.
    Euler {
        /// Step, in units of time.
        dt: f64,
    },
}

impl Method {
    /// Whether its steps are limited by stability, so that a stiff system costs it many.
    pub fn is_explicit(self) -> bool {
        self.is_explicit_pair() || matches!(self, Self::Euler { .. })
    }

    /// Whether an error test lets its steps grow up to where it is unstable.
    pub(crate) fn is_explicit_pair(self) -> bool {
        matches!(self, Self::Tsit45 | Self::Vern8)
    }

    /// The largest |hλ| at which explicit steps of length h damp an eigenvalue λ of negative real part (but for a
    /// wedge at the imaginary axis). For methods without such a limit the smallest of them, as a yardstick.
    pub(crate) fn stability_limit(self) -> f64 {
        match self {
            Self::Vern8 => 5.4,
            _ => 3.3,
        }
    }

    /// The name used on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsit45 => "tsit45",
            Self::Vern8 => "vern8",
            Self::Bdf => "bdf",
            Self::TrBdf2 => "tr_bdf2",
            Self::Esdirk34 => "esdirk34",
            Self::Euler { .. } => "euler",
        }
    }
}

/// Settings of the integration. Every field is public and has a default.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SolverSettings {
    /// The integrator. Default [`Method::Tsit45`].
    pub method: Method,
    /// Relative tolerance of a step. Default 1e-9.
    pub rtol: f64,
    /// Absolute tolerance of a step (states are dimensionless). Default 1e-12.
    pub atol: f64,
    /// First step, in units of the smallest time constant. Default 0.1.
    pub initial_step: f64,
    /// Longest time to wait for a steady state, in units of the largest time constant. Default 1e5.
    pub max_time: f64,
    /// Largest number of accepted steps. Default 200 000.
    pub max_steps: usize,
    /// Whether Newton's method polishes a steady state once the trajectory is near it. If not, the
    /// trajectory itself has to arrive. Default true.
    pub polish: bool,
}

impl Default for SolverSettings {
    fn default() -> Self {
        Self {
            method: Method::Tsit45,
            rtol: 1e-9,
            atol: 1e-12,
            initial_step: 0.1,
            max_time: 1e5,
            max_steps: 200_000,
            polish: true,
        }
    }
}

impl SolverSettings {
    /// The settings of a phase nudged by β: tolerances times min(1, |β|), because what an estimate
    /// divides by β carries the solver's error divided by β. No tolerance goes below what the
    /// method can keep in double precision: rtol 1e-12 (implicit methods: 1e-10), atol 1e-15.
    #[must_use]
    pub fn for_nudge(&self, beta: f64) -> Self {
        let factor = beta.abs().min(1.0);
        let floor = if self.method.is_explicit_pair() {
            1e-12
        } else {
            1e-10
        };
        let scaled = |tolerance: f64, floor: f64| (tolerance * factor).max(floor.min(tolerance));
        Self {
            rtol: scaled(self.rtol, floor),
            atol: scaled(self.atol, 1e-15),
            ..*self
        }
    }

    /// Refuses tolerances and limits that no integrator can work with.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the setting.
    pub fn validate(&self) -> Result<()> {
        let in_range = |field: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(Error::invalid(
                    field,
                    format!("expected a number from {low:e} to {high:e}, found {value}"),
                ))
            }
        };
        in_range("rtol", self.rtol, 1e-14, 0.1)?;
        in_range("atol", self.atol, 1e-300, 1.0)?;
        in_range("initial_step", self.initial_step, 1e-12, 1e6)?;
        in_range("max_time", self.max_time, 1e-12, 1e12)?;
        if let Method::Euler { dt } = self.method {
            in_range("dt", dt, 1e-9, 1e6)?;
        }
        Ok(())
    }
}

/// What an integration cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Accepted steps.
    pub steps: usize,
    /// Steps rejected by the error test.
    pub rejected: usize,
    /// Evaluations of the right-hand side by trajectories and by what watches them for their rest.
    pub rhs_evaluations: usize,
    /// Evaluations of the Jacobian matrix.
    pub jacobian_evaluations: usize,
    /// LU factorisations.
    pub lu_factorisations: usize,
    /// Newton steps from a trajectory to the fixed point that it comes near to.
    #[serde(default)]
    pub newton_steps: usize,
    /// Evaluations of the right-hand side by Newton's method and by the proof that it stayed.
    #[serde(default)]
    pub newton_rhs_evaluations: usize,
    /// Evaluations of the right-hand side that show whether a nudged state continues the free one.
    #[serde(default)]
    pub branch_rhs_evaluations: usize,
}

impl Statistics {
    /// Evaluations of the right-hand side, whatever for.
    pub fn all_rhs_evaluations(&self) -> usize {
        self.rhs_evaluations + self.newton_rhs_evaluations + self.branch_rhs_evaluations
    }
}

impl std::ops::AddAssign for Statistics {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.rejected += other.rejected;
        self.rhs_evaluations += other.rhs_evaluations;
        self.jacobian_evaluations += other.jacobian_evaluations;
        self.lu_factorisations += other.lu_factorisations;
        self.newton_steps += other.newton_steps;
        self.newton_rhs_evaluations += other.newton_rhs_evaluations;
        self.branch_rhs_evaluations += other.branch_rhs_evaluations;
    }
}
