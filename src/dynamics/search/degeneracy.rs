//! Fixed points that are no ordinary ones: nearly double, or points of a line.

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::super::fixed_point::FixedPoint;
use super::super::phase::Phase;
use super::super::residual::{relative_distance, relative_residual, rounding_floor};
use super::super::spectrum::restrict;
use super::kantorovich::Kantorovich;
use crate::numeric::first_direction;
use crate::numeric::linear_algebra as la;

/// What makes a fixed point no ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Degeneracy {
    /// Another root is so near, or would be after so small a change, that the Newton–Kantorovich test does
    /// not tell them apart.
    NearlyDouble,
    /// It lies on a line (or a surface) of fixed points.
    Line,
}

/// Largest reciprocal condition number, estimated by the smallest eigenvalue, of a singular Jacobian.
const SINGULAR: f64 = 1e-9;
/// Two roots nearer than this, relative to their sizes, are nearly double.
const NEAR: f64 = 1e-4;
/// Lengths along the kernel at which a line must still be at rest.
const REACH: [f64; 4] = [-2e-2, -1e-3, 1e-3, 2e-2];

impl Degeneracy {
    /// What `point`, one of all that were `found`, is beside an ordinary one.
    pub(super) fn of(
        phase: &Phase<'_>,
        point: &FixedPoint,
        kantorovich: &Kantorovich,
        found: &[FixedPoint],
    ) -> Option<Self> {
        let scale = 1.0
            + point
                .eigenvalues()
                .iter()
                .map(|v| v.norm())
                .fold(0.0, f64::max);
        let singular = point
            .eigenvalues()
            .iter()
            .any(|v| v.norm() <= SINGULAR * scale);
        if singular && on_a_line(phase, point) {
            return Some(Self::Line);
        }
        let neighbour = |other: &&FixedPoint| {
            let gap = relative_distance(point.state(), other.state());
            0.0 < gap && gap <= NEAR
        };
        let close = found.iter().any(|other| neighbour(&other));
        let merges = !kantorovich.holds && point.on_kink().is_empty();
        let double = singular || close || merges && kantorovich.lipschitz.is_some();
        double.then_some(Self::NearlyDouble)
    }
}

/// Whether the force at a state is rounding alone.
pub(super) fn rests(phase: &Phase<'_>, state: &[f64]) -> bool {
    let mut force = vec![0.0; state.len()];
    phase.force(state, &mut force);
    let floor = rounding_floor(phase, state);
    let pinned = phase.pinned(state);
    relative_residual(state, |i| force[i], |i| pinned[i], &floor) <= 1e-14
}

/// Whether fixed points go on along the kernel of the Jacobian, to both sides.
fn on_a_line(phase: &Phase<'_>, point: &FixedPoint) -> bool {
    let Some(kernel) = kernel(point.jacobian()) else {
        return false;
    };
    REACH.iter().all(|&length| {
        let mut state = point.state().to_vec();
        for (&i, direction) in point.active().iter().zip(&kernel) {
            state[i] += length * (1.0 + state[i].abs()) * direction;
        }
        corrected(phase, point.active(), &kernel, state).is_some_and(|state| rests(phase, &state))
    })
}

/// A unit vector that the matrix nearly annihilates, by inverse iteration.
fn kernel(jacobian: &DMatrix<f64>) -> Option<Vec<f64>> {
    let n = jacobian.nrows();
    // shifted by a rounding, so that it can be inverted
    let shift = 1e-14 * (1.0 + jacobian.amax());
    let shifted = jacobian + DMatrix::from_diagonal_element(n, n, shift);
    let mut vector = first_direction(n);
    for _ in 0..3 {
        let next = DVector::from_vec(la::solve(&shifted, &vector)?);
        vector = next.normalize().as_slice().to_vec();
    }
    Some(vector)
}

/// The state moved to rest across the kernel, which the bordered system leaves alone:
/// `[Jac k; kᵀ 0]`.
fn corrected(
    phase: &Phase<'_>,
    active: &[usize],
    kernel: &[f64],
    mut state: Vec<f64>,
) -> Option<Vec<f64>> {
    let n = active.len();
    let mut force = vec![0.0; state.len()];
    for _ in 0..6 {
        phase.force(&state, &mut force);
        let mut bordered = DMatrix::zeros(n + 1, n + 1);
        let jacobian = restrict(phase.force_jacobian(&state), active);
        bordered.view_mut((0, 0), (n, n)).copy_from(&jacobian);
        for (k, &value) in kernel.iter().enumerate() {
            bordered[(k, n)] = value;
            bordered[(n, k)] = value;
        }
        let mut right: Vec<f64> = active.iter().map(|&i| -force[i]).collect();
        right.push(0.0);
        let step = la::solve(&bordered, &right)?;
        active
            .iter()
            .zip(&step)
            .for_each(|(&i, step)| state[i] += step);
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::super::{SearchSettings, find_fixed_points};
    use super::*;
    use crate::model::Problem;

    fn found(equations: &str) -> Vec<(Vec<f64>, Option<Degeneracy>)> {
        let text = format!(r#"{{"field": {{"equations": {{{equations}}}}}}}"#);
        let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        let settings = SearchSettings {
            region: Some((-1.5, 1.5)),
            patience: 16,
            max_points: 8,
            max_starts: 64,
            proof_dimension: 0,
            ..SearchSettings::default()
        };
        let search = find_fixed_points(&Phase::of_problem(&problem, &field), &settings);
        let points = search.points.iter();
        points
            .map(|found| (found.point.state().to_vec(), found.degeneracy))
            .collect()
    }

    #[test]
    fn a_circle_of_fixed_points_is_a_line_of_them_and_its_centre_is_not_on_it() {
        let found = found(r#""x": "x*(1 - x^2 - y^2)", "y": "y*(1 - x^2 - y^2)""#);
        let on_circle = |state: &[f64]| (state[0].hypot(state[1]) - 1.0).abs() < 1e-12;
        assert!(found.len() > 3 && found.iter().any(|(state, _)| on_circle(state)));
        for (state, degeneracy) in found {
            let expected = on_circle(&state).then_some(Degeneracy::Line);
            assert_eq!(degeneracy, expected, "{state:?}");
        }
    }

    #[test]
    fn roots_that_a_small_change_doubles_are_nearly_double() {
        // one of multiplicity 3, two that are 2e-5 apart, and two that are 2 apart
        for (force, count, expected) in [
            ("-x^3", 1, Some(Degeneracy::NearlyDouble)),
            ("1e-10 - x^2", 2, Some(Degeneracy::NearlyDouble)),
            ("1 - x^2", 2, None),
        ] {
            let found = found(&format!(r#""x": "{force}""#));
            assert_eq!(found.len(), count, "{force}: {found:?}");
            for (state, degeneracy) in found {
                assert_eq!(degeneracy, expected, "{force} at {state:?}");
            }
        }
    }
}
