//! Neural networks as vector fields: how the neurons are coupled, and which dynamics they follow.

use nalgebra::DMatrix;

use super::activation::Activation;
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::parameters::{ParameterBlock, Parameters};

/// A network: weights, biases, activation and dynamics, dimensionless throughout.
///
/// The same type serves dense and layered networks. They differ in their [`Coupling`].
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Leaky, energy-based, or rates of the drive.
    pub dynamics: Dynamics,
    /// The firing rate ρ.
    pub activation: Activation,
    /// The recurrent weights W.
    pub coupling: Coupling,
    /// Input weights: n × d for a dense network, first hidden layer × d for a layered one.
    pub input_weights: DMatrix<f64>,
    /// One bias per neuron.
    pub bias: Vec<f64>,
    /// Indices of the output neurons.
    pub outputs: Vec<usize>,
}

impl Network {
    /// n, the number of neurons.
    pub fn dimension(&self) -> usize {
        self.coupling.dimension()
    }

    /// Through what neurons and inputs act on others: ρ, or with rate dynamics the identity.
    pub(super) fn source(&self) -> Activation {
        match self.dynamics {
            Dynamics::Leaky | Dynamics::Hopfield => self.activation,
            Dynamics::Rate => Activation::Identity,
        }
    }

    /// Where the velocity has kinks along a state. With rate dynamics it has them along the drive.
    pub(super) fn kinks(&self) -> &'static [f64] {
        self.source().kinks()
    }

    /// d, the number of inputs.
    pub fn inputs(&self) -> usize {
        self.input_weights.ncols()
    }

    /// θ, by named blocks: `weights`, `input_weights`, `bias`, or `forward`, `feedback`, `bias`.
    pub fn parameters(&self) -> Parameters {
        match &self.coupling {
            Coupling::Dense(weights) => {
                self.parameters_around(ParameterBlock::matrix("weights", weights.clone()))
            }
            Coupling::Sparse(weights) => self.parameters_around(ParameterBlock::sparse(
                "weights",
                weights.places(),
                weights.listed(),
            )),
            Coupling::Layered(layers) => {
                let series = |name, matrix: &DMatrix<f64>| {
                    ParameterBlock::matrix(name, matrix.clone()).series()
                };
                let mut blocks = vec![series("forward", &self.input_weights)];
                blocks.extend(
                    layers
                        .forward()
                        .iter()
                        .map(|matrix| series("forward", matrix)),
                );
                blocks.extend(
                    layers
                        .feedback()
                        .iter()
                        .map(|matrix| series("feedback", matrix)),
                );
                blocks.extend(
                    layers
                        .ranges()
                        .map(|range| ParameterBlock::vector("bias", &self.bias[range]).series()),
                );
                Parameters { blocks }
            }
        }
    }

    /// θ of a network without layers.
    fn parameters_around(&self, weights: ParameterBlock) -> Parameters {
        Parameters {
            blocks: vec![
                weights,
                ParameterBlock::matrix("input_weights", self.input_weights.clone()),
                ParameterBlock::vector("bias", &self.bias),
            ],
        }
    }

    /// The network at other parameters of the same shapes.
    #[must_use]
    pub fn with_parameters(&self, parameters: &Parameters) -> Self {
        let mut blocks = parameters.blocks.iter().map(|block| &block.values);
        let mut next = || {
            blocks
                .next()
                .cloned()
                .unwrap_or_else(|| DMatrix::zeros(0, 0))
        };
        let mut out = self.clone();
        match &mut out.coupling {
            Coupling::Dense(weights) => {
                *weights = next();
                out.input_weights = next();
                out.bias = next().as_slice().to_vec();
            }
            Coupling::Sparse(weights) => {
                *weights = weights.with_listed(next().as_slice());
                out.input_weights = next();
                out.bias = next().as_slice().to_vec();
            }
            Coupling::Layered(layers) => {
                out.input_weights = next();
                layers.matrices_mut().for_each(|matrix| *matrix = next());
                out.bias = layers
                    .ranges()
                    .flat_map(|_| next().as_slice().to_vec())
                    .collect();
            }
        }
        out
    }
}
