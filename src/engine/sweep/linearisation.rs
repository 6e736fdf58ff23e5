//! The factorised Jacobians of a batch at its free fixed points: linear responses, and Newton steps from there.

use nalgebra::{DVector, DVectorViewMut};

use crate::numeric::Scalar;
use crate::numeric::small_factorisation::SmallFactorisation;

/// `Jac = W D − I` at the free fixed points of a batch, factorised. Neurons that rest on a bound do not
/// move: their rows are those of −I, their slopes 0. Made by [`crate::engine::Engine::linearise`].
#[derive(Debug, Clone)]
pub struct BatchLinearisation {
    pub(crate) factors: Vec<Option<SmallFactorisation>>,
    /// Whether each neuron rests on a bound, sample by sample.
    pub(crate) held: Vec<bool>,
    pub(crate) outputs: Vec<usize>,
    pub(crate) dimension: usize,
}

impl BatchLinearisation {
    /// The error vector of the true gradient, `g = Jac⁻ᵀ c`, at one fixed point. `cost_gradient` is c of the
    /// output neurons. `None` where Jac is singular.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn error_vector(&self, sample: usize, cost_gradient: &[f64]) -> Option<Vec<f64>> {
        self.solved(sample, cost_gradient, SmallFactorisation::solve_transpose)
    }

    /// The response of the fixed point to the nudge, `a = ∂s^β/∂β = Jac⁻¹ c` at β = 0, likewise.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn response(&self, sample: usize, cost_gradient: &[f64]) -> Option<Vec<f64>> {
        self.solved(sample, cost_gradient, SmallFactorisation::solve)
    }

    fn solved(
        &self,
        sample: usize,
        cost_gradient: &[f64],
        solve: impl Fn(&SmallFactorisation, &mut DVectorViewMut<'_, f64>),
    ) -> Option<Vec<f64>> {
        let mut vector = DVector::zeros(self.dimension);
        for (&neuron, &value) in self.outputs.iter().zip(cost_gradient) {
            if !self.held[sample * self.dimension + neuron] {
                vector[neuron] = value;
            }
        }
        solve(self.factors[sample].as_ref()?, &mut vector.as_view_mut());
        Some(vector.as_slice().to_vec())
    }

    /// Moves the state of a nudged sample by one simplified Newton step, given what it would be at rest;
    /// leaves it where Jac is singular.
    pub(crate) fn step<T: Scalar>(
        &self,
        sample: usize,
        beta: T,
        state: &mut [T],
        answer: &[T],
        scratch: &mut DVector<f64>,
    ) {
        let Some(factors) = &self.factors[sample % self.factors.len()] else {
            return;
        };
        if scratch.len() != self.dimension {
            *scratch = DVector::zeros(self.dimension);
        }
        for ((force, &answer), &state) in scratch.iter_mut().zip(answer).zip(&*state) {
            *force = (answer - state).to_f64();
        }
        // the answer of an output is divided by 1 + β
        for &output in &self.outputs {
            scratch[output] *= 1.0 + beta.to_f64();
        }
        factors.solve(&mut scratch.as_view_mut());
        for (state, step) in state.iter_mut().zip(scratch.iter()) {
            *state = T::from_f64(state.to_f64() - step);
        }
    }
}
