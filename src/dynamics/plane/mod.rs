//! The mathematics of a phase plane: what two coordinates show of a flow, as numbers in a rectangle of
//! states. Which rectangle, and which plane of a larger network, others decide.

pub(crate) mod arc_length;
pub(crate) mod attractors;
pub(crate) mod basins;
pub(crate) mod cycles;
pub(crate) mod manifolds;
pub(crate) mod motion;
pub(crate) mod nullclines;
pub(crate) mod streamlines;
pub(crate) mod window;

pub use basins::{Basins, NOWHERE};
pub use cycles::LimitCycle;
pub use manifolds::Manifold;
pub use motion::{Path, Trajectory};
pub use nullclines::Polyline;
pub use streamlines::Streamline;
pub use window::Window;
