//! Whether a network can have only one fixed point, which then every method finds.

use crate::model::{Activation, Network};

/// Lip(ρ)·‖W‖₂, below 1 in a network whose dynamics contract from everywhere to one fixed point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contraction {
    /// Lip(ρ), the largest slope of the firing rate.
    pub lipschitz: f64,
    /// ‖W‖₂ by power iteration on WᵀW, which approaches it from below.
    pub norm: f64,
}

/// What power iteration may have missed of the norm.
const MARGIN: f64 = 1.02;
/// Iterations at most.
const ITERATIONS: usize = 1000;

impl Contraction {
    /// Of a network, leaky and with unit time constants; bounds do not loosen it.
    pub fn of(network: &Network) -> Self {
        let n = network.dimension();
        let lipschitz = match network.activation {
            Activation::Logistic => 0.25,
            _ => 1.0,
        };
        // no symmetry of a network is likely to hide the leading direction from these numbers
        let mut vector: Vec<f64> = (0..n).map(|i| 1.0 + (i as f64).sin()).collect();
        let mut estimate = 0.0;
        for _ in 0..ITERATIONS {
            let length = norm(&vector);
            if length == 0.0 || !length.is_finite() {
                break;
            }
            vector.iter_mut().for_each(|value| *value /= length);
            let mut image = vec![0.0; n];
            network.coupling.multiply_add(&vector, &mut image);
            let next = norm(&image);
            vector.fill(0.0);
            network.coupling.multiply_transpose_add(&image, &mut vector);
            let done = (next - estimate).abs() <= 1e-6 * next;
            estimate = next;
            if done {
                break;
            }
        }
        Self {
            lipschitz,
            norm: estimate,
        }
    }

    /// Whether the fixed point is unique and attracts every trajectory (2 % are allowed for the estimate).
    pub fn unique(&self) -> bool {
        self.lipschitz * self.norm * MARGIN < 1.0
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}
