//! What the user may ask, and the one translation into library settings.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use eqprop::dynamics::{Method, SolverSettings};
use eqprop::experiment::{Fault, StudySettings};
use eqprop::gradient::Estimator;

/// Equilibrium propagation in vector-field dynamics, solved as explicit ODEs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The gradient of one problem: true, and by equilibrium propagation
    Gradient(GradientArguments),
    /// Check Theorem 1 numerically: table, report and figures (exit code 1 if a check fails)
    Validate(ValidateArguments),
}

impl Command {
    pub fn json(&self) -> bool {
        match self {
            Self::Gradient(arguments) => arguments.json,
            Self::Validate(arguments) => arguments.json,
        }
    }
}

#[derive(Debug, Args)]
pub struct GradientArguments {
    /// Problem file (JSON)
    pub problem: PathBuf,
    /// How the EP error vector is estimated
    #[arg(long, value_enum, default_value = "linear_response")]
    pub estimator: Estimator,
    /// Influence parameter β of a nudged estimator [default: 0.001]
    #[arg(long, allow_negative_numbers = true)]
    pub beta: Option<f64>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub solver: SolverArguments,
}

#[derive(Debug, Args)]
pub struct ValidateArguments {
    /// Directory for report.json, report.md and the figures [default: a new eqprop-validation]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replace an earlier report in that directory
    #[arg(long)]
    pub force: bool,
    /// Print the report as one JSON document
    #[arg(long)]
    pub json: bool,
    /// Seed of the random networks
    #[arg(long, default_value_t = StudySettings::default().seed)]
    pub seed: u64,
    /// Number of random networks
    #[arg(long, default_value_t = StudySettings::default().networks)]
    pub networks: usize,
    /// Plant a fault, to see that the checks can fail
    #[arg(long, value_enum)]
    pub plant: Option<Fault>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MethodName {
    Tsit45,
    Bdf,
    TrBdf2,
    Esdirk34,
    Euler,
}

/// How trajectories are integrated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Integration")]
pub struct SolverArguments {
    /// Integrator
    #[arg(long, value_enum, default_value = "tsit45")]
    pub method: MethodName,
    /// Relative tolerance of a step
    #[arg(long, default_value_t = SolverSettings::default().rtol)]
    pub rtol: f64,
    /// Absolute tolerance of a step
    #[arg(long, default_value_t = SolverSettings::default().atol)]
    pub atol: f64,
    /// Step of the Euler method
    #[arg(long)]
    pub dt: Option<f64>,
    /// Longest time to wait for a steady state, in units of the largest time constant
    #[arg(long, default_value_t = SolverSettings::default().max_time)]
    pub max_time: f64,
    /// Largest number of steps
    #[arg(long, default_value_t = SolverSettings::default().max_steps)]
    pub max_steps: usize,
}

impl SolverArguments {
    /// The validated settings.
    pub fn settings(&self) -> eqprop::Result<SolverSettings> {
        let method = match (self.method, self.dt) {
            (MethodName::Euler, Some(dt)) => Method::Euler { dt },
            (MethodName::Euler, None) => {
                return Err(eqprop::Error::invalid(
                    "--dt",
                    "missing; Euler needs a step",
                ));
            }
            (_, Some(_)) => {
                return Err(eqprop::Error::invalid(
                    "--dt",
                    "only --method euler has a fixed step; leave it out",
                ));
            }
            (MethodName::Tsit45, None) => Method::Tsit45,
            (MethodName::Bdf, None) => Method::Bdf,
            (MethodName::TrBdf2, None) => Method::TrBdf2,
            (MethodName::Esdirk34, None) => Method::Esdirk34,
        };
        let settings = SolverSettings {
            method,
            rtol: self.rtol,
            atol: self.atol,
            max_time: self.max_time,
            max_steps: self.max_steps,
            ..SolverSettings::default()
        };
        settings.validate()?;
        Ok(settings)
    }
}
