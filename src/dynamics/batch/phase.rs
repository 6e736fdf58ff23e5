//! A phase of many samples at once: free, or nudged towards one target each.

use std::cell::RefCell;

use nalgebra::DMatrix;

use crate::dynamics::adaptive::LaneFlow;
use crate::dynamics::phase::largest;
use crate::model::{BatchJacobian, ClampedBatch, SquaredError};

/// The systems `$\tau_i\,\dot s_i = \mu_i(s) - \beta\,\partial C/\partial s_i$` of B samples that
/// share a network, each with its own input and cost; β = 0 in the free phase. See
/// [`super::Phase`], of which it is B.
#[derive(Debug, Clone)]
pub struct BatchPhase<'a> {
    pub(super) field: ClampedBatch<'a>,
    pub(super) time_constants: Option<&'a [f64]>,
    pub(super) bounds: Option<(f64, f64)>,
    nudge: Option<(Vec<&'a SquaredError>, f64)>,
}

impl<'a> BatchPhase<'a> {
    /// The free phase of a batch: unit time constants, no bounds.
    pub fn free(field: &ClampedBatch<'a>) -> Self {
        Self {
            field: field.clone(),
            time_constants: None,
            bounds: None,
            nudge: None,
        }
    }

    /// The same with time constants τ (n positive values, shared by the samples).
    #[must_use]
    pub fn with_time_constants(self, time_constants: &'a [f64]) -> Self {
        Self {
            time_constants: Some(time_constants),
            ..self
        }
    }

    /// The same with states held inside [low, high].
    #[must_use]
    pub fn with_state_bounds(self, low: f64, high: f64) -> Self {
        Self {
            bounds: Some((low, high)),
            ..self
        }
    }

    /// The weakly clamped phase: this one, nudged by −β ∂C/∂s with one cost a sample.
    #[must_use]
    pub fn nudged(self, costs: &'a [SquaredError], beta: f64) -> Self {
        Self {
            nudge: Some((costs.iter().collect(), beta)),
            ..self
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.field.network().dimension()
    }

    /// B.
    pub fn samples(&self) -> usize {
        self.field.samples()
    }

    pub(super) fn shortest_time_constant(&self) -> f64 {
        self.time_constants.map_or(1.0, |constants| {
            constants.iter().copied().fold(f64::INFINITY, f64::min)
        })
    }

    /// The cost and β of one sample's nudge, if there is one.
    pub(super) fn nudge(&self, sample: usize) -> Option<(&'a SquaredError, f64)> {
        let (costs, beta) = self.nudge.as_ref()?;
        Some((costs[sample], *beta))
    }

    pub(super) fn select(&self, samples: &[usize]) -> Self {
        Self {
            field: self.field.select(samples),
            nudge: self.nudge.as_ref().map(|(costs, beta)| {
                (samples.iter().map(|&sample| costs[sample]).collect(), *beta)
            }),
            ..*self
        }
    }

    /// `ds/dt` of every sample without the projection onto bounds; all slices n B values.
    pub(super) fn velocity(&self, states: &[f64], rates: &mut [f64], out: &mut [f64]) {
        self.field.velocity(states, rates, out);
        let n = self.dimension();
        if let Some((costs, beta)) = &self.nudge {
            for (lane, cost) in costs.iter().enumerate() {
                for (&neuron, target) in cost.outputs().iter().zip(cost.target()) {
                    let i = lane * n + neuron;
                    out[i] -= beta * (states[i] - target);
                }
            }
        }
        self.divide_by_time_constants(out);
    }

    /// The Jacobians of `velocity` before time constants.
    fn linearise(&self, states: &[f64]) -> BatchJacobian<'_> {
        let mut jacobian = self.field.linearise(states);
        let n = self.dimension();
        if let Some((costs, beta)) = &self.nudge {
            let diagonal = jacobian.diagonal_mut();
            for (lane, cost) in costs.iter().enumerate() {
                for &neuron in cost.outputs() {
                    diagonal[lane * n + neuron] -= beta;
                }
            }
        }
        jacobian
    }

    fn divide_by_time_constants(&self, out: &mut [f64]) {
        if let Some(constants) = self.time_constants {
            for lane in out.chunks_exact_mut(constants.len()) {
                for (out, constant) in lane.iter_mut().zip(constants) {
                    *out /= constant;
                }
            }
        }
    }

    /// ‖μ^β‖∞ of one sample from its velocity; NaN if any value is.
    pub(super) fn residual(&self, velocity: &[f64]) -> f64 {
        match self.time_constants {
            None => largest(velocity.iter().copied()),
            Some(constants) => largest(velocity.iter().zip(constants).map(|(v, c)| v * c)),
        }
    }

    /// Improves `vectors` (n B values, one vector a sample) towards the directions in which the
    /// linearised dynamics at `states` are fastest, by a few steps of power iteration, and returns
    /// the largest spectral radius over the samples as it appears from the last half of them.
    pub(super) fn spectral_radius(&self, states: &[f64], vectors: &mut DMatrix<f64>) -> f64 {
        const PRODUCTS: usize = 8;
        let mut jacobian = self.linearise(states);
        let mut image = vectors.clone();
        let mut logarithms = vec![0.0; self.samples()];
        for product in 0..PRODUCTS {
            for mut column in vectors.column_iter_mut() {
                column.normalize_mut();
            }
            jacobian.multiply(vectors.as_slice(), image.as_mut_slice());
            self.divide_by_time_constants(image.as_mut_slice());
            if product >= PRODUCTS / 2 {
                for (logarithm, column) in logarithms.iter_mut().zip(image.column_iter()) {
                    *logarithm += column.norm().ln();
                }
            }
            std::mem::swap(vectors, &mut image);
        }
        let steepest = logarithms.into_iter().fold(f64::NEG_INFINITY, f64::max);
        (steepest / (PRODUCTS - PRODUCTS / 2) as f64).exp()
    }
}

/// A batch phase as the integrator sees it, with room to work.
pub(super) struct BatchFlow<'p, 'a> {
    phase: &'p BatchPhase<'a>,
    rates: RefCell<Vec<f64>>,
}

impl<'p, 'a> BatchFlow<'p, 'a> {
    pub fn new(phase: &'p BatchPhase<'a>) -> Self {
        Self {
            phase,
            rates: RefCell::new(vec![0.0; phase.dimension() * phase.samples()]),
        }
    }
}

impl LaneFlow for BatchFlow<'_, '_> {
    fn velocity(&self, states: &[f64], out: &mut [f64]) {
        self.phase
            .velocity(states, &mut self.rates.borrow_mut(), out);
    }
}
