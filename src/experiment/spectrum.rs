//! Spectra of the Jacobian at fixed points: the record behind the figure.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::provenance::Provenance;
use crate::dynamics::{At, Phase, SolverSettings, fixed_point_at, settle};
use crate::error::{Error, Result};
use crate::gradient::{Estimator, EstimatorOptions, FreePhase, NudgeOptions, gradient_of};
use crate::io::parse;
use crate::model::{Coupling, Problem};
use crate::numeric::linear_algebra as la;

/// Spectra at one or several asymmetries of the weights, as saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpectrumRecord {
    /// Always `spectrum`.
    pub kind: String,
    /// The spectra.
    pub spectra: Vec<Spectrum>,
    /// Where the numbers come from.
    pub provenance: Provenance,
}

/// The spectrum at the fixed point that the dynamics reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// λ of `W = S + λA`. 1 is the problem as it stands.
    pub asymmetry: f64,
    /// The fixed point.
    pub state: Vec<f64>,
    /// Eigenvalues `[re, im]` of `∂μ/∂s` over the neurons inside the bounds.
    pub jacobian: Vec<[f64; 2]>,
    /// Eigenvalues of the dynamics, time constants included.
    pub dynamics: Vec<[f64; 2]>,
    /// The largest angle between an eigenvalue of the Jacobian and the negative real axis, degrees.
    pub largest_angle_degrees: f64,
    /// Henrici's departure from normality, `√(‖Jac‖² − Σ|λ|²)/‖Jac‖` (Frobenius), 0 … 1: at 0 the
    /// cone decides, far from it it is a hint.
    pub departure_from_normality: f64,
    /// Smallest eigenvalue of the symmetric part that certifies descent for every target, or null
    /// if unknown.
    pub descent_certificate: Option<f64>,
    /// Angle between the update of equilibrium propagation and the gradient, degrees.
    pub update_angle_degrees: Option<f64>,
}

impl SpectrumRecord {
    /// Reads a saved record.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}

/// The problem with its weights at `W = S + λA`. At λ = 1 it is the problem itself.
fn at_asymmetry(problem: &Problem, asymmetry: f64) -> Problem {
    let mut out = problem.clone();
    if asymmetry != 1.0
        && let Some(network) = out.network_mut()
    {
        let weights = network.coupling.to_matrix();
        let transpose = weights.transpose();
        network.coupling = Coupling::Dense(
            weights * (0.5 * (1.0 + asymmetry)) + transpose * (0.5 * (1.0 - asymmetry)),
        );
    }
    out
}

/// The spectra at each of the asymmetries, at the fixed points that the dynamics reach or, stable or
/// not, at those that `at` names.
///
/// # Errors
/// What [`settle`] says where the dynamics do not reach a fixed point, and
/// [`Error::InvalidInput`] for an asymmetry that is not finite.
pub fn spectra(
    problem: &Problem,
    asymmetries: &[f64],
    at: Option<&At>,
    solver: &SolverSettings,
) -> Result<SpectrumRecord> {
    problem.expect_autonomous()?;
    let spectra = asymmetries
        .iter()
        .map(|&asymmetry| {
            if !asymmetry.is_finite() {
                return Err(Error::invalid("asymmetry", "expected finite numbers"));
            }
            if asymmetry != 1.0 && problem.network().is_none() {
                let message =
                    "a field in text has no weights whose asymmetry could be changed. Leave it out";
                return Err(Error::invalid("asymmetry", message));
            }
            spectrum_of(&at_asymmetry(problem, asymmetry), asymmetry, at, solver)
        })
        .collect::<Result<_>>()?;
    Ok(SpectrumRecord {
        kind: "spectrum".into(),
        spectra,
        provenance: Provenance::current(),
    })
}

fn spectrum_of(
    problem: &Problem,
    asymmetry: f64,
    at: Option<&At>,
    solver: &SolverSettings,
) -> Result<Spectrum> {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    let point = match at {
        None => settle(&phase, &problem.initial_state, solver).into_fixed_point()?,
        Some(at) => fixed_point_at(&phase, at, &problem.initial_state)?,
    };
    let jacobian = point.jacobian();
    let eigenvalues = la::eigenvalues(jacobian).unwrap_or_default();
    let pairs = |values: &[Complex<f64>]| values.iter().map(|v| [v.re, v.im]).collect();
    let sum: f64 = eigenvalues.iter().map(|value| value.norm_sqr()).sum();
    let square = jacobian.norm_squared();
    // the rest needs Jac⁻¹, which may not exist
    let free = FreePhase::at_fixed_point(problem, &field, point.clone(), solver);
    let report = free.and_then(|free| {
        let (options, nudging) = (EstimatorOptions::default(), NudgeOptions::new(solver));
        gradient_of(
            problem,
            &free,
            Estimator::LinearResponse,
            &options,
            &nudging,
        )
    });
    let report = report.ok();
    Ok(Spectrum {
        asymmetry,
        state: point.state().to_vec(),
        jacobian: pairs(&eigenvalues),
        dynamics: pairs(point.eigenvalues()),
        largest_angle_degrees: eigenvalues
            .iter()
            .map(|value| value.im.abs().atan2(-value.re).to_degrees())
            .fold(0.0, f64::max),
        departure_from_normality: if square > 0.0 {
            ((square - sum).max(0.0) / square).sqrt()
        } else {
            0.0
        },
        descent_certificate: report
            .as_ref()
            .and_then(|report| report.descent_certificate),
        update_angle_degrees: report.as_ref().and_then(|report| report.angle_degrees),
    })
}
