//! The bordered linear system of pseudo-arclength continuation: tangent and corrector.

use nalgebra::DMatrix;

use super::super::phase::largest;
use super::piece::Piece;
use crate::numeric::linear_algebra as la;

/// A point (s, p) of a branch with its unit tangent. Both have n + 1 values, the parameter last.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub place: Vec<f64>,
    pub tangent: Vec<f64>,
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

    /// How far ahead along the tangent a place is.
    pub fn ahead(&self, place: &[f64]) -> f64 {
        dot(&difference(place, &self.place), &self.tangent)
    }

    /// The same node, followed the other way.
    pub fn reversed(&self) -> Self {
        Self {
            place: self.place.clone(),
            tangent: self.tangent.iter().map(|t| -t).collect(),
        }
    }
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

pub(super) fn difference(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(a, b)| a - b).collect()
}

pub(super) fn moved(place: &[f64], step: f64, direction: &[f64]) -> Vec<f64> {
    let moved = place.iter().zip(direction).map(|(z, d)| z + step * d);
    moved.collect()
}

/// `[∂f/∂s ∂f/∂p; borderᵀ]` and f at a place.
pub(super) fn system(piece: &Piece<'_>, place: &[f64], border: &[f64]) -> (DMatrix<f64>, Vec<f64>) {
    let n = place.len() - 1;
    let (force, slope) = piece.residual(place);
    let mut matrix = DMatrix::zeros(n + 1, n + 1);
    matrix
        .view_mut((0, 0), (n, n))
        .copy_from(&piece.jacobian(place));
    for i in 0..n {
        matrix[(i, n)] = slope[i];
    }
    for (j, &border) in border.iter().enumerate() {
        matrix[(n, j)] = border;
    }
    (matrix, force)
}

/// The branch's tangent at a place, along `border` (the last tangent).
pub(super) fn node(piece: &Piece<'_>, place: Vec<f64>, border: &[f64]) -> Option<Node> {
    let n = place.len() - 1;
    let (matrix, _) = system(piece, &place, border);
    let mut right = vec![0.0; n + 1];
    right[n] = 1.0;
    let direction = la::solve(&matrix, &right)?;
    let norm = dot(&direction, &direction).sqrt();
    Some(Node {
        place,
        tangent: direction.iter().map(|value| value / norm).collect(),
    })
}

/// The equation that is added to f(s, p) = 0: its slope and its value at a place.
pub(super) type Border<'f> = dyn Fn(&[f64]) -> (Vec<f64>, f64) + 'f;

/// The solution of f(s, p) = 0 and one more equation by Newton's method, and the iterations that it
/// took, or `None` if the steps, at most `longest` long, do not shrink.
pub(super) fn newton(
    piece: &Piece<'_>,
    mut place: Vec<f64>,
    border: &Border<'_>,
    longest: f64,
) -> Option<(Vec<f64>, usize)> {
    const ITERATIONS: usize = 30;
    let mut previous = f64::INFINITY;
    for iteration in 1..=ITERATIONS {
        let (slope, value) = border(&place);
        let (matrix, force) = system(piece, &place, &slope);
        let mut right: Vec<f64> = force.iter().map(|value| -value).collect();
        right.push(-value);
        let correction = la::solve(&matrix, &right)?;
        let size = largest(correction.iter().copied());
        let scale = 1.0 + largest(place.iter().copied());
        if size.is_nan() || (size > 2.0 * previous + 1e-12 * scale && size < longest) {
            return None;
        }
        let factor = (longest / dot(&correction, &correction).sqrt()).min(1.0);
        place = moved(&place, factor, &correction);
        // the next correction would be the square of this one
        if size <= 1e-9 * scale {
            return Some((place, iteration));
        }
        previous = size;
    }
    None
}

/// The point of the branch in the hyperplane at distance `step` along the tangent of `from`, and
/// the Newton iterations that it took, or `None` if they do not converge.
pub(super) fn advance(piece: &Piece<'_>, from: &Node, step: f64) -> Option<(Vec<f64>, usize)> {
    let start = moved(&from.place, step, &from.tangent);
    let plane = |place: &[f64]| (from.tangent.clone(), from.ahead(place) - step);
    newton(piece, start, &plane, f64::INFINITY)
}

/// An orthonormal basis of the vectors that `[∂f/∂s ∂f/∂p]` at a place maps to nothing, or that
/// `∂f/∂s` does (`by_parameter` false). Equations with large coefficients count no more than others.
pub(super) fn kernel(piece: &Piece<'_>, place: &[f64], by_parameter: bool) -> Vec<Vec<f64>> {
    // the square of a singular value
    const NOTHING: f64 = 1e-12;
    let n = place.len() - 1;
    let columns = if by_parameter { n + 1 } else { n };
    let (matrix, _) = system(piece, place, &vec![0.0; n + 1]);
    let mut matrix = matrix.view((0, 0), (n, columns)).clone_owned();
    for mut row in matrix.row_iter_mut() {
        // the leak's 1 may have cancelled
        let scale = 1.0 + row.norm();
        row /= scale;
    }
    let Some((values, vectors)) = la::symmetric_eigen(&la::multiply(&matrix.transpose(), &matrix))
    else {
        return Vec::new();
    };
    (0..columns)
        .filter(|&k| values[k] <= NOTHING)
        .map(|k| vectors.column(k).iter().copied().collect())
        .collect()
}
