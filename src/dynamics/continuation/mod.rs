//! How a fixed point moves with a parameter: pseudo-arclength continuation with folds, Hopf points
//! and branch points, through bounds and kinks.

mod bordered;
mod branch;
mod corner;
mod crossing;
mod event;
mod follow;
mod homotopy;
mod lead;
mod parameter;
mod piece;
mod switch;

pub use branch::{
    Branch, BranchEnd, ContinuationPoint, ContinuationSettings, Diagram, bifurcation_diagram,
    continue_fixed_point,
};
pub use event::{Event, EventKind};
pub use homotopy::Homotopy;
pub(crate) use lead::leads;
pub use parameter::{Family, Parameter};
