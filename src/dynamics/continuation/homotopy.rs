//! A path from one phase to another, along which fixed points are followed.

use nalgebra::{Complex, DMatrix};

use super::super::phase::Phase;
use super::super::spectrum::spectrum;

/// The force `$f(s, p) = (1-p)\,f_0(s) + p\,f_1(s)$` between two phases of equal dimension and time
/// constants. Every parameter that enters linearly is one of these, with p reaching beyond 0 and 1:
/// β (f₁ nudged by 1), the asymmetry or the gain of the weights, a bias. Bounds are not followed.
#[derive(Clone, Copy)]
pub struct Homotopy<'a> {
    phases: [Phase<'a>; 2],
}

impl<'a> Homotopy<'a> {
    /// From `start` (p = 0) to `end` (p = 1).
    pub fn new(start: Phase<'a>, end: Phase<'a>) -> Self {
        Self {
            phases: [start.without_bounds(), end.without_bounds()],
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.phases[0].dimension()
    }

    fn forces(&self, state: &[f64]) -> [Vec<f64>; 2] {
        self.phases.map(|phase| {
            let mut out = vec![0.0; state.len()];
            phase.force(state, &mut out);
            out
        })
    }

    /// f(s, p) and ∂f/∂p = f₁(s) − f₀(s).
    pub fn force(&self, state: &[f64], parameter: f64) -> (Vec<f64>, Vec<f64>) {
        let [start, end] = self.forces(state);
        let force = start
            .iter()
            .zip(&end)
            .map(|(a, b)| (1.0 - parameter) * a + parameter * b);
        let slope = start.iter().zip(&end).map(|(a, b)| b - a);
        (force.collect(), slope.collect())
    }

    /// ∂f/∂s.
    pub fn jacobian(&self, state: &[f64], parameter: f64) -> DMatrix<f64> {
        let [start, end] = self.phases.map(|phase| phase.force_jacobian(state));
        start * (1.0 - parameter) + end * parameter
    }

    /// Eigenvalues of the dynamics, time constants included, by decreasing real part.
    pub fn eigenvalues(&self, state: &[f64], parameter: f64) -> Option<Vec<Complex<f64>>> {
        let all: Vec<usize> = (0..state.len()).collect();
        spectrum(&self.phases[0], &self.jacobian(state, parameter), &all)
    }
}
