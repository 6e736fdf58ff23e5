//! Everything that `eqprop gradient` says of one problem.

use nalgebra::Complex;
use serde::Serialize;

use super::comparison::all_targets;
use super::edge::EdgeSlopes;
use super::estimator::{Convergence, Estimator, EstimatorOptions};
use super::free_phase::FreePhase;
use super::judgement::judge;
use super::nudge_options::NudgeOptions;
use crate::dynamics::{FixedPoint, SolverSettings};
use crate::error::{Error, Result};
use crate::model::{Cost, Parameters, Problem};
use crate::numeric::among_threads;

/// The two error vectors, n values each.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorVectors {
    /// a = ∂s^β/∂β, as estimated.
    pub ep: Vec<f64>,
    /// g = Jac⁻ᵀ c.
    #[serde(rename = "true")]
    pub truth: Vec<f64>,
}

/// How the trajectories were computed and what they cost.
#[derive(Debug, Clone, Serialize)]
pub struct SolverRecord {
    /// Integrator.
    pub method: &'static str,
    /// Relative tolerance.
    pub rtol: f64,
    /// Absolute tolerance.
    pub atol: f64,
    /// Relative tolerance of the nudged phases, which follows |β|, or `None` if there were none.
    pub nudged_rtol: Option<f64>,
    /// Absolute tolerance of the nudged phases.
    pub nudged_atol: Option<f64>,
    /// Accepted steps, free and nudged phases together.
    pub steps: usize,
    /// Those of the free phase.
    pub free_steps: usize,
    /// Those of the nudged phases, and of what else an estimator follows.
    pub nudged_steps: usize,
    /// Steps of Newton's method, from trajectories to the fixed points that they come near to.
    pub newton_steps: usize,
    /// Rejected steps.
    pub rejected: usize,
    /// Evaluations of the right-hand side, all together: the sum of the next four.
    pub rhs_evaluations: usize,
    /// Those of the free phase.
    pub free_rhs_evaluations: usize,
    /// Those of the nudged phases.
    pub nudged_rhs_evaluations: usize,
    /// Those of Newton's method, and of the proof that it stayed where the trajectory went.
    pub newton_rhs_evaluations: usize,
    /// Those that show whether nudged states continue s⁰.
    pub branch_rhs_evaluations: usize,
    /// Evaluations of the Jacobian by the integrator.
    pub jacobian_evaluations: usize,
    /// Time after which the free phase was handed to Newton's method, in units of the time
    /// constant.
    pub settling_time: f64,
}

/// The gradient of one problem, true and by equilibrium propagation.
///
/// Both updates are directions to add to θ: a small multiple of `negative_gradient` lowers J, one of
/// `ep_update` does so only where equilibrium propagation descends.
#[derive(Debug, Clone, Serialize)]
pub struct GradientReport {
    /// s⁰.
    pub fixed_point: Vec<f64>,
    /// The names of the states, of a field in text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// ‖μ(s⁰)‖∞.
    pub residual: f64,
    /// C(s⁰, y) = J(θ).
    pub cost: f64,
    /// Whether every eigenvalue has a negative real part, or `None` if rounding decides it.
    pub stable: Option<bool>,
    /// Eigenvalues `[re, im]` of the linearised dynamics, per time constant, by decreasing real
    /// part.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Whether these are all.
    pub eigenvalues_complete: bool,
    /// a and g.
    pub error_vector: ErrorVectors,
    /// ν.
    pub ep_update: Parameters,
    /// −∂J/∂θ.
    pub negative_gradient: Parameters,
    /// Angle between the two in degrees, over all parameters.
    pub angle_degrees: Option<f64>,
    /// Relative error of ν, over all parameters.
    pub relative_error: Option<f64>,
    /// ‖Jac − Jacᵀ‖/‖Jac + Jacᵀ‖ (Frobenius).
    pub jacobian_asymmetry: f64,
    /// The same of W, or `None` of a field in text.
    pub weight_asymmetry: Option<f64>,
    /// Largest relative error of linear-response EP over all targets.
    pub error_bound: Option<f64>,
    /// Positive if and only if linear-response EP descends for every target: see
    /// [`AllTargets::descent_certificate`](crate::gradient::AllTargets::descent_certificate).
    pub descent_certificate: Option<f64>,
    /// Name of the estimator.
    pub estimator: Estimator,
    /// β (dimensionless), if the estimator has one.
    pub beta: Option<f64>,
    /// η, if the weights moved during the nudged phase.
    pub learning_rate: Option<f64>,
    /// Time after which the nudged phases were ended, in units of the time constant, or `None` if
    /// they came to rest.
    pub settle_time: Option<f64>,
    /// Those β whose nudged state is not connected with s⁰: their trajectories went to another branch.
    pub jumped: Vec<f64>,
    /// Those β of which that is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<f64>,
    /// Whether β is inside the radius of convergence (holomorphic only).
    pub convergence: Option<Convergence>,
    /// Neurons on a kink of the activation, where the theorem is silent.
    pub on_kink: Vec<usize>,
    /// Neurons that rest exactly on a bound with no force on them: they count as active, and only
    /// nudges inward move them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_edge: Vec<usize>,
    /// What a nudge does from either side, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_sided: Option<EdgeSlopes>,
    /// Neurons held by `state_bounds`, on which no gradient lives.
    pub pinned: Vec<usize>,
    /// How it was computed.
    pub solver: SolverRecord,
}

