//! Eigenvalues, singular values and triangular factors, each by one thread: several would change the last digits.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::evd::{
    ComputeEigenvectors, evd_real, evd_scratch, self_adjoint_evd, self_adjoint_evd_scratch,
};
use faer::linalg::qr::no_pivoting::factor::{
    qr_in_place, qr_in_place_scratch, recommended_block_size,
};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::{Mat, Par, Spec};
use nalgebra::{Complex, DMatrix};

use super::{view, view_mut};
use crate::numeric::diagonal_entries::split_off;
use crate::numeric::small_eigenvalues::small_eigenvalues;
use crate::numeric::small_singular_vectors::{FEW_COLUMNS, small_singular_vectors};

/// Memory for a routine, `None` if there is none.
fn memory(needed: StackReq) -> Option<MemBuffer> {
    MemBuffer::try_new(needed).ok()
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
            None => general_eigenvalues(&core, None)?,
        });
    }
    values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
    Some(values)
}

/// Of up to this many rows one thread finds the eigenvalues sooner than several, which wait for each other:
/// in two thirds of the time of two at 500 and 1,000 rows.
const ONE_THREAD: usize = 1200;

/// The eigenvalues, and if there is room for them the eigenvectors: the columns are their real parts, or for a
/// complex pair the real and the imaginary part of the first.
fn general_eigenvalues(
    matrix: &DMatrix<f64>,
    vectors: Option<&mut DMatrix<f64>>,
) -> Option<Vec<Complex<f64>>> {
    let n = matrix.nrows();
    let threads = if n <= ONE_THREAD {
        Par::Seq
    } else {
        faer::get_global_parallelism()
    };
    let right = match vectors {
        Some(_) => ComputeEigenvectors::Yes,
        None => ComputeEigenvectors::No,
    };
    let scratch = evd_scratch::<f64>(n, ComputeEigenvectors::No, right, threads, Spec::default());
    let (mut re, mut im) = (Diag::zeros(n), Diag::zeros(n));
    evd_real(
        view(matrix),
        re.as_mut(),
        im.as_mut(),
        None,
        vectors.map(view_mut),
        threads,
        MemStack::new(&mut memory(scratch)?),
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
    let n = matrix.nrows();
    let mut vectors = DMatrix::zeros(n, n);
    let values = general_eigenvalues(matrix, Some(&mut vectors))?;
    let mut found = Vec::with_capacity(n);
    while let Some(&value) = values.get(found.len()) {
        let k = found.len();
        let real = vectors.column(k);
        if value.im == 0.0 {
            found.push((value, real[n - 1].abs() / real.norm()));
        } else {
            let imaginary = vectors.column(k + 1);
            let last = real[n - 1].hypot(imaginary[n - 1]) / real.norm().hypot(imaginary.norm());
            found.extend([(value, last), (value.conj(), last)]);
        }
    }
    Some(found)
}

/// The triangular R of `M = QR` with `RᵀR = MᵀM`, of a matrix with at least as many rows as columns.
pub fn triangular_factor(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, columns) = matrix.shape();
    let mut factored = matrix.clone();
    let block = recommended_block_size::<f64>(rows, columns);
    let scratch = qr_in_place_scratch::<f64>(rows, columns, block, Par::Seq, Spec::default());
    qr_in_place(
        view_mut(&mut factored),
        Mat::zeros(block, columns.min(rows)).as_mut(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    );
    factored.resize_vertically(columns, 0.0).upper_triangle()
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
    let scratch = cholesky_in_place_scratch::<f64>(n, Par::Seq, Spec::default());
    let factor = memory(scratch).map(|mut memory| {
        cholesky_in_place(
            view_mut(&mut matrix),
            LltRegularization::default(),
            Par::Seq,
            MemStack::new(&mut memory),
            Spec::default(),
        )
    });
    matches!(factor, Some(Ok(_)))
}

/// Eigenvalues in increasing order, and the eigenvectors as columns, of a symmetric matrix (its
/// lower triangle is read). `None` if the iteration fails or the matrix is not finite.
pub fn symmetric_eigen(matrix: &DMatrix<f64>) -> Option<(Vec<f64>, DMatrix<f64>)> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let n = matrix.nrows();
    let (mut values, mut vectors) = (Diag::zeros(n), DMatrix::zeros(n, n));
    let yes = ComputeEigenvectors::Yes;
    let scratch = self_adjoint_evd_scratch::<f64>(n, yes, Par::Seq, Spec::default());
    self_adjoint_evd(
        view(matrix),
        values.as_mut(),
        Some(view_mut(&mut vectors)),
        Par::Seq,
        MemStack::new(&mut memory(scratch)?),
        Spec::default(),
    )
    .ok()?;
    Some(((0..n).map(|i| values[i]).collect(), vectors))
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
    let (mut values, mut right) = (Diag::zeros(columns), DMatrix::zeros(columns, columns));
    let (no, thin) = (ComputeSvdVectors::No, ComputeSvdVectors::Thin);
    let scratch = svd_scratch::<f64>(rows, columns, no, thin, Par::Seq, Spec::default());
    svd(
        view(&matrix),
        values.as_mut(),
        None,
        Some(view_mut(&mut right)),
        Par::Seq,
        MemStack::new(&mut memory(scratch)?),
        Spec::default(),
    )
    .ok()?;
    Some(((0..columns).map(|k| values[k]).collect(), right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    fn drawn(rows: usize, columns: usize) -> DMatrix<f64> {
        let mut random = Random::new(4, 0);
        DMatrix::from_fn(rows, columns, |_, _| random.unit() - 0.5)
    }

    /// RᵀR = MᵀM.
    #[test]
    fn the_triangular_factor_has_the_matrix_s_lengths() {
        for (rows, columns) in [(5, 3), (300, 70)] {
            let matrix = drawn(rows, columns);
            let factor = triangular_factor(&matrix);
            assert_eq!(factor.shape(), (columns, columns));
            let gap = factor.transpose() * &factor - matrix.transpose() * &matrix;
            assert!(gap.norm() < 1e-12);
        }
    }

    /// Last components as those of vectors that solve (M − λ) v = 0.
    #[test]
    fn last_components_are_those_of_eigenvectors() {
        let matrix = drawn(30, 30);
        for (value, last) in eigenvalues_with_last_component(&matrix).unwrap() {
            let shifted = matrix.map(|entry| Complex::new(entry, 0.0))
                - DMatrix::from_diagonal_element(30, 30, value);
            let decomposition = shifted.svd(false, true);
            let vector = decomposition.v_t.unwrap().row(29).transpose();
            assert!((vector[29].norm() - last).abs() < 1e-10, "{value}");
        }
    }

    /// To the last bit, as records of sweeps and parts of them have to be.
    #[test]
    fn nothing_depends_on_the_number_of_threads() {
        let (matrix, tall) = (drawn(300, 300), drawn(300, 70));
        let symmetric = &matrix + matrix.transpose();
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| {
                (
                    triangular_factor(&tall),
                    symmetric_eigen(&symmetric),
                    right_singular_vectors(&tall),
                    eigenvalues(&matrix),
                    eigenvalues_with_last_component(&matrix),
                )
            })
        };
        assert!(on(1) == on(3));
    }
}
