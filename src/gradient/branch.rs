//! Whether a nudged fixed point continues the free one: the branch of fixed points, followed in β.

use crate::dynamics::{ActiveSet, Phase, largest, restrict};
use crate::numeric::linear_algebra::Factorisation;

/// Along a step of a branch, the Jacobian turns the step by less than this part of it.
const BEND: f64 = 0.5;
/// The mean of the Jacobian along a step is known from its ends; nodes that miss it by more than
/// this part of the step have not seen what lies between them.
const RESOLVED: f64 = 0.05;
/// Shortest step, in parts of the way: a branch that bends more has come to a fold.
const SHORTEST: f64 = 1e-6;
/// Steps of a branch that is not smooth and still bends when they are this short cross a corner.
const CORNER: f64 = 1e-3;
/// Part of such a step at which a continuous branch has moved by at most a quarter as much.
const NEARER: f64 = 1.0 / 16.0;
/// Positive nodes and weights of the eight-point Gauss–Legendre rule on [−1, 1].
pub(super) const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Shows the phase at a position on the way, 0 … 1.
pub(super) type PhaseAt<'f> = dyn Fn(f64, &mut dyn FnMut(&Phase<'_>)) + 'f;
/// The state at which a phase rests that starts from another's rest.
pub(super) type Rest<'f> = dyn Fn(&Phase<'_>, &[f64]) -> Option<Vec<f64>> + 'f;

/// Whether `end`, a fixed point of the phase at position 1, lies on the branch of fixed points that
/// begins with `start` at position 0. A branch with corners is led over them by `rest`; where it is lost
/// all the same, nothing is said against it.
pub(super) fn connects(
    phase_at: &PhaseAt<'_>,
    rest: Option<&Rest<'_>>,
    start: &[f64],
    end: &[f64],
) -> bool {
    let mut straight = false;
    phase_at(0.0, &mut |before| {
        phase_at(1.0, &mut |after| {
            straight = continues(before, after, start, end)
        });
    });
    straight
        || match follow(phase_at, rest, start) {
            Some(followed) => is_same(&followed, end),
            // a branch with corners may be lost at one although it goes on
            None => rest.is_some(),
        }
}

/// Whether two computed fixed points of one phase are one.
pub(super) fn is_same(a: &[f64], b: &[f64]) -> bool {
    let size = 1.0 + largest(b.iter().copied());
    distance(a, b) <= 1e-6 * size
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    largest(a.iter().zip(b).map(|(a, b)| a - b))
}

/// Follows a branch of fixed points over the positions 0 … 1 from `start`. `None` if it ends on the
/// way, at a fold.
pub(super) fn follow(
    phase_at: &PhaseAt<'_>,
    rest: Option<&Rest<'_>>,
    start: &[f64],
) -> Option<Vec<f64>> {
    const ATTEMPTS: usize = 1_000;
    let mut state = start.to_vec();
    let (mut position, mut step, mut speed) = (0.0, 1.0f64, 0.0f64);
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
        if let (None, Some(rest)) = (&next, rest)
            && step <= CORNER
        {
            let nearer = NEARER * step;
            let slow = 4.0 * speed * nearer;
            next = over_corner(phase_at, rest, position, step, &state, slow);
            step = if next.is_some() { nearer } else { step };
        }
        match next {
            Some(next) => {
                speed = speed.max(distance(&next, &state) / step);
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

/// The rest a little further on, if it is so much nearer than that at the whole `step`, or within
/// what a `slow` branch moves, that the states in between are connected.
fn over_corner(
    phase_at: &PhaseAt<'_>,
    rest: &Rest<'_>,
    position: f64,
    step: f64,
    state: &[f64],
    slow: f64,
) -> Option<Vec<f64>> {
    let reached = |position| {
        let mut reached = None;
        phase_at(position, &mut |phase| reached = rest(phase, state));
        reached
    };
    let far: Vec<f64> = reached(position + step)?;
    let near: Vec<f64> = reached(position + NEARER * step)?;
    let size = 1.0 + largest(state.iter().copied());
    let limit = (0.25 * distance(&far, state)).max(1e-9 * size).max(slow);
    (distance(&near, state) <= limit).then_some(near)
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

/// Whether `end`, a fixed point of the phase `after`, continues `start`, one of the phase `before`:
/// all along the chord d between them the Jacobian of either phase, and so of those in between, turns
/// d by less than half, `‖Jac(start)⁻¹ Jac d − d‖ < ‖d‖/2`. Two fixed points of one phase have a mean
/// Jacobian between them that takes their chord to 0, so that no other fixed point has such a chord
/// beside it, and no fold is on the way. That the nodes have seen the chord shows in their mean, which
/// is known: the force at the start.
pub(super) fn continues(before: &Phase<'_>, after: &Phase<'_>, start: &[f64], end: &[f64]) -> bool {
    let active = ActiveSet::at(after, start);
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
    let (size, scale) = (largest(chord.iter().copied()), largest(end.iter().copied()));
    if size <= 1e-12 * (1.0 + scale) {
        return true;
    }
    let jacobian = restrict(after.force_jacobian(start), active.indices());
    let factorisation = Factorisation::new(&jacobian);
    if factorisation.reciprocal_condition() < f64::EPSILON {
        return false;
    }
    let own = gather(&chord);
    // Jac(start)⁻¹ Jac d at a share of the way; `None` if it turns d too much
    let turned = |phase: &Phase<'_>, share: f64| {
        let pairs = start.iter().zip(&chord);
        let state: Vec<f64> = pairs.map(|(s, d)| s + share * d).collect();
        let mut product = vec![0.0; start.len()];
        phase.velocity_jacobian_vector(&state, &chord, &mut product);
        for (i, product) in product.iter_mut().enumerate() {
            *product *= phase.time_constant(i);
        }
        let turned = factorisation.solve(&gather(&product));
        (distance(&turned, &own) < BEND * size).then_some(turned)
    };
    let mut force = vec![0.0; start.len()];
    after.force(start, &mut force);
    let mut mean = factorisation.solve(&gather(&force));
    for (node, weight) in GAUSS {
        for share in [0.5 * (1.0 + node), 0.5 * (1.0 - node)] {
            let (Some(turned), Some(_)) = (turned(after, share), turned(before, share)) else {
                return false;
            };
            for (mean, turned) in mean.iter_mut().zip(turned) {
                *mean += 0.5 * weight * turned;
            }
        }
    }
    let ends = turned(after, 1.0).is_some() && turned(before, 0.0).is_some();
    ends && largest(mean.iter().copied()) <= RESOLVED * size
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
            let found = follow(&at, None, &[-1.0]);
            match (found, end) {
                (Some(found), Some(end)) => assert!((found[0] - end).abs() < 1e-9, "{beta}"),
                (found, end) => assert_eq!(found.is_some(), end.is_some(), "{beta}"),
            }
            if let Some(end) = end {
                assert!(connects(&at, None, &[-1.0], &[end]));
                assert!(!connects(&at, None, &[-1.0], &[-end]));
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
        let end = follow(&at, None, &[0.0]);
        assert!((end.unwrap()[0] + 50.0).abs() < 1e-10);
    }
}
