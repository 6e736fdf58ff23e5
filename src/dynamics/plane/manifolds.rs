//! Stable and unstable manifolds of saddles.

use serde::{Deserialize, Serialize};

use super::arc_length::ArcLengthField;
use super::nullclines::Polyline;
use super::window::{Point, Window, distance, distance_to_line, inside};
use crate::dynamics::{FixedPoint, Phase};

/// One half of a manifold, from the saddle outwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifold {
    /// Position of the saddle among the fixed points.
    pub saddle: usize,
    /// Whether states on it move to the saddle (stable manifold) or away from it.
    pub stable: bool,
    /// The curve. It ends outside the window, at another fixed point, or at a cycle.
    pub curve: Polyline,
}

/// Displacement along the eigenvector, in sides of the window. The manifold departs from its
/// tangent by its square.
const DISPLACEMENT: f64 = 2e-5;
/// Points of a curve are this far apart, in sides of the window.
const SPACING: f64 = 0.004;
/// Curves are followed this far outside the window, where some come back.
const BEYOND: f64 = 0.5;
/// A curve that comes so near to a fixed point or a cycle ends there.
const ARRIVED: f64 = 2e-3;
const LONGEST: f64 = 25.0;

/// The four halves of the manifolds of fixed point `saddle` of `points`, which has to be one.
pub(crate) fn manifolds(
    phase: Phase<'_>,
    window: Window,
    points: &[FixedPoint],
    saddle: usize,
    cycles: &[Vec<Point>],
) -> Vec<Manifold> {
    let Some([rising, falling]) = directions(&phase, &points[saddle]) else {
        return Vec::new();
    };
    let size = window.size();
    let centre = window.figure(points[saddle].state());
    let others: Vec<Point> = (0..points.len())
        .filter(|&k| k != saddle)
        .map(|k| window.figure(points[k].state()))
        .collect();
    let mut halves = Vec::with_capacity(4);
    for (stable, direction) in [(true, falling), (false, rising)] {
        let direction = [direction[0] / size[0], direction[1] / size[1]];
        let norm = direction[0].hypot(direction[1]);
        let course = ArcLengthField::new(phase, window, if stable { -1.0 } else { 1.0 });
        for side in [1.0, -1.0] {
            let start = [0, 1].map(|k| centre[k] + side * DISPLACEMENT * direction[k] / norm);
            let mut end = None;
            let mut line = course.trace(start, SPACING, LONGEST, |point| {
                end = others
                    .iter()
                    .copied()
                    .find(|&other| distance(point, other) < ARRIVED.max(SPACING));
                let at_cycle = || {
                    cycles
                        .iter()
                        .any(|cycle| distance_to_line(point, cycle) < ARRIVED)
                };
                inside(point, BEYOND) && end.is_none() && !at_cycle()
            });
            line.extend(end);
            let states = line.into_iter().map(|point| window.state(point));
            let start = [points[saddle].state()[0], points[saddle].state()[1]];
            halves.push(Manifold {
                saddle,
                stable,
                curve: Polyline::new(std::iter::once(start).chain(states)),
            });
        }
    }
    halves
}

/// The matrix of the linearised dynamics, time constants included, if no neuron is held.
pub(crate) fn linearised(phase: &Phase<'_>, point: &FixedPoint) -> Option<[[f64; 2]; 2]> {
    let jacobian = point.jacobian();
    (point.active().len() == 2)
        .then(|| [0, 1].map(|i| [0, 1].map(|j| jacobian[(i, j)] / phase.time_constant(i))))
}

/// Eigenvectors of the larger and the smaller eigenvalue, real and of opposite sign.
fn directions(phase: &Phase<'_>, point: &FixedPoint) -> Option<[Point; 2]> {
    let [[a, b], [c, d]] = linearised(phase, point)?;
    let values = point.eigenvalues();
    let real = values.iter().all(|value| value.im == 0.0);
    if !real || values[0].re * values[1].re >= 0.0 {
        return None;
    }
    Some([0, 1].map(|k| {
        let value = values[k].re;
        // two formulas for the same vector: the longer is the accurate one
        let (one, other) = ([b, value - a], [value - d, c]);
        if one[0].hypot(one[1]) > other[0].hypot(other[1]) {
            one
        } else {
            other
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::super::arc_length::tests::linear;
    use super::*;
    use crate::model::VectorField;

    /// ẋ = x, ẏ = −y + x²: the stable manifold is x = 0, the unstable one y = x²/3.
    struct Parabola;

    impl VectorField for Parabola {
        fn dimension(&self) -> usize {
            2
        }
        fn velocity(&self, s: &[f64], out: &mut [f64]) {
            out[0] = s[0];
            out[1] = -s[1] + s[0] * s[0];
        }
        fn jacobian_vector(&self, s: &[f64], v: &[f64], out: &mut [f64]) {
            out[0] = v[0];
            out[1] = -v[1] + 2.0 * s[0] * v[0];
        }
    }

    #[test]
    fn manifolds_are_those_of_the_closed_form() {
        let phase = Phase::free(&Parabola);
        let point = FixedPoint::refine(&phase, &[0.0, 0.0]).unwrap();
        let window = Window {
            x: (-2.0, 2.0),
            y: (-1.0, 3.0),
        };
        let halves = manifolds(phase, window, &[point], 0, &[]);
        assert_eq!(halves.len(), 4);
        for half in halves {
            let curve = &half.curve;
            assert!(curve.x.len() > 100);
            for (x, y) in curve.x.iter().zip(&curve.y) {
                let error = if half.stable { *x } else { y - x * x / 3.0 };
                assert!(error.abs() < 1e-7, "{error:e}");
            }
        }
    }

    /// A linear saddle whose manifolds are the lines along (1, 10) and (1, −10), in a window that is ten
    /// times as high as wide. What leaves the saddle slowly keeps an error of the first step.
    #[test]
    fn manifolds_of_a_tilted_saddle_are_straight_in_a_window_of_any_shape() {
        // λ = ±ρ with eigenvectors (1, 10), (1, −10): A = [[m, h/10], [10h, m]]
        let (fast, slow) = (1.0, -0.02);
        let (mean, half) = (0.5 * (fast + slow), 0.5 * (fast - slow));
        let problem = linear([[mean, 0.1 * half], [10.0 * half, mean]]);
        let field = problem.field();
        let phase = Phase::free(&field);
        let point = FixedPoint::refine(&phase, &[0.0, 0.0]).unwrap();
        let window = Window {
            x: (-1.0, 1.0),
            y: (-30.0, 30.0),
        };
        let halves = manifolds(phase, window, &[point], 0, &[]);
        assert_eq!(halves.len(), 4);
        for half in halves {
            let slope = if half.stable { -10.0 } else { 10.0 };
            assert!(half.curve.x.len() > 50);
            for (x, y) in half.curve.x.iter().zip(&half.curve.y) {
                let error = (y - slope * x) / 60.0;
                assert!(error.abs() < 1e-7, "{} {error:e}", half.stable);
            }
        }
    }
}
