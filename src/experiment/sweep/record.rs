//! What became of one point: one line of the records.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::point::SweepPoint;
use crate::error::Error;
use crate::io::Entries;

/// One line of `records.jsonl`: the point, what became of it, and every number that is known. All
/// fields stand in every line. Unknown numbers are null. There is no wall time, so that the same
/// configuration gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SweepRecord {
    /// Index of the point in the grid: the key.
    pub index: u64,
    /// Its coordinates.
    #[serde(flatten)]
    pub point: SweepPoint,
    /// What became of it.
    pub outcome: SweepOutcome,
    /// Why there is no estimate, or null if there is one.
    pub failure: Option<Failure>,
    /// What was measured.
    #[serde(flatten)]
    pub measured: Measurement,
    /// Where a problem of a file rests. Random networks do not have it.
    #[serde(flatten)]
    pub rest: Option<RestMeasurement>,
}

/// Where the free phase of a problem rests, or null where it does not. A record that lacks these
/// fields is about a random network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RestMeasurement {
    /// Whether every eigenvalue has a negative real part. It is null, too, if rounding decides it.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub stable: Option<bool>,
    /// `[re, im]` of the eigenvalue with the largest real part, per time constant.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub leading_eigenvalue: Option<[f64; 2]>,
    /// s⁰, by the names of the states.
    #[serde(deserialize_with = "Deserialize::deserialize")]
    pub fixed_point: Option<Entries<f64>>,
}

/// What became of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SweepOutcome {
    /// All phases settled and there is an estimate.
    Settled,
    /// A phase left every bound.
    Diverged,
    /// A phase reached a periodic orbit.
    LimitCycle,
    /// A phase came to rest sliding on a kink, where no derivative exists.
    Sliding,
    /// A phase did none of these in the time or steps allowed.
    TimedOut,
    /// The Jacobian at the free fixed point has no inverse.
    SingularJacobian,
    /// The estimator needs an analytic activation, and no bounds.
    NotAnalytic,
    /// The estimator does not apply for another reason.
    NotApplicable,
    /// A phase is chaotic.
    Chaotic,
    /// In a phase the integrator could not make a step.
    StepUnderflow,
}

impl SweepOutcome {
    /// All outcomes, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Settled,
        Self::Diverged,
        Self::LimitCycle,
        Self::Sliding,
        Self::TimedOut,
        Self::SingularJacobian,
        Self::NotAnalytic,
        Self::NotApplicable,
        Self::Chaotic,
        Self::StepUnderflow,
    ];

    /// The name used in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Diverged => "diverged",
            Self::LimitCycle => "limit_cycle",
            Self::Sliding => "sliding",
            Self::TimedOut => "timed_out",
            Self::SingularJacobian => "singular_jacobian",
            Self::NotAnalytic => "not_analytic",
            Self::NotApplicable => "not_applicable",
            Self::Chaotic => "chaotic",
            Self::StepUnderflow => "step_underflow",
        }
    }

    /// The outcome that an error of the computation stands for.
    pub fn of_error(error: &Error) -> Self {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.name() == error.kind())
            .unwrap_or(Self::NotApplicable)
    }
}

/// The phase in which a point failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailedPhase {
    /// The free phase, or the linearisation at its fixed point: no estimator has an answer.
    Free,
    /// A nudged phase: the numbers of the free phase are known.
    Nudged,
}

/// Why there is no estimate, with the numbers that the outcome comes with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Failure {
    /// The phase that failed.
    pub phase: FailedPhase,
    /// The reason, and what to change.
    pub message: String,
    /// Time at which it was seen, in units of the time constant.
    pub time: Option<f64>,
    /// Largest |s| of a diverged trajectory, or null if not finite.
    pub largest: Option<f64>,
    /// Period of a limit cycle, in units of the time constant.
    pub period: Option<f64>,
    /// Amplitude of a limit cycle.
    pub amplitude: Option<f64>,
    /// ‖μ‖∞ at the end of a trajectory that timed out.
    pub residual: Option<f64>,
    /// Accepted steps of a trajectory that timed out.
    pub steps: Option<usize>,
    /// Reciprocal condition number of a singular Jacobian.
    pub reciprocal_condition: Option<f64>,
    /// Largest Lyapunov exponent of a chaotic trajectory, per time constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lyapunov_exponent: Option<f64>,
}

