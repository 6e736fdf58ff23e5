//! A network with its input clamped: a vector field.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::activation::Activation;
use super::analytic::AnalyticField;
use super::analytic_network::is_analytic;
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::network::Network;
use super::parameters::{ParameterBlock, Parameters};
use super::vector_field::{Adjoint, Adjustable, Parametrised, RateForm, VectorField};
use crate::numeric::SparseMatrix;
use crate::numeric::linear_algebra as la;

/// A network with its input clamped: the vector field μ(θ, x, ·). Borrows the network, or owns it.
#[derive(Debug, Clone, PartialEq)]
pub struct Clamped<'a> {
    network: Cow<'a, Network>,
    input_rates: Vec<f64>,
    /// Uρ(x) + b, constant while the state moves.
    drive: Vec<f64>,
}

/// Uρ(x) + b; in a layered network the input reaches the first hidden layer alone.
fn constant_drive(network: &Network, input_rates: &[f64]) -> Vec<f64> {
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
        let input_rates: Vec<f64> = input.iter().map(|&x| network.activation.rate(x)).collect();
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

    fn map(&self, state: &[f64], function: fn(Activation, f64) -> f64) -> Vec<f64> {
        let activation = self.network.activation;
        state.iter().map(|&s| function(activation, s)).collect()
    }

    /// Wρ(s) + Uρ(x) + b.
    fn total_drive(&self, state: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.drive);
        let rates = self.map(state, Activation::rate);
        self.network.coupling.multiply_add(&rates, out);
    }

    /// What a unit of v at neuron i means for its drive: 1 (leaky) or ρ′(sᵢ) (Hopfield).
    fn gate(&self, state: &[f64], vector: &[f64]) -> Vec<f64> {
        match self.network.dynamics {
            Dynamics::Leaky => vector.to_vec(),
            Dynamics::Hopfield => {
                let slopes = self.map(state, Activation::slope);
                vector
                    .iter()
                    .zip(slopes)
                    .map(|(v, slope)| v * slope)
                    .collect()
            }
        }
    }

    /// The diagonal part of the Jacobian that does not come from W: −1, and for Hopfield
    /// ρ″(sᵢ)(Wρ(s) + Uρ(x) + b)ᵢ besides.
    fn diagonal(&self, state: &[f64]) -> Vec<f64> {
        match self.network.dynamics {
            Dynamics::Leaky => vec![-1.0; state.len()],
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

    /// How much each neuron's velocity moves with its parameters: the squared rates that act on it, and 1
    /// for its bias, through its gate.
    fn powers(&self, state: &[f64]) -> Vec<f64> {
        let rates = self.map(state, Activation::rate);
        let gates = self.gate(state, &vec![1.0; state.len()]);
        let squared = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        let mut powers = self.network.coupling.presynaptic_power(&rates);
        let input_power = squared(&self.input_rates);
        for power in &mut powers[..self.network.input_weights.nrows()] {
            *power += input_power;
        }
        for (power, gate) in powers.iter_mut().zip(gates) {
            *power = (*power + 1.0) * gate * gate;
        }
        powers
    }

    /// The direction in parameter space whose weights are the products of `gated` postsynaptic
    /// values with presynaptic `rates` and `input_rates`, and whose biases are `bias`.
    fn outer(&self, gated: &[f64], rates: &[f64], input_rates: &[f64], bias: &[f64]) -> Parameters {
        let outer = |rows: &[f64], columns: &[f64]| {
            DMatrix::from_fn(rows.len(), columns.len(), |i, j| rows[i] * columns[j])
        };
        let around = |weights: ParameterBlock| Parameters {
            blocks: vec![
                weights,
                ParameterBlock::matrix("input_weights", outer(gated, input_rates)),
                ParameterBlock::vector("bias", bias),
            ],
        };
        match &self.network.coupling {
            Coupling::Dense(_) => around(ParameterBlock::matrix("weights", outer(gated, rates))),
            Coupling::Sparse(weights) => {
                let places = weights.places();
                let pairs = places.row.iter().zip(&places.column);
                let values = pairs.map(|(&i, &j)| gated[i as usize] * rates[j as usize]);
                around(ParameterBlock::sparse("weights", places, values.collect()))
            }
            Coupling::Layered(layers) => {
                let ranges: Vec<_> = layers.ranges().collect();
                let block = |name, rows: &[f64], columns: &[f64]| {
                    ParameterBlock::matrix(name, outer(rows, columns)).series()
                };
                let mut blocks = vec![block("forward", &gated[ranges[0].clone()], input_rates)];
                for pair in ranges.windows(2) {
                    let (below, above) = (pair[0].clone(), pair[1].clone());
                    blocks.push(block("forward", &gated[above], &rates[below]));
                }
                for pair in ranges.windows(2) {
                    let (below, above) = (pair[0].clone(), pair[1].clone());
                    blocks.push(block("feedback", &gated[below], &rates[above]));
                }
                blocks.extend(
                    ranges
                        .into_iter()
                        .map(|range| ParameterBlock::vector("bias", &bias[range]).series()),
                );
                Parameters { blocks }
            }
        }
    }
}

impl VectorField for Clamped<'_> {
    fn dimension(&self) -> usize {
        self.network.dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.total_drive(state, out);
        let gated = self.gate(state, out);
        for ((out, gated), s) in out.iter_mut().zip(gated).zip(state) {
            *out = gated - s;
        }
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
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
        let gates = self.gate(state, &vec![1.0; state.len()]);
        let diagonal = self.diagonal(state);
        let mut matrix = self.network.coupling.to_matrix();
        for (j, mut column) in matrix.column_iter_mut().enumerate() {
            for (value, gate) in column.iter_mut().zip(&gates) {
                *value *= gate * slopes[j];
            }
            column[j] += diagonal[j];
        }
        matrix
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

    fn rate_form(&self) -> Option<RateForm<'_>> {
        Some(RateForm {
            dynamics: self.network.dynamics,
            activation: self.network.activation,
            coupling: &self.network.coupling,
            drive: &self.drive,
        })
    }

    fn jumps(&self) -> &[f64] {
        match self.network.dynamics {
            Dynamics::Leaky => &[],
            Dynamics::Hopfield => self.network.activation.kinks(),
        }
    }

    fn kinks(&self) -> &[f64] {
        self.network.activation.kinks()
    }

    fn on_pieces(&self, pieces: &[usize]) -> Option<Box<dyn VectorField + '_>> {
        let form = self.rate_form().filter(|_| !self.kinks().is_empty())?;
        Some(Box::new(form.on_pieces(pieces)))
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        let kinks = self.network.activation.kinks();
        (0..state.len())
            .filter(|&i| kinks.iter().any(|kink| (state[i] - kink).abs() <= 1e-12))
            .collect()
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

impl Parametrised for Clamped<'_> {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        let rates = self.map(state, Activation::rate);
        let gated = self.gate(state, vector);
        self.outer(&gated, &rates, &self.input_rates, &gated)
    }

    /// The exact derivative of that, by the product rule.
    fn jacobian_pullback(&self, state: &[f64], left: &[f64], right: &[f64]) -> Parameters {
        let times = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
        let slopes = self.map(state, Activation::slope);
        let still = vec![0.0; self.input_rates.len()];
        let none = vec![0.0; state.len()];
        let gated = self.gate(state, left);
        let moved = self.outer(&gated, &times(&slopes, right), &still, &none);
        if self.network.dynamics == Dynamics::Leaky {
            return moved;
        }
        let curvatures = self.map(state, Activation::curvature);
        let turned = times(&times(&curvatures, right), left);
        let rates = self.map(state, Activation::rate);
        let gate = self.outer(&turned, &rates, &self.input_rates, &turned);
        moved.plus(1.0, &gate)
    }

    /// Diagonal: each neuron's squared presynaptic rates, plus 1 for its bias, times its gate².
    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        DMatrix::from_diagonal(&self.powers(state).into())
    }

    fn diagonal_metric(&self, state: &[f64]) -> Option<Vec<f64>> {
        Some(self.powers(state))
    }

    fn adjustable(&self) -> Option<&dyn Adjustable> {
        Some(self)
    }
}

impl Adjustable for Clamped<'_> {
    fn parameters(&self) -> Parameters {
        self.network.parameters()
    }

    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_> {
        let network = self.network.with_parameters(parameters);
        let drive = constant_drive(&network, &self.input_rates);
        Box::new(Clamped::with_drive(
            Cow::Owned(network),
            self.input_rates.clone(),
            drive,
        ))
    }
}
