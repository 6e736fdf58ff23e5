//! Dense linear algebra: the one file that names the matrix-product crate.
//!
//! Matrices and vectors are nalgebra's in every signature. Products, factorisations and spectra
//! run in faer. Products do not depend on the number of threads.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Accum, MatMut, MatRef, Par, Side};
use nalgebra::{Complex, DMatrix, DVector};
use rayon::prelude::*;

use crate::numeric::column_product::add_column_product;
use crate::numeric::diagonal_entries::split_off;
pub use crate::numeric::factorisation::{Factorisation, solve};
use crate::numeric::small_eigenvalues::small_eigenvalues;
use crate::numeric::small_product::{SMALL, add_product};

fn view(matrix: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}

fn view_mut(matrix: &mut DMatrix<f64>) -> MatMut<'_, f64> {
    let (rows, columns) = matrix.shape();
    MatMut::from_column_major_slice_mut(matrix.as_mut_slice(), rows, columns)
}

fn owned(matrix: MatRef<'_, f64>) -> DMatrix<f64> {
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[(i, j)])
}

/// `out = M v` (`add = false`) or `out += M v` (`add = true`).
pub fn multiply_vector(matrix: &DMatrix<f64>, vector: &[f64], out: &mut [f64], add: bool) {
    if (SMALL + 1..PARALLEL).contains(&matrix.len()) {
        return product(view(matrix), vector, out, add);
    }
    if !add {
        out.fill(0.0);
    }
    match matrix.len() {
        0 => {}
        1..=SMALL => add_product(matrix.as_slice(), vector, out),
        _ => add_column_product(matrix.as_slice(), vector, out),
    }
}

/// `out = Mᵀ v` (`add = false`) or `out += Mᵀ v` (`add = true`).
pub fn multiply_transpose_vector(
    matrix: &DMatrix<f64>,
    vector: &[f64],
    out: &mut [f64],
    add: bool,
) {
    product(view(matrix).transpose(), vector, out, add);
}

/// `out = Mᵀ v` of a matrix given column by column.
pub(super) fn multiply_columns_transposed(columns: &[f64], vector: &[f64], out: &mut [f64]) {
    let matrix = MatRef::from_column_major_slice(columns, vector.len(), out.len());
    product(matrix.transpose(), vector, out, false);
}

fn product(matrix: MatRef<'_, f64>, vector: &[f64], out: &mut [f64], add: bool) {
    if out.len() * vector.len() < PARALLEL {
        return part_of_product(matrix, vector, out, add);
    }
    let parts = out.par_chunks_mut(ROWS).enumerate();
    parts.for_each(|(k, out)| {
        part_of_product(matrix.subrows(k * ROWS, out.len()), vector, out, add);
    });
}

/// Matrices of as many entries (2 MB) are multiplied by several threads.
const PARALLEL: usize = 1 << 18;
/// Rows that one thread takes at a time, whatever the number of threads, so that sums do not depend on it.
const ROWS: usize = 256;

fn part_of_product(matrix: MatRef<'_, f64>, vector: &[f64], out: &mut [f64], add: bool) {
    let (rows, columns) = (out.len(), vector.len());
    matmul(
        MatMut::from_column_major_slice_mut(out, rows, 1),
        if add { Accum::Add } else { Accum::Replace },
        matrix,
        MatRef::from_column_major_slice(vector, columns, 1),
        1.0,
        Par::Seq,
    );
}

/// `out += M v` for many vectors at once. Both sides are (values, offset, stride): one vector of
/// length `stride` after the other, of which the part from `offset` on takes part.
pub fn multiply_rows(
    matrix: &DMatrix<f64>,
    (vectors, from, length): (&[f64], usize, usize),
    (out, to, stride): (&mut [f64], usize, usize),
) {
    let (rows, columns) = matrix.shape();
    if rows * columns == 0 || out.is_empty() {
        return;
    }
    let count = out.len() / stride;
    if count == 1 && rows * columns <= SMALL {
        add_product(
            matrix.as_slice(),
            &vectors[from..from + columns],
            &mut out[to..to + rows],
        );
        return;
    }
    matmul(
        MatMut::from_column_major_slice_mut(out, stride, count).subrows_mut(to, rows),
        Accum::Add,
        view(matrix),
        MatRef::from_column_major_slice(vectors, length, count).subrows(from, columns),
        1.0,
        Par::Seq,
    );
}

/// `A B`.
pub fn multiply(left: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(left.nrows(), right.ncols());
    matmul(
        view_mut(&mut out),
        Accum::Replace,
        view(left),
        view(right),
        1.0,
        Par::Seq,
    );
    out
}

/// LU with partial pivoting of a matrix of any size.
#[derive(Debug)]
pub(super) struct GeneralFactorisation {
    lu: PartialPivLu<f64>,
}

impl GeneralFactorisation {
    pub fn new(matrix: &DMatrix<f64>) -> Self {
        Self {
            lu: view(matrix).partial_piv_lu(),
        }
    }

    /// `B ← M⁻¹ B`.
    pub fn solve(&self, columns: &mut DMatrix<f64>) {
        self.lu.solve_in_place(view_mut(columns));
    }

    /// `B ← M⁻ᵀ B`.
    pub fn solve_transpose(&self, columns: &mut DMatrix<f64>) {
        self.lu.solve_transpose_in_place(view_mut(columns));
    }
}

