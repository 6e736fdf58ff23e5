//! The linear algebra of the theorem at one fixed point.

use nalgebra::DMatrix;

use crate::dynamics::FixedPoint;
use crate::error::{Error, Result};
use crate::numeric::linear_algebra::{self as la, Factorisation};

/// A Jacobian whose reciprocal condition number is below this has no usable inverse.
pub(super) const SINGULAR: f64 = 4.0 * f64::EPSILON;

/// The free phase linearised at its fixed point s⁰, on the active neurons.
pub struct Linearisation {
    dimension: usize,
    active: Vec<usize>,
    jacobian: DMatrix<f64>,
    factorisation: Factorisation,
}

impl Linearisation {
    /// Factorises the Jacobian at a fixed point of the free phase.
    ///
    /// # Errors
    /// [`Error::SingularJacobian`] if it has no inverse in double precision.
    pub fn new(fixed_point: &FixedPoint) -> Result<Self> {
        let factorisation = Factorisation::new(fixed_point.jacobian());
        let reciprocal_condition = factorisation.reciprocal_condition();
        if reciprocal_condition < SINGULAR {
            return Err(Error::SingularJacobian {
                reciprocal_condition,
            });
        }
        Ok(Self {
            dimension: fixed_point.state().len(),
            active: fixed_point.active().to_vec(),
            jacobian: fixed_point.jacobian().clone(),
            factorisation,
        })
    }

    /// The error vector of the true gradient, `$g = \mathrm{Jac}^{-\top} c$`; 0 on pinned neurons.
    pub fn true_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(
            &self
                .factorisation
                .solve_transpose(&self.gather(cost_gradient)),
        )
    }

    /// The error vector of equilibrium propagation, `$a = \mathrm{Jac}^{-1} c$`; 0 on pinned
    /// neurons.
    pub fn ep_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(&self.factorisation.solve(&self.gather(cost_gradient)))
    }

    /// `$a - g = \mathrm{Jac}^{-1}(\mathrm{Jac}^\top - \mathrm{Jac})\,g$`, exact even where a and
    /// g agree to many digits.
    pub fn difference(&self, true_error_vector: &[f64]) -> Vec<f64> {
        let skew = self.jacobian.transpose() - &self.jacobian;
        let mut twisted = vec![0.0; self.active.len()];
        la::multiply_vector(&skew, &self.gather(true_error_vector), &mut twisted, false);
        self.scatter(&self.factorisation.solve(&twisted))
    }

    /// `Jac⁻ᵀEᵀ`: column k is the true error vector of a unit error at output k, over the active
    /// neurons. Pinned outputs are left out.
    pub fn true_columns(&self, outputs: &[usize]) -> DMatrix<f64> {
        let columns = self.active_outputs(outputs);
        let inverse = self.factorisation.inverse();
        DMatrix::from_fn(self.active.len(), columns.len(), |i, k| {
            inverse[(columns[k], i)]
        })
    }

    /// `(Jac⁻¹ − Jac⁻ᵀ)Eᵀ`, by the exact formula of [`Linearisation::difference`].
    pub fn difference_columns(&self, true_columns: &DMatrix<f64>) -> DMatrix<f64> {
        let skew = self.jacobian.transpose() - &self.jacobian;
        la::multiply(
            self.factorisation.inverse(),
            &la::multiply(&skew, true_columns),
        )
    }

    /// The Jacobian over the active neurons.
    pub fn jacobian(&self) -> &DMatrix<f64> {
        &self.jacobian
    }

    /// The active neurons.
    pub fn active(&self) -> &[usize] {
        &self.active
    }

    /// The outputs that are active, as they were listed, by their position among the active.
    pub fn active_outputs(&self, outputs: &[usize]) -> Vec<usize> {
        outputs
            .iter()
            .filter_map(|output| self.active.binary_search(output).ok())
            .collect()
    }

    /// The active components of a state-space vector.
    pub fn gather(&self, vector: &[f64]) -> Vec<f64> {
        self.active.iter().map(|&i| vector[i]).collect()
    }

    /// A state-space vector of active components, 0 on pinned neurons.
    pub fn scatter(&self, values: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.dimension];
        for (&i, &value) in self.active.iter().zip(values) {
            out[i] = value;
        }
        out
    }
}

/// ‖M − Mᵀ‖_F / ‖M + Mᵀ‖_F: 0 of a symmetric matrix, infinite of an antisymmetric one.
pub fn asymmetry(matrix: &DMatrix<f64>) -> f64 {
    let antisymmetric = (matrix - matrix.transpose()).norm();
    if antisymmetric == 0.0 {
        return 0.0;
    }
    antisymmetric / (matrix + matrix.transpose()).norm()
}
