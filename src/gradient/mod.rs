//! What is learned from it: the true gradient, the EP update and its estimators, and how far
//! apart they are.

mod auxiliary;
mod branch;
mod budget;
mod budget_scan;
mod comparison;
mod deviation;
mod edge;
mod estimator;
mod estimators;
mod free_phase;
mod homeostasis;
mod judgement;
mod layered;
mod linearisation;
mod nudge_options;
mod plasticity;
mod report;

pub use crate::numeric::asymmetry;
pub use auxiliary::{Augmented, LinearField};
pub use budget::{Budget, ErrorPieces, Part, PieceNorms, budget, error_pieces};
pub use budget_scan::ProposedBeta;
pub use comparison::{AllTargets, Comparison, ParameterMetric, all_targets, compare};
pub use edge::EdgeSlopes;
pub use estimator::{
    Convergence, ErrorEstimator, Estimate, Estimator, EstimatorOptions, Formation,
};
pub use estimators::{
    Asymmetric, Centred, Continual, Dyadic, HOLOMORPHIC_POINTS, Holomorphic, LinearResponse,
    OneSided, Plasticity, Richardson, Sensitivity,
};
pub use free_phase::FreePhase;
pub use homeostasis::{AsymmetryPenalty, asymmetry_penalty, probe_penalty};
pub use judgement::{Judgement, judge};
pub use layered::LayeredLinearisation;
pub use linearisation::Linearisation;
pub use nudge_options::NudgeOptions;
pub use plasticity::{PlasticityIntegral, RunningPlasticity, plasticity_integral};
pub use report::{
    ErrorVectors, GradientReport, ListedEigenvalues, SolverRecord, gradient, gradient_listing,
    gradient_of, gradient_with,
};
