//! What is simulated: vector fields, networks, costs, problems.

mod activation;
mod analytic;
mod analytic_network;
mod clamped;
mod clamped_batch;
mod cost;
mod coupling;
mod dynamics;
mod initialisation;
mod network;
mod parameters;
mod piecewise;
mod problem;
mod problem_file;
mod rates;
mod softmax_cost;
mod vector_field;

pub use activation::Activation;
pub use analytic::{AnalyticCost, AnalyticField};
pub use clamped::Clamped;
pub use clamped_batch::ClampedBatch;
pub use cost::{Cost, SquaredError};
pub use coupling::{Coupling, Layers};
pub use dynamics::Dynamics;
pub use initialisation::{Glorot, Random};
pub use network::Network;
pub use parameters::{ParameterBlock, Parameters};
pub use problem::Problem;
pub use problem_file::ProblemFile;
pub use softmax_cost::SoftmaxCrossEntropy;
pub use vector_field::{Adjoint, Adjustable, Parametrised, RateForm, VectorField};
