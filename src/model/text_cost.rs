//! A cost that was written as text.

use std::sync::Arc;

use nalgebra::Complex;

use super::analytic::AnalyticCost;
use super::cost::Cost;
use crate::expression::{By, Dual, Number, Program};

/// A cost C(s) given by an expression of the states, with exact derivatives.
#[derive(Debug, Clone)]
pub struct TextCost {
    program: Arc<Program>,
    prepared: Vec<f64>,
    outputs: Vec<usize>,
}

impl TextCost {
    /// `values` are the inputs of the program that are no states.
    pub(super) fn new(program: Program, values: &[f64]) -> Self {
        let mut outputs = program.depends_on(0);
        outputs.retain(|input| *input < program.states());
        Self {
            prepared: program.prepare(values),
            program: Arc::new(program),
            outputs,
        }
    }

    /// The expression as a program.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    /// The states that stand in it.
    pub fn outputs(&self) -> &[usize] {
        &self.outputs
    }

    fn gradient_of<N: Number>(&self, state: &[N], out: &mut [N]) {
        // a state beyond those of the expression is the time
        let n = self.program.states();
        let registers = self.program.registers(&self.prepared, &state[..n]);
        let weights = [N::constant(1.0)];
        let pulls = self.program.backward(&registers, &weights, By::States);
        out[..n].copy_from_slice(&pulls[..n]);
        out[n..].fill(N::constant(0.0));
    }

    fn hessian_of<N: Number>(&self, state: &[N], vector: &[N], out: &mut [N]) {
        let pairs = state.iter().zip(vector);
        let state: Vec<Dual<N>> = pairs
            .map(|(&value, &slope)| Dual { value, slope })
            .collect();
        let mut gradient = state.clone();
        self.gradient_of(&state, &mut gradient);
        for (out, dual) in out.iter_mut().zip(gradient) {
            *out = dual.slope;
        }
    }
}

impl Cost for TextCost {
    fn value(&self, state: &[f64]) -> f64 {
        let own = &state[..self.program.states()];
        let registers = self.program.registers(&self.prepared, own);
        registers[self.program.outputs()[0] as usize]
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        self.gradient_of(state, out);
    }

    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.hessian_of(state, vector, out);
    }

    fn analytic(&self) -> Option<&dyn AnalyticCost> {
        self.program
            .is_analytic()
            .then_some(self as &dyn AnalyticCost)
    }
}

impl AnalyticCost for TextCost {
    fn complex_gradient(&self, state: &[Complex<f64>], out: &mut [Complex<f64>]) {
        self.gradient_of(state, out);
    }

    fn complex_hessian_vector(
        &self,
        state: &[Complex<f64>],
        vector: &[Complex<f64>],
        out: &mut [Complex<f64>],
    ) {
        self.hessian_of(state, vector, out);
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Cost, Problem};

    #[test]
    fn the_outputs_are_the_states_along_which_the_cost_has_a_slope() {
        for (cost, expected) in [("z + 1", vec![2]), ("(y - 1)^2 + y*w", vec![1, 3])] {
            let text = format!(
                r#"{{"field": {{"equations": {{"x": "-x", "y": "x - y", "z": "-z", "w": "-w"}}}},
                    "cost": "{cost}"}}"#
            );
            let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
            let mut slope = [f64::NAN; 4];
            problem.cost.gradient(&[0.3, -0.2, 0.7, 0.4], &mut slope);
            let steep: Vec<usize> = (0..4).filter(|&i| slope[i] != 0.0).collect();
            assert_eq!(problem.cost.outputs(), steep, "{cost}");
            assert_eq!(steep, expected, "{cost}");
        }
    }
}
