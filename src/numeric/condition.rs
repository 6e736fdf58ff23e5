//! How near a matrix is to a singular one, from a few solves instead of an inverse.

/// An estimate of `‖M⁻¹‖₁` of an n × n matrix (Hager 1984; Higham, *Accuracy and Stability of Numerical
/// Algorithms*, algorithm 15.4): never too large but by rounding, and seldom by more than a factor of three too
/// small. `solve` applies `M⁻¹`, `solve_transpose` applies `M⁻ᵀ`.
pub(super) fn one_norm_of_inverse(
    n: usize,
    solve: impl Fn(&[f64]) -> Vec<f64>,
    solve_transpose: impl Fn(&[f64]) -> Vec<f64>,
) -> f64 {
    const STEPS: usize = 5;
    let norm = |vector: &[f64]| vector.iter().map(|v| v.abs()).sum::<f64>();
    let mut vector = vec![1.0 / n as f64; n];
    let mut largest = 0.0f64;
    for _ in 0..STEPS {
        let image = solve(&vector);
        let size = norm(&image);
        if !size.is_finite() {
            return f64::INFINITY;
        }
        if size <= largest {
            break;
        }
        largest = size;
        // the column in whose direction the norm grows fastest
        let signs: Vec<f64> = image.iter().map(|v| 1f64.copysign(*v)).collect();
        let slopes = solve_transpose(&signs);
        let steepest = (0..n).max_by(|&i, &j| slopes[i].abs().total_cmp(&slopes[j].abs()));
        let now: f64 = slopes.iter().zip(&vector).map(|(slope, v)| slope * v).sum();
        let Some(steepest) = steepest.filter(|&j| slopes[j].abs() > now) else {
            break;
        };
        vector.fill(0.0);
        vector[steepest] = 1.0;
    }
    // a vector of alternating signs, for matrices that deceive the search
    let alternating: Vec<f64> = (0..n)
        .map(|i| {
            let size = 1.0 + i as f64 / (n.max(2) - 1) as f64;
            if i % 2 == 0 { size } else { -size }
        })
        .collect();
    largest.max(2.0 * norm(&solve(&alternating)) / (3.0 * n as f64))
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;
    use crate::model::Random;

    #[test]
    fn the_estimate_is_a_lower_limit_that_comes_near() {
        let mut random = Random::new(5, 0);
        for n in [1, 2, 7, 40] {
            let inverse = random.matrix(n, n, 1.0);
            let product = |matrix: &DMatrix<f64>, vector: &[f64]| {
                (matrix * DVector::from_column_slice(vector))
                    .as_slice()
                    .to_vec()
            };
            let found = one_norm_of_inverse(
                n,
                |v| product(&inverse, v),
                |v| product(&inverse.transpose(), v),
            );
            let columns = inverse.column_iter().map(|column| column.lp_norm(1));
            let exact = columns.fold(0.0, f64::max);
            assert!(
                found <= exact * (1.0 + 1e-14) && found >= exact / 3.0,
                "{n}"
            );
        }
    }
}
