//! The error budget: how much of an estimate's error comes from where.

use serde::Serialize;

use super::budget_scan::{ProposedBeta, propose};
use super::estimator::{Estimate, Estimator, EstimatorOptions};
use super::free_phase::FreePhase;
use super::nudge_options::NudgeOptions;
use crate::dynamics::SolverSettings;
use crate::error::{Error, Result};
use crate::model::Parameters;

/// The error of an estimate as a telescoping sum: from the true gradient to the estimate as it was
/// made, one approximation switched on at a time. All are directions in parameter space, and their
/// sum is `total`.
#[derive(Debug, Clone)]
pub struct ErrorPieces {
    /// −∂J/∂θ itself, the scale of the others.
    pub gradient: Parameters,
    /// The limit β → 0 beside the gradient: (∂μ/∂θ)ᵀ(a − g) by its exact formula, or 0 of an
    /// estimator that reaches g.
    pub asymmetry: Parameters,
    /// Finite β (and for plasticity the path): nudged phases at rest, free of rounding.
    pub finite_beta: Parameters,
    /// The nudged phases end before they rest, or 0 if they come to rest.
    pub settling_time: Parameters,
    /// Double precision, divided by β: the same trajectories in ordinary arithmetic, at the
    /// tightest tolerance that it allows. It is `None` if it cannot be told from `finite_beta`
    /// (path-dependent estimators, or a kink or a bound on the way), which then holds it.
    pub rounding: Option<Parameters>,
    /// The solver's tolerance as requested, instead of the tightest.
    pub solver_tolerance: Parameters,
    /// The estimate minus the gradient.
    pub total: Parameters,
    /// The estimate as it was made.
    pub estimate: Estimate,
}

/// One source of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The Jacobian is not symmetric.
    Asymmetry,
    /// β is not 0.
    FiniteBeta,
    /// The nudged phase ends before it rests.
    SettlingTime,
    /// Double precision.
    Rounding,
    /// The integrator's tolerance.
    SolverTolerance,
    /// All together.
    Total,
}

impl ErrorPieces {
    /// ‖part‖/‖∂J/∂θ‖, or `None` if it is not known or the gradient is 0.
    pub fn relative(&self, part: Part) -> Option<f64> {
        let piece = match part {
            Part::Asymmetry => &self.asymmetry,
            Part::FiniteBeta => &self.finite_beta,
            Part::SettlingTime => &self.settling_time,
            Part::Rounding => self.rounding.as_ref()?,
            Part::SolverTolerance => &self.solver_tolerance,
            Part::Total => &self.total,
        };
        let scale = self.gradient.norm();
        (scale > 0.0).then(|| piece.norm() / scale)
    }

    /// The norms of all parts.
    pub fn norms(&self) -> PieceNorms {
        PieceNorms {
            asymmetry: self.relative(Part::Asymmetry),
            finite_beta: self.relative(Part::FiniteBeta),
            settling_time: self.relative(Part::SettlingTime),
            rounding: self.relative(Part::Rounding),
            solver_tolerance: self.relative(Part::SolverTolerance),
            total: self.relative(Part::Total),
        }
    }
}

/// The norms of the pieces relative to ‖∂J/∂θ‖. The pieces are vectors, so that the norms need not
/// add up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PieceNorms {
    /// Of [`ErrorPieces::asymmetry`].
    pub asymmetry: Option<f64>,
    /// Of [`ErrorPieces::finite_beta`].
    pub finite_beta: Option<f64>,
    /// Of [`ErrorPieces::settling_time`].
    pub settling_time: Option<f64>,
    /// Of [`ErrorPieces::rounding`].
    pub rounding: Option<f64>,
    /// Of [`ErrorPieces::solver_tolerance`].
    pub solver_tolerance: Option<f64>,
    /// Of [`ErrorPieces::total`].
    pub total: Option<f64>,
}

/// The budget of an estimate, and the β that would make its measurable part smallest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Budget {
    /// The size of each piece.
    #[serde(flatten)]
    pub norms: PieceNorms,
    /// The proposal, or `None` if the estimator's error does not depend on β.
    pub proposed: Option<ProposedBeta>,
}

