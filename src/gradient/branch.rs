//! Whether a nudged fixed point lies on the branch that starts at the free one.

use crate::dynamics::{ActiveSet, Phase, largest};

/// A step along a branch is believed if it deviates from the tangent by less than this part of it.
const BEND: f64 = 0.5;
/// Displacements this near to the linear response need no further proof.
const LINEAR: f64 = 0.25;
/// Shortest step, in parts of the way: a branch that bends more has come to a fold.
const SHORTEST: f64 = 1.0 / 4096.0;

/// Whether `displacement` = s^β − s⁰ is so near to the linear response β·∂s/∂β that it is its
/// continuation beyond doubt.
pub(super) fn nearly_linear(displacement: &[f64], response: &[f64]) -> bool {
    let gap = largest(displacement.iter().zip(response).map(|(d, r)| d - r));
    gap <= LINEAR * largest(response.iter().copied())
}

/// The fixed point at a position on the way, from one before it.
pub(super) type Advance<'f> = dyn Fn(f64, &[f64]) -> Option<Vec<f64>> + 'f;

/// Follows a branch of fixed points over the positions 0 … 1 from `start`; `advance(position, from)`
/// is [`advance`] to the phase at that position. `None` if the branch ends on the way, at a fold,
/// or where it is not smooth.
pub(super) fn follow(advance: &Advance<'_>, start: &[f64]) -> Option<Vec<f64>> {
    let mut state = start.to_vec();
    let (mut position, mut step) = (0.0, 0.125f64);
    while position < 1.0 {
        step = step.min(1.0 - position);
        match advance(position + step, &state) {
            Some(next) => {
                state = next;
                position += step;
                step *= 2.0;
            }
            None => {
                step *= 0.5;
                if step < SHORTEST {
                    return None;
                }
            }
        }
    }
    Some(state)
}

/// Newton's method at `phase` from a fixed point of a phase nearby. Its first step is the tangent:
/// the others must be small beside it. `None` if they are not, or if the bounds let go or take hold of
/// a neuron.
pub(super) fn advance(phase: &Phase<'_>, start: &[f64]) -> Option<Vec<f64>> {
    const ITERATIONS: usize = 12;
    let active = ActiveSet::at(phase, start);
    let mut state = start.to_vec();
    let mut force = vec![0.0; state.len()];
    let mut tangent = None;
    for _ in 0..ITERATIONS {
        phase.force(&state, &mut force);
        let step = active.step(&phase.force_jacobian(&state), &force)?;
        let size = largest(step.iter().copied());
        for (s, step) in state.iter_mut().zip(&step) {
            *s += step;
        }
        let first = *tangent.get_or_insert(size);
        let bent = largest(state.iter().zip(start).map(|(a, b)| a - b)) - first;
        if !size.is_finite() || bent.abs() > BEND * first {
            return None;
        }
        if size <= 1e-12 * (1.0 + largest(state.iter().copied())) {
            return (ActiveSet::at(phase, &state) == active).then_some(state);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient::LinearField;
    use crate::model::{Cost, VectorField};
    use nalgebra::DMatrix;

    /// μ = s² − 1 beside the cost C = s: s^β = −√(1 + β), which ends at β = −1.
    struct Fold;

    impl VectorField for Fold {
        fn dimension(&self) -> usize {
            1
        }
        fn velocity(&self, state: &[f64], out: &mut [f64]) {
            out[0] = state[0] * state[0] - 1.0;
        }
        fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
            out[0] = 2.0 * state[0] * vector[0];
        }
    }

    struct Linear;

    impl Cost for Linear {
        fn value(&self, state: &[f64]) -> f64 {
            state[0]
        }
        fn gradient(&self, _state: &[f64], out: &mut [f64]) {
            out[0] = 1.0;
        }
        fn hessian_vector(&self, _state: &[f64], _vector: &[f64], out: &mut [f64]) {
            out[0] = 0.0;
        }
    }

    #[test]
    fn a_branch_is_followed_to_its_fold_and_not_beyond() {
        let phase = Phase::free(&Fold);
        for (beta, end) in [(3.0, Some(-2.0_f64)), (-0.99, Some(-0.1)), (-1.1, None)] {
            let found = follow(
                &|t, from| advance(&phase.nudged(&Linear, t * beta), from),
                &[-1.0],
            );
            match (found, end) {
                (Some(found), Some(end)) => assert!((found[0] - end).abs() < 1e-9, "{beta}"),
                (found, end) => assert_eq!(found.is_some(), end.is_some(), "{beta}"),
            }
        }
    }

    #[test]
    fn a_linear_branch_has_no_end() {
        let field = LinearField::new(DMatrix::from_element(1, 1, -1.0), vec![0.0]);
        let phase = Phase::free(&field);
        let end = follow(
            &|t, from| advance(&phase.nudged(&Linear, 50.0 * t), from),
            &[0.0],
        );
        assert!((end.unwrap()[0] + 50.0).abs() < 1e-10);
    }
}
