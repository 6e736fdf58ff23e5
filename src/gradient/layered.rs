//! The linear algebra of the theorem in a layered network, by elimination of every other layer.

use nalgebra::DMatrix;

use crate::error::{Error, Result};
use crate::model::{Coupling, Dynamics, Layers, Network};
use crate::numeric::linear_algebra::{self as la, Factorisation};

use super::linearisation::SINGULAR;

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
/// sets: 10 × 10 in a network 784-512-10.
pub struct LayeredLinearisation {
    dimension: usize,
    /// The active neurons of the smaller set.
    kept: Vec<usize>,
    /// Those of the other.
    eliminated: Vec<usize>,
    /// B, from the kept to the eliminated.
    outward: DMatrix<f64>,
    /// C, from the eliminated to the kept.
    inward: DMatrix<f64>,
    /// C B.
    product: DMatrix<f64>,
    /// C B − I.
    factorisation: Factorisation,
}

impl LayeredLinearisation {
    /// Linearises at `state` (n values); `active` lists the neurons that no bound holds,
    /// increasing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the network is not layered and leaky;
    /// [`Error::SingularJacobian`] if the Jacobian has no inverse in double precision.
    pub fn new(network: &Network, state: &[f64], active: &[usize]) -> Result<Self> {
        let (Coupling::Layered(layers), Dynamics::Leaky) = (&network.coupling, network.dynamics)
        else {
            let message = "expected a layered network with leaky dynamics";
            return Err(Error::invalid("network", message));
        };
        let weights = WeightTable::new(layers);
        let odd = |&i: &usize| weights.place[i].0 % 2 == 1;
        let (mut kept, mut eliminated): (Vec<usize>, Vec<usize>) =
            active.iter().copied().partition(odd);
        if kept.len() > eliminated.len() {
            std::mem::swap(&mut kept, &mut eliminated);
        }
        let slopes: Vec<f64> = state.iter().map(|&s| network.activation.slope(s)).collect();
        let part = |to: &[usize], from: &[usize]| {
            DMatrix::from_fn(to.len(), from.len(), |i, j| {
                weights.weight(to[i], from[j]) * slopes[from[j]]
            })
        };
        let outward = part(&eliminated, &kept);
        let inward = part(&kept, &eliminated);
        let product = la::multiply(&inward, &outward);
        let identity = DMatrix::identity(kept.len(), kept.len());
        let factorisation = Factorisation::new(&(&product - identity));
        let reciprocal_condition = factorisation.reciprocal_condition();
        if reciprocal_condition < SINGULAR {
            return Err(Error::SingularJacobian {
                reciprocal_condition,
            });
        }
        Ok(Self {
            dimension: state.len(),
            kept,
            eliminated,
            outward,
            inward,
            product,
            factorisation,
        })
    }

    /// The error vector of the true gradient, `$g = \mathrm{Jac}^{-\top} c$`; 0 on pinned neurons.
    pub fn true_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        let (mut kept, eliminated) = self.gather(cost_gradient);
        la::multiply_transpose_vector(&self.outward, &eliminated, &mut kept, true);
        let kept = self.factorisation.solve_transpose(&kept);
        let mut rest: Vec<f64> = eliminated.iter().map(|c| -c).collect();
        la::multiply_transpose_vector(&self.inward, &kept, &mut rest, true);
        self.scatter(&kept, &rest)
    }

    /// The error vector of equilibrium propagation, `$a = \mathrm{Jac}^{-1} c$`; 0 on pinned
    /// neurons.
    pub fn ep_error_vector(&self, cost_gradient: &[f64]) -> Vec<f64> {
        let (mut kept, eliminated) = self.gather(cost_gradient);
        la::multiply_vector(&self.inward, &eliminated, &mut kept, true);
        let kept = self.factorisation.solve(&kept);
        let mut rest: Vec<f64> = eliminated.iter().map(|c| -c).collect();
        la::multiply_vector(&self.outward, &kept, &mut rest, true);
        self.scatter(&kept, &rest)
    }

    /// The size of the matrix `CB`.
    pub fn reduced_dimension(&self) -> usize {
        self.kept.len()
    }

    /// ‖Jac − Jacᵀ‖_F / ‖Jac + Jacᵀ‖_F over the active neurons; `None` without any.
    pub fn asymmetry(&self) -> Option<f64> {
        let active = self.kept.len() + self.eliminated.len();
        let (mut minus, mut plus) = (0.0, 0.0);
        for i in 0..self.kept.len() {
            for j in 0..self.eliminated.len() {
                let (one, other) = (self.inward[(i, j)], self.outward[(j, i)]);
                minus += (one - other) * (one - other);
                plus += (one + other) * (one + other);
            }
        }
        // each pair stands twice, the diagonal of Jac + Jacᵀ is −2
        let size = (2.0 * plus + 4.0 * active as f64).sqrt();
        (active > 0).then(|| (2.0 * minus).sqrt() / size)
    }

    /// The largest real part of an eigenvalue of Jac over the active neurons, negative where the
    /// fixed point is stable; `None` without any, or if the eigenvalues could not be computed.
    pub fn spectral_abscissa(&self) -> Option<f64> {
        if self.kept.is_empty() && self.eliminated.is_empty() {
            return None;
        }
        let values = la::eigenvalues(&self.product)?;
        let roots = values.iter().map(|value| value.sqrt().re.abs());
        Some(roots.fold(0.0, f64::max) - 1.0)
    }

    fn gather(&self, vector: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let of = |neurons: &[usize]| neurons.iter().map(|&i| vector[i]).collect();
        (of(&self.kept), of(&self.eliminated))
    }

    fn scatter(&self, kept: &[f64], eliminated: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.dimension];
        for (neurons, values) in [(&self.kept, kept), (&self.eliminated, eliminated)] {
            for (&i, &value) in neurons.iter().zip(values) {
                out[i] = value;
            }
        }
        out
    }
}

/// The weights between layers, by neuron.
struct WeightTable<'a> {
    layers: &'a Layers,
    /// Layer of each neuron, and its place there.
    place: Vec<(usize, usize)>,
}

impl<'a> WeightTable<'a> {
    fn new(layers: &'a Layers) -> Self {
        let sizes = layers.sizes().iter().enumerate();
        Self {
            layers,
            place: sizes
                .flat_map(|(layer, &size)| (0..size).map(move |place| (layer, place)))
                .collect(),
        }
    }

    /// What acts from neuron j on neuron i.
    fn weight(&self, i: usize, j: usize) -> f64 {
        let ((to, i), (from, j)) = (self.place[i], self.place[j]);
        if to == from + 1 {
            self.layers.forward()[from][(i, j)]
        } else if from == to + 1 {
            self.layers.feedback()[to][(i, j)]
        } else {
            0.0
        }
    }
}