/// Which eigenvalues a report lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListedEigenvalues {
    /// All of up to 300 neurons, the 20 rightmost of more.
    #[default]
    Usual,
    /// All.
    All,
    /// So many of the rightmost.
    Rightmost(usize),
    /// As usual, but of more than 300 neurons none.
    Unlisted,
}

impl ListedEigenvalues {
    /// Networks of up to this many neurons have all their eigenvalues listed, larger ones this many.
    const WHOLE: usize = 300;
    const OF_MORE: usize = 20;

    fn of(self, point: &FixedPoint) -> Vec<Complex<f64>> {
        match self {
            Self::Usual if point.active().len() > Self::WHOLE => {
                point.rightmost_eigenvalues(Self::OF_MORE)
            }
            Self::Unlisted if point.active().len() > Self::WHOLE => Vec::new(),
            Self::Usual | Self::Unlisted | Self::All => point.eigenvalues().to_vec(),
            Self::Rightmost(count) => point.rightmost_eigenvalues(count),
        }
    }
}

/// Settles the free phase of `problem`, estimates the update, and compares it with the true
/// gradient.
///
/// # Errors
/// [`Error::InvalidInput`] for settings out of range, [`Error::LimitCycle`], [`Error::Diverged`],
/// [`Error::TimedOut`] if the dynamics do not settle, and [`Error::SingularJacobian`].
pub fn gradient(
    problem: &Problem,
    estimator: Estimator,
    beta: Option<f64>,
    settings: &SolverSettings,
) -> Result<GradientReport> {
    let options = EstimatorOptions {
        beta,
        ..EstimatorOptions::default()
    };
    gradient_with(problem, estimator, &options, &NudgeOptions::new(settings))
}

/// The same with every option of the estimator, and of how its nudged phases are conducted.
///
/// # Errors
/// As [`gradient`].
pub fn gradient_with(
    problem: &Problem,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
) -> Result<GradientReport> {
    nudging.validate()?;
    // before the free phase, which may take long
    estimator.with(options)?;
    let field = problem.field();
    let free = FreePhase::of_problem(problem, &field, &nudging.settings)?;
    gradient_of(problem, &free, estimator, options, nudging)
}

/// The same from the settled free phase of `problem`.
///
/// # Errors
/// [`Error::InvalidInput`] for options out of range. Otherwise what the nudged dynamics did instead
/// of settling, or why the estimator does not apply.
pub fn gradient_of(
    problem: &Problem,
    free: &FreePhase<'_>,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
) -> Result<GradientReport> {
    let listed = ListedEigenvalues::default();
    gradient_listing(problem, free, estimator, options, nudging, listed)
}

