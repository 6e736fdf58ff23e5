//! The Newton–Kantorovich test: is there exactly one fixed point near a computed one?

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use super::super::fixed_point::FixedPoint;
use super::super::phase::{Phase, largest};
use super::super::spectrum::restrict;
use super::enclosure::Enclosure;
use crate::numeric::linear_algebra::Factorisation;

/// The quantities of the theorem (Kantorovich 1948) at a computed fixed point s, over the neurons
/// that the bounds do not hold, in the ∞-norm: if `$h = \eta\,\lVert \mathrm{Jac}^{-1}\rVert\,L
/// \le \tfrac12$` there is a true fixed point within `2η` of s, and no other within
/// `$(1+\sqrt{1-2h})/(\lVert\mathrm{Jac}^{-1}\rVert L)$`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kantorovich {
    /// h, or null if infinite (a singular Jacobian, or a kink of ρ too near).
    pub h: Option<f64>,
    /// A limit of the length of the Newton step at s, rounding of the force included for networks.
    pub eta: Option<f64>,
    /// L, a Lipschitz constant of the Jacobian.
    pub lipschitz: Option<f64>,
    /// Whether L was estimated from differences of Jacobians near s (fields that are no network
    /// with squared error), so that the test is a strong hint and no proof.
    pub lipschitz_estimated: bool,
    /// Whether h ≤ 1/2.
    pub holds: bool,
}

impl Kantorovich {
    pub(super) fn at(phase: &Phase<'_>, enclosure: Option<&Enclosure>, point: &FixedPoint) -> Self {
        let (state, active) = (point.state(), point.active());
        let inverse = Factorisation::new(point.jacobian());
        let inverse_norm = if inverse.reciprocal_condition() > 0.0 {
            infinity_norm(&inverse.inverse())
        } else {
            f64::INFINITY
        };
        let force = enclosure.map_or_else(
            || point.residual(),
            |enclosure| enclosure.force_limit(state, active),
        );
        let eta = if active.is_empty() {
            0.0
        } else {
            inverse_norm * force
        };
        // the radius in which L is needed. A kink is not to be within it
        let radius = (2.0 * eta).max(1e-12);
        let lipschitz = enclosure.map_or_else(
            || estimated_lipschitz(phase, point),
            |enclosure| enclosure.jacobian_lipschitz(state, active, radius),
        );
        // 0 · ∞ decides nothing
        let h = if active.is_empty() {
            0.0
        } else {
            eta * inverse_norm * lipschitz
        };
        let known = |value: f64| value.is_finite().then_some(value);
        Self {
            h: known(h),
            eta: known(eta),
            lipschitz: known(lipschitz),
            lipschitz_estimated: enclosure.is_none(),
            holds: h <= 0.5 && eta.is_finite() && lipschitz.is_finite(),
        }
    }
}

fn infinity_norm(matrix: &DMatrix<f64>) -> f64 {
    largest(
        matrix
            .row_iter()
            .map(|row| row.iter().map(|v| v.abs()).sum()),
    )
}

/// Twice the sum over directions of the largest change of the Jacobian along each, within a
/// thousandth of the state's size.
fn estimated_lipschitz(phase: &Phase<'_>, point: &FixedPoint) -> f64 {
    let mut state = point.state().to_vec();
    let step = 1e-3 * (1.0 + largest(state.iter().copied()));
    let mut sum = 0.0;
    for &j in point.active() {
        let here = state[j];
        let change = [-step, step].map(|step| {
            state[j] = here + step;
            let jacobian = restrict(phase.force_jacobian(&state), point.active());
            infinity_norm(&(jacobian - point.jacobian())) / step.abs()
        });
        state[j] = here;
        sum += largest(change);
    }
    2.0 * sum
}
