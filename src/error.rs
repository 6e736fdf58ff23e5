//! What can go wrong, as data: every error says which input is at fault or what the dynamics did,
//! and what to change.

mod details;

use std::path::PathBuf;

/// Errors of the whole crate. [`Error::kind`] is the stable name of a variant in JSON output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value that cannot be accepted.
    #[error("{}{field}: {message}", file_prefix(file.as_ref()))]
    InvalidInput {
        /// The file that holds the value, if it came from one.
        file: Option<PathBuf>,
        /// JSON path of the field, or the name of the argument.
        field: String,
        /// What is wrong, and what is accepted.
        message: String,
    },
    /// A file that does not exist.
    #[error("{}: no such file. Check the path", path.display())]
    NotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// A result that is there already.
    #[error(
        "{}: exists already. Name another place, or ask for it to be replaced{}",
        path.display(),
        resumed(*resumable)
    )]
    Exists {
        /// The path as given.
        path: PathBuf,
        /// Whether it can be gone on with instead.
        resumable: bool,
    },
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The path as given.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The state grew without limit, or the integrator could not go on.
    #[error(
        "the dynamics diverged: the largest |s| is {largest:.3e} at t = {time:.6}. Lower the weights, or hold the states inside `state_bounds`"
    )]
    Diverged {
        /// Time at which it was seen, in units of the time constant.
        time: f64,
        /// Largest absolute component of the state (null in JSON if not finite).
        largest: f64,
    },
    /// The weights are no numbers, have exploded, or no sample of a batch has a finite state.
    #[error(
        "training diverged in epoch {epoch}, after {updates} updates: the largest |weight| is {largest:.3e}. Lower the learning rates, or hold the states in bounds (`network.clamp`){}",
        kept(checkpoint.as_ref())
    )]
    TrainingDiverged {
        /// The epoch, from 1.
        epoch: usize,
        /// Batches learned from.
        updates: u64,
        /// Largest absolute weight (null in JSON if not finite).
        largest: f64,
        /// The last good checkpoint, if there is one.
        checkpoint: Option<PathBuf>,
    },
    /// In a whole epoch of training no sample settled in all of its phases.
    #[error(
        "nothing was learned in epoch {epoch}: of no sample did all phases settle (median residual: free {free:.1e}, nudged {nudged:.1e}). Raise `settle.free_sweeps` and `settle.nudged_sweeps`, lower `network.gain`, hold the states in bounds (`network.clamp`), or let such samples count (`settle.unsettled`)"
    )]
    NothingLearned {
        /// The epoch, from 1.
        epoch: usize,
        /// Median ‖Π(μ)‖∞ of the free phases (null in JSON if not finite).
        free: f64,
        /// Median ‖Π(μ^β)‖∞ of the nudged phases, or infinite where there were none (null in JSON).
        nudged: f64,
    },
    /// A data set that is not part of the program, and is not where it was looked for.
    #[error("{}: {message}", path.display())]
    MissingData {
        /// Where it was looked for.
        path: PathBuf,
        /// What is missing, and how to get it.
        message: String,
    },
    /// The trajectory reached a periodic orbit.
    #[error(
        "the dynamics oscillate: a periodic orbit of period {period:.9} and amplitude {amplitude:.3e} was reached by t = {time:.3}. No fixed point is reached from this start. The formulas hold at an unstable one as well: named by `at` (`unstable`, or a state near it), it is found by Newton's method and differentiated at, where no trajectory goes"
    )]
    LimitCycle {
        /// Time by which the orbit was recognised.
        time: f64,
        /// Period of the orbit.
        period: f64,
        /// Largest distance of two points of the orbit, in any one component.
        amplitude: f64,
    },
    /// The state rests on kinks at which the velocity jumps, where there is no derivative.
    #[error(
        "the dynamics slide on a kink: by t = {time:.3} neurons {neurons:?} sit where their velocity jumps and no derivative exists, pressed onto it from both sides or free to leave it. Hold the states inside `state_bounds` (the classical clamp), choose a smooth activation (or a steep smooth function in place of a jump), or start beside the kink"
    )]
    Sliding {
        /// Time at which it was seen.
        time: f64,
        /// s there, n values.
        state: Vec<f64>,
        /// The neurons on kinks, from 0.
        neurons: Vec<usize>,
    },
    /// Neither a fixed point nor a periodic orbit was reached in the time given.
    #[error(
        "the dynamics did not settle: the residual is {residual:.3e} at t = {time:.3} after {steps} steps. Raise `max_time` or `max_steps` (a stiff system settles in fewer steps by `bdf`), or look at the trajectory"
    )]
    TimedOut {
        /// Time reached.
        time: f64,
        /// ‖μ‖∞ there.
        residual: f64,
        /// Accepted steps.
        steps: usize,
    },
    /// Neighbouring trajectories part for as long as the trajectory was followed.
    #[error(
        "the dynamics are chaotic: the largest Lyapunov exponent along the trajectory is {lyapunov_exponent:.4} per unit of time, as far as t = {time:.3}. There is no fixed point that it reaches. Lower the weights (their gain), or start elsewhere"
    )]
    Chaotic {
        /// Time reached.
        time: f64,
        /// The largest Lyapunov exponent, per unit of time.
        lyapunov_exponent: f64,
    },
    /// The integrator could not make a step that keeps to its tolerances.
    #[error(
        "the step of the integrator underflowed at t = {time:.6e} after {steps} steps (the residual is {residual:.3e}): no step that double precision can make keeps to the tolerances. Raise `rtol` and `atol`, lower the weights, or scale the states down"
    )]
    StepUnderflow {
        /// Time reached.
        time: f64,
        /// ‖μ‖∞ there.
        residual: f64,
        /// Accepted steps.
        steps: usize,
    },
    /// ∂μ/∂s cannot be inverted at the fixed point, so neither formula of the theorem applies.
    #[error(
        "the Jacobian at the fixed point is singular (reciprocal condition number {reciprocal_condition:.1e}). Move a parameter off the bifurcation"
    )]
    SingularJacobian {
        /// `1/(‖Jac‖₁‖Jac⁻¹‖₁)`.
        reciprocal_condition: f64,
    },
    /// A nudged phase did not come to rest.
    #[error(
        "in the nudged phase at β = {}: {source}. A smaller |β| stays nearer to the free fixed point",
        beta_text(*beta)
    )]
    Nudged {
        /// Real and imaginary part of β.
        beta: (f64, f64),
        /// What became of it.
        source: Box<Error>,
    },
    /// A complex-valued estimator was asked of an activation that is not analytic.
    #[error(
        "{activation} is not analytic. Holomorphic nudges need tanh, logistic, steep_logistic, softplus or identity, a cost that continues to complex states, and no bounds"
    )]
    NotAnalytic {
        /// The activation's name, or what else stands in the way.
        activation: String,
    },
    /// A figure could not be drawn or written.
    #[cfg(feature = "figure")]
    #[error(transparent)]
    Figure(#[from] crate::figure::FigureError),
}

