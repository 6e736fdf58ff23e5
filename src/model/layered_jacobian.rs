//! The Jacobian of a layered leaky network: odd layers and even ones sorted apart.

use super::coupling::Layers;
use crate::numeric::Bipartite;

impl Layers {
    /// `W diag(slopes) + diag(diagonal)` over the `active` neurons (increasing). Neighbouring layers alone
    /// act on each other, so that odd layers and even ones are two sets.
    pub(crate) fn jacobian(
        &self,
        slopes: &[f64],
        diagonal: impl Fn(usize) -> f64,
        active: &[usize],
    ) -> Bipartite {
        let sizes = self.sizes().iter().enumerate();
        // layer of each neuron, and its place there
        let place: Vec<(usize, usize)> = sizes
            .flat_map(|(layer, &size)| (0..size).map(move |place| (layer, place)))
            .collect();
        let weight = |i: usize, j: usize| {
            let ((to, i), (from, j)) = (place[i], place[j]);
            if to == from + 1 {
                self.forward()[from][(i, j)]
            } else if from == to + 1 {
                self.feedback()[to][(i, j)]
            } else {
                0.0
            }
        };
        Bipartite::new(
            active.iter().map(|&i| diagonal(i)).collect(),
            |i| place[active[i]].0 % 2 == 1,
            |i, j| weight(active[i], active[j]) * slopes[active[j]],
        )
    }
}
