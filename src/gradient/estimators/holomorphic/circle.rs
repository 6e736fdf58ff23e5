//! The circle of nudges: what is measured on it, and its Fourier coefficients.

use super::Holomorphic;
use super::complex_nudge::{C64, ComplexNudge, join, split};
use crate::dynamics::{Phase, Statistics};
use crate::error::{Error, Result};
use crate::gradient::free_phase::FreePhase;
use crate::gradient::nudge_options::{NudgeOptions, NudgedPhase};
use crate::model::{AnalyticCost, AnalyticField};

/// The upper half of the circle of nudges. The lower half is its complex conjugate, because the
/// field is real on the real axis.
#[derive(Clone)]
pub(super) struct Circle<'a> {
    pub field: &'a dyn AnalyticField,
    pub cost: &'a dyn AnalyticCost,
    pub radius: f64,
    pub points: usize,
    /// s⁰ and n zeros.
    pub start: Vec<f64>,
    /// −∂C/∂s at s⁰.
    pub pull: Vec<f64>,
    /// Time constants, twice.
    pub constants: Vec<f64>,
}

impl<'a> Circle<'a> {
    pub(super) fn new(estimator: &Holomorphic, free: &'a FreePhase<'_>) -> Result<Self> {
        let field = free.phase.field();
        let refuse = |activation: String| Error::NotAnalytic { activation };
        let description = field.description();
        if free.phase.bounds().is_some() {
            return Err(refuse(format!("{description} with state_bounds")));
        }
        let n = field.dimension();
        let mut start = free.fixed_point.state().to_vec();
        start.resize(2 * n, 0.0);
        Ok(Self {
            field: field.analytic().ok_or_else(|| refuse(description))?,
            cost: free
                .cost
                .analytic()
                .ok_or_else(|| refuse("this cost".into()))?,
            radius: estimator.beta,
            points: estimator.points,
            start,
            pull: free.cost_gradient().iter().map(|c| -c).collect(),
            constants: (0..2 * n)
                .map(|i| free.phase.time_constant(i % n))
                .collect(),
        })
    }

    /// β e^{2πi·position/N}, real where it should be.
    pub(super) fn beta(&self, position: f64) -> C64 {
        let beta = C64::from_polar(self.radius, self.angle(position));
        if position == 0.0 || 2.0 * position == self.points as f64 {
            C64::new(beta.re, 0.0)
        } else {
            beta
        }
    }

    pub(super) fn angle(&self, position: f64) -> f64 {
        std::f64::consts::TAU * position / self.points as f64
    }

    pub(super) fn nudged(&self, beta: C64) -> ComplexNudge<'a> {
        ComplexNudge {
            field: self.field,
            cost: self.cost,
            beta,
        }
    }

    /// z − s⁰ at the rest (or the end) of nudge k.
    pub(super) fn displacement(
        &self,
        k: usize,
        nudging: &NudgeOptions,
        statistics: &mut Statistics,
    ) -> Result<Vec<C64>> {
        let beta = self.beta(k as f64);
        let field = self.nudged(beta);
        let kick: Vec<C64> = self.pull.iter().map(|pull| beta * *pull).collect();
        let mut nudge = NudgedPhase {
            phase: Phase::free(&field).with_time_constants(&self.constants),
            start: &self.start,
            near: None,
            kick: self.start.clone(),
            beta: (beta.re, beta.im),
        };
        split(&kick, &mut nudge.kick);
        Ok(join(&nudging.displacement(&nudge, statistics)?))
    }

    /// Over every `stride`-th point of the whole circle, the mean of (z − s⁰)/β_k. The free state
    /// cancels in the mean of s/β. Leaving it out keeps the digits.
    pub(super) fn mean(&self, displacements: &[Vec<C64>], stride: usize) -> Vec<f64> {
        self.sum(displacements, stride, |k| self.beta(k as f64).inv())
    }

    pub(super) fn sum(
        &self,
        displacements: &[Vec<C64>],
        stride: usize,
        factor: impl Fn(usize) -> C64,
    ) -> Vec<f64> {
        let mut sum = vec![0.0; self.pull.len()];
        for (k, displacement) in displacements.iter().enumerate().step_by(stride) {
            let twice = if k == 0 || 2 * k == self.points {
                1.0
            } else {
                2.0
            };
            let weight = factor(k) * (twice * stride as f64 / self.points as f64);
            for (sum, z) in sum.iter_mut().zip(displacement) {
                *sum += (z * weight).re;
            }
        }
        sum
    }
}
