//! The Jacobian of a phase over the neurons that no bound holds: full, or with the structure of the weights.

use std::sync::{Arc, OnceLock};

use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

use super::phase::Phase;
use super::spectrum::restrict;
use crate::numeric::linear_algebra::{self as la, Factorisation};
use crate::numeric::{self, Bipartite, BipartiteFactorisation, SparseMatrix, krylov, skew};

/// Up to this many neurons a matrix is small: full, and with all its eigenvalues computed at once.
pub(super) const WHOLE: usize = 300;

/// `∂μ^β/∂s` over some neurons.
#[derive(Debug, Clone)]
pub(crate) enum Jacobian {
    /// Every entry.
    Full(DMatrix<f64>),
    /// Those entries that may differ from 0, and all, once something asks for them.
    Sparse(SparseMatrix, OnceLock<DMatrix<f64>>),
    /// Those between neighbouring layers, and all, once something asks for them.
    Layered(Bipartite, OnceLock<DMatrix<f64>>),
}

impl Jacobian {
    /// At a state, over the `active` neurons (increasing).
    pub fn at(phase: &Phase<'_>, state: &[f64], active: &[usize]) -> Self {
        if let Some(sparse) = phase.sparse_force_jacobian(state) {
            return Self::Sparse(sparse.restricted(active), OnceLock::new());
        }
        let is_large = active.len() > WHOLE;
        let layered = is_large.then(|| phase.layered_force_jacobian(state, active));
        match layered.flatten() {
            Some(layered) => Self::Layered(layered, OnceLock::new()),
            None => Self::Full(restrict(phase.force_jacobian(state), active)),
        }
    }

    /// How many neurons.
    pub fn dimension(&self) -> usize {
        match self {
            Self::Full(matrix) => matrix.nrows(),
            Self::Sparse(matrix, _) => matrix.dimension(),
            Self::Layered(matrix, _) => matrix.dimension(),
        }
    }

    /// `out = Jac v`.
    pub fn multiply(&self, vector: &[f64], out: &mut [f64]) {
        match self {
            Self::Full(matrix) => la::multiply_vector(matrix, vector, out, false),
            Self::Sparse(matrix, _) => {
                out.fill(0.0);
                matrix.multiply_add(vector, out);
            }
            Self::Layered(matrix, _) => matrix.multiply(vector, out),
        }
    }

    /// The same of several vectors.
    pub fn multiply_together(&self, vectors: &[&[f64]], out: &mut [Vec<f64>]) {
        match self {
            Self::Full(matrix) => la::multiply_vectors(matrix, vectors, out),
            _ => (vectors.iter().zip(out)).for_each(|(vector, out)| self.multiply(vector, out)),
        }
    }

    /// `out += |Jac| |v|`.
    pub fn add_term_sizes(&self, vector: &[f64], out: &mut [f64]) {
        match self {
            Self::Full(matrix) => {
                for (column, v) in matrix.column_iter().zip(vector) {
                    for (out, slope) in out.iter_mut().zip(column.iter()) {
                        *out += (slope * v).abs();
                    }
                }
            }
            Self::Sparse(matrix, _) => matrix.add_term_sizes(vector, out),
            Self::Layered(matrix, _) => matrix.add_term_sizes(vector, out),
        }
    }

    /// The Frobenius norm.
    pub fn norm(&self) -> f64 {
        match self {
            Self::Full(matrix) => matrix.norm(),
            Self::Sparse(matrix, _) => matrix
                .values()
                .iter()
                .map(|value| value * value)
                .sum::<f64>()
                .sqrt(),
            Self::Layered(matrix, _) => matrix.norm(),
        }
    }

    /// ‖Jac − Jacᵀ‖_F / ‖Jac + Jacᵀ‖_F.
    pub fn asymmetry(&self) -> f64 {
        match self {
            Self::Full(matrix) => numeric::asymmetry(matrix),
            Self::Sparse(matrix, _) => matrix.asymmetry(),
            Self::Layered(matrix, _) => matrix.asymmetry(),
        }
    }

    /// `Jacᵀ − Jac`.
    pub fn skew(&self) -> Self {
        match self {
            Self::Full(matrix) => Self::Full(skew(matrix)),
            Self::Sparse(matrix, _) => Self::Sparse(matrix.skew(), OnceLock::new()),
            Self::Layered(matrix, _) => Self::Layered(matrix.skew(), OnceLock::new()),
        }
    }

