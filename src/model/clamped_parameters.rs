//! The parameters of a network with its input clamped: pullbacks, metric, replacement.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::activation::Activation;
use super::clamped::{Clamped, constant_drive};
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::metric_factor::MetricFactor;
use super::parameters::{ParameterBlock, Parameters};
use super::vector_field::{Adjustable, Parametrised};
use crate::numeric::by_columns;

impl Clamped<'_> {
    /// How much each neuron's velocity moves with its parameters: the squared rates that act on it, and 1
    /// for its bias, through its gate.
    fn powers(&self, state: &[f64]) -> Vec<f64> {
        let rates = self.map(state, Activation::rate);
        let gates = self.gate(state, &vec![1.0; state.len()]);
        let squared = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        let mut powers = self.network().coupling.presynaptic_power(&rates);
        let input_power = squared(&self.input_rates);
        for power in &mut powers[..self.network().input_weights.nrows()] {
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
            by_columns((rows.len(), columns.len()), |j, column| {
                let values = column.iter_mut().zip(rows);
                values.for_each(|(value, row)| *value = row * columns[j]);
            })
        };
        let around = |weights: ParameterBlock| Parameters {
            blocks: vec![
                weights,
                ParameterBlock::matrix("input_weights", outer(gated, input_rates)),
                ParameterBlock::vector("bias", bias),
            ],
        };
        match &self.network().coupling {
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
        if self.network().dynamics == Dynamics::Leaky {
            return moved;
        }
        let curvatures = if self.network().dynamics == Dynamics::Rate {
            let mut moved = none.clone();
            self.network().coupling.multiply_add(right, &mut moved);
            times(&self.of_drive(state, Activation::curvature), &moved)
        } else {
            times(&self.map(state, Activation::curvature), right)
        };
        let turned = times(&curvatures, left);
        let rates = self.map(state, Activation::rate);
        let gate = self.outer(&turned, &rates, &self.input_rates, &turned);
        moved.plus(1.0, &gate)
    }

    /// Diagonal: each neuron's squared presynaptic rates, plus 1 for its bias, times its gate².
    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        DMatrix::from_diagonal(&self.powers(state).into())
    }

    fn metric_factor(&self, state: &[f64]) -> Option<MetricFactor> {
        Some(MetricFactor::of_diagonal_metric(&self.powers(state)))
    }

    fn adjustable(&self) -> Option<&dyn Adjustable> {
        Some(self)
    }
}

impl Adjustable for Clamped<'_> {
    fn parameters(&self) -> Parameters {
        self.network().parameters()
    }

    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_> {
        let network = self.network().with_parameters(parameters);
        let drive = constant_drive(&network, &self.input_rates);
        Box::new(Clamped::with_drive(
            Cow::Owned(network),
            self.input_rates.clone(),
            drive,
        ))
    }
}
