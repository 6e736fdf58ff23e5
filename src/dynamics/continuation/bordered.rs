//! The bordered linear system of pseudo-arclength continuation: tangent and corrector.

use nalgebra::DMatrix;

use super::super::phase::largest;
use super::homotopy::Homotopy;
use crate::numeric::linear_algebra as la;

/// A point (s, p) of a branch with its unit tangent; both have n + 1 values, the parameter last.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Vec<f64>,
    pub tangent: Vec<f64>,
    /// The sign of the bordered determinant: it changes at branch points, not at folds.
    pub orientation: f64,
}

impl Node {
    pub fn state(&self) -> &[f64] {
        &self.place[..self.place.len() - 1]
    }

    pub fn parameter(&self) -> f64 {
        self.place[self.place.len() - 1]
    }

    /// dp/d(arclength).
    pub fn parameter_speed(&self) -> f64 {
        self.tangent[self.tangent.len() - 1]
    }
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// `[∂f/∂s ∂f/∂p; borderᵀ]` and f at a place.
fn system(homotopy: &Homotopy<'_>, place: &[f64], border: &[f64]) -> (DMatrix<f64>, Vec<f64>) {
    let n = place.len() - 1;
    let (state, parameter) = (&place[..n], place[n]);
    let (force, slope) = homotopy.force(state, parameter);
    let mut matrix = DMatrix::zeros(n + 1, n + 1);
    matrix
        .view_mut((0, 0), (n, n))
        .copy_from(&homotopy.jacobian(state, parameter));
    for i in 0..n {
        matrix[(i, n)] = slope[i];
    }
    for (j, &border) in border.iter().enumerate() {
        matrix[(n, j)] = border;
    }
    (matrix, force)
}

/// The branch's tangent at a place, along `border` (the last tangent).
pub(super) fn node(homotopy: &Homotopy<'_>, place: Vec<f64>, border: &[f64]) -> Option<Node> {
    let n = place.len() - 1;
    let (matrix, _) = system(homotopy, &place, border);
    let mut right = vec![0.0; n + 1];
    right[n] = 1.0;
    let direction = la::solve(&matrix, &right)?;
    let norm = dot(&direction, &direction).sqrt();
    // one border for all nodes of a step, so that the sign is comparable
    Some(Node {
        place,
        tangent: direction.iter().map(|value| value / norm).collect(),
        orientation: matrix.determinant().signum(),
    })
}

/// The point of the branch in the hyperplane at distance `step` along the tangent of `from`, and
/// the Newton iterations that it took; `None` if they do not converge.
pub(super) fn advance(
    homotopy: &Homotopy<'_>,
    from: &Node,
    step: f64,
) -> Option<(Vec<f64>, usize)> {
    const ITERATIONS: usize = 12;
    let mut place: Vec<f64> = from
        .place
        .iter()
        .zip(&from.tangent)
        .map(|(z, t)| z + step * t)
        .collect();
    let mut previous = f64::INFINITY;
    for iteration in 1..=ITERATIONS {
        let (matrix, force) = system(homotopy, &place, &from.tangent);
        let ahead: Vec<f64> = place.iter().zip(&from.place).map(|(z, a)| z - a).collect();
        let mut right: Vec<f64> = force.iter().map(|value| -value).collect();
        right.push(step - dot(&from.tangent, &ahead));
        let correction = la::solve(&matrix, &right)?;
        let size = largest(correction.iter().copied());
        let scale = 1.0 + largest(place.iter().copied());
        if size.is_nan() || size > 2.0 * previous + 1e-12 * scale {
            return None;
        }
        place.iter_mut().zip(&correction).for_each(|(z, d)| *z += d);
        // the next correction would be the square of this one
        if size <= 1e-9 * scale {
            return Some((place, iteration));
        }
        previous = size;
    }
    None
}
