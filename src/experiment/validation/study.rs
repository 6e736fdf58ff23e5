//! The validation study: its settings, and the faults that can be planted to see its checks fail.

use serde::{Deserialize, Serialize};

use crate::dynamics::SolverSettings;
use crate::error::{Error, Result};
use crate::gradient::Linearisation;

/// Settings of the validation study. Every field has a default and is written to the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StudySettings {
    /// Seed of all random networks, inputs and targets. Default 2018.
    pub seed: u64,
    /// Random networks, beside the digits and the closed form. Default 400. With fewer than 80 the checks
    /// that need more are left out.
    pub networks: usize,
    /// Digit images shown to the 64-32-10 network. Default 10.
    pub digits: usize,
    /// Largest weight asymmetry λ of W = S + λA, the antisymmetric part in units of the symmetric
    /// one. Default 2.5.
    pub largest_asymmetry: f64,
    /// β of the centred estimates that the formulas are compared with. Default 2e-5.
    pub beta: f64,
    /// Step of the finite differences of J, in parameter space. Default 2e-4.
    pub difference_step: f64,
    /// Random targets a network on which the certificate is tried. Default 8.
    pub targets: usize,
    /// How trajectories are integrated.
    pub solver: SolverSettings,
    /// A planted fault, none by default.
    pub fault: Option<Fault>,
}

impl Default for StudySettings {
    fn default() -> Self {
        Self {
            seed: 2018,
            networks: 400,
            digits: 10,
            largest_asymmetry: 2.5,
            beta: 2e-5,
            difference_step: 2e-4,
            targets: 8,
            solver: SolverSettings::default(),
            fault: None,
        }
    }
}

impl StudySettings {
    /// Refuses settings that no study can be made with.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the setting.
    pub fn validate(&self) -> Result<()> {
        if !(1..=100_000).contains(&self.networks) {
            return Err(Error::invalid(
                "networks",
                format!(
                    "expected a number from 1 to 100000, found {}",
                    self.networks
                ),
            ));
        }
        self.solver.validate()
    }
}

/// A wrong formula or a wrong premise, planted on purpose: each makes some check fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "cli", value(rename_all = "snake_case"))]
pub enum Fault {
    /// Jac for Jacᵀ: the true gradient by the formula of the EP update
    TrueGradientByJac,
    /// Jacᵀ for Jac: the EP update by the formula of the true gradient
    UpdateByJacTransposed,
    /// Jac for Jacᵀ in the ODE of recurrent backpropagation
    BackpropagationByJac,
    /// Leaky networks where energy-based ones are claimed, and the other way round
    DynamicsSwapped,
    /// Centred estimates where one-sided ones are claimed, and the other way round
    EstimatesSwapped,
    /// Errors measured in the norm of state space instead of parameter space
    StateSpaceNorm,
    /// arctan(ω/α) for 2·arctan(ω/α)
    HalfTheClosedForm,
}

impl StudySettings {
    /// g, by the formula under test.
    pub fn true_error_vector(&self, linearisation: &Linearisation, c: &[f64]) -> Vec<f64> {
        match self.fault {
            Some(Fault::TrueGradientByJac) => linearisation.ep_error_vector(c),
            _ => linearisation.true_error_vector(c),
        }
    }

    /// a, by the formula under test.
    pub fn ep_error_vector(&self, linearisation: &Linearisation, c: &[f64]) -> Vec<f64> {
        match self.fault {
            Some(Fault::UpdateByJacTransposed) => linearisation.true_error_vector(c),
            _ => linearisation.ep_error_vector(c),
        }
    }
}