impl Failure {
    /// What an error says.
    pub(super) fn new(phase: FailedPhase, error: &Error) -> Self {
        let mut failure = Self {
            phase,
            message: error.to_string(),
            time: None,
            largest: None,
            period: None,
            amplitude: None,
            residual: None,
            steps: None,
            reciprocal_condition: None,
            lyapunov_exponent: None,
        };
        let known = |value: f64| value.is_finite().then_some(value);
        let reason = match error {
            Error::Nudged { source, .. } => source,
            other => other,
        };
        match *reason {
            Error::Diverged { time, largest } => {
                failure.time = known(time);
                failure.largest = known(largest);
            }
            Error::LimitCycle {
                time,
                period,
                amplitude,
            } => {
                failure.time = known(time);
                failure.period = known(period);
                failure.amplitude = known(amplitude);
            }
            Error::Chaotic {
                time,
                lyapunov_exponent,
            } => {
                failure.time = known(time);
                failure.lyapunov_exponent = known(lyapunov_exponent);
            }
            Error::StepUnderflow {
                time,
                residual,
                steps,
            }
            | Error::TimedOut {
                time,
                residual,
                steps,
            } => {
                failure.time = known(time);
                failure.residual = known(residual);
                failure.steps = Some(steps);
            }
            Error::Sliding { time, .. } => failure.time = known(time),
            Error::SingularJacobian {
                reciprocal_condition,
            } => failure.reciprocal_condition = known(reciprocal_condition),
            _ => {}
        }
        failure
    }
}

/// The numbers of a point. Those down to `free_steps` belong to the free phase, and are known when
/// it settled. The others belong to the estimate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Measurement {
    /// ‖Jac − Jacᵀ‖/‖Jac + Jacᵀ‖ (Frobenius) at the free fixed point.
    pub jacobian_asymmetry: Option<f64>,
    /// The same of W, known whatever the outcome, unless W + Wᵀ is 0.
    pub weight_asymmetry: Option<f64>,
    /// Largest relative error of EP (in the limit β → 0) over all targets.
    pub error_bound: Option<f64>,
    /// Positive if and only if EP (in the limit β → 0) descends for every target: see
    /// [`AllTargets::descent_certificate`](crate::gradient::AllTargets::descent_certificate).
    pub descent_certificate: Option<f64>,
    /// Largest real part of the eigenvalues at the free fixed point, per time constant, negative if
    /// it is stable.
    pub spectral_abscissa: Option<f64>,
    /// ‖μ‖∞ at the free fixed point.
    pub residual: Option<f64>,
    /// C at the free fixed point.
    pub cost: Option<f64>,
    /// Neurons on a kink of the activation, where the theorem is silent.
    pub on_kink: Option<usize>,
    /// Neurons that `state_bounds` hold.
    pub pinned: Option<usize>,
    /// Time after which the free phase was handed to Newton's method, in units of the time
    /// constant.
    pub settling_time: Option<f64>,
    /// Evaluations of the right-hand side in the free phase.
    pub free_rhs_evaluations: Option<usize>,
    /// Accepted steps of the free phase.
    pub free_steps: Option<usize>,
    /// Angle between the estimated update and −∂J/∂θ, degrees, over all parameters.
    pub angle_degrees: Option<f64>,
    /// ‖ν − (−∂J/∂θ)‖/‖∂J/∂θ‖, over all parameters.
    pub relative_error: Option<f64>,
    /// ⟨ν, −∂J/∂θ⟩/‖∂J/∂θ‖²: positive if the estimate descends.
    pub descent: Option<f64>,
    /// Relative distance (over all parameters) from the update that the estimator tends to: EP's
    /// of the limit β → 0, or −∂J/∂θ for `asymmetric` and `dyadic`.
    pub estimator_error: Option<f64>,
    /// Nudged fixed points on another branch than the free one, across which a difference estimates
    /// nothing.
    pub jumped: Option<usize>,
    /// Whether |β| is inside the radius of convergence, or null if the estimator has none.
    pub inside_convergence: Option<bool>,
    /// Evaluations of the right-hand side by the estimator.
    pub nudged_rhs_evaluations: Option<usize>,
    /// Accepted steps of the estimator's phases.
    pub nudged_steps: Option<usize>,
}
