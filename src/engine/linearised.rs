//! A dense network linearised at its free fixed points: the linear responses there, and nudged phases that
//! start from them.
//!
//! At a fixed point s⁰ the matrix `Jac = W D − I` gives the two vectors that the theorem compares, and it
//! is nearly the Jacobian of the weakly nudged phase too: simplified Newton steps
//! `s ← s − Jac⁻¹ μ^β(s)` contract by about β ‖Jac⁻¹‖, several digits a step where sweeps gain half a digit.

use nalgebra::DVector;

use super::driver::{Control, SampleReport};
use super::elementwise::slopes;
use super::nudge::{Nudge, OutputCost};
use super::shape::States;
use super::solve::Engine;
use crate::error::{Error, Result};
use crate::numeric::Scalar;
use crate::numeric::small_factorisation::SmallFactorisation;

/// `Jac = W D − I` at the free fixed points of a batch, factorised. Neurons that rest on a bound do not
/// move: their rows are those of −I, their slopes 0. Made by [`Engine::linearise`].
#[derive(Debug, Clone)]
pub struct Linearisation {
    factors: Vec<Option<SmallFactorisation>>,
    /// Whether each neuron rests on a bound, sample by sample.
    held: Vec<bool>,
    outputs: Vec<usize>,
    dimension: usize,
}

impl Linearisation {
    /// The error vector of the true gradient, `g = Jac⁻ᵀ c`, at one fixed point; `cost_gradient` is c of the
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
        solve: impl Fn(&SmallFactorisation, &mut DVector<f64>),
    ) -> Option<Vec<f64>> {
        let mut vector = DVector::zeros(self.dimension);
        for (&neuron, &value) in self.outputs.iter().zip(cost_gradient) {
            if !self.held[sample * self.dimension + neuron] {
                vector[neuron] = value;
            }
        }
        solve(self.factors[sample].as_ref()?, &mut vector);
        Some(vector.as_slice().to_vec())
    }

    /// Moves the state of a nudged sample by one simplified Newton step, given what it would be at rest;
    /// leaves it where Jac is singular.
    pub(super) fn step<T: Scalar>(
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
        factors.solve(scratch);
        for (state, step) in state.iter_mut().zip(scratch.iter()) {
            *state = T::from_f64(state.to_f64() - step);
        }
    }
}

impl<T: Scalar> Engine<T> {
    /// Linearises a dense network at the free fixed points of a batch. Takes a time of order n³ a sample.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the network is layered, or the lengths do not fit.
    pub fn linearise(&self, free: &States<T>) -> Result<Linearisation> {
        let settings = self.settings();
        if !settings.dense {
            let message = "only a dense network is linearised as a whole";
            return Err(Error::invalid("sizes", message));
        }
        let n = settings.sizes[0];
        let samples = free.layers.first().map_or(0, |layer| layer.len() / n);
        self.check_states("free", free, samples)?;
        let bounds = self.bounds(0);
        let (mut factors, mut held) = (Vec::new(), Vec::new());
        let mut row = vec![T::ZERO; n];
        for state in free.layers[0].chunks_exact(n) {
            slopes(settings.activation, bounds, state, &mut row);
            let is_held = |&s: &T| bounds.is_some_and(|(low, high)| s <= low || s >= high);
            let own: Vec<bool> = state.iter().map(is_held).collect();
            let mut jacobian = self.matrix(0, 0);
            for (mut column, slope) in jacobian.column_iter_mut().zip(&row) {
                column *= slope.to_f64();
            }
            for (i, _) in own.iter().enumerate().filter(|&(_, &held)| held) {
                jacobian.row_mut(i).fill(0.0);
            }
            for i in 0..n {
                jacobian[(i, i)] -= 1.0;
            }
            factors.push(SmallFactorisation::new(jacobian));
            held.extend(own);
        }
        Ok(Linearisation {
            factors,
            held,
            outputs: settings.outputs.clone(),
            dimension: n,
        })
    }

    /// [`Engine::settle`] in a nudged phase that starts at (or near) the free fixed points of a linearisation:
    /// sample k near the fixed point k modulo their number, so that both signs of β can be one batch.
    /// A sample that the steps do not bring closer at every one is swept from its start instead. It is the
    /// fixed point that continues s⁰ in β; for β so large that the trajectory leaves its neighbourhood,
    /// use [`Engine::settle`].
    ///
    /// # Errors
    /// As [`Engine::settle`], and [`Error::InvalidInput`] for another cost than the squared error.
    pub fn settle_near(
        &mut self,
        near: &Linearisation,
        drive: &[T],
        states: &mut States<T>,
        nudge: &Nudge<'_, T>,
        control: &Control,
    ) -> Result<&[SampleReport]> {
        if nudge.cost != OutputCost::SquaredError {
            let message = "only the squared error is nudged near a linearisation";
            return Err(Error::invalid("cost", message));
        }
        if near.dimension != self.settings().sizes[0] || near.factors.is_empty() {
            let message = "the linearisation is of another network";
            return Err(Error::invalid("near", message));
        }
        self.relax(drive, states, Some(nudge), Some(near), control)
    }
}
