//! How it moves: phases, adaptive integration, steady states, spectra.

mod adaptive;
mod cycle;
mod event;
mod fixed_point;
mod integrate;
mod phase;
mod sample;
mod settings;
mod settle;
mod spectrum;
mod stepper;

pub use cycle::Cycle;
pub use fixed_point::FixedPoint;
pub use integrate::{Control, Ending, Moment, Run, integrate};
pub use phase::Phase;
pub(crate) use phase::largest;
pub use sample::{Sampled, resting_time, sample};
pub use settings::{Method, SolverSettings, Statistics};
pub use settle::{Outcome, settle};
pub use spectrum::{spectral_abscissa, spectrum};
