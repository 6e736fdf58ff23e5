//! The engine: what a caller asks of a batch, divided among threads and precisions.

mod engine;
mod linearised;
mod mixed_precision;
mod step;
mod weights;

pub use engine::Engine;
pub use step::WeightStep;
