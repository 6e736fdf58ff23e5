//! Derivatives of a program's results, along a direction or backward by all inputs.

use super::graph::{Id, Node};
use super::number::{Number, derivative, partials, power_derivative};
use super::operation::Binary;
use super::program::Program;

/// By which inputs the results are differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// States (and the time).
    States,
    /// Parameters and clamped inputs.
    Values,
}

/// What derivatives pass, the last first: all that depends on the inputs in question.
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

/// What is 0 stays 0 where the other is not finite, as in 1/(1 + exp(-x)) far out.
fn product<N: Number>(factor: N, slope: N) -> N {
    if slope.is_zero() || factor.is_zero() {
        N::constant(0.0)
    } else {
        factor * slope
    }
}

impl Way {
    fn step(&self, register: Id) -> Option<Step> {
        Some(self.steps[self.places[register as usize]? as usize])
    }

    /// The slope of what a step computes, from the slopes of what it is made of.
    fn slope<N: Number>(&self, step: Step, values: &[N], slopes: &[N]) -> N {
        let along = |operand: Id, factor: N| product(factor, slopes[operand as usize]);
        let value = |id: Id| values[id as usize];
        if step.begin < step.end {
            let shares = &self.shares[step.begin as usize..step.end as usize];
            let terms = shares
                .iter()
                .map(|&[operand, factor]| along(operand, value(factor)));
            return terms.fold(N::constant(0.0), |sum, term| sum + term);
        }
        let locals = local(step.node, values, value(step.register as Id)).into_iter();
        let terms = locals
            .flatten()
            .map(|(operand, factor)| along(operand, factor));
        terms.fold(N::constant(0.0), |sum, term| sum + term)
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
    /// The derivative of the results along a direction in the space of states.
    pub fn along<N: Number>(&self, values: &[N], direction: &[N], out: &mut [N]) {
        let way = self.way(By::States);
        let mut slopes = vec![N::constant(0.0); way.depends.len()];
        slopes[..direction.len()].copy_from_slice(direction);
        for &step in way.steps.iter().rev() {
            slopes[step.register as usize] = way.slope(step, values, &slopes);
        }
        for (out, &register) in out.iter_mut().zip(self.outputs()) {
            *out = slopes[register as usize];
        }
    }

    /// The derivatives of the weighted sum of the results by every input, of which only those by the inputs in
    /// question are right.
    pub fn backward<N: Number>(&self, values: &[N], weights: &[N], by: By) -> Vec<N> {
        let way = self.way(by);
        let mut pulls = vec![N::constant(0.0); way.depends.len()];
        for (&register, &weight) in self.outputs().iter().zip(weights) {
            pulls[register as usize] = pulls[register as usize] + weight;
        }
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
        let mut pulls = vec![zero; way.depends.len()];
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