/// The same with a choice of eigenvalues, which are what takes longest in a large network.
///
/// # Errors
/// As [`gradient_of`].
pub fn gradient_listing(
    problem: &Problem,
    free: &FreePhase<'_>,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
    listed: ListedEigenvalues,
) -> Result<GradientReport> {
    among_threads(problem.dimension(), || {
        nudging.validate()?;
        if !free.is_reached && estimator != Estimator::LinearResponse {
            return Err(Error::invalid(
                "estimator",
                format!(
                    "{} follows trajectories, and none stays at a fixed point that is not stable. Where `at` names the fixed point, only linear_response and the true gradient are answered",
                    estimator.name()
                ),
            ));
        }
        let settings = &nudging.settings;
        let estimate = estimator.with(options)?.estimate(free, nudging)?;
        let judgement = judge(free, &estimate);
        let (fixed_point, linearisation) = (&free.fixed_point, &free.linearisation);
        let state = fixed_point.state();
        let all = all_targets(linearisation, &free.metric, problem.cost.outputs());
        let (unnudged, own) = (fixed_point.statistics(), estimate.statistics);
        let mut statistics = unnudged;
        statistics += own;
        let eigenvalues = listed.of(fixed_point);
        let nudged = estimate.beta.map(|beta| settings.for_nudge(beta));
        Ok(GradientReport {
            fixed_point: state.to_vec(),
            names: problem.own_names(),
            residual: fixed_point.residual(),
            cost: problem.cost.value(state),
            stable: fixed_point.stability(),
            eigenvalues_complete: eigenvalues.len() == fixed_point.active().len(),
            eigenvalues: eigenvalues.iter().map(|v| [v.re, v.im]).collect(),
            angle_degrees: judgement.to_gradient.angle_degrees,
            relative_error: judgement.to_gradient.relative_error,
            jacobian_asymmetry: linearisation.asymmetry(),
            weight_asymmetry: problem
                .network()
                .map(|network| network.coupling.asymmetry()),
            error_bound: all.error_bound,
            descent_certificate: all.descent_certificate,
            estimator,
            beta: estimate.beta,
            learning_rate: estimate.learning_rate,
            settle_time: nudging.settle_time,
            jumped: estimate.jumped,
            undecided: estimate.undecided,
            convergence: estimate.convergence,
            on_kink: fixed_point.on_kink().to_vec(),
            on_edge: fixed_point.on_edge().to_vec(),
            one_sided: free
                .phase
                .bounds()
                .and_then(|bounds| EdgeSlopes::at(fixed_point, bounds, &free.cost_gradient())),
            pinned: (0..state.len())
                .filter(|i| fixed_point.active().binary_search(i).is_err())
                .collect(),
            solver: SolverRecord {
                method: settings.method.name(),
                rtol: settings.rtol,
                atol: settings.atol,
                nudged_rtol: nudged.map(|settings| settings.rtol),
                nudged_atol: nudged.map(|settings| settings.atol),
                steps: statistics.steps,
                free_steps: unnudged.steps,
                nudged_steps: own.steps,
                newton_steps: statistics.newton_steps,
                rejected: statistics.rejected,
                rhs_evaluations: statistics.all_rhs_evaluations(),
                free_rhs_evaluations: unnudged.rhs_evaluations,
                nudged_rhs_evaluations: own.rhs_evaluations,
                newton_rhs_evaluations: statistics.newton_rhs_evaluations,
                branch_rhs_evaluations: statistics.branch_rhs_evaluations,
                jacobian_evaluations: statistics.jacobian_evaluations,
                settling_time: fixed_point.settling_time(),
            },
            error_vector: ErrorVectors {
                ep: estimate.error_vector,
                truth: judgement.true_error_vector,
            },
            ep_update: estimate.update,
            negative_gradient: judgement.negative_gradient,
        })
    })
}
