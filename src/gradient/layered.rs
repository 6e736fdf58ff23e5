//! The linear algebra of the theorem in a layered network, by elimination of every other layer.

use super::linearisation::SINGULAR;
use crate::error::{Error, Result};
use crate::model::{Coupling, Dynamics, Network};
use crate::numeric::{Bipartite, BipartiteFactorisation};

/// A layered leaky network linearised at a state, on the active neurons.
///
/// Neighbouring layers alone act on each other, so that with the odd layers (o) and the even ones
/// (e) sorted apart
///
/// ```math
/// \mathrm{Jac} = \begin{pmatrix} -I & B \\ C & -I \end{pmatrix},\qquad
/// B = W_{oe}\,\mathrm{diag}\,\rho'(s_e),\quad C = W_{eo}\,\mathrm{diag}\,\rho'(s_o).
/// ```
///
/// One set is eliminated exactly: systems with Jac are systems with `CB − I`, and the eigenvalues
/// are `−1 ± √μ` with μ those of `CB`, and −1. The matrix is as small as the smaller of the two
/// sets: 10 × 10 in a network 784-512-10. Vectors have n values, one a neuron.
pub struct LayeredLinearisation {
    dimension: usize,
    active: Vec<usize>,
    matrix: Bipartite,
    factorisation: BipartiteFactorisation,
}

impl LayeredLinearisation {
    /// Linearises at `state` (n values). `active` lists the neurons that no bound holds,
    /// increasing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the network is not layered and leaky, and
    /// [`Error::SingularJacobian`] if the Jacobian has no inverse in double precision.
    pub fn new(network: &Network, state: &[f64], active: &[usize]) -> Result<Self> {
        let (Coupling::Layered(layers), Dynamics::Leaky) = (&network.coupling, network.dynamics)
        else {
            let message = "expected a layered network with leaky dynamics";
            return Err(Error::invalid("network", message));
        };
        let slopes: Vec<f64> = state.iter().map(|&s| network.activation.slope(s)).collect();
        let matrix = layers.jacobian(&slopes, |_| -1.0, active);
        let factorisation = matrix.clone().factorise();
        let reciprocal_condition =
            (factorisation.as_ref()).map_or(0.0, BipartiteFactorisation::reciprocal_condition);
        match factorisation {
            Some(factorisation) if reciprocal_condition >= SINGULAR => Ok(Self {
                dimension: state.len(),
                active: active.to_vec(),
                matrix,
                factorisation,
            }),
            _ => Err(Error::SingularJacobian {
                reciprocal_condition,
            }),
        }
    }

    /// The error vector of the true gradient, `$g = \mathrm{Jac}^{-\top} c$`, or 0 on pinned
    /// neurons.
    pub fn true_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(
            self.factorisation
                .solve_transpose(&self.gather(cost_gradient)),
        )
    }

    /// The error vector of equilibrium propagation, `$a = \mathrm{Jac}^{-1} c$`, or 0 on pinned
    /// neurons.
    pub fn ep_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        self.scatter(self.factorisation.solve(&self.gather(cost_gradient)))
    }

    /// The size of the matrix `CB`.
    pub fn reduced_dimension(&self) -> usize {
        self.matrix.reduced_dimension()
    }

    /// ‖Jac − Jacᵀ‖_F / ‖Jac + Jacᵀ‖_F over the active neurons, or `None` without any.
    pub fn asymmetry(&self) -> Option<f64> {
        (!self.active.is_empty()).then(|| self.matrix.asymmetry())
    }

    /// The largest real part of an eigenvalue of Jac over the active neurons (per time constant, τ
    /// = 1), negative where the fixed point is stable, or `None` without any, or if the eigenvalues
    /// could not be computed.
    pub fn spectral_abscissa(&self) -> Option<f64> {
        Some(self.matrix.eigenvalues()?.first()?.re)
    }

    fn gather(&self, vector: &[f64]) -> Vec<f64> {
        self.active.iter().map(|&i| vector[i]).collect()
    }

    fn scatter(&self, values: Vec<f64>) -> Vec<f64> {
        let mut out = vec![0.0; self.dimension];
        for (&i, value) in self.active.iter().zip(values) {
            out[i] = value;
        }
        out
    }
}
