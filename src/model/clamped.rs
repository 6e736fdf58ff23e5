//! A network with its input clamped: a vector field.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::activation::Activation;
use super::analytic::AnalyticField;
use super::analytic_network::is_analytic;
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::network::Network;
use super::small_velocity::SmallVelocity;
use super::vector_field::{Adjoint, RateForm, VectorField};
use crate::numeric::linear_algebra as la;
use crate::numeric::small_product::SMALL;
use crate::numeric::{SparseMatrix, by_columns, symmetric_part_is_below, with_room};

/// Networks of more neurons are not asked whether they are globally stable: the answer costs n³.
const CERTAIN_UP_TO: usize = 300;

/// A network with its input clamped: the vector field μ(θ, x, ·). It borrows the network, or owns
/// it.
#[derive(Debug, Clone, PartialEq)]
pub struct Clamped<'a> {
    network: Cow<'a, Network>,
    pub(super) input_rates: Vec<f64>,
    /// Uρ(x) + b, constant while the state moves.
    drive: Vec<f64>,
}

/// Uρ(x) + b. In a layered network the input reaches the first hidden layer alone.
pub(super) fn constant_drive(network: &Network, input_rates: &[f64]) -> Vec<f64> {
    let mut drive = network.bias.clone();
    let reached = network.input_weights.nrows();
    la::multiply_vector(
        &network.input_weights,
        input_rates,
        &mut drive[..reached],
        true,
    );
    drive
}

impl Network {
    /// The vector field with the input x (d values) clamped.
    pub fn clamp(&self, input: &[f64]) -> Clamped<'_> {
        Clamped::new(Cow::Borrowed(self), input)
    }

    /// [`Network::clamp`], with the network inside.
    pub fn into_clamped(self, input: &[f64]) -> Clamped<'static> {
        Clamped::new(Cow::Owned(self), input)
    }
}

impl<'a> Clamped<'a> {
    fn new(network: Cow<'a, Network>, input: &[f64]) -> Self {
        let source = network.source();
        let input_rates: Vec<f64> = input.iter().map(|&x| source.rate(x)).collect();
        let drive = constant_drive(&network, &input_rates);
        Self::with_drive(network, input_rates, drive)
    }

    pub(super) fn with_drive(
        network: Cow<'a, Network>,
        input_rates: Vec<f64>,
        drive: Vec<f64>,
    ) -> Self {
        Self {
            network,
            input_rates,
            drive,
        }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Uρ(x) + b, n values.
    pub fn constant_drive(&self) -> &[f64] {
        &self.drive
    }

    /// What acts on other neurons, or its derivatives: of ρ, or with rate dynamics of s itself.
    pub(super) fn map(&self, state: &[f64], function: fn(Activation, f64) -> f64) -> Vec<f64> {
        let source = self.network.source();
        state.iter().map(|&s| function(source, s)).collect()
    }

    /// Of ρ or a derivative at the total drives.
    pub(super) fn of_drive(&self, state: &[f64], function: fn(Activation, f64) -> f64) -> Vec<f64> {
        let mut drive = vec![0.0; state.len()];
        self.total_drive(state, &mut drive);
        let activation = self.network.activation;
        drive
            .iter()
            .map(|&drive| function(activation, drive))
            .collect()
    }

    /// W of a leaky network that is so small that it pays to do without what others need.
    fn small_leaky_weights(&self) -> Option<&DMatrix<f64>> {
        match &self.network.coupling {
            Coupling::Dense(weights) if self.network.dynamics == Dynamics::Leaky => {
                (weights.len() <= SMALL).then_some(weights)
            }
            _ => None,
        }
    }

    /// Wρ(s) + Uρ(x) + b, or with rate dynamics Ws + Ux + b.
    fn total_drive(&self, state: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.drive);
        with_room(state.len(), |rates| {
            self.network.source().rates(state, rates);
            self.network.coupling.multiply_add(rates, out);
        });
    }

