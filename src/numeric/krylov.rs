//! Linear systems from products alone: plain iteration where it converges, and GMRES with restarts (Saad
//! and Schultz 1986) for the rest.

use nalgebra::DMatrix;

use super::basis::{add_span, norm, remove_span};

/// Products between two restarts.
const RESTART: usize = 40;
/// Restarts after which a system counts as one that this method does not solve.
const RESTARTS: usize = 100;
/// The residual of an answer, relative to the right side and to the terms that cancel in it.
const EXACT: f64 = 1e-15;
/// The residual at which an answer is believed where rounding keeps it from going lower.
const BELIEVED: f64 = 1e-12;

/// A plain step that lowers the residual by less than this factor hands over to GMRES. Where the
/// eigenvalues fill a disc around −1, both converge as fast, and plain steps need no basis.
const PLAIN: f64 = 0.8;

/// The x with `M x = b`. `multiply(v, out)` applies M, of norm about `size`. The plain iteration is
/// `x ← x − (b − M x)`, which suits an M near −1. `None` if the residual, computed anew from x, does not
/// fall to 1e-12 of the right side.
pub(crate) fn solve(
    right: &[f64],
    size: f64,
    multiply: impl Fn(&[f64], &mut [f64]),
) -> Option<Vec<f64>> {
    let n = right.len();
    let goal = norm(right);
    let mut x = vec![0.0; n];
    let mut image = vec![0.0; n];
    let (mut residual, mut before) = (right.to_vec(), f64::INFINITY);
    let (mut plain, mut restarts) = (true, 0);
    while restarts < RESTARTS {
        let left = norm(&residual);
        if !left.is_finite() {
            return None;
        }
        let floor = EXACT * (goal + size * norm(&x));
        // without a residual there is nothing to go on with, whatever the floor is
        if left == 0.0
            || left <= floor
            || (!plain && left > 0.5 * before && left <= BELIEVED * goal)
        {
            return Some(x);
        }
        if plain && left > before {
            // that led away: back to the start
            x.fill(0.0);
            residual.copy_from_slice(right);
            (plain, before) = (false, f64::INFINITY);
            continue;
        }
        plain &= left <= PLAIN * before;
        if plain {
            (x.iter_mut().zip(&residual)).for_each(|(x, r)| *x -= r);
        } else {
            if restarts > 0 && left > 0.999 * before {
                return None;
            }
            restarts += 1;
            add_correction(&residual, left, floor, &multiply, &mut x)?;
        }
        before = left;
        multiply(&x, &mut image);
        for ((residual, right), image) in residual.iter_mut().zip(right).zip(&image) {
            *residual = right - image;
        }
    }
    (norm(&residual) <= BELIEVED * goal).then_some(x)
}

/// One cycle: adds to x what makes the residual smallest in the span of the next products.
fn add_correction(
    residual: &[f64],
    length: f64,
    floor: f64,
    multiply: &impl Fn(&[f64], &mut [f64]),
    x: &mut [f64],
) -> Option<()> {
    let n = residual.len();
    let most = RESTART.min(n);
    let mut basis = DMatrix::zeros(n, most + 1);
    for (slot, r) in basis.column_mut(0).iter_mut().zip(residual) {
        *slot = r / length;
    }
    // the projection, made triangular by rotations as it grows; and the right side along with it
    let mut triangle = DMatrix::<f64>::zeros(most + 1, most);
    let mut rotations: Vec<(f64, f64)> = Vec::with_capacity(most);
    let mut sides = vec![length];
    let mut image = vec![0.0; n];
    for step in 0..most {
        multiply(&basis.as_slice()[step * n..(step + 1) * n], &mut image);
        let span = remove_span(&basis, step + 1, &mut image);
        triangle
            .column_mut(step)
            .rows_mut(0, step + 1)
            .copy_from_slice(&span);
        let rest = norm(&image);
        for (i, &(cosine, sine)) in rotations.iter().enumerate() {
            let (upper, lower) = (triangle[(i, step)], triangle[(i + 1, step)]);
            triangle[(i, step)] = cosine * upper + sine * lower;
            triangle[(i + 1, step)] = cosine * lower - sine * upper;
        }
        let pivot = triangle[(step, step)];
        let radius = pivot.hypot(rest);
        if radius == 0.0 || !radius.is_finite() {
            return None;
        }
        let (cosine, sine) = (pivot / radius, rest / radius);
        triangle[(step, step)] = radius;
        rotations.push((cosine, sine));
        let side = sides[step];
        sides[step] = cosine * side;
        sides.push(-sine * side);
        if (sine * side).abs() <= 0.5 * floor || rest <= f64::EPSILON * radius || step + 1 == most {
            break;
        }
        for (slot, v) in basis.column_mut(step + 1).iter_mut().zip(&image) {
            *slot = v / rest;
        }
    }
    let size = rotations.len();
    for i in (0..size).rev() {
        let above: f64 = (i + 1..size).map(|j| triangle[(i, j)] * sides[j]).sum();
        sides[i] = (sides[i] - above) / triangle[(i, i)];
    }
    add_span(&basis, &sides[..size], x);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;
    use crate::numeric::linear_algebra as la;

    #[test]
    fn answers_agree_with_elimination() {
        for n in [1, 3, 150] {
            let mut matrix = Random::new(6, 0).matrix(n, n, 1.0 / (n as f64).sqrt());
            (0..n).for_each(|i| matrix[(i, i)] -= 1.0);
            let right: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
            let product = |v: &[f64], out: &mut [f64]| la::multiply_vector(&matrix, v, out, false);
            let found = solve(&right, matrix.norm(), product).unwrap();
            let expected = la::solve(&matrix, &right).unwrap();
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{n}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_singular_system_without_an_answer_has_none() {
        let product = |v: &[f64], out: &mut [f64]| out.copy_from_slice(&[v[0], 0.0]);
        assert_eq!(solve(&[1.0, 1.0], 1.0, product), None);
        assert_eq!(solve(&[0.0, 0.0], 1.0, product), Some(vec![0.0, 0.0]));
        for size in [1.0, f64::NAN] {
            assert_eq!(solve(&[], size, |_, _| {}), Some(Vec::new()));
            assert_eq!(solve(&[0.0], size, |_, _| {}), Some(vec![0.0]));
        }
    }
}
