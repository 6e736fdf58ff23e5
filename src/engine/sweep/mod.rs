//! Sweeps over the samples of a batch, on one thread: every second layer solved, the rest measured.

mod anderson;
mod control;
mod driver;
mod linearisation;
mod monitor;
mod nudge;
mod thread;
mod workspace;

pub use control::{End, SampleReport, SweepControl};
pub use linearisation::BatchLinearisation;
pub use nudge::{Nudge, OutputCost};
pub(crate) use thread::{Batch, Mode, Request, Thread};
