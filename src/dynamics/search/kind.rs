//! The kind of a fixed point, by the eigenvalues of the dynamics there.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::super::fixed_point::FixedPoint;
use super::super::phase::Phase;

/// What trajectories do near a fixed point, by the eigenvalues λ of `∂(ds/dt)/∂s` (time constants
/// included) over the neurons that the bounds do not hold.
///
/// A real or an imaginary part counts as 0 below `1e-9 (1 + max |λ|)`. Near a multiple eigenvalue
/// rounding alone makes parts of 1e-8, so that imaginary parts there count from `1e-7 (1 + max
/// |λ|)` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedPointKind {
    /// Every λ is real and negative (also where every neuron is held by a bound).
    StableNode,
    /// Every real part is negative, some λ is complex.
    StableFocus,
    /// Every λ is real and positive.
    UnstableNode,
    /// Every real part is positive, some λ is complex.
    UnstableFocus,
    /// Real parts of both signs.
    Saddle,
    /// Every λ is imaginary, none is 0.
    Center,
    /// Eigenvalues do not decide: some real part is 0, a neuron sits on a kink of the activation,
    /// or a bound holds a neuron without force.
    Degenerate,
}

impl FixedPointKind {
    /// The name used in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::StableNode => "stable_node",
            Self::StableFocus => "stable_focus",
            Self::UnstableNode => "unstable_node",
            Self::UnstableFocus => "unstable_focus",
            Self::Saddle => "saddle",
            Self::Center => "center",
            Self::Degenerate => "degenerate",
        }
    }

    /// Whether every eigenvalue has a negative real part, beyond the tolerance.
    pub fn stable(self) -> bool {
        matches!(self, Self::StableNode | Self::StableFocus)
    }

    /// The kind of a fixed point of `phase`.
    pub fn of(phase: &Phase<'_>, point: &FixedPoint) -> Self {
        let mut force = vec![0.0; point.state().len()];
        phase.force(point.state(), &mut force);
        let barely_held = (0..force.len())
            .filter(|i| !point.active().contains(i))
            .any(|i| force[i].abs() <= 1e-9);
        if barely_held || !point.on_kink().is_empty() {
            return Self::Degenerate;
        }
        Self::of_eigenvalues(point.eigenvalues())
    }

    /// The kind that a spectrum decides.
    pub fn of_eigenvalues(eigenvalues: &[Complex<f64>]) -> Self {
        let scale = 1.0 + eigenvalues.iter().map(|v| v.norm()).fold(0.0, f64::max);
        let real_tolerance = 1e-9 * scale;
        let rotates = eigenvalues.iter().any(|v| v.im.abs() > 1e-7 * scale);
        let all = |test: &dyn Fn(f64) -> bool| eigenvalues.iter().all(|v| test(v.re));
        if all(&|re| re < -real_tolerance) {
            if rotates {
                Self::StableFocus
            } else {
                Self::StableNode
            }
        } else if all(&|re| re > real_tolerance) {
            if rotates {
                Self::UnstableFocus
            } else {
                Self::UnstableNode
            }
        } else if all(&|re| re.abs() > real_tolerance) {
            Self::Saddle
        } else if eigenvalues
            .iter()
            .all(|v| v.re.abs() <= real_tolerance && v.im.abs() > real_tolerance)
        {
            Self::Center
        } else {
            Self::Degenerate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spectra_have_the_kinds_of_the_textbooks() {
        let kind = |values: &[(f64, f64)]| {
            let values: Vec<_> = values.iter().map(|&(a, b)| Complex::new(a, b)).collect();
            FixedPointKind::of_eigenvalues(&values).name()
        };
        assert_eq!(kind(&[(-1.0, 0.0), (-2.0, 0.0)]), "stable_node");
        assert_eq!(kind(&[(-1.0, 2.0), (-1.0, -2.0)]), "stable_focus");
        assert_eq!(kind(&[(1.0, 0.0), (2.0, 0.0)]), "unstable_node");
        assert_eq!(kind(&[(1.0, 2.0), (1.0, -2.0)]), "unstable_focus");
        assert_eq!(kind(&[(1.0, 0.0), (-2.0, 0.0)]), "saddle");
        assert_eq!(kind(&[(1e-17, 2.0), (1e-17, -2.0)]), "center");
        assert_eq!(kind(&[(0.0, 0.0), (-1.0, 0.0)]), "degenerate");
        assert_eq!(kind(&[]), "stable_node");
    }
}