    /// What a unit of v at neuron i means for its drive: 1 (leaky), ρ′(sᵢ) (Hopfield) or ρ′ of the drive
    /// (rate).
    pub(super) fn gate(&self, state: &[f64], vector: &[f64]) -> Vec<f64> {
        let slopes = match self.network.dynamics {
            Dynamics::Leaky => return vector.to_vec(),
            Dynamics::Hopfield => self.map(state, Activation::slope),
            Dynamics::Rate => self.of_drive(state, Activation::slope),
        };
        let pairs = vector.iter().zip(slopes);
        pairs.map(|(v, slope)| v * slope).collect()
    }

    /// The diagonal part of the Jacobian that does not come from W: −1, and for Hopfield
    /// ρ″(sᵢ)(Wρ(s) + Uρ(x) + b)ᵢ besides.
    fn diagonal(&self, state: &[f64]) -> Vec<f64> {
        match self.network.dynamics {
            Dynamics::Leaky | Dynamics::Rate => vec![-1.0; state.len()],
            Dynamics::Hopfield => {
                let mut drive = vec![0.0; state.len()];
                self.total_drive(state, &mut drive);
                let curvatures = self.map(state, Activation::curvature);
                drive
                    .iter()
                    .zip(curvatures)
                    .map(|(drive, curvature)| drive * curvature - 1.0)
                    .collect()
            }
        }
    }
}

