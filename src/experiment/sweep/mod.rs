//! Sweeps: one record for every point of a grid, of random networks or over the values of a problem,
//! of nudges and solvers.

pub mod aggregate;
mod axis;
mod config;
mod draw;
mod estimator_name;
mod execute;
mod given;
mod measure;
mod merge;
mod point;
mod range;
mod record;
mod shard;
mod store;
mod summary;

pub use axis::Axis;
pub use config::SweepConfig;
pub use estimator_name::EstimatorName;
pub use execute::{SweepOptions, sweep};
pub use measure::measure;
pub use merge::{MergeSummary, merge};
pub use point::{DrawnNetwork, Grid, SweepPoint, SweptSystem};
pub use range::{Range, Scale, SeedRange, Span};
pub use record::{FailedPhase, Failure, Measurement, RestMeasurement, SweepOutcome, SweepRecord};
pub use shard::Shard;
pub use store::{Existing, Manifest, RecordFile, record_files};
pub use summary::{Counts, SweepSummary};
