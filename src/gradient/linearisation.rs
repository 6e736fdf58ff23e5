//! The linear algebra of the theorem at one fixed point.

use std::sync::{Arc, OnceLock};

use nalgebra::DMatrix;

use crate::dynamics::{FixedPoint, Jacobian, Solver};
use crate::error::{Error, Result};

/// A Jacobian whose reciprocal condition number is below this has no usable inverse.
pub(super) const SINGULAR: f64 = 4.0 * f64::EPSILON;

/// The free phase linearised at its fixed point s⁰, on the active neurons. Vectors have n values,
/// one a neuron, unless they are said to be those of the active ones.
pub struct Linearisation {
    dimension: usize,
    active: Vec<usize>,
    jacobian: Arc<Jacobian>,
    solver: Arc<Solver>,
    /// Jacᵀ − Jac, made when it is first needed.
    skew: OnceLock<Jacobian>,
}

impl Linearisation {
    /// Factorises the Jacobian at a fixed point of the free phase.
    ///
    /// # Errors
    /// [`Error::SingularJacobian`] if it has no inverse in double precision.
    pub fn new(fixed_point: &FixedPoint) -> Result<Self> {
        let jacobian = fixed_point.shared_jacobian();
        let solver = fixed_point.shared_solver();
        let reciprocal_condition = solver.reciprocal_condition();
        if reciprocal_condition < SINGULAR {
            return Err(Error::SingularJacobian {
                reciprocal_condition,
            });
        }
        Ok(Self {
            dimension: fixed_point.state().len(),
            active: fixed_point.active().to_vec(),
            jacobian,
            solver,
            skew: OnceLock::new(),
        })
    }

    /// The error vector of the true gradient, `$g = \mathrm{Jac}^{-\top} c$`, or 0 on pinned
    /// neurons.
    pub fn true_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(&self.solver.solve_transpose(&self.gather(cost_gradient)))
    }

    /// The error vector of equilibrium propagation, `$a = \mathrm{Jac}^{-1} c$`, or 0 on pinned
    /// neurons.
    pub fn ep_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(&self.solver.solve(&self.gather(cost_gradient)))
    }

    /// `$a - g = \mathrm{Jac}^{-1}(\mathrm{Jac}^\top - \mathrm{Jac})\,g$`, exact even where a and
    /// g agree to many digits.
    pub fn difference(&self, true_error_vector: &[f64]) -> Vec<f64> {
        let mut twisted = vec![0.0; self.active.len()];
        let gathered = self.gather(true_error_vector);
        self.skew().multiply(&gathered, &mut twisted);
        self.scatter(&self.solver.solve(&twisted))
    }

    fn skew(&self) -> &Jacobian {
        self.skew.get_or_init(|| self.jacobian.skew())
    }

    /// `Jac⁻ᵀEᵀ`: column k is the true error vector of a unit error at output k, over the active
    /// neurons. Pinned outputs are left out.
    pub fn true_columns(&self, outputs: &[usize]) -> DMatrix<f64> {
        let columns = self.active_outputs(outputs);
        let mut units = DMatrix::zeros(self.active.len(), columns.len());
        for (k, &output) in columns.iter().enumerate() {
            units[(output, k)] = 1.0;
        }
        self.solver.solve_transpose_columns(units)
    }

    /// `(Jac⁻¹ − Jac⁻ᵀ)Eᵀ`, by the exact formula of [`Linearisation::difference`].
    pub fn difference_columns(&self, true_columns: &DMatrix<f64>) -> DMatrix<f64> {
        let twisted = self.skew().multiply_columns(true_columns);
        self.solver.solve_columns(twisted)
    }

    /// The Jacobian over the active neurons.
    pub fn jacobian(&self) -> &DMatrix<f64> {
        self.jacobian.full()
    }

    /// ‖Jac − Jacᵀ‖_F / ‖Jac + Jacᵀ‖_F: 0 of a symmetric Jacobian, infinite of an antisymmetric one.
    pub fn asymmetry(&self) -> f64 {
        self.jacobian.asymmetry()
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
