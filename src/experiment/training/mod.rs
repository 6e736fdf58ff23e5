//! Training: from a configuration to weights, epoch by epoch, recorded and resumable.

mod adaptive_batch;
mod adaptive_solver;
mod checkpoint;
mod config;
mod defaults;
mod directory;
mod engine_solver;
mod evaluate;
mod export;
mod field;
mod field_learning;
mod learn;
mod learner;
mod measure;
mod observe;
mod optimiser;
mod persistent;
mod probe;
mod read;
mod record;
mod report;
mod run;
mod saved;
mod solver;
mod tally;
mod trainer;
mod update;
mod weights;

pub use checkpoint::{Checkpoint, CheckpointHeader, Position};
pub use config::{
    Clamp, CostName, DataSettings, LastStage, NetworkSettings, NudgeScheme, NudgeSettings,
    ObserveSettings, OptimiserMethod, OptimiserSettings, Persistent, Schedule, SettleMethod,
    SettleSettings, TrainingEstimator, TrainingSettings, Unsettled,
};
pub use evaluate::{Evaluation, evaluate};
pub use learner::Probe;

pub use observe::{ProbeSample, observe};
pub use optimiser::Optimiser;
pub use record::{
    AngleRecord, BlockValue, EpochRecord, EpochTiming, Observables, PairRecord, Quantiles,
    SetRecord, SettleRecord,
};
pub use run::{Progress, RunOptions, TrainingRun, Watcher, train};
pub use saved::SavedRun;
pub use tally::{EndKind, EpochTally, PhaseEnd, PhaseTally, SetTally};
pub use trainer::Trainer;
pub use weights::{BlockKind, Weights};