/// Splits the error of an estimate made from `free` by its sources, and proposes a β.
///
/// # Errors
/// As [`super::gradient_with`].
pub fn budget(
    free: &FreePhase<'_>,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
) -> Result<Budget> {
    let pieces = error_pieces(free, estimator, options, nudging)?;
    Ok(Budget {
        norms: pieces.norms(),
        proposed: propose(free, estimator, options, nudging, &pieces),
    })
}

/// The pieces themselves, as vectors.
///
/// # Errors
/// What the nudged dynamics did instead of settling, and [`Error::InvalidInput`] for options out of
/// range.
pub fn error_pieces(
    free: &FreePhase<'_>,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
) -> Result<ErrorPieces> {
    let ladder = Ladder {
        free,
        estimator,
        options,
        tight: NudgeOptions {
            settings: SolverSettings {
                rtol: nudging.settings.rtol.min(1e-12),
                atol: nudging.settings.atol.min(1e-15),
                ..nudging.settings
            },
            settle_time: None,
            without_rounding: false,
        },
    };
    let truth = free.linearisation.true_error_vector(&free.cost_gradient());
    let gradient = free.pullback(&truth);
    let asymmetry = if estimator.reaches_the_gradient() {
        gradient.scaled(0.0)
    } else {
        free.pullback(&free.linearisation.difference(&truth))
    };
    let limit = Rung {
        update: gradient.plus(1.0, &asymmetry),
        unrounded: true,
    };
    let at_rest = if has_finite_beta(estimator) {
        ladder.reference(None)?
    } else {
        limit.clone()
    };
    let in_time = match nudging.settle_time {
        None => at_rest.clone(),
        time => ladder.reference(time)?,
    };
    let rounded = if in_time.unrounded {
        ladder.ordinary(nudging.settle_time)?
    } else {
        in_time.update.clone()
    };
    let estimate = estimator.with(options)?.estimate(free, nudging)?;
    Ok(ErrorPieces {
        finite_beta: at_rest.update.plus(-1.0, &limit.update),
        settling_time: in_time.update.plus(-1.0, &at_rest.update),
        rounding: in_time
            .unrounded
            .then(|| rounded.plus(-1.0, &in_time.update)),
        solver_tolerance: estimate.update.plus(-1.0, &rounded),
        total: estimate.update.plus(-1.0, &gradient),
        gradient,
        asymmetry,
        estimate,
    })
}

/// Whether the estimate at rest differs from its limit by a power of β.
pub(super) fn has_finite_beta(estimator: Estimator) -> bool {
    estimator.default_beta().is_some() && estimator != Estimator::Dyadic
}

/// An update on the way from the limit to the estimate, and whether it is free of rounding.
#[derive(Clone)]
struct Rung {
    update: Parameters,
    unrounded: bool,
}

/// The estimate made with fewer approximations than it was.
struct Ladder<'l> {
    free: &'l FreePhase<'l>,
    estimator: Estimator,
    options: &'l EstimatorOptions,
    tight: NudgeOptions,
}

impl Ladder<'_> {
    /// At the tightest tolerance.
    fn ordinary(&self, settle_time: Option<f64>) -> Result<Parameters> {
        let nudging = NudgeOptions {
            settle_time,
            ..self.tight
        };
        self.run(&nudging)
    }

    /// The same without rounding, if that can be had.
    fn reference(&self, settle_time: Option<f64>) -> Result<Rung> {
        let nudging = NudgeOptions {
            settle_time,
            without_rounding: true,
            ..self.tight
        };
        if has_finite_beta(self.estimator) && !self.estimator.is_path_dependent() {
            match self.run(&nudging) {
                Ok(update) => {
                    return Ok(Rung {
                        update,
                        unrounded: true,
                    });
                }
                // a kink or a bound on the way
                Err(Error::InvalidInput { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Rung {
            update: self.ordinary(settle_time)?,
            unrounded: false,
        })
    }

    fn run(&self, nudging: &NudgeOptions) -> Result<Parameters> {
        let estimate = self.estimator.with(self.options)?;
        Ok(estimate.estimate(self.free, nudging)?.update)
    }
}
