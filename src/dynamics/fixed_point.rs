//! Fixed points: made only by the code here, which checks the residual.

use nalgebra::{Complex, DMatrix};

use super::newton::ActiveSet;
use super::phase::{Phase, largest};
use super::settings::Statistics;
use super::spectrum::{restrict, spectral_abscissa, spectrum};

/// A verified fixed point of a phase: `μ^β(s) = 0` to round-off for every neuron that the bounds
/// do not hold, with the linearisation there.
#[derive(Debug, Clone)]
pub struct FixedPoint {
    state: Vec<f64>,
    residual: f64,
    active: Vec<usize>,
    jacobian: DMatrix<f64>,
    eigenvalues: Vec<Complex<f64>>,
    on_kink: Vec<usize>,
    settling_time: f64,
    statistics: Statistics,
}

impl FixedPoint {
    /// s⁰ (or s^β), n values.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// ‖Π(μ^β)‖∞ as evaluated.
    pub fn residual(&self) -> f64 {
        self.residual
    }

    /// Neurons strictly inside the bounds (all of them without bounds).
    pub fn active(&self) -> &[usize] {
        &self.active
    }

    /// `∂μ^β/∂s` over the active neurons, time constants not included.
    pub fn jacobian(&self) -> &DMatrix<f64> {
        &self.jacobian
    }

    /// Eigenvalues of the linearised dynamics (time constants included) over the active neurons,
    /// by decreasing real part.
    pub fn eigenvalues(&self) -> &[Complex<f64>] {
        &self.eigenvalues
    }

    /// Whether every eigenvalue has a negative real part.
    pub fn stable(&self) -> bool {
        spectral_abscissa(&self.eigenvalues) < 0.0
    }

    /// The same, but `None` where the largest real part is within the rounding error of the
    /// eigenvalues, which is that of the linearised dynamics as a matrix.
    pub fn stability(&self) -> Option<bool> {
        let abscissa = spectral_abscissa(&self.eigenvalues);
        let size = self.eigenvalues.iter().map(|value| value.norm());
        let size = size.fold(self.jacobian.norm(), f64::max);
        let margin = 4.0 * f64::EPSILON * (self.active.len() as f64).max(1.0) * size;
        (abscissa.abs() > margin).then_some(abscissa < 0.0)
    }

    /// Neurons that sit on a kink of the activation, where the theorem is silent.
    pub fn on_kink(&self) -> &[usize] {
        &self.on_kink
    }

    /// The time after which the trajectory was handed to Newton's method; 0 if it started there.
    pub fn settling_time(&self) -> f64 {
        self.settling_time
    }

    /// What reaching it cost.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    pub(super) fn reached(mut self, time: f64, statistics: Statistics) -> Self {
        self.settling_time = time;
        self.statistics = statistics;
        self
    }

    /// Polishes `start` by Newton's method on the neurons that are not pinned there. `None` if
    /// the iteration does not converge, if it moves a neuron across a bound, or if a bound would
    /// have to let a neuron go: then `start` is not near a fixed point of this kind.
    pub fn refine(phase: &Phase<'_>, start: &[f64]) -> Option<Self> {
        Self::refine_counting(phase, start, &mut 0)
    }

    /// The same, which adds its steps to `steps`, whether or not they lead to a fixed point.
    pub(crate) fn refine_counting(
        phase: &Phase<'_>,
        start: &[f64],
        steps: &mut usize,
    ) -> Option<Self> {
        const ITERATIONS: usize = 30;
        let n = start.len();
        let active = ActiveSet::at(phase, start);
        let mut state = start.to_vec();
        let mut force = vec![0.0; n];
        let mut best: Option<(f64, Vec<f64>)> = None;
        let mut previous_step = f64::INFINITY;
        for _ in 0..ITERATIONS {
            phase.force(&state, &mut force);
            let residual = active.largest(&force);
            if !residual.is_finite() {
                return None;
            }
            let improved = best.as_ref().is_none_or(|(lowest, _)| residual < *lowest);
            if improved {
                best = Some((residual, state.clone()));
            }
            let scale = 1.0 + largest(state.iter().copied());
            let at_floor = previous_step <= 1e-12 * scale;
            if residual <= 0.25 * f64::EPSILON * scale || (at_floor && !improved) {
                break;
            }
            let step = active.step(&phase.force_jacobian(&state), &force)?;
            *steps += 1;
            let size = largest(step.iter().copied());
            if !size.is_finite() || (size > 2.0 * previous_step && size > 1e-6 * scale) {
                return None;
            }
            state.iter_mut().zip(step).for_each(|(s, step)| *s += step);
            previous_step = size;
        }
        let (residual, state) = best?;
        let fixed_point = Self::at(phase, state, active)?;
        let tolerance = 1e-13 * fixed_point.force_scale();
        (residual <= tolerance && fixed_point.stays_inside(phase)).then_some(fixed_point)
    }

    /// The state as it is, if its residual is already at round-off.
    pub fn verify(phase: &Phase<'_>, state: &[f64]) -> Option<Self> {
        let active = ActiveSet::at(phase, state);
        let point = Self::at(phase, state.to_vec(), active)?;
        (point.residual <= 1e-11 * point.force_scale()).then_some(point)
    }

    fn at(phase: &Phase<'_>, state: Vec<f64>, active: ActiveSet) -> Option<Self> {
        let active = active.indices().to_vec();
        let full = phase.force_jacobian(&state);
        let eigenvalues = spectrum(phase, &full, &active)?;
        let on_kink = phase.field().on_kink(&state);
        Some(Self {
            residual: phase.residual(&state),
            jacobian: restrict(&full, &active),
            eigenvalues,
            on_kink: on_kink.into_iter().filter(|i| active.contains(i)).collect(),
            settling_time: 0.0,
            statistics: Statistics::default(),
            active,
            state,
        })
    }

    /// The size of the terms that cancel in μ at a fixed point.
    fn force_scale(&self) -> f64 {
        let entries = largest(self.jacobian.iter().copied());
        let states = 1.0 + largest(self.state.iter().copied());
        states * (1.0 + entries) * (self.state.len() as f64).sqrt().max(1.0)
    }

    /// No active neuron was moved across a bound, and the force still holds every pinned one.
    fn stays_inside(&self, phase: &Phase<'_>) -> bool {
        let Some((low, high)) = phase.bounds() else {
            return true;
        };
        let held = phase
            .pinned(&self.state)
            .iter()
            .filter(|&&held| held)
            .count();
        self.active
            .iter()
            .all(|&i| (low..=high).contains(&self.state[i]))
            && held >= self.state.len() - self.active.len()
    }
}
