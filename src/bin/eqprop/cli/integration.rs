//! The arguments that say how trajectories are integrated.

use clap::Args;
use eqprop::dynamics::{Method, SolverSettings};

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MethodName {
    Tsit45,
    Vern8,
    Bdf,
    TrBdf2,
    Esdirk34,
    Euler,
}

/// How trajectories are integrated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Integration")]
pub struct SolverArguments {
    /// Integrator. Phases that are followed to rest in a smooth field take steps of `vern8` in place of
    /// `tsit45` where the tolerance is 1e-7 or less
    #[arg(long, value_enum, default_value = "tsit45")]
    pub method: MethodName,
    /// Relative tolerance of a step
    #[arg(long, default_value = "1e-9", allow_hyphen_values = true)]
    pub rtol: f64,
    /// Absolute tolerance of a step
    #[arg(long, default_value = "1e-12", allow_hyphen_values = true)]
    pub atol: f64,
    /// Step of the Euler method
    #[arg(long, allow_hyphen_values = true)]
    pub dt: Option<f64>,
    /// Longest time to wait for a steady state, in units of the largest time constant
    #[arg(long, default_value = "1e5", allow_hyphen_values = true)]
    pub max_time: f64,
    /// Largest number of steps
    #[arg(long, default_value_t = SolverSettings::default().max_steps, allow_negative_numbers = true)]
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
                    "missing. Euler needs a step",
                ));
            }
            (_, Some(_)) => {
                return Err(eqprop::Error::invalid(
                    "--dt",
                    "only --method euler has a fixed step. Leave it out",
                ));
            }
            (MethodName::Tsit45, None) => Method::Tsit45,
            (MethodName::Vern8, None) => Method::Vern8,
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
