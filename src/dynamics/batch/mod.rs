//! Batches: the same network settling under many inputs.

mod phase;
mod settle;
mod walk;

pub use phase::BatchPhase;
#[cfg(feature = "experiment")]
pub(crate) use settle::LANES_FROM;
pub use settle::{BatchRun, BatchSettings, SampleEnding, SampleRun, settle_batch};
