//! Which branches meet at a branch point.

use std::f64::consts::TAU;

use super::super::phase::largest;
use super::bordered::{Node, difference, dot, kernel, moved, newton, node};
use super::piece::Piece;
use crate::model::Random;

/// The points at which branches leave a small sphere around a branch point, with their tangents
/// outward. The branch on which the point was found is among them.
///
/// Near the point, fixed points lie close to the kernel of `[∂f/∂s ∂f/∂p]`: Newton's method is
/// started in many of its directions, for `f(z) = 0` and `‖z − z*‖ = radius`. A branch that no
/// start leads to is missed. With a kernel of two dimensions the directions leave no gaps.
pub(super) fn rays_at_branch_point(piece: &Piece<'_>, centre: &[f64], radius: f64) -> Vec<Node> {
    let basis = kernel(piece, centre, true);
    let mut rays: Vec<Node> = Vec::new();
    for direction in directions(basis.len()) {
        let mut start = centre.to_vec();
        for (share, vector) in direction.iter().zip(&basis) {
            start = moved(&start, radius * share, vector);
        }
        let sphere = |place: &[f64]| {
            let away = difference(place, centre);
            let value = 0.5 * (dot(&away, &away) / radius - radius);
            (away.iter().map(|part| part / radius).collect(), value)
        };
        let Some((place, _)) = newton(piece, start, &sphere, 0.5 * radius) else {
            continue;
        };
        let known = |ray: &Node| largest(difference(&ray.place, &place)) < 0.02 * radius;
        if rays.iter().any(known) || piece.margins(&place).iter().any(|m| m.value < 0.0) {
            continue;
        }
        let outward = difference(&place, centre);
        let norm = dot(&outward, &outward).sqrt();
        let outward: Vec<f64> = outward.iter().map(|value| value / norm).collect();
        rays.extend(node(piece, place, &outward));
    }
    rays
}

/// Unit vectors all round.
fn directions(dimension: usize) -> Vec<Vec<f64>> {
    const ROUND: u32 = 24;
    match dimension {
        // the branch itself: nothing crosses
        0 | 1 => Vec::new(),
        2 => (0..ROUND)
            .map(|k| TAU * f64::from(k) / f64::from(ROUND))
            .map(|angle| vec![angle.cos(), angle.sin()])
            .collect(),
        _ => {
            let starts = (24 << (2 * (dimension - 2).min(3))).min(1024);
            let mut random = Random::new(0, 0);
            (0..starts)
                .map(|_| {
                    let vector = random.symmetric(dimension, 1.0);
                    let norm = dot(&vector, &vector).sqrt();
                    vector.iter().map(|value| value / norm).collect()
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directions_of_a_plane_leave_no_gaps() {
        let all = directions(2);
        for k in 0..720 {
            let angle = TAU * f64::from(k) / 720.0;
            let nearest = all
                .iter()
                .map(|unit| dot(unit, &[angle.cos(), angle.sin()]))
                .fold(-1.0, f64::max);
            assert!(nearest > (TAU / 47.0).cos(), "{k}: {nearest}");
        }
    }

    #[test]
    fn directions_are_unit_vectors() {
        for dimension in 0..6 {
            for unit in directions(dimension) {
                assert_eq!(unit.len(), dimension);
                assert!((dot(&unit, &unit) - 1.0).abs() < 1e-14);
            }
        }
    }
}
