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

mod elementwise;
mod product;
mod settings;
mod solve;
mod sweep;
mod threads;
mod weights;

pub use crate::numeric::Scalar;
pub(crate) use product::{CouplingWorkspace, PackedCoupling};
pub use product::{InputDrive, OuterProduct, OuterProducts};
pub use settings::{EngineSettings, States};
pub use solve::{Engine, WeightStep};
pub use sweep::{BatchLinearisation, End, Nudge, OutputCost, SampleReport, SweepControl};
pub use weights::RowMajorWeights;
