//! Costs C(s, y) and the nudge −β ∂C/∂s that they exert.

use super::analytic::{AnalyticCost, C64};
use crate::error::{Error, Result};

/// A differentiable cost of the state. The theorem holds for any. Implement this for your own. All
/// slices have one value per state variable.
pub trait Cost: Sync {
    /// `C(s)`.
    fn value(&self, state: &[f64]) -> f64;

    /// `∂C/∂s`, written to `out` (n values).
    fn gradient(&self, state: &[f64], out: &mut [f64]);

    /// Adds `factor ∂C/∂s` to `out`: the nudge, which every evaluation of a nudged phase asks for.
    fn add_gradient(&self, state: &[f64], factor: f64, out: &mut [f64]) {
        let mut gradient = vec![0.0; out.len()];
        self.gradient(state, &mut gradient);
        for (out, slope) in out.iter_mut().zip(gradient) {
            *out += factor * slope;
        }
    }

    /// `(∂²C/∂s²) v`, written to `out`. Implicit integrators and Newton's method need it.
    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]);

    /// The continuation to complex states, if there is one: holomorphic nudges need it.
    fn analytic(&self) -> Option<&dyn AnalyticCost> {
        None
    }

    /// The neurons on which `$\partial C/\partial s_i = s_i - y_i$`, each with its yᵢ, if it is 0
    /// on all others. Statements about whole boxes of states need it (see
    /// [`super::VectorField::rate_form`]).
    fn targets(&self) -> Option<Vec<(usize, f64)>> {
        None
    }
}

/// The squared error `$C = \tfrac12 \lVert y - s_\text{out}\rVert^2$` of the output neurons.
#[derive(Debug, Clone, PartialEq)]
pub struct SquaredError {
    outputs: Vec<usize>,
    target: Vec<f64>,
}

impl SquaredError {
    /// A cost that pulls neuron `outputs[k]` towards `target[k]`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths differ.
    pub fn new(outputs: &[usize], target: &[f64]) -> Result<Self> {
        if outputs.len() != target.len() {
            return Err(Error::invalid(
                "target",
                format!(
                    "expected {} numbers (one per output neuron), found {}",
                    outputs.len(),
                    target.len()
                ),
            ));
        }
        Ok(Self {
            outputs: outputs.to_vec(),
            target: target.to_vec(),
        })
    }

    /// Indices of the output neurons.
    pub fn outputs(&self) -> &[usize] {
        &self.outputs
    }

    /// The target y, one number per output neuron.
    pub fn target(&self) -> &[f64] {
        &self.target
    }

    fn errors<'a>(&'a self, state: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
        self.outputs
            .iter()
            .zip(&self.target)
            .map(|(&neuron, target)| (neuron, state[neuron] - target))
    }
}

impl Cost for SquaredError {
    fn targets(&self) -> Option<Vec<(usize, f64)>> {
        let pairs = self.outputs.iter().copied();
        Some(pairs.zip(self.target.iter().copied()).collect())
    }

    fn analytic(&self) -> Option<&dyn AnalyticCost> {
        Some(self)
    }

    fn value(&self, state: &[f64]) -> f64 {
        0.5 * self
            .errors(state)
            .map(|(_, error)| error * error)
            .sum::<f64>()
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for (neuron, error) in self.errors(state) {
            out[neuron] = error;
        }
    }

    fn add_gradient(&self, state: &[f64], factor: f64, out: &mut [f64]) {
        for (neuron, error) in self.errors(state) {
            out[neuron] += factor * error;
        }
    }

    fn hessian_vector(&self, _state: &[f64], vector: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for &neuron in &self.outputs {
            out[neuron] = vector[neuron];
        }
    }
}

impl AnalyticCost for SquaredError {
    fn complex_gradient(&self, state: &[C64], out: &mut [C64]) {
        out.fill(C64::new(0.0, 0.0));
        for (&neuron, &target) in self.outputs().iter().zip(self.target()) {
            out[neuron] = state[neuron] - target;
        }
    }

    fn complex_hessian_vector(&self, _state: &[C64], vector: &[C64], out: &mut [C64]) {
        out.fill(C64::new(0.0, 0.0));
        for &neuron in self.outputs() {
            out[neuron] = vector[neuron];
        }
    }
}
