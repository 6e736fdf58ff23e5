//! How a fixed point moves with a parameter: pseudo-arclength continuation with folds, Hopf points
//! and branch points.

mod bordered;
mod branch;
mod event;
mod homotopy;
mod parameter;

pub use branch::{
    Branch, BranchEnd, ContinuationPoint, ContinuationSettings, continue_fixed_point,
};
pub use event::{Event, EventKind};
pub use homotopy::Homotopy;
pub use parameter::{Family, Parameter};