/// Residuals beyond this belong to states that grow without limit.
const RUNAWAY: f64 = 1e4;

fn file_prefix(file: Option<&PathBuf>) -> String {
    file.map(|path| format!("{}: ", path.display()))
        .unwrap_or_default()
}

fn resumed(resumable: bool) -> &'static str {
    if resumable { " or resumed" } else { "" }
}

fn beta_text((re, im): (f64, f64)) -> String {
    if im == 0.0 {
        format!("{re}")
    } else {
        format!("{re:.6} {im:+.6}i")
    }
}

fn kept(checkpoint: Option<&PathBuf>) -> String {
    checkpoint
        .map(|path| format!(". The last good weights are in {}", path.display()))
        .unwrap_or_default()
}

impl Error {
    /// An [`Error::InvalidInput`] that knows no file yet.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidInput {
            file: None,
            field: field.into(),
            message: message.into(),
        }
    }

    /// The same error, naming the file that holds the value.
    #[must_use]
    pub fn in_file(self, path: &std::path::Path) -> Self {
        match self {
            Self::InvalidInput { field, message, .. } => Self::InvalidInput {
                file: Some(path.to_path_buf()),
                field,
                message,
            },
            other => other,
        }
    }

    /// What the dynamics did in a phase nudged by β, as the error of that phase. Errors that are
    /// not about the dynamics stay as they are.
    #[must_use]
    pub fn in_nudged_phase(self, beta: (f64, f64)) -> Self {
        match self {
            Self::Diverged { .. }
            | Self::LimitCycle { .. }
            | Self::Sliding { .. }
            | Self::Chaotic { .. }
            | Self::StepUnderflow { .. }
            | Self::TimedOut { .. } => Self::Nudged {
                beta,
                source: Box::new(self),
            },
            other => other,
        }
    }

    /// An input or output error at `path`, a missing file told apart.
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::NotFound {
            Self::NotFound {
                path: path.to_path_buf(),
            }
        } else {
            Self::Io {
                path: path.to_path_buf(),
                source,
            }
        }
    }

    /// The name of the variant in JSON output.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidInput { .. } | Self::Exists { .. } => "invalid_input",
            Self::NotFound { .. } | Self::MissingData { .. } => "not_found",
            Self::Io { .. } => "io",
            Self::Diverged { .. } | Self::TrainingDiverged { .. } => "diverged",
            Self::LimitCycle { .. } => "limit_cycle",
            Self::Sliding { .. } => "sliding",
            // residuals this large are no slow way to rest
            Self::NothingLearned { free, .. } if *free > RUNAWAY => "diverged",
            Self::NothingLearned { nudged, .. } if nudged.is_finite() && *nudged > RUNAWAY => {
                "diverged"
            }
            Self::TimedOut { .. } | Self::NothingLearned { .. } => "timed_out",
            Self::Chaotic { .. } => "chaotic",
            Self::StepUnderflow { .. } => "step_underflow",
            Self::SingularJacobian { .. } => "singular_jacobian",
            Self::NotAnalytic { .. } => "not_analytic",
            Self::Nudged { source, .. } => source.kind(),
            #[cfg(feature = "figure")]
            Self::Figure(crate::figure::FigureError::Write { .. }) => "io",
            #[cfg(feature = "figure")]
            Self::Figure(_) => "invalid_input",
        }
    }
}

/// The crate's result type.
pub type Result<T> = std::result::Result<T, Error>;
