//! What is simulated: vector fields, networks, costs, problems.

mod activation;
mod analytic;
mod analytic_network;
#[cfg(feature = "experiment")]
mod asymmetry;
mod clamped;
mod clamped_batch;
mod clamped_parameters;
mod conversion;
mod cost;
mod coupling;
mod dynamics;
mod initialisation;
mod layered_jacobian;
mod metric_factor;
mod network;
mod parameters;
mod piecewise;
mod problem;
mod problem_file;
mod problem_source;
mod rates;
mod small_velocity;
mod softmax_cost;
mod sparse_weights;
mod system;
mod text_cost;
mod text_field;
mod vector_field;

pub use activation::Activation;
pub use analytic::{AnalyticCost, AnalyticField};
#[cfg(feature = "experiment")]
pub(crate) use asymmetry::{pair_with_asymmetry, with_asymmetry};
pub use clamped::Clamped;
pub use clamped_batch::ClampedBatch;
pub use conversion::{Target, convert};
pub use cost::{Cost, SquaredError};
pub use coupling::{Coupling, Layers};
pub use dynamics::Dynamics;
pub use initialisation::{Glorot, Random};
pub use metric_factor::MetricFactor;
pub use network::Network;
pub use parameters::{ParameterBlock, Parameters};
pub use problem::Problem;
pub use problem_file::{ProblemFile, ProblemOptions};
pub use problem_source::ProblemSource;
#[cfg(feature = "experiment")]
pub(crate) use problem_source::is_ode;
pub use softmax_cost::SoftmaxCrossEntropy;
pub use sparse_weights::{Places, SparseWeights};
pub use system::{OwnField, ProblemCost, ProblemField, System};
pub use text_cost::TextCost;
pub use text_field::TextField;
pub use vector_field::{Adjoint, Adjustable, IntervalField, Parametrised, RateForm, VectorField};
