//! Newton's step for fixed points, on the neurons that the bounds do not hold.

use nalgebra::DMatrix;

use super::jacobian::Solver;
use super::phase::{Phase, largest};
use super::spectrum::restrict;
use crate::numeric::linear_algebra as la;

/// Who may move: the neurons that the bounds do not hold. The others keep still, or make the move
/// that their bounds prescribe. When to stop, and what to believe, is each caller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ActiveSet {
    active: Vec<usize>,
    dimension: usize,
}

impl ActiveSet {
    /// Everyone but the `held`.
    pub fn without(held: &[bool]) -> Self {
        Self {
            active: (0..held.len()).filter(|&i| !held[i]).collect(),
            dimension: held.len(),
        }
    }

    /// Who may move at a state.
    pub fn at(phase: &Phase<'_>, state: &[f64]) -> Self {
        Self::without(&phase.held(state))
    }

    /// Their numbers, in order.
    pub fn indices(&self) -> &[usize] {
        &self.active
    }

    /// The largest |vᵢ| / (|sᵢ| + 1) over them, or NaN if any is.
    pub fn largest_relative(&self, values: &[f64], state: &[f64]) -> f64 {
        largest((self.active.iter()).map(|&i| values[i] / (1.0 + state[i].abs())))
    }

    /// The step δ of Newton's method at a state with the given `force` and ∂μ/∂s: `Jac δ = −μ` over
    /// the active neurons, 0 for the others. Returns `None` if the system is singular.
    pub fn step(&self, jacobian: &DMatrix<f64>, force: &[f64]) -> Option<Vec<f64>> {
        self.step_beside(jacobian, force, vec![0.0; self.dimension])
    }

    /// The step by what solves systems with the Jacobian over them.
    pub fn step_by(&self, solver: &Solver, force: &[f64]) -> Option<Vec<f64>> {
        let right: Vec<f64> = self.active.iter().map(|&i| -force[i]).collect();
        let moves = solver.solve(&right);
        let mut step = vec![0.0; self.dimension];
        for (&i, move_) in self.active.iter().zip(moves) {
            step[i] = move_;
        }
        step.iter().all(|move_| move_.is_finite()).then_some(step)
    }

    /// The same where the others move as `prescribed` says, which the active ones answer to.
    pub fn step_beside(
        &self,
        jacobian: &DMatrix<f64>,
        force: &[f64],
        mut prescribed: Vec<f64>,
    ) -> Option<Vec<f64>> {
        for &i in &self.active {
            prescribed[i] = 0.0;
        }
        let mut answer = vec![0.0; self.dimension];
        if prescribed.iter().any(|&move_| move_ != 0.0) {
            la::multiply_vector(jacobian, &prescribed, &mut answer, false);
        }
        let right: Vec<f64> = (self.active.iter().map(|&i| -force[i] - answer[i])).collect();
        let moves = la::solve(&restrict(jacobian.clone(), &self.active), &right)?;
        for (&i, move_) in self.active.iter().zip(moves) {
            prescribed[i] = move_;
        }
        Some(prescribed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_neurons_keep_still_or_move_as_prescribed() {
        let jacobian = DMatrix::from_row_slice(2, 2, &[-2.0, 1.0, 3.0, -1.0]);
        let active = ActiveSet::without(&[false, true]);
        let force = [4.0, 7.0];
        assert_eq!(active.step(&jacobian, &force), Some(vec![2.0, 0.0]));
        // −2δ + 1·0.5 = −4
        let beside = active.step_beside(&jacobian, &force, vec![9.0, 0.5]);
        assert_eq!(beside, Some(vec![2.25, 0.5]));
        assert_eq!(active.largest_relative(&force, &[1.0, 0.0]), 2.0);
    }
}
