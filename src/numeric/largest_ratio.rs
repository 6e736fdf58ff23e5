//! How much more one matrix can stretch a vector than another does.

use nalgebra::{DMatrix, DVector};

use super::linear_algebra as la;

/// The largest ratio `‖A₁e‖ / ‖A₂e‖` over all vectors `e`, and the `e` that attains it, for two
/// matrices with equally many columns; the generalised eigenproblem of `(A₁ᵀA₁, A₂ᵀA₂)`, solved
/// without forming the squares: `A₂ = UΣVᵀ`, then the largest singular value of `A₁VΣ⁻¹`.
///
/// Directions that `A₂` maps to (numerically) nothing are left out if `A₁` does the same.
/// Otherwise the ratio has no upper limit and the answer is `None`.
pub(crate) fn largest_ratio(
    numerator: &DMatrix<f64>,
    denominator: &DMatrix<f64>,
) -> Option<(f64, DVector<f64>)> {
    let columns = denominator.ncols();
    if columns == 0
        || denominator.nrows() == 0
        || numerator
            .iter()
            .chain(denominator.iter())
            .any(|value| !value.is_finite())
    {
        return None;
    }
    let (sizes, right) = la::right_singular_vectors(denominator)?;
    // singular values below it are rounding
    let rows = denominator.nrows().max(columns);
    let rank_limit = 16.0 * sizes[0] * f64::EPSILON * rows as f64;
    let image = la::multiply(numerator, &right);
    let scale = image.norm().max(f64::MIN_POSITIVE);
    let mut kept = Vec::new();
    for (k, &size) in sizes.iter().enumerate() {
        if size > rank_limit {
            kept.push(k);
        } else if image.column(k).norm() > 1e-10 * scale {
            return None;
        }
    }
    if kept.is_empty() {
        // both map everything to nothing: there is no ratio
        return None;
    }
    let whitened = DMatrix::from_fn(image.nrows(), kept.len(), |i, k| {
        image[(i, kept[k])] / sizes[kept[k]]
    });
    let (ratios, vectors) = la::right_singular_vectors(&whitened)?;
    let mut direction = DVector::zeros(columns);
    for (k, &column) in kept.iter().enumerate() {
        direction.axpy(vectors[(k, 0)] / sizes[column], &right.column(column), 1.0);
    }
    Some((ratios[0], direction))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a wide denominator maps to nothing counts.
    #[test]
    fn a_wide_denominator_leaves_the_ratio_without_limit() {
        let denominator = DMatrix::from_row_slice(1, 2, &[1.0, 2.0]);
        let numerator = DMatrix::from_row_slice(1, 2, &[1.0, 0.0]);
        assert_eq!(largest_ratio(&numerator, &denominator), None);
        let (ratio, direction) = largest_ratio(&(&denominator * 3.0), &denominator).unwrap();
        assert!((ratio - 3.0).abs() < 1e-14 && (&denominator * direction).norm() > 0.1);
    }

    #[test]
    fn the_largest_ratio_is_that_of_the_generalised_eigenproblem() {
        let numerator = DMatrix::from_row_slice(2, 2, &[3.0, 0.0, 0.0, 1.0]);
        let denominator = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.0, 2.0]);
        let (ratio, direction) = largest_ratio(&numerator, &denominator).unwrap();
        assert!((ratio - 3.0).abs() < 1e-14 && direction[1].abs() < 1e-14);
    }

    #[test]
    fn a_ratio_that_is_not_defined_is_none() {
        let zero = DMatrix::<f64>::zeros(2, 1);
        let one = DMatrix::from_element(2, 1, 1.0);
        assert!(
            largest_ratio(&zero, &zero).is_none(),
            "0/0 in every direction"
        );
        assert!(largest_ratio(&one, &zero).is_none(), "no upper limit");
        assert!(largest_ratio(&DMatrix::zeros(0, 1), &DMatrix::zeros(0, 1)).is_none());
        assert!(largest_ratio(&DMatrix::zeros(2, 0), &DMatrix::zeros(2, 0)).is_none());
    }
}
