//! Groups of neurons whose speed is shown.

use serde::{Deserialize, Serialize};

use super::text::is_timed;
use crate::model::{Coupling, Problem};

/// A group of neurons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// `hidden 1`, …, `output`, or `others` and `output` in dense networks.
    pub name: String,
    /// Indices of its neurons.
    pub neurons: Vec<usize>,
}

pub(super) fn layers(problem: &Problem) -> Vec<LayerRecord> {
    let layer = |name: String, neurons: Vec<usize>| LayerRecord { name, neurons };
    match problem.network().map(|network| &network.coupling) {
        None | Some(Coupling::Dense(_) | Coupling::Sparse(_)) => {
            let outputs = problem.cost.outputs().to_vec();
            let others: Vec<usize> = (0..problem.dimension() - usize::from(is_timed(problem)))
                .filter(|i| !outputs.contains(i))
                .collect();
            [
                layer("others".into(), others),
                layer("output".into(), outputs),
            ]
            .into_iter()
            .filter(|layer| !layer.neurons.is_empty())
            .collect()
        }
        Some(Coupling::Layered(layers)) => {
            let count = layers.sizes().len();
            let name = |k: usize| {
                if k + 1 == count {
                    "output".into()
                } else {
                    format!("hidden {}", k + 1)
                }
            };
            layers
                .ranges()
                .enumerate()
                .map(|(k, range)| layer(name(k), range.collect()))
                .collect()
        }
    }
}