impl VectorField for Clamped<'_> {
    fn dimension(&self) -> usize {
        self.network.dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        let activation = self.network.activation;
        if let Some(weights) = self.small_leaky_weights() {
            return pulp::Arch::new().dispatch(SmallVelocity {
                activation,
                weights: weights.as_slice(),
                drive: &self.drive,
                state,
                out,
            });
        }
        self.total_drive(state, out);
        let pairs = out.iter_mut().zip(state);
        match self.network.dynamics {
            Dynamics::Leaky => pairs.for_each(|(out, s)| *out -= s),
            Dynamics::Hopfield => {
                pairs.for_each(|(out, &s)| *out = activation.slope(s) * *out - s);
            }
            Dynamics::Rate => pairs.for_each(|(out, s)| *out = activation.rate(*out) - s),
        }
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        if self.network.dynamics == Dynamics::Leaky {
            return with_room(state.len(), |moved| {
                self.network.activation.slopes(state, moved);
                for ((moved, out), v) in moved.iter_mut().zip(out.iter_mut()).zip(vector) {
                    *moved *= v;
                    *out = -v;
                }
                self.network.coupling.multiply_add(moved, out);
            });
        }
        let slopes = self.map(state, Activation::slope);
        let moved: Vec<f64> = vector
            .iter()
            .zip(&slopes)
            .map(|(v, slope)| v * slope)
            .collect();
        out.fill(0.0);
        self.network.coupling.multiply_add(&moved, out);
        let gated = self.gate(state, out);
        let diagonal = self.diagonal(state);
        for i in 0..out.len() {
            out[i] = gated[i] + diagonal[i] * vector[i];
        }
    }

    fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        let slopes = self.map(state, Activation::slope);
        if let Some(weights) = self.small_leaky_weights() {
            let mut matrix = weights.clone();
            for (j, (mut column, slope)) in matrix.column_iter_mut().zip(slopes).enumerate() {
                column *= slope;
                column[j] -= 1.0;
            }
            return matrix;
        }
        let gates = self.gate(state, &vec![1.0; state.len()]);
        let diagonal = self.diagonal(state);
        let weights = self.network.coupling.as_matrix();
        by_columns(weights.shape(), |j, column| {
            let weights = weights.column(j);
            for ((value, weight), gate) in column.iter_mut().zip(&weights).zip(&gates) {
                *value = weight * (gate * slopes[j]);
            }
            column[j] += diagonal[j];
        })
    }

    fn sparse_jacobian(&self, state: &[f64]) -> Option<SparseMatrix> {
        let Coupling::Sparse(weights) = &self.network.coupling else {
            return None;
        };
        let gates = self.gate(state, &vec![1.0; state.len()]);
        let slopes = self.map(state, Activation::slope);
        let matrix = weights.matrix();
        Some(matrix.scaled_with_diagonal(&gates, &slopes, &self.diagonal(state)))
    }

    fn analytic(&self) -> Option<&dyn AnalyticField> {
        is_analytic(self.network.activation).then_some(self as &dyn AnalyticField)
    }

    fn description(&self) -> String {
        self.network.activation.name().into()
    }

    /// `$\lVert W\rVert_2 - 1$` of a leaky network whose rates are smooth: they rise by 1 at most, as all do that
    /// this program knows.
    fn logarithmic_norm(&self) -> Option<f64> {
        let smooth = is_analytic(self.network.activation);
        (smooth && self.network.dynamics == Dynamics::Leaky)
            .then(|| 1.1 * self.network.coupling.norm() - 1.0)
    }

    /// Whether the eigenvalues of `$(W + W^\top)/2$` are below 1, in a leaky or rate network (Forti and Tesi, IEEE
    /// Trans. Circuits Syst. I 42, 354, 1995), or below 1 − |β| in a leaky one nudged by a β < 0. All rates that this
    /// program knows rise with the state, by 1 at most.
    ///
    /// With z the distance from the fixed point, f that of the rates (`$f_i z_i \ge f_i^2$`) and `$\dot z = -z + Wf$`,
    /// the function `$\sum_i\int_0^{z_i} f_i + \tfrac{\alpha}{2}\lVert z\rVert^2$` falls along every trajectory for a small
    /// α, because `$f^\top\dot z \le f^\top W f - \lVert f\rVert^2$`. The total drives of a rate network obey the same
    /// equation.
    ///
    /// A nudge adds −βzᵢ to żᵢ of some neurons of a leaky network, and so no positive term where β ≥ 0. Where −1 < β < 0,
    /// what is left of the damping, `$-(1 - |\beta|)f_i z_i \le -(1 - |\beta|)f_i^2$`, takes the place of 1.
    fn is_globally_stable(&self, beta: f64) -> bool {
        let network = &self.network;
        let is_known = match network.dynamics {
            Dynamics::Leaky => beta > -1.0,
            Dynamics::Rate => beta == 0.0,
            Dynamics::Hopfield => false,
        };
        is_known
            && network.dimension() <= CERTAIN_UP_TO
            && symmetric_part_is_below(&network.coupling.as_matrix(), 1.0 + beta.min(0.0))
    }

    fn rate_form(&self) -> Option<RateForm<'_>> {
        (self.network.dynamics != Dynamics::Rate).then(|| RateForm {
            dynamics: self.network.dynamics,
            activation: self.network.activation,
            coupling: &self.network.coupling,
            drive: &self.drive,
        })
    }

    fn jumps(&self) -> &[f64] {
        match self.network.dynamics {
            Dynamics::Leaky | Dynamics::Rate => &[],
            Dynamics::Hopfield => self.network.activation.kinks(),
        }
    }

    fn kinks(&self) -> &[f64] {
        self.network.kinks()
    }

    fn on_pieces(&self, pieces: &[usize]) -> Option<Box<dyn VectorField + '_>> {
        let form = self.rate_form().filter(|_| !self.kinks().is_empty())?;
        Some(Box::new(form.on_pieces(pieces)))
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        let kinks = self.network.activation.kinks();
        let drives;
        let at = if self.network.dynamics == Dynamics::Rate {
            drives = self.of_drive(state, |_, drive| drive);
            &drives
        } else {
            state
        };
        let near = |i: &usize| kinks.iter().any(|kink| (at[*i] - kink).abs() <= 1e-12);
        (0..state.len()).filter(near).collect()
    }
}

impl Adjoint for Clamped<'_> {
    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let slopes = self.map(state, Activation::slope);
        let gated = self.gate(state, vector);
        out.fill(0.0);
        self.network.coupling.multiply_transpose_add(&gated, out);
        let diagonal = self.diagonal(state);
        for i in 0..out.len() {
            out[i] = out[i] * slopes[i] + diagonal[i] * vector[i];
        }
    }
}
