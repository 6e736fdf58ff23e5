//! Sweeps: one record for every point of a grid of random networks, nudges and solvers.

pub mod aggregate;
mod axis;
mod config;
mod draw;
mod estimator_name;
mod execute;
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
pub use draw::problem;
pub use estimator_name::EstimatorName;
pub use execute::{SweepOptions, sweep};
pub use measure::measure;
pub use merge::{MergeSummary, merge};
pub use point::{Grid, SweepPoint};
pub use range::{Range, Scale, SeedRange, Span};
pub use record::{FailedPhase, Failure, Measurement, SweepOutcome, SweepRecord};
pub use shard::Shard;
pub use store::{Existing, Manifest, RecordFile, record_files};
pub use summary::{Counts, SweepSummary};
