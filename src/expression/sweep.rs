//! Derivatives of a program, by going through it forward along a direction or backward from results.

use super::graph::{Id, Node};
use super::number::{Number, derivative, partials, power_derivative};
use super::program::Program;

/// What a register's value has to do with those it was made of: each operand with the partial
/// derivative.
fn local<N: Number>(node: Node, values: &[N], own: N) -> [Option<(Id, N)>; 2] {
    let at = |id: Id| values[id as usize];
    match node {
        Node::Constant(_) | Node::Input(_) => [None, None],
        Node::Unary(function, a) => [Some((a, derivative(function, at(a), own))), None],
        Node::Power(a, exponent) => [Some((a, power_derivative(at(a), exponent))), None],
        Node::Binary(function, a, b) => {
            let (first, second) = partials(function, at(a), at(b), own);
            [Some((a, first)), Some((b, second))]
        }
        Node::Select(condition, yes, no) => {
            let (zero, one) = (N::constant(0.0), N::constant(1.0));
            let taken = at(condition).select(one, zero);
            [Some((yes, taken)), Some((no, one - taken))]
        }
    }
}

impl Program {
    /// The derivative of the results along a direction in the space of states.
    pub fn along<N: Number>(&self, values: &[N], direction: &[N], out: &mut [N]) {
        let mut slopes = vec![N::constant(0.0); values.len()];
        slopes[..direction.len()].copy_from_slice(direction);
        for (register, node) in self.moving() {
            for (operand, factor) in local(node, values, values[register]).into_iter().flatten() {
                let slope = slopes[operand as usize];
                // what is 0 stays 0 where the other is not finite, as in 1/(1 + exp(-x)) far out
                if !slope.is_zero() && !factor.is_zero() {
                    slopes[register] = slopes[register] + factor * slope;
                }
            }
        }
        for (out, &register) in out.iter_mut().zip(self.outputs()) {
            *out = slopes[register as usize];
        }
    }

    /// The derivative of the weighted sum of the results by every input; with `all` by parameters
    /// too, otherwise by states alone.
    pub fn backward<N: Number>(&self, values: &[N], weights: &[N], all: bool) -> Vec<N> {
        let zero = N::constant(0.0);
        let mut pulls = vec![zero; values.len()];
        for (&register, &weight) in self.outputs().iter().zip(weights) {
            pulls[register as usize] = pulls[register as usize] + weight;
        }
        let mut pass = |register: usize, node: Node| {
            let pull = pulls[register];
            if pull.is_zero() {
                return;
            }
            for (operand, factor) in local(node, values, values[register]).into_iter().flatten() {
                pulls[operand as usize] = pulls[operand as usize] + factor * pull;
            }
        };
        let moving: Vec<(usize, Node)> = self.moving().collect();
        moving
            .into_iter()
            .rev()
            .for_each(|(register, node)| pass(register, node));
        if all {
            let fixed: Vec<(usize, Node)> = self.fixed().collect();
            fixed
                .into_iter()
                .rev()
                .for_each(|(register, node)| pass(register, node));
        }
        pulls.truncate(self.inputs());
        pulls
    }

    /// The derivatives of every result by the inputs that it depends on, each as (input,
    /// derivative), in the order of the inputs.
    pub fn rows<N: Number>(&self, values: &[N]) -> Vec<Vec<(usize, N)>> {
        let zero = N::constant(0.0);
        let mut locals = vec![[None, None]; values.len()];
        for (register, node) in self.fixed().chain(self.moving()) {
            locals[register] = local(node, values, values[register]);
        }
        let mut pulls = vec![zero; values.len()];
        let rows = (0..self.outputs().len()).map(|k| {
            let mut met = Vec::new();
            let output = self.outputs()[k] as usize;
            if output < self.inputs() {
                return vec![(output, N::constant(1.0))];
            }
            pulls[output] = N::constant(1.0);
            for &register in &*self.cone(k) {
                let pull = std::mem::replace(&mut pulls[register as usize], zero);
                if pull.is_zero() {
                    continue;
                }
                for (operand, factor) in locals[register as usize].into_iter().flatten() {
                    let operand = operand as usize;
                    pulls[operand] = pulls[operand] + factor * pull;
                    if operand < self.inputs() {
                        met.push(operand);
                    }
                }
            }
            met.sort_unstable();
            met.dedup();
            met.into_iter()
                .map(|input| (input, std::mem::replace(&mut pulls[input], zero)))
                .collect()
        });
        rows.collect()
    }
}
