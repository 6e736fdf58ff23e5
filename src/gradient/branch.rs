//! Whether a nudged fixed point continues the free one: the branch of fixed points, followed in β.

use crate::dynamics::{ActiveSet, Homotopy, Phase, Side, largest, leads, leads_along, restrict};
use crate::numeric::linear_algebra::Factorisation;

/// Shortest step, in parts of the way: a branch that bends more has come to a fold.
const SHORTEST: f64 = 1e-6;

/// Shows the phase at a position on the way, 0 … 1.
pub(super) type PhaseAt<'f> = dyn Fn(f64, &mut dyn FnMut(&Phase<'_>)) + 'f;

/// Whether a nudged fixed point is connected with s⁰ by fixed points at the β between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    /// It continues s⁰.
    Continues,
    /// It is on another branch.
    Jumps,
    /// The branch of s⁰ was lost on the way, and may go on all the same.
    Unknown,
}

/// What may bend a branch suddenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Corners {
    /// Nothing.
    None,
    /// Bounds, and kinks between which the field tells its smooth pieces.
    Known,
    /// Kinks of which nothing is known, besides.
    Unknown,
}

/// Whether `end`, a fixed point of the phase at position 1, lies on the branch of fixed points that
/// begins with `start` at position 0. The force is an affine function of the position. A branch
/// with corners is followed from one smooth piece to the next.
pub(super) fn connection(
    phase_at: &PhaseAt<'_>,
    corners: Corners,
    start: &[f64],
    end: &[f64],
) -> Connection {
    let is_end = |followed: &[f64]| is_same(followed, end);
    let mut found = None;
    phase_at(0.0, &mut |before| {
        phase_at(1.0, &mut |after| {
            found = if continues(before, after, start, end) {
                Some(true)
            } else if corners == Corners::None {
                Some(follow(phase_at, start).is_some_and(|followed| is_end(&followed)))
            } else {
                leads(Homotopy::new(*before, *after), start, &is_end)
            };
        });
    });
    match found {
        Some(true) => Connection::Continues,
        // what seems to be a fold may be a kink
        Some(false) if corners != Corners::Unknown => Connection::Jumps,
        _ => Connection::Unknown,
    }
}

/// Whether two computed fixed points of one phase are one.
pub(super) fn is_same(a: &[f64], b: &[f64]) -> bool {
    let size = 1.0 + largest(b.iter().copied());
    largest(a.iter().zip(b).map(|(a, b)| a - b)) <= 1e-6 * size
}

/// Follows a smooth branch of fixed points over the positions 0 … 1 from `start`. Returns `None` if
/// it ends on the way, at a fold.
pub(super) fn follow(phase_at: &PhaseAt<'_>, start: &[f64]) -> Option<Vec<f64>> {
    const ATTEMPTS: usize = 1_000;
    let mut state = start.to_vec();
    let (mut position, mut step) = (0.0, 1.0f64);
    for _ in 0..ATTEMPTS {
        if position >= 1.0 {
            return Some(state);
        }
        step = step.min(1.0 - position);
        let mut next = None;
        phase_at(position, &mut |before| {
            phase_at(position + step, &mut |after| {
                next = advance(before, after, &state)
            });
        });
        match next {
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
    None
}

/// Newton's method at the phase `after` from a fixed point of the phase `before`, if what it comes to
/// continues that.
fn advance(before: &Phase<'_>, phase: &Phase<'_>, start: &[f64]) -> Option<Vec<f64>> {
    const ITERATIONS: usize = 12;
    let active = ActiveSet::at(phase, start);
    let mut state = start.to_vec();
    let mut force = vec![0.0; state.len()];
    for _ in 0..ITERATIONS {
        phase.force(&state, &mut force);
        let step = active.step(&phase.force_jacobian(&state), &force)?;
        let size = largest(step.iter().copied());
        if !size.is_finite() {
            return None;
        }
        state.iter_mut().zip(step).for_each(|(s, step)| *s += step);
        if size <= 1e-12 * (1.0 + largest(state.iter().copied())) {
            return continues(before, phase, start, &state).then_some(state);
        }
    }
    None
}

/// Whether `end`, a fixed point of the phase `after`, continues `start`, one of the phase `before`,
/// with the same neurons held: whether their chord leads there ([`leads_along`]).
pub(super) fn continues(before: &Phase<'_>, after: &Phase<'_>, start: &[f64], end: &[f64]) -> bool {
    let active = ActiveSet::at(after, start);
    // who is held now and would not be then is let go on the way, which may be a fold
    if ActiveSet::at(before, start) != active {
        return false;
    }
    // at a root the force on an active neuron is rounding, whose sign does not show a bound crossed
    let outside = |&s: &f64| {
        let slack = 1e-12 * (1.0 + s.abs());
        after
            .bounds()
            .is_some_and(|(low, high)| s < low - slack || s > high + slack)
    };
    if ActiveSet::at(after, end) != active || end.iter().any(outside) {
        return false;
    }
    let gather = |vector: &[f64]| -> Vec<f64> {
        let indices = active.indices().iter();
        indices.map(|&i| vector[i]).collect()
    };
    let pairs = end.iter().zip(start);
    let chord: Vec<f64> = pairs.map(|(end, start)| end - start).collect();
    let product = |side: Side, share: f64| {
        let phase = match side {
            Side::Before => before,
            Side::After => after,
        };
        let pairs = start.iter().zip(&chord);
        let state: Vec<f64> = pairs.map(|(s, d)| s + share * d).collect();
        let mut product = vec![0.0; start.len()];
        phase.velocity_jacobian_vector(&state, &chord, &mut product);
        for (i, product) in product.iter_mut().enumerate() {
            *product *= phase.time_constant(i);
        }
        gather(&product)
    };
    let jacobian = restrict(after.force_jacobian(start), active.indices());
    let mut force = vec![0.0; start.len()];
    after.force(start, &mut force);
    leads_along(
        &gather(&chord),
        end,
        &Factorisation::new(&jacobian),
        &gather(&force),
        &product,
    )
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
        for (beta, end) in [
            (3.0, Some(-2.0_f64)),
            (-0.99, Some(-0.1)),
            (-0.999_999, Some(-0.001)),
            (-1.000_01, None),
            (-1.1, None),
        ] {
            let at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
                visit(&phase.nudged(&Linear, part * beta));
            };
            let found = follow(&at, &[-1.0]);
            match (found, end) {
                (Some(found), Some(end)) => assert!((found[0] - end).abs() < 1e-9, "{beta}"),
                (found, end) => assert_eq!(found.is_some(), end.is_some(), "{beta}"),
            }
            if let Some(end) = end {
                let connection = |end| connection(&at, Corners::None, &[-1.0], &[end]);
                assert_eq!(connection(end), Connection::Continues);
                assert_eq!(connection(-end), Connection::Jumps);
            }
        }
    }

    #[test]
    fn a_linear_branch_has_no_end() {
        let field = LinearField::new(DMatrix::from_element(1, 1, -1.0), vec![0.0]);
        let phase = Phase::free(&field);
        let at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
            visit(&phase.nudged(&Linear, 50.0 * part));
        };
        let end = follow(&at, &[0.0]);
        assert!((end.unwrap()[0] + 50.0).abs() < 1e-10);
    }
}
