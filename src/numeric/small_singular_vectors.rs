//! Singular values and vectors of a matrix of few columns, where the general routine would spend its time on
//! deciding what to do.

use nalgebra::DMatrix;

/// Matrices of up to this many columns are small.
pub(super) const FEW_COLUMNS: usize = 8;

/// The singular values in decreasing order, as many as columns, and the right singular vectors: pairs of columns
/// are turned until all are orthogonal (Hestenes, J. SIAM 6, 51, 1958; one-sided Jacobi), and small values are as
/// exact as large ones. The entries must be finite.
pub(super) fn small_singular_vectors(mut matrix: DMatrix<f64>) -> Option<(Vec<f64>, DMatrix<f64>)> {
    const SWEEPS: usize = 60;
    let columns = matrix.ncols();
    let scale = matrix.amax();
    if scale > 0.0 {
        matrix /= scale;
    }
    let mut right = DMatrix::identity(columns, columns);
    let mut turned = true;
    for _ in 0..SWEEPS {
        turned = false;
        for q in 1..columns {
            for p in 0..q {
                if let Some(turn) = turn(&matrix, p, q) {
                    apply(turn, &mut matrix, p, q);
                    apply(turn, &mut right, p, q);
                    turned = true;
                }
            }
        }
        if !turned {
            break;
        }
    }
    let sizes: Vec<f64> = matrix.column_iter().map(|column| column.norm()).collect();
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
    let values = order.iter().map(|&k| scale * sizes[k]).collect();
    (!turned).then(|| (values, right.select_columns(&order)))
}

/// Cosine and sine of the turn that makes columns p and q orthogonal, unless they are to the rounding of a product
/// of their length, as LAPACK's dgesvj has it: less would turn long columns without end.
fn turn(matrix: &DMatrix<f64>, p: usize, q: usize) -> Option<(f64, f64)> {
    let (p, q) = (matrix.column(p), matrix.column(q));
    let (first, second, product) = (p.norm_squared(), q.norm_squared(), p.dot(&q));
    let rounding = f64::EPSILON * (p.len() as f64).sqrt() * (first * second).sqrt();
    if product.abs() <= rounding.max(f64::MIN_POSITIVE) {
        return None;
    }
    let half = (second - first) / (2.0 * product);
    let tangent = half.signum() / (half.abs() + half.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    Some((cosine, cosine * tangent))
}

fn apply((cosine, sine): (f64, f64), matrix: &mut DMatrix<f64>, p: usize, q: usize) {
    let (mut first, mut second) = matrix.columns_range_pair_mut(p, q);
    for (a, b) in first.iter_mut().zip(second.iter_mut()) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    /// M v of the right singular vectors are orthogonal and as long as the singular values, which are those of
    /// another routine.
    #[test]
    fn what_the_vectors_are_mapped_to_is_orthogonal() {
        for (rows, columns) in [(1, 1), (5, 2), (2, 5), (9, 8), (100, 7)] {
            let mut matrix = Random::new(columns as u64, 0).matrix(rows, columns, 3.0);
            for (k, mut column) in matrix.column_iter_mut().enumerate() {
                column *= 1e-3f64.powi(k as i32);
            }
            let (values, right) = small_singular_vectors(matrix.clone()).unwrap();
            let unit = right.transpose() * &right;
            assert!((unit - DMatrix::identity(columns, columns)).amax() < 1e-14);
            let image = &matrix * &right;
            for (k, &value) in values.iter().enumerate() {
                assert!((image.column(k).norm() - value).abs() <= 1e-13 * values[0]);
                assert!(k == 0 || value <= values[k - 1]);
                for other in 0..k {
                    let product = image.column(k).dot(&image.column(other));
                    assert!(
                        product.abs() <= 1e-14 * values[0] * values[0],
                        "{product:e}"
                    );
                }
            }
            let known = matrix.singular_values();
            for (value, known) in values.iter().zip(&known) {
                assert!(
                    (value - known).abs() <= 1e-14 * values[0],
                    "{value:e} {known:e}"
                );
            }
        }
    }

    /// Long columns that nearly agree, whose products are rounded by more than one part in 2⁵² of their sizes.
    #[test]
    fn long_columns_come_to_an_end() {
        for seed in 0..40 {
            let rows = 20 + 50 * seed as usize;
            let common = Random::new(seed, 1).matrix(rows, 1, 1.0);
            let mut matrix = Random::new(seed, 2).matrix(rows, 8, 1e-9);
            for mut column in matrix.column_iter_mut() {
                column += &common;
            }
            let (values, _) = small_singular_vectors(matrix.clone()).unwrap();
            let known = matrix.singular_values().max();
            assert!((values[0] / known - 1.0).abs() < 1e-13);
        }
    }

    /// Columns of sizes 1 and 1e-30: relative accuracy stays.
    #[test]
    fn small_values_are_exact() {
        let matrix = DMatrix::from_row_slice(2, 2, &[3.0, 4e-30, 4.0, -3e-30]);
        let (values, _) = small_singular_vectors(matrix).unwrap();
        assert!((values[0] - 5.0).abs() < 1e-14 && (values[1] - 5e-30).abs() < 1e-44);
        let (values, right) = small_singular_vectors(DMatrix::zeros(3, 2)).unwrap();
        assert_eq!((values, right), (vec![0.0; 2], DMatrix::identity(2, 2)));
        let huge = DMatrix::from_element(2, 2, 1e300);
        let (values, _) = small_singular_vectors(huge).unwrap();
        assert!((values[0] / 2e300 - 1.0).abs() < 1e-14 && values[1] < 1e285);
    }
}
