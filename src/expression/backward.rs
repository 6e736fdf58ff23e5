//! Derivatives of a program's results by its inputs, backward from the results.

use super::graph::{Id, Node};
use super::number::Number;
use super::operation::Binary;
use super::program::Program;
use super::sweep::local;

/// By which inputs the results are differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// States (and the time).
    States,
    /// Parameters and clamped inputs.
    Values,
}

/// What is passed on the way back, the last first: all that depends on the inputs in question.
#[derive(Debug)]
pub(super) struct Way {
    steps: Vec<Step>,
    /// The operands of sums: a register that depends on the inputs, and its factor.
    shares: Vec<[Id; 2]>,
}

#[derive(Debug)]
struct Step {
    register: u32,
    node: Node,
    /// Which of the shares are those of this sum; none of another node.
    begin: u32,
    end: u32,
}

impl Way {
    pub fn new(program: &Program, by: By) -> Self {
        let (states, time) = (program.states(), program.inputs() - 1);
        let is_state = |input: usize| input < states || input == time;
        let mut depends: Vec<bool> = (0..program.inputs())
            .map(|input| is_state(input) == (by == By::States))
            .collect();
        let nodes: Vec<(usize, Node)> = program.fixed().chain(program.moving()).collect();
        for (_, node) in &nodes {
            let any = node.operands().any(|id| depends[id as usize]);
            depends.push(any);
        }
        // the register that holds 1
        depends.push(false);
        let mut way = Self {
            steps: Vec::new(),
            shares: Vec::new(),
        };
        for (register, node) in nodes.into_iter().rev() {
            if !depends[register] || program.is_inside_sum(register) {
                continue;
            }
            let begin = way.shares.len();
            let terms = program.terms(register).unwrap_or_default().iter();
            let both = terms.flat_map(|&[a, b]| [[a, b], [b, a]]);
            way.shares
                .extend(both.filter(|[operand, _]| depends[*operand as usize]));
            way.steps.push(Step {
                register: register as u32,
                node,
                begin: begin as u32,
                end: way.shares.len() as u32,
            });
        }
        way
    }
}

impl Program {
    /// The derivatives of the weighted sum of the results by every input, of which only those by the inputs in
    /// question are right.
    pub fn backward<N: Number>(&self, values: &[N], weights: &[N], by: By) -> Vec<N> {
        let mut pulls = vec![N::constant(0.0); values.len()];
        for (&register, &weight) in self.outputs().iter().zip(weights) {
            pulls[register as usize] = pulls[register as usize] + weight;
        }
        let way = self.way(by);
        for step in &way.steps {
            let pull = pulls[step.register as usize];
            if pull.is_zero() {
                continue;
            }
            let mut add = |operand: Id, share: N| {
                pulls[operand as usize] = pulls[operand as usize] + share;
            };
            if step.begin < step.end {
                let shares = &way.shares[step.begin as usize..step.end as usize];
                for &[operand, factor] in shares {
                    add(operand, values[factor as usize] * pull);
                }
                continue;
            }
            match step.node {
                Node::Binary(Binary::Add, a, b) => [a, b].into_iter().for_each(|id| add(id, pull)),
                Node::Binary(Binary::Multiply, a, b) => {
                    add(a, values[b as usize] * pull);
                    add(b, values[a as usize] * pull);
                }
                node => {
                    let own = values[step.register as usize];
                    let locals = local(node, values, own).into_iter();
                    locals
                        .flatten()
                        .for_each(|(id, factor)| add(id, factor * pull));
                }
            }
        }
        pulls.truncate(self.inputs());
        pulls
    }
}
