//! The weights of an engine: taken, packed, given back.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::engine::Engine;
use crate::engine::settings::EngineSettings;
use crate::engine::sweep::Thread;
use crate::engine::threads::WORTH_DIVIDING;
use crate::engine::weights::{Packed, RowMajorWeights};
use crate::error::{Error, Result};
use crate::model;
use crate::numeric::Scalar;

impl<T: Scalar> Engine<T> {
    /// Takes weights and biases (one slice a layer). They are packed once and used until the next call.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if a slice has another length than the shape asks for.
    pub fn set_weights(&mut self, weights: RowMajorWeights<'_, T>, bias: &[&[T]]) -> Result<()> {
        let sizes = &self.settings.sizes;
        let pairs = sizes.len() - 1;
        let fits = match weights {
            RowMajorWeights::Dense(matrix) => {
                self.settings.dense && matrix.len() == sizes[0] * sizes[0]
            }
            RowMajorWeights::Layered { forward, feedback } => {
                !self.settings.dense
                    && forward.len() == pairs
                    && feedback.len() == pairs
                    && (0..pairs).all(|k| {
                        let size = sizes[k] * sizes[k + 1];
                        forward[k].len() == size && feedback[k].len() == size
                    })
            }
        };
        if !fits {
            return Err(Error::invalid(
                "weights",
                format!("expected the matrices of a network of sizes {sizes:?}"),
            ));
        }
        if bias.len() != sizes.len() || bias.iter().zip(sizes).any(|(b, &n)| b.len() != n) {
            return Err(Error::invalid(
                "bias",
                format!("expected one number per neuron, layers of {sizes:?}"),
            ));
        }
        let matrix = |to: usize, from: usize| match weights {
            RowMajorWeights::Dense(matrix) => matrix,
            RowMajorWeights::Layered { forward, .. } if from < to => forward[from],
            RowMajorWeights::Layered { feedback, .. } => feedback[to],
        };
        let pack = |(to, from, transposed, packed): (_, _, _, &mut Packed<T>), divided: bool| match (
            transposed, divided,
        ) {
            (true, _) => packed.set_transposed(matrix(to, from)),
            (false, true) => packed.set_divided(matrix(to, from)),
            (false, false) => packed.set(matrix(to, from)),
        };
        let numbers: usize = sizes.windows(2).map(|pair| 2 * pair[0] * pair[1]).sum();
        self.threads.iter_mut().for_each(Thread::forget);
        let packed = self.network.coupling_mut();
        match self.pool.as_ref().filter(|_| numbers >= WORTH_DIVIDING) {
            None => packed.for_each(|matrix| pack(matrix, false)),
            Some(pool) => {
                let packed: Vec<_> = packed.collect();
                let divided = packed.into_par_iter();
                pool.install(|| divided.for_each(|matrix| pack(matrix, true)));
            }
        }
        for (k, bias) in bias.iter().enumerate() {
            self.network.bias_mut(k).copy_from_slice(bias);
        }
        if let Some(mixed) = &mut self.mixed {
            mixed.set_weights(weights, bias)?;
        }
        Ok(())
    }

    /// Takes weights and biases of a network of the engine's shape.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if it has another shape or activation, or is not leaky.
    pub fn set_network(&mut self, network: &model::Network) -> Result<()> {
        let shape = EngineSettings::of(network)?;
        let own = &self.settings;
        if (shape.activation, shape.dense) != (own.activation, own.dense)
            || shape.sizes != own.sizes
            || shape.outputs != own.outputs
        {
            let message = format!("expected the network the engine was built for, {own:?}");
            return Err(Error::invalid("network", message));
        }
        self.threads.iter_mut().for_each(Thread::forget);
        self.network.set(network);
        if let Some(mixed) = &mut self.mixed {
            mixed.set_network(network)?;
        }
        Ok(())
    }

    /// The matrix from layer `from` to layer `to`; empty if there is none.
    pub(super) fn matrix(&self, to: usize, from: usize) -> DMatrix<f64> {
        let incoming = self.network.layers[to].incoming.iter();
        incoming
            .filter(|(source, _)| *source == from)
            .map(|(_, matrix)| matrix.to_matrix())
            .next()
            .unwrap_or_default()
    }

    /// The bounds of a layer.
    pub(super) fn bounds(&self, layer: usize) -> Option<(T, T)> {
        self.network.layers[layer].bounds
    }
}
