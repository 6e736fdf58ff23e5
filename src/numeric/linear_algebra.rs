//! Dense linear algebra: the one file that names the matrix-product crate.
//!
//! Matrices and vectors are nalgebra's in every signature. Products, factorisations and spectra
//! run in faer. Products do not depend on the number of threads.

use std::ops::Range;

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::evd::{ComputeEigenvectors, evd_real, evd_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Accum, MatMut, MatRef, Par, Side, Spec};
use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

use crate::numeric::column_product::{add_block_products, add_column_product, add_column_products};
use crate::numeric::diagonal_entries::split_off;
pub use crate::numeric::factorisation::{Factorisation, solve};
pub use crate::numeric::line::fit_line;
use crate::numeric::small_eigenvalues::small_eigenvalues;
use crate::numeric::small_product::{SMALL, add_product};
use crate::numeric::small_singular_vectors::{FEW_COLUMNS, small_singular_vectors};

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

/// A part of a matrix, with its rows' and its columns' ranges there.
pub(crate) type Block<'a> = (&'a DMatrix<f64>, Range<usize>, Range<usize>);

/// `out += M v` of a matrix in blocks. Large ones are divided among the threads together.
pub(crate) fn multiply_blocks<'a>(
    blocks: impl Iterator<Item = Block<'a>> + Clone + Sync,
    vector: &[f64],
    out: &mut [f64],
) {
    let size: usize = blocks.clone().map(|(matrix, ..)| matrix.len()).sum();
    if size < PARALLEL {
        blocks.for_each(|(matrix, to, from)| {
            multiply_vector(matrix, &vector[from], &mut out[to], true);
        });
    } else {
        add_block_products(&blocks, vector, out);
    }
}

/// `M v` of several vectors, to the bit as [`multiply_vector`] has it. A large matrix is read once.
pub fn multiply_vectors(matrix: &DMatrix<f64>, vectors: &[&[f64]], out: &mut [Vec<f64>]) {
    if matrix.len() < PARALLEL {
        for (vector, out) in vectors.iter().zip(out) {
            multiply_vector(matrix, vector, out, false);
        }
        return;
    }
    out.iter_mut().for_each(|out| out.fill(0.0));
    let out = out.iter_mut().map(Vec::as_mut_slice);
    add_column_products(matrix.as_slice(), vectors, out);
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
            None => general_eigenvalues(&core)?,
        });
    }
    values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
    Some(values)
}

/// Of up to this many rows one thread finds the eigenvalues sooner than several, which wait for each other:
/// in two thirds of the time of two at 500 and 1,000 rows.
const ONE_THREAD: usize = 1200;

fn general_eigenvalues(matrix: &DMatrix<f64>) -> Option<Vec<Complex<f64>>> {
    let n = matrix.nrows();
    let threads = if n <= ONE_THREAD {
        Par::Seq
    } else {
        faer::get_global_parallelism()
    };
    let none = ComputeEigenvectors::No;
    let scratch = evd_scratch::<f64>(n, none, none, threads, Spec::default());
    let (mut re, mut im) = (Diag::zeros(n), Diag::zeros(n));
    evd_real(
        view(matrix),
        re.as_mut(),
        im.as_mut(),
        None,
        None,
        threads,
        MemStack::new(&mut MemBuffer::try_new(scratch).ok()?),
        Spec::default(),
    )
    .ok()?;
    Some((0..n).map(|i| Complex::new(re[i], im[i])).collect())
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

/// Whether a symmetric matrix (its lower triangle is read) is finite and has a Cholesky factor.
pub(crate) fn is_positive_definite(mut matrix: DMatrix<f64>) -> bool {
    /// Up to so many rows the general routine would spend its time on deciding what to do.
    const FEW_ROWS: usize = 16;
    let n = matrix.nrows();
    if matrix.iter().any(|value| !value.is_finite()) {
        return false;
    }
    if n <= FEW_ROWS {
        return matrix.cholesky().is_some();
    }
    let Ok(mut room) = MemBuffer::try_new(cholesky_in_place_scratch::<f64>(
        n,
        Par::Seq,
        Spec::default(),
    )) else {
        return false;
    };
    let stack = MemStack::new(&mut room);
    let plain = LltRegularization::default();
    cholesky_in_place(
        view_mut(&mut matrix),
        plain,
        Par::Seq,
        stack,
        Spec::default(),
    )
    .is_ok()
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

/// The singular values of a matrix in decreasing order, as many as columns, and the right singular vectors as
/// columns. `None` if the iteration fails. The entries must be finite.
pub fn right_singular_vectors(matrix: &DMatrix<f64>) -> Option<(Vec<f64>, DMatrix<f64>)> {
    let columns = matrix.ncols();
    let small = (columns <= FEW_COLUMNS).then(|| small_singular_vectors(matrix.clone()));
    if let Some(found) = small.flatten() {
        return Some(found);
    }
    // of fewer rows than columns the decomposition would leave out what is mapped to nothing
    let rows = matrix.nrows().max(columns);
    let matrix = matrix.clone().resize_vertically(rows, 0.0);
    let decomposition = view(&matrix).thin_svd().ok()?;
    let values = (0..columns).map(|k| decomposition.S()[k]).collect();
    Some((values, owned(decomposition.V())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RᵀR = MᵀM.
    #[test]
    fn the_triangular_factor_has_the_matrix_s_lengths() {
        let matrix = DMatrix::from_fn(5, 3, |i, j| ((i * 3 + j) as f64).sin());
        let factor = triangular_factor(&matrix);
        assert_eq!(factor.shape(), (3, 3));
        let gap = factor.transpose() * &factor - matrix.transpose() * &matrix;
        assert!(gap.norm() < 1e-14);
    }
}
