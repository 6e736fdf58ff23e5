//! Sweeps over the samples of a batch, on one thread: every second layer solved, the rest measured.

mod anderson;
mod control;
mod driver;
mod exchange;
mod linearisation;
mod monitor;
mod nudge;
mod receive;
mod thread;
mod workspace;

pub use control::{End, SampleReport, SweepControl};
pub(crate) use exchange::{Exchange, Member};
pub use linearisation::BatchLinearisation;
pub use nudge::{Nudge, OutputCost};
pub(crate) use thread::{Batch, Mode, Request, Thread};
