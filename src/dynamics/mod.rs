//! How it moves: phases, adaptive integration, steady states, spectra.

mod active_set_change;
mod adaptive;
mod arrival;
mod batch;
mod caution;
mod chord;
mod continuation;
mod curvature;
mod cycle;
mod explicit;
mod fixed_point;
mod held;
mod integrate;
mod jacobian;
mod kink;
mod linear;
mod linear_regime;
mod lyapunov;
mod newton;
mod outcome;
mod phase;
#[cfg(feature = "experiment")]
pub(crate) mod plane;
mod residual;
mod sample;
mod scout;
mod search;
mod settings;
mod settle;
mod slow_orbit;
mod spectrum;
mod stepper;
mod watch;

pub(crate) use crate::numeric::largest;
pub use adaptive::beta_sensitivity;
pub use arrival::rest_of_linear;
#[cfg(feature = "experiment")]
pub(crate) use batch::LANES_FROM;
pub use batch::{BatchPhase, BatchRun, BatchSettings, SampleEnding, SampleRun, settle_batch};
pub(crate) use chord::{GAUSS, Side, leads_along};
pub(crate) use continuation::leads;
pub use continuation::{
    Branch, BranchEnd, ContinuationPoint, ContinuationSettings, Diagram, Event, EventKind, Family,
    Homotopy, Parameter, bifurcation_diagram, continue_fixed_point,
};
pub use curvature::sample_by_curvature;
pub use cycle::Cycle;
pub use fixed_point::FixedPoint;
pub use integrate::{Control, Ending, Moment, Run, integrate};
pub(crate) use jacobian::{Jacobian, Solver};
pub(crate) use newton::ActiveSet;
pub use outcome::Outcome;
pub use phase::Phase;
pub use sample::{Sampled, resting_time, sample};
pub use search::{
    At, Degeneracy, FixedPointKind, FixedPointRecord, FixedPointSearch, FoundPoint, Kantorovich,
    SearchRecord, SearchSettings, find_fixed_points, fixed_point_at,
};
pub use settings::{Method, SolverSettings, Statistics};
pub use settle::{settle, settle_nudged};
pub(crate) use spectrum::restrict;
pub use spectrum::{spectral_abscissa, spectrum};
