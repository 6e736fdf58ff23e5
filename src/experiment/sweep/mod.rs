//! Sweeps: one record for every point of a grid of random networks, nudges and solvers.

pub mod aggregate;
mod axis;
mod config;
mod estimator_name;
mod point;
mod record;

pub use axis::{Axis, Range, Scale, SeedRange};
pub use config::SweepConfig;
pub use estimator_name::EstimatorName;
pub use point::{Grid, SweepPoint};
pub use record::{FailedPhase, Failure, Measurement, SweepOutcome, SweepRecord};
