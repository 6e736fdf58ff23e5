//! Training: from a configuration to weights, epoch by epoch, recorded and resumable.

mod config;
mod record;

pub use config::{
    Clamp, CostName, DataSettings, NetworkSettings, NudgeScheme, NudgeSettings, ObserveSettings,
    OptimiserMethod, OptimiserSettings, Persistent, Schedule, SettleMethod, SettleSettings,
    TrainingEstimator, TrainingSettings, Unsettled,
};
pub use record::{
    AngleRecord, BlockValue, EpochRecord, EpochTiming, Observables, PairRecord, Quantiles,
    SetRecord, SettleRecord,
};
