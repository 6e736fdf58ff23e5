//! What is simulated: vector fields, networks, costs, problems.

mod activation;
mod analytic;
mod clamped;
mod cost;
mod coupling;
mod initialisation;
mod network;
mod parameters;
mod problem;
mod problem_file;
mod vector_field;

pub use activation::Activation;
pub use analytic::{AnalyticCost, AnalyticField};
pub use clamped::Clamped;
pub use cost::{Cost, SquaredError};
pub use coupling::{Coupling, Layers};
pub use initialisation::{Glorot, Random};
pub use network::{Dynamics, Network};
pub use parameters::{ParameterBlock, Parameters};
pub use problem::Problem;
pub use problem_file::ProblemFile;
pub(crate) use problem_file::read_text;
pub use vector_field::{Parametric, VectorField};
