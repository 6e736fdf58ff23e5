//! A dense network linearised at its free fixed points: the linear responses there, and nudged phases that
//! start from them.
//!
//! At a fixed point s⁰ the matrix `Jac = W D − I` gives the two vectors that the theorem compares, and it
//! is nearly the Jacobian of the weakly nudged phase too: simplified Newton steps
//! `s ← s − Jac⁻¹ μ^β(s)` contract by about β ‖Jac⁻¹‖, several digits a step where sweeps gain half a digit.

use super::engine::Engine;
use crate::engine::elementwise::slopes;
use crate::engine::settings::States;
use crate::engine::sweep::{BatchLinearisation, Nudge, OutputCost, SampleReport, SweepControl};
use crate::error::{Error, Result};
use crate::numeric::Scalar;
use crate::numeric::small_factorisation::SmallFactorisation;

impl<T: Scalar> Engine<T> {
    /// Linearises a dense network at the free fixed points of a batch. Takes a time of order n³ a sample.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the network is layered, or the lengths do not fit.
    pub fn linearise(&self, free: &States<T>) -> Result<BatchLinearisation> {
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
        Ok(BatchLinearisation {
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
        near: &BatchLinearisation,
        drive: &[T],
        states: &mut States<T>,
        nudge: &Nudge<'_, T>,
        control: &SweepControl,
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
