//! What the engine is built for and given: the shape of a network, states.

use crate::error::{Error, Result};
use crate::model::{self, Activation, Coupling, Dynamics};
use crate::numeric::Scalar;

/// The shape of a network and how it is computed. Leaky dynamics.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineSettings {
    /// The firing rate ρ.
    pub activation: Activation,
    /// Neurons of every layer, input side first; one number for a dense network.
    pub sizes: Vec<usize>,
    /// Whether the (only) layer is coupled to itself.
    pub dense: bool,
    /// Output neurons, counted within the last layer.
    pub outputs: Vec<usize>,
    /// Bounds that hold the states of each layer. Layers beyond the end of the list have none.
    pub bounds: Vec<Option<(f64, f64)>>,
    /// Threads among which the samples are divided.
    pub threads: usize,
}

impl EngineSettings {
    /// A layered network, `sizes` input side first and without the input. Every neuron of the last layer is an output.
    pub fn layered(activation: Activation, sizes: &[usize]) -> Self {
        Self {
            activation,
            sizes: sizes.to_vec(),
            dense: false,
            outputs: (0..sizes.last().copied().unwrap_or(0)).collect(),
            bounds: Vec::new(),
            threads: 1,
        }
    }

    /// A dense network of n neurons.
    pub fn dense(activation: Activation, neurons: usize, outputs: &[usize]) -> Self {
        Self {
            dense: true,
            outputs: outputs.to_vec(),
            ..Self::layered(activation, &[neurons])
        }
    }

    /// The shape of a network, in one thread and without bounds.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if its dynamics are not leaky, or if an output lies outside the last layer.
    pub fn of(network: &model::Network) -> Result<Self> {
        if network.dynamics != Dynamics::Leaky {
            let message = "the engine knows leaky dynamics only";
            return Err(Error::invalid("dynamics", message));
        }
        let activation = network.activation;
        match &network.coupling {
            Coupling::Dense(_) | Coupling::Sparse(_) => {
                let n = network.dimension();
                Ok(Self::dense(activation, n, &network.outputs))
            }
            Coupling::Layered(layers) => {
                let sizes = layers.sizes();
                let before: usize = sizes[..sizes.len() - 1].iter().sum();
                let within = |&k: &usize| {
                    k.checked_sub(before).ok_or_else(|| {
                        let message = format!("output {k} is not in the last layer");
                        Error::invalid("outputs", message)
                    })
                };
                let outputs = network.outputs.iter().map(within).collect::<Result<_>>()?;
                Ok(Self {
                    outputs,
                    ..Self::layered(activation, sizes)
                })
            }
        }
    }

    /// The same with all states held inside [low, high].
    #[must_use]
    pub fn with_state_bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = vec![Some((low, high)); self.sizes.len()];
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |field: &str, message: String| Err(Error::invalid(field, message));
        if self.sizes.is_empty() || self.sizes.contains(&0) {
            return wrong(
                "sizes",
                "expected at least one layer, none of them empty".into(),
            );
        }
        if self.dense && self.sizes.len() != 1 {
            return wrong("sizes", "a dense network has one layer".into());
        }
        let last = self.sizes[self.sizes.len() - 1];
        if let Some(output) = self.outputs.iter().find(|&&output| output >= last) {
            return wrong(
                "outputs",
                format!("output {output} is not in the last layer, which has {last} neurons"),
            );
        }
        for (low, high) in self.bounds.iter().flatten() {
            if low.is_nan() || high.is_nan() || low >= high {
                return wrong(
                    "bounds",
                    format!("expected low < high, found [{low}, {high}]"),
                );
            }
        }
        if self.threads == 0 {
            return wrong("threads", "expected at least 1".into());
        }
        Ok(())
    }
}

/// The states of a batch: for every layer, input side first, one row of its neurons a sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct States<T> {
    /// `layers[k][sample * n_k + i]`.
    pub layers: Vec<Vec<T>>,
}

impl<T: Scalar> States<T> {
    /// Zeros for `samples` samples of layers of the given sizes.
    pub fn zeros(sizes: &[usize], samples: usize) -> Self {
        Self {
            layers: sizes
                .iter()
                .map(|&size| vec![T::ZERO; size * samples])
                .collect(),
        }
    }
}