    /// `Jac B`.
    pub fn multiply_columns(&self, columns: &DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Full(matrix) => la::multiply(matrix, columns),
            _ => by_column(columns, |column, out| self.multiply(column, out)),
        }
    }

    /// As a full matrix.
    pub fn full(&self) -> &DMatrix<f64> {
        match self {
            Self::Full(matrix) => matrix,
            Self::Sparse(matrix, full) => full.get_or_init(|| matrix.to_dense()),
            Self::Layered(matrix, full) => full.get_or_init(|| matrix.to_dense()),
        }
    }

    /// All eigenvalues, if the structure has a shorter way to them.
    pub fn eigenvalues(&self) -> Option<Vec<Complex<f64>>> {
        match self {
            Self::Full(_) | Self::Sparse(..) => None,
            Self::Layered(matrix, _) => matrix.eigenvalues(),
        }
    }

    /// What solves systems with it.
    pub fn solver(&self) -> Solver {
        match self {
            Self::Full(matrix) => Solver::Full(Factorisation::new(matrix)),
            Self::Sparse(matrix, _) => Solver::Krylov {
                transposed: Arc::new(matrix.transposed()),
                matrix: Arc::new(matrix.clone()),
                size: self.norm() / (matrix.dimension().max(1) as f64).sqrt(),
            },
            Self::Layered(matrix, _) => match matrix.clone().factorise() {
                Some(factorisation) => Solver::Layered(factorisation),
                None => Solver::Full(Factorisation::new(self.full())),
            },
        }
    }
}

fn by_column(columns: &DMatrix<f64>, work: impl Fn(&[f64], &mut [f64]) + Sync) -> DMatrix<f64> {
    let mut out = DMatrix::zeros(columns.nrows(), columns.ncols());
    let rows = columns.nrows().max(1);
    let pairs = out
        .as_mut_slice()
        .par_chunks_mut(rows)
        .zip(columns.as_slice().par_chunks(rows));
    pairs.for_each(|(out, column)| work(column, out));
    out
}

/// Solves systems with a Jacobian and with its transpose.
#[derive(Debug)]
pub(crate) enum Solver {
    /// By elimination, done once.
    Full(Factorisation),
    /// The same, of every other layer first.
    Layered(BipartiteFactorisation),
    /// By products, system for system.
    Krylov {
        /// Jac.
        matrix: Arc<SparseMatrix>,
        /// Jacᵀ.
        transposed: Arc<SparseMatrix>,
        /// About its norm.
        size: f64,
    },
}

impl Solver {
    /// `1/(‖Jac‖₁‖Jac⁻¹‖₁)`, estimated. Of a sparse matrix it is 1 if systems with it and its
    /// transpose can be solved, else 0.
    pub fn reciprocal_condition(&self) -> f64 {
        match self {
            Self::Full(factorisation) => factorisation.reciprocal_condition(),
            Self::Layered(factorisation) => factorisation.reciprocal_condition(),
            Self::Krylov { matrix, .. } => {
                let probe: Vec<f64> = (0..matrix.dimension()).map(|i| (i as f64).cos()).collect();
                let solved = |answer: Vec<f64>| answer.iter().all(|value| value.is_finite());
                let both = solved(self.solve(&probe)) && solved(self.solve_transpose(&probe));
                if both { 1.0 } else { 0.0 }
            }
        }
    }

    /// `Jac⁻¹ v`, which is not finite where the system could not be solved.
    pub fn solve(&self, vector: &[f64]) -> Vec<f64> {
        match self {
            Self::Full(factorisation) => factorisation.solve(vector),
            Self::Layered(factorisation) => factorisation.solve(vector),
            Self::Krylov { matrix, size, .. } => by_products(matrix, *size, vector),
        }
    }

    /// `Jac⁻ᵀ v`.
    pub fn solve_transpose(&self, vector: &[f64]) -> Vec<f64> {
        match self {
            Self::Full(factorisation) => factorisation.solve_transpose(vector),
            Self::Layered(factorisation) => factorisation.solve_transpose(vector),
            Self::Krylov {
                transposed, size, ..
            } => by_products(transposed, *size, vector),
        }
    }

    /// `Jac⁻¹ B`.
    pub fn solve_columns(&self, columns: DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Full(factorisation) => factorisation.solve_columns(columns),
            _ => by_column(&columns, |column, out| {
                out.copy_from_slice(&self.solve(column))
            }),
        }
    }

    /// `Jac⁻ᵀ B`.
    pub fn solve_transpose_columns(&self, columns: DMatrix<f64>) -> DMatrix<f64> {
        match self {
            Self::Full(factorisation) => factorisation.solve_transpose_columns(columns),
            _ => by_column(&columns, |column, out| {
                out.copy_from_slice(&self.solve_transpose(column));
            }),
        }
    }
}

fn by_products(matrix: &SparseMatrix, size: f64, vector: &[f64]) -> Vec<f64> {
    let multiply = |v: &[f64], out: &mut [f64]| {
        out.fill(0.0);
        matrix.multiply_add(v, out);
    };
    krylov::solve(vector, size, multiply).unwrap_or_else(|| vec![f64::NAN; vector.len()])
}
