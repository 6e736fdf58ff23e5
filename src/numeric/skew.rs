//! A square matrix beside its transpose, tile by tile, so that neither is read across the cache.

use nalgebra::DMatrix;

#[cfg(feature = "experiment")]
use super::by_columns::by_groups;

/// Rows and columns of a tile: two of them stay in the first cache.
const TILE: usize = 32;

/// Calls `visit(i, j, mᵢⱼ, mⱼᵢ)` for every pair i ≤ j.
fn for_each_pair(matrix: &DMatrix<f64>, mut visit: impl FnMut(usize, usize, f64, f64)) {
    let n = matrix.nrows();
    let tiles = || {
        (0..n)
            .step_by(TILE)
            .map(|first| first..(first + TILE).min(n))
    };
    for columns in tiles() {
        for rows in tiles().take_while(|rows| rows.start <= columns.start) {
            for j in columns.clone() {
                for i in rows.start..rows.end.min(j + 1) {
                    visit(i, j, matrix[(i, j)], matrix[(j, i)]);
                }
            }
        }
    }
}

#[cfg(feature = "experiment")]
/// `Mᵀ` of a matrix of any shape.
pub(crate) fn transposed(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, columns) = matrix.shape();
    by_groups((columns, rows), TILE, |top, group| {
        for first in (0..columns).step_by(TILE) {
            for (out, i) in group.chunks_mut(columns).zip(top..) {
                for j in first..(first + TILE).min(columns) {
                    out[j] = matrix[(i, j)];
                }
            }
        }
    })
}

/// `Mᵀ − M`.
pub(crate) fn skew(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(matrix.nrows(), matrix.ncols());
    for_each_pair(matrix, |i, j, above, below| {
        out[(i, j)] = below - above;
        out[(j, i)] = above - below;
    });
    out
}

/// ‖M − Mᵀ‖_F / ‖M + Mᵀ‖_F: 0 of a symmetric matrix, infinite of an antisymmetric one.
pub fn asymmetry(matrix: &DMatrix<f64>) -> f64 {
    let (mut minus, mut plus) = (0.0, 0.0);
    // column by column first, so that rounding grows with the root of what is added only
    let (mut column, mut sums) = (usize::MAX, [0.0; 2]);
    for_each_pair(matrix, |i, j, above, below| {
        if j != column {
            column = j;
            minus += std::mem::take(&mut sums[0]);
            plus += std::mem::take(&mut sums[1]);
        }
        let twice = if i == j { 1.0 } else { 2.0 };
        sums[0] += twice * (above - below) * (above - below);
        sums[1] += twice * (above + below) * (above + below);
    });
    minus += sums[0];
    plus += sums[1];
    if minus == 0.0 {
        0.0
    } else {
        (minus / plus).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    #[test]
    fn tiles_give_what_whole_matrices_give() {
        for n in [0, 1, 5, 32, 77] {
            let matrix = Random::new(8, 0).matrix(n, n, 1.0);
            let minus = matrix.transpose() - &matrix;
            assert_eq!(skew(&matrix), minus);
            let expected = minus.norm() / (matrix.transpose() + &matrix).norm();
            if n > 0 {
                assert!((asymmetry(&matrix) - expected).abs() < 1e-14 * expected.max(1.0));
            }
        }
        let wide = Random::new(8, 1).matrix(3, 70, 1.0);
        assert_eq!(transposed(&wide), wide.transpose());
        assert_eq!(asymmetry(&DMatrix::identity(3, 3)), 0.0);
        let turn = DMatrix::from_row_slice(2, 2, &[0.0, 1.0, -1.0, 0.0]);
        assert_eq!(asymmetry(&turn), f64::INFINITY);
    }
}
