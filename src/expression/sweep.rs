//! Derivatives of a program along a direction.

use super::graph::{Id, Node};
use super::number::{Number, derivative, partials, power_derivative};
use super::operation::Binary;
use super::program::Program;

/// What a register's value has to do with those it was made of: each operand with the partial
/// derivative.
pub(super) fn local<N: Number>(node: Node, values: &[N], own: N) -> [Option<(Id, N)>; 2] {
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

/// What is 0 stays 0 where the other is not finite, as in 1/(1 + exp(-x)) far out.
fn product<N: Number>(factor: N, slope: N) -> N {
    if slope.is_zero() || factor.is_zero() {
        N::constant(0.0)
    } else {
        factor * slope
    }
}

impl Program {
    /// The derivative of the results along a direction in the space of states.
    pub fn along<N: Number>(&self, values: &[N], direction: &[N], out: &mut [N]) {
        let mut slopes = vec![N::constant(0.0); values.len()];
        slopes[..direction.len()].copy_from_slice(direction);
        for (register, node) in self.moving() {
            let along = |operand: Id, factor: N| product(factor, slopes[operand as usize]);
            slopes[register] = match node {
                // most of what networks are made of
                Node::Binary(Binary::Add, a, b) => slopes[a as usize] + slopes[b as usize],
                Node::Binary(Binary::Multiply, a, b) => {
                    along(a, values[b as usize]) + along(b, values[a as usize])
                }
                _ => {
                    let locals = local(node, values, values[register]).into_iter();
                    locals
                        .flatten()
                        .fold(N::constant(0.0), |sum, (operand, factor)| {
                            sum + along(operand, factor)
                        })
                }
            };
        }
        for (out, &register) in out.iter_mut().zip(self.outputs()) {
            *out = slopes[register as usize];
        }
    }
}
