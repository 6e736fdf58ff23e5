//! Fixed points of whole batches: red-black sweeps over packed weights, each sample judged by itself.
//!
//! The engine finds fixed points of leaky networks, `$s = W\rho(s) + U x + b$` (nudged:
//! `$s = W\rho(s) + U x + b - \beta\,\partial C/\partial s$`), held inside bounds where a layer has
//! them. It solves every second layer exactly given the others, measures the force on those, and
//! accelerates once its plain sweeps contract. An iteration is not the dynamics: where the fixed point
//! is not known to be unique, compare with the trajectory ([`crate::dynamics::settle`]).
//!
//! A sample's result does not depend on the other samples of its batch, on the number of threads or on
//! timing, to the last bit.

mod anderson;
mod driver;
mod elementwise;
mod forerunner;
mod kernel;
mod linearised;
mod lists;
mod network;
mod nudge;
mod packed;
mod product;
mod recurrent;
mod shape;
mod solve;
mod sweep;
mod thread;
mod weights;

pub use crate::numeric::Scalar;
pub use driver::{Control, End, SampleReport};
pub use linearised::Linearisation;
pub use nudge::{Nudge, OutputCost};
pub(crate) use recurrent::{PackedCoupling, Room};
pub use shape::{EngineSettings, States, Weights};
pub use solve::Engine;
