//! Newton's method for fixed points: damped, and deflated by the roots already known.

use nalgebra::DMatrix;

use super::super::newton::ActiveSet;
use super::super::phase::{Phase, largest};
use crate::numeric::{Interval, norm};

/// The map whose roots are the fixed points: the force or, where states are bounded, `clip(s +
/// f(s)) − s`, so that neurons come to and leave their bounds during the iteration, and the neurons
/// that are on the way to a bound, whose rows of its derivative are those of −I.
fn map(phase: &Phase<'_>, state: &[f64]) -> (Vec<f64>, ActiveSet) {
    let mut out = vec![0.0; state.len()];
    phase.force(state, &mut out);
    let mut held = vec![false; state.len()];
    if let Some((low, high)) = phase.bounds() {
        for ((out, held), &s) in out.iter_mut().zip(&mut held).zip(state) {
            let moved = s + *out;
            *held = moved <= low || moved >= high;
            *out = moved.clamp(low, high) - s;
        }
    }
    (out, ActiveSet::without(&held))
}

/// Newton steps from one start after another, counted.
pub(super) struct Newton<'a> {
    pub phase: &'a Phase<'a>,
    pub iterations: usize,
    /// Length of the box's diagonal: steps are cut to it, and iterates that leave it tenfold end.
    diameter: f64,
    centre: Vec<f64>,
}

const ITERATIONS: usize = 60;
/// A step of this size, relative to the state, is followed by convergence to round-off.
const CONVERGED: f64 = 1e-9;

impl<'a> Newton<'a> {
    pub fn new(phase: &'a Phase<'a>, region: &[Interval]) -> Self {
        let widths: Vec<f64> = region.iter().map(|interval| interval.width()).collect();
        Self {
            phase,
            iterations: 0,
            diameter: norm(&widths).max(1e-6),
            centre: region.iter().map(|interval| interval.middle()).collect(),
        }
    }

    fn step(&mut self, state: &[f64], value: &[f64], active: &ActiveSet) -> Option<Vec<f64>> {
        self.iterations += 1;
        let jacobian = self.phase.force_jacobian(state);
        let step = active.step_beside(&jacobian, value, value.to_vec());
        if step.is_some() || self.phase.field().analytic().is_none() {
            return step;
        }
        // singular, as along a line of fixed points: the step across it is that of a shifted matrix
        let shift = 1e-14 * (1.0 + jacobian.amax());
        let shifted = &jacobian - DMatrix::from_diagonal_element(state.len(), state.len(), shift);
        active.step_beside(&shifted, value, value.to_vec())
    }

    /// A root by Newton's method with step halving (Armijo's rule on ‖map‖₂).
    pub fn damped(&mut self, start: &[f64]) -> Option<Vec<f64>> {
        let mut state = start.to_vec();
        let (mut value, mut active) = map(self.phase, &state);
        for _ in 0..ITERATIONS {
            let scale = 1.0 + largest(state.iter().copied());
            if norm(&value) <= f64::EPSILON * scale {
                // perhaps where the Jacobian is singular
                return Some(state);
            }
            let step = self.step(&state, &value, &active)?;
            let mut factor = (self.diameter / norm(&step)).min(1.0);
            let next = loop {
                let next: Vec<f64> = moved(&state, &step, factor);
                let (next_value, next_active) = map(self.phase, &next);
                if norm(&next_value) <= (1.0 - 1e-4 * factor) * norm(&value) {
                    break (next, next_value, next_active);
                }
                if factor * largest(step.iter().copied()) <= CONVERGED * scale {
                    // nothing left to gain: at the root, or in a valley that holds none
                    return (norm(&value) <= 1e-8 * scale).then_some(state);
                }
                factor *= 0.5;
            };
            (state, value, active) = next;
            if largest(step) <= CONVERGED * scale {
                return Some(state);
            }
        }
        None
    }

    /// A root other than `known` by Newton's method on the deflated map M(s)·map(s),
    /// `$M = \prod_k (\lVert s - r_k\rVert^{-2} + 1)$` (P. Farrell, Á. Birkisson, S. Funke, 2015).
    /// M only rescales the step: `$\delta = \tau d$`, `$\tau = 1/(1 - d\cdot\nabla\ln M)$`.
    pub fn deflated<'r>(
        &mut self,
        start: &[f64],
        known: impl Iterator<Item = &'r [f64]> + Clone,
    ) -> Option<Vec<f64>> {
        let mut state = start.to_vec();
        for _ in 0..ITERATIONS {
            let (value, active) = map(self.phase, &state);
            let step = self.step(&state, &value, &active)?;
            let scale = 1.0 + largest(state.iter().copied());
            let size = largest(step.iter().copied());
            if size <= CONVERGED * scale && norm(&value) <= 1e-6 * scale {
                return Some(state);
            }
            let slope: f64 = known
                .clone()
                .map(|root| {
                    let apart: Vec<f64> = state.iter().zip(root).map(|(s, r)| s - r).collect();
                    // from far away M is 1
                    let squared = norm(&apart).powi(2);
                    let along: f64 = apart.iter().zip(&step).map(|(a, d)| a * d).sum();
                    let slope = -2.0 * along / (squared * (1.0 + squared));
                    if squared < 1e200 { slope } else { 0.0 }
                })
                .sum();
            let limit = self.diameter / norm(&step);
            let factor = (1.0 / (1.0 - slope)).max(-limit).min(limit);
            state = moved(&state, &step, factor);
            let away: Vec<f64> = state.iter().zip(&self.centre).map(|(s, c)| s - c).collect();
            let distance = norm(&away);
            if distance.is_nan() || distance > 10.0 * self.diameter {
                return None;
            }
        }
        None
    }
}

fn moved(state: &[f64], step: &[f64], factor: f64) -> Vec<f64> {
    state
        .iter()
        .zip(step)
        .map(|(s, d)| s + factor * d)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    /// Newton's step of e⁻ˣ, which has no root, is 1 from everywhere.
    #[test]
    fn iterates_that_leave_the_box_ten_diameters_behind_end() {
        let text = r#"{"field": {"equations": {"x": "exp(-x)"}}}"#;
        let problem = Problem::from_json(text).unwrap();
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        for half in [0.76, 1.01, 2.01] {
            let mut newton = Newton::new(&phase, &[Interval::new(-half, half)]);
            assert_eq!(newton.deflated(&[0.0], std::iter::empty()), None);
            // the first integer beyond ten times 2·half
            assert_eq!(newton.iterations, (20.0 * half) as usize + 1, "{half}");
        }
    }
}
