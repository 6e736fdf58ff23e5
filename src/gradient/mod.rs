//! What is learned from it: the true gradient, the EP update and its estimators, and how far
//! apart they are.

mod auxiliary;
mod comparison;
mod estimator;
mod holomorphic;
mod layered;
mod linearisation;
mod plasticity;
mod report;

pub use auxiliary::{Augmented, LinearField};
pub use comparison::{AllTargets, Comparison, ParameterMetric, all_targets, compare};
pub use estimator::{Estimate, Estimator, FreePhase};
pub use holomorphic::HOLOMORPHIC_POINTS;
pub use layered::LayeredLinearisation;
pub use linearisation::{Linearisation, asymmetry};
pub use plasticity::{PlasticityIntegral, RunningPlasticity, plasticity_integral};
pub use report::{ErrorVectors, GradientReport, SolverRecord, gradient};
