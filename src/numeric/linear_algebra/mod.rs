//! Dense linear algebra: the one file that names the matrix-product crate.
//!
//! Matrices and vectors are nalgebra's in every signature. Products, factorisations and spectra
//! run in faer. None depends on the number of threads, but [`eigenvalues`] of very large matrices.

mod decompositions;

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::numeric::column_product::{add_block_products, add_column_product, add_column_products};
pub(crate) use decompositions::is_positive_definite;
pub use decompositions::{
    eigenvalues, eigenvalues_with_last_component, right_singular_vectors, symmetric_eigen,
    triangular_factor,
};

pub use crate::numeric::factorisation::{Factorisation, solve};
pub use crate::numeric::line::fit_line;
use crate::numeric::small_product::{SMALL, add_product};

fn view(matrix: &DMatrix<f64>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(matrix.as_slice(), matrix.nrows(), matrix.ncols())
}

fn view_mut(matrix: &mut DMatrix<f64>) -> MatMut<'_, f64> {
    let (rows, columns) = matrix.shape();
    MatMut::from_column_major_slice_mut(matrix.as_mut_slice(), rows, columns)
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
