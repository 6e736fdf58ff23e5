//! Training: from a configuration to weights, epoch by epoch, recorded and resumable.

mod checkpoint;
mod config;
mod observe;
mod optimiser;
mod persistent;
mod read;
mod record;
mod saved;
mod tally;
mod weights;

pub use checkpoint::{Checkpoint, CheckpointHeader, Position};
pub use config::{
    Clamp, CostName, DataSettings, NetworkSettings, NudgeScheme, NudgeSettings, ObserveSettings,
    OptimiserMethod, OptimiserSettings, Persistent, Schedule, SettleMethod, SettleSettings,
    TrainingEstimator, TrainingSettings, Unsettled,
};
pub use observe::{ProbeSample, observe};
pub use optimiser::Optimiser;
pub use record::{
    AngleRecord, BlockValue, EpochRecord, EpochTiming, Observables, PairRecord, Quantiles,
    SetRecord, SettleRecord,
};
pub use saved::SavedRun;
pub use tally::{EndKind, EpochTally, PhaseEnd, PhaseTally, SetTally};
pub use weights::{BlockKind, Weights};
