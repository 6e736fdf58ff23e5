//! Matrices factorised once, for many systems: small ones and large ones by what suits their size.

use nalgebra::{DMatrix, DVectorView};

use super::condition::one_norm_of_inverse;
use super::largest;
use super::linear_algebra::GeneralFactorisation;
use super::small_factorisation::SmallFactorisation;

/// A matrix, factorised once (LU with partial pivoting), that solves with itself and with its
/// transpose: the two solves whose difference is what equilibrium propagation gets wrong.
#[derive(Debug)]
pub struct Factorisation {
    lu: Lu,
    dimension: usize,
    one_norm: f64,
}

#[derive(Debug)]
enum Lu {
    /// Where the general routine would spend its time on deciding what to do.
    Small(SmallFactorisation),
    General(GeneralFactorisation),
}

/// Matrices of up to this many rows are small, unless they are singular.
const FEW_ROWS: usize = 32;
/// The inverse of so few rows takes no longer than an estimate of its norm.
const INVERTED: usize = 8;

impl Factorisation {
    /// Factorises a square matrix. A singular matrix gives a reciprocal condition number of 0.
    pub fn new(matrix: &DMatrix<f64>) -> Self {
        let is_small = (1..=FEW_ROWS).contains(&matrix.nrows());
        let small = is_small.then(|| SmallFactorisation::new(matrix.clone()));
        Self {
            lu: match small.flatten() {
                Some(small) => Lu::Small(small),
                None => Lu::General(GeneralFactorisation::new(matrix)),
            },
            dimension: matrix.nrows(),
            one_norm: one_norm(matrix),
        }
    }

    /// `1 / (‖M‖₁ ‖M⁻¹‖₁)`, in 0 … 1; below about 1e-15 a solution has no correct digit. Of more than eight rows
    /// the second norm is as Hager and Higham estimate it, seldom too small by more than a factor of three.
    pub fn reciprocal_condition(&self) -> f64 {
        if self.dimension == 0 {
            return 1.0;
        }
        let inverse = if self.dimension <= INVERTED {
            one_norm(&self.inverse())
        } else {
            one_norm_of_inverse(
                self.dimension,
                |vector| self.solve(vector),
                |vector| self.solve_transpose(vector),
            )
        };
        let condition = self.one_norm * inverse;
        if condition.is_finite() && condition > 0.0 {
            (1.0 / condition).min(1.0)
        } else {
            0.0
        }
    }

    /// `M⁻¹`, for those who need every entry of it.
    pub fn inverse(&self) -> DMatrix<f64> {
        self.solve_columns(DMatrix::identity(self.dimension, self.dimension))
    }

    /// `M⁻¹ v`.
    pub fn solve(&self, vector: &[f64]) -> Vec<f64> {
        let columns = DMatrix::from_column_slice(vector.len(), 1, vector);
        self.solve_columns(columns).data.into()
    }

    /// `M⁻ᵀ v`.
    pub fn solve_transpose(&self, vector: &[f64]) -> Vec<f64> {
        let columns = DMatrix::from_column_slice(vector.len(), 1, vector);
        self.solve_transpose_columns(columns).data.into()
    }

    /// `M⁻¹ B`.
    pub fn solve_columns(&self, mut columns: DMatrix<f64>) -> DMatrix<f64> {
        match &self.lu {
            Lu::Small(small) => {
                for mut column in columns.column_iter_mut() {
                    small.solve(&mut column);
                }
            }
            Lu::General(general) => general.solve(&mut columns),
        }
        columns
    }

    /// `M⁻ᵀ B`.
    pub fn solve_transpose_columns(&self, mut columns: DMatrix<f64>) -> DMatrix<f64> {
        match &self.lu {
            Lu::Small(small) => {
                for mut column in columns.column_iter_mut() {
                    small.solve_transpose(&mut column);
                }
            }
            Lu::General(general) => general.solve_transpose(&mut columns),
        }
        columns
    }
}

/// `M⁻¹ v` by one LU factorisation, `None` if the answer is not finite.
pub fn solve(matrix: &DMatrix<f64>, vector: &[f64]) -> Option<Vec<f64>> {
    let out = Factorisation::new(matrix).solve(vector);
    out.iter().all(|value| value.is_finite()).then_some(out)
}

fn one_norm(matrix: &DMatrix<f64>) -> f64 {
    let sum = |column: DVectorView<'_, f64>| column.iter().map(|value| value.abs()).sum();
    largest(matrix.column_iter().map(sum))
}
