//! Piecewise linear activations: on a choice of pieces the network is a linear one.

use std::borrow::Cow;

use nalgebra::DMatrix;

use super::activation::Activation;
use super::clamped::Clamped;
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::network::Network;
use super::vector_field::RateForm;

impl Activation {
    /// ρ(s) = offset + slope·s on the piece with this number of kinks below it.
    fn line(self, piece: usize) -> (f64, f64) {
        let kinks = self.kinks();
        let inside = match (
            piece.checked_sub(1).and_then(|k| kinks.get(k)),
            kinks.get(piece),
        ) {
            (Some(low), Some(high)) => 0.5 * (low + high),
            (Some(low), None) => low + 1.0,
            (None, Some(high)) => high - 1.0,
            (None, None) => 0.0,
        };
        let slope = self.slope(inside);
        (self.rate(inside) - slope * inside, slope)
    }
}

impl RateForm<'_> {
    /// The smooth field that agrees with this one wherever neuron i is on piece `pieces[i]` of its
    /// activation (counted by the kinks below it), and goes on beyond: a linear network.
    pub(super) fn on_pieces(&self, pieces: &[usize]) -> Clamped<'static> {
        let lines: Vec<(f64, f64)> = pieces
            .iter()
            .map(|&piece| self.activation.line(piece))
            .collect();
        let gate = |i: usize| match self.dynamics {
            Dynamics::Leaky | Dynamics::Rate => 1.0,
            Dynamics::Hopfield => lines[i].1,
        };
        let n = pieces.len();
        let weights = self.coupling.to_matrix();
        let drive = (0..n).map(|i| {
            let offsets = (0..n).map(|j| weights[(i, j)] * lines[j].0);
            gate(i) * (self.drive[i] + offsets.sum::<f64>())
        });
        let drive: Vec<f64> = drive.collect();
        let linear = DMatrix::from_fn(n, n, |i, j| gate(i) * weights[(i, j)] * lines[j].1);
        let network = Network {
            dynamics: Dynamics::Leaky,
            activation: Activation::Identity,
            coupling: Coupling::Dense(linear),
            input_weights: DMatrix::zeros(n, 0),
            bias: drive.clone(),
            outputs: Vec::new(),
        };
        Clamped::with_drive(Cow::Owned(network), Vec::new(), drive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Glorot, VectorField};

    #[test]
    fn on_its_pieces_the_network_is_linear() {
        for activation in [Activation::HardSigmoid, Activation::Relu] {
            for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
                let network = Glorot::default().dense(2, 4, vec![3], dynamics, activation);
                let field = network.clamp(&[0.4, -0.7]);
                let state = [0.3, -0.8, 1.4, 0.7];
                let pieces = state.map(|s| {
                    let kinks = activation.kinks().iter();
                    kinks.filter(|&&kink| kink < s).count()
                });
                let linear = field.rate_form().unwrap().on_pieces(&pieces);
                let (mut expected, mut found) = (vec![0.0; 4], vec![0.0; 4]);
                field.velocity(&state, &mut expected);
                linear.velocity(&state, &mut found);
                for (found, expected) in found.iter().zip(&expected) {
                    assert!(
                        (found - expected).abs() < 1e-14,
                        "{activation:?} {dynamics:?}"
                    );
                }
                let gap = (linear.jacobian(&[0.0; 4]) - field.jacobian(&state)).amax();
                assert!(gap < 1e-14, "{activation:?} {dynamics:?}");
            }
        }
    }
}