/// Matrices of up to this many rows have their eigenvalues computed by the small routine, which is a third faster
/// at 100 rows and as fast as the general one at 300.
const SMALL_SPECTRUM: usize = 250;

/// Eigenvalues of a square matrix, by decreasing real part, then decreasing imaginary part.
/// `None` if the iteration fails or the matrix is not finite.
///
/// Rows and columns that are empty off the diagonal are split off first, which is exact: every
/// saturated neuron is one, and together they make eigenvalues that are defective, which an
/// iteration finds to half the digits only.
pub fn eigenvalues(matrix: &DMatrix<f64>) -> Option<Vec<Complex<f64>>> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let (mut values, rest) = split_off(matrix);
    if !rest.is_empty() {
        let core = DMatrix::from_fn(rest.len(), rest.len(), |i, j| matrix[(rest[i], rest[j])]);
        let small = (core.nrows() <= SMALL_SPECTRUM).then(|| small_eigenvalues(&core));
        values.extend(match small.flatten() {
            Some(found) => found,
            None => (view(&core).eigenvalues().ok()?.iter())
                .map(|value| Complex::new(value.re, value.im))
                .collect(),
        });
    }
    values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
    Some(values)
}

/// Eigenvalues of a square matrix, each with the modulus of the last component of its eigenvector of
/// length 1. `None` if the iteration fails or the matrix is not finite.
pub fn eigenvalues_with_last_component(matrix: &DMatrix<f64>) -> Option<Vec<(Complex<f64>, f64)>> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let eigen = view(matrix).eigen().ok()?;
    let last = |k: usize| {
        let vector = eigen.U().col(k);
        let square = (0..vector.nrows()).map(|i| vector[i].re.hypot(vector[i].im).powi(2));
        let end = vector[vector.nrows() - 1];
        end.re.hypot(end.im) / square.sum::<f64>().sqrt()
    };
    let values = (0..matrix.nrows()).map(|k| {
        let value = eigen.S()[k];
        (Complex::new(value.re, value.im), last(k))
    });
    Some(values.collect())
}

/// The triangular R of `M = QR` with `RᵀR = MᵀM`, of a matrix with at least as many rows as columns.
pub fn triangular_factor(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    owned(view(matrix).qr().thin_R())
}

/// Eigenvalues in increasing order, and the eigenvectors as columns, of a symmetric matrix (its
/// lower triangle is read). `None` if the iteration fails or the matrix is not finite.
pub fn symmetric_eigen(matrix: &DMatrix<f64>) -> Option<(Vec<f64>, DMatrix<f64>)> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let eigen = view(matrix).self_adjoint_eigen(Side::Lower).ok()?;
    let values = (0..matrix.nrows()).map(|i| eigen.S()[i]).collect();
    Some((values, owned(eigen.U())))
}

/// The largest ratio `‖A₁e‖ / ‖A₂e‖` over all vectors `e`, and the `e` that attains it, for two
/// matrices with equally many columns; the generalised eigenproblem of `(A₁ᵀA₁, A₂ᵀA₂)`, solved
/// without forming the squares: `A₂ = UΣVᵀ`, then the largest singular value of `A₁VΣ⁻¹`.
///
/// Directions that `A₂` maps to (numerically) nothing are left out if `A₁` does the same.
/// Otherwise the ratio has no upper limit and the answer is `None`.
pub fn largest_ratio(
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
    // of fewer rows than columns the decomposition would leave out what is mapped to nothing
    let rows = denominator.nrows().max(columns);
    let denominator = denominator.clone().resize_vertically(rows, 0.0);
    let decomposition = view(&denominator).thin_svd().ok()?;
    let right = owned(decomposition.V());
    // singular values below it are rounding
    let rank_limit = 16.0 * decomposition.S()[0] * f64::EPSILON * rows as f64;
    let in_range = |k: usize| k < decomposition.S().dim() && decomposition.S()[k] > rank_limit;
    let image = multiply(numerator, &right);
    let scale = image.norm().max(f64::MIN_POSITIVE);
    let mut kept = Vec::new();
    for k in 0..right.ncols() {
        if in_range(k) {
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
        image[(i, kept[k])] / decomposition.S()[kept[k]]
    });
    let singular = view(&whitened).thin_svd().ok()?;
    let mut direction = DVector::zeros(columns);
    for (k, &column) in kept.iter().enumerate() {
        direction.axpy(
            singular.V()[(k, 0)] / decomposition.S()[column],
            &right.column(column),
            1.0,
        );
    }
    Some((singular.S()[0], direction))
}

/// Least-squares line `y ≈ intercept + slope x`, as `(slope, intercept)`.
pub fn fit_line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (centre, level) = (mean(x), mean(y));
    let about = |values: &[f64], mean: f64| {
        let pairs = x.iter().zip(values);
        pairs
            .map(|(x, value)| (x - centre) * (value - mean))
            .sum::<f64>()
    };
    let slope = about(y, level) / about(x, centre);
    (slope, level - slope * centre)
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

    /// RᵀR = MᵀM.
    #[test]
    fn the_triangular_factor_has_the_matrix_s_lengths() {
        let matrix = DMatrix::from_fn(5, 3, |i, j| ((i * 3 + j) as f64).sin());
        let factor = triangular_factor(&matrix);
        assert_eq!(factor.shape(), (3, 3));
        let gap = factor.transpose() * &factor - matrix.transpose() * &matrix;
        assert!(gap.norm() < 1e-14);
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
