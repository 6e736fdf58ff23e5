//! The cross-entropy of the softmax of the output neurons.

use super::cost::Cost;
use crate::error::{Error, Result};

/// The cross-entropy `$C = -\sum_k y_k \ln p_k$`, p the softmax of the output neurons' states.
///
/// `$\partial C/\partial s_k = p_k \sum_j y_j - y_k$`. Targets of a class sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftmaxCrossEntropy {
    outputs: Vec<usize>,
    target: Vec<f64>,
}

impl SoftmaxCrossEntropy {
    /// A cost that pulls the softmax of the neurons `outputs` towards `target`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths differ.
    pub fn new(outputs: &[usize], target: &[f64]) -> Result<Self> {
        if outputs.len() != target.len() {
            let message = format!(
                "expected {} numbers (one per output neuron), found {}",
                outputs.len(),
                target.len()
            );
            return Err(Error::invalid("target", message));
        }
        Ok(Self {
            outputs: outputs.to_vec(),
            target: target.to_vec(),
        })
    }

    /// p, and the logarithm of its denominator with the largest state taken out.
    fn softmax(&self, state: &[f64]) -> (Vec<f64>, f64) {
        let states = || self.outputs.iter().map(|&neuron| state[neuron]);
        let top = states().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = states().map(|s| (s - top).exp()).sum();
        let shares = states().map(|s| (s - top).exp() / sum).collect();
        (shares, top + sum.ln())
    }
}

impl Cost for SoftmaxCrossEntropy {
    fn value(&self, state: &[f64]) -> f64 {
        let (_, log_sum) = self.softmax(state);
        let pairs = self.outputs.iter().zip(&self.target);
        pairs
            .map(|(&neuron, target)| target * (log_sum - state[neuron]))
            .sum()
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let total: f64 = self.target.iter().sum();
        let (shares, _) = self.softmax(state);
        for ((&neuron, share), target) in self.outputs.iter().zip(shares).zip(&self.target) {
            out[neuron] = total * share - target;
        }
    }

    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        let total: f64 = self.target.iter().sum();
        let (shares, _) = self.softmax(state);
        let pairs = || self.outputs.iter().zip(&shares);
        let mean: f64 = pairs().map(|(&neuron, share)| share * vector[neuron]).sum();
        for (&neuron, share) in pairs() {
            out[neuron] = total * share * (vector[neuron] - mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_match_finite_differences_and_large_states_overflow_nothing() {
        let cost = SoftmaxCrossEntropy::new(&[1, 3, 2], &[0.0, 1.0, 0.0]).unwrap();
        let state = [0.3, -0.7, 1.1, 0.4];
        let (mut slope, mut product) = ([0.0; 4], [0.0; 4]);
        cost.gradient(&state, &mut slope);
        let vector = [0.5, -1.0, 2.0, 0.25];
        cost.hessian_vector(&state, &vector, &mut product);
        let h = 1e-5;
        let at = |step: f64, direction: &[f64]| {
            let moved: Vec<f64> = (0..4).map(|i| state[i] + step * direction[i]).collect();
            let mut slope = [0.0; 4];
            cost.gradient(&moved, &mut slope);
            (cost.value(&moved), slope)
        };
        for i in 0..4 {
            let unit: Vec<f64> = (0..4).map(|j| f64::from(u8::from(i == j))).collect();
            let difference = (at(h, &unit).0 - at(-h, &unit).0) / (2.0 * h);
            assert!((difference - slope[i]).abs() < 1e-9);
            let difference = (at(h, &vector).1[i] - at(-h, &vector).1[i]) / (2.0 * h);
            assert!((difference - product[i]).abs() < 1e-9);
        }
        assert!((cost.value(&[0.0, 1e4, -1e4, 0.0]) - 1e4).abs() < 1e-9);
        assert!(SoftmaxCrossEntropy::new(&[0], &[]).is_err());
    }
}
