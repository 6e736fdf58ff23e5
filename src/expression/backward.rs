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
    /// Which of the steps is that of a register.
    places: Vec<Option<u32>>,
    /// Which registers depend on the inputs in question.
    depends: Vec<bool>,
    /// The operands of sums: a register that depends on the inputs, and its factor.
    shares: Vec<[Id; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    register: u32,
    node: Node,
    /// Which of the shares are those of this sum. Other nodes have none.
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
            places: vec![None; depends.len()],
            depends,
            shares: Vec::new(),
        };
        for (register, node) in nodes.into_iter().rev() {
            if !way.depends[register] || program.is_inside_sum(register) {
                continue;
            }
            let begin = way.shares.len();
            let terms = program.terms(register).unwrap_or_default().iter();
            let both = terms.flat_map(|&[a, b]| [[a, b], [b, a]]);
            let own = both.filter(|[operand, _]| way.depends[*operand as usize]);
            way.shares.extend(own);
            way.places[register] = Some(way.steps.len() as u32);
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

impl Way {
    fn step(&self, register: Id) -> Option<Step> {
        Some(self.steps[self.places[register as usize]? as usize])
    }

    /// Passes the pull on a register on to what it was made of.
    fn pass<N: Number>(&self, step: Step, values: &[N], pull: N, mut add: impl FnMut(Id, N)) {
        if step.begin < step.end {
            for &[operand, factor] in &self.shares[step.begin as usize..step.end as usize] {
                add(operand, values[factor as usize] * pull);
            }
            return;
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
        for &step in &way.steps {
            let pull = pulls[step.register as usize];
            if !pull.is_zero() {
                way.pass(step, values, pull, |operand, share| {
                    let own = &mut pulls[operand as usize];
                    *own = *own + share;
                });
            }
        }
        pulls.truncate(self.inputs());
        pulls
    }

    /// The derivatives of every result by those of the inputs in question that it depends on, each as
    /// (input, derivative), in the order of the inputs.
    pub fn rows<N: Number>(&self, values: &[N], by: By) -> Vec<Vec<(usize, N)>> {
        let zero = N::constant(0.0);
        let way = self.way(by);
        let mut pulls = vec![zero; values.len()];
        let mut met = Vec::new();
        let rows = self.outputs().iter().enumerate().map(|(k, &output)| {
            pulls[output as usize] = N::constant(1.0);
            met.extend(self.as_input(output));
            for step in self
                .cone(k)
                .iter()
                .filter_map(|&register| way.step(register))
            {
                let pull = std::mem::replace(&mut pulls[step.register as usize], zero);
                if !pull.is_zero() {
                    way.pass(step, values, pull, |operand, share| {
                        let own = &mut pulls[operand as usize];
                        *own = *own + share;
                        met.extend(self.as_input(operand));
                    });
                }
            }
            met.sort_unstable();
            met.dedup();
            let own = met.drain(..).map(|input| {
                let value = std::mem::replace(&mut pulls[input], zero);
                way.depends[input].then_some((input, value))
            });
            own.flatten().collect()
        });
        rows.collect()
    }

    fn as_input(&self, register: Id) -> Option<usize> {
        Some(register as usize).filter(|&input| input < self.inputs())
    }
}
