//! The graph of a system as a program over registers: what is evaluated millions of times.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::code::FEW;
use super::derivatives::{By, Way};
use super::graph::{Graph, Id, Node};
use super::number::Number;
use super::operation::Unary;
use super::sums::Sums;
use super::tape::{Tape, arranged};

/// Most registers of all cones together that are kept.
const MOST_KEPT: usize = 4_000_000;

/// Expressions of states and of other inputs (parameters, clamped inputs, the time).
///
/// The first registers hold the inputs, states first and the time last. Then come the nodes that
/// depend on no state and not on time, which are computed once, and then those that do.
#[derive(Debug)]
pub(crate) struct Program {
    states: usize,
    inputs: usize,
    fixed: Vec<Node>,
    moving: Vec<Node>,
    /// The moving nodes, as they are run over real numbers.
    pub(super) tape: Tape,
    sums: Sums,
    /// How derivatives by states and by other inputs travel back.
    ways: [OnceLock<Way>; 2],
    outputs: Vec<Id>,
    /// Moving registers at which there may be no derivative.
    pub(super) kinked: Vec<Id>,
    uses_time: bool,
    cones: OnceLock<Option<Vec<Cone>>>,
}

/// What a result is made of.
#[derive(Debug, Clone)]
pub(crate) struct Cone {
    /// Those that are computed, the last first, without what is only part of a sum.
    pub registers: Vec<Id>,
    /// In their order.
    pub inputs: Vec<Id>,
}

/// The same node with its operands elsewhere.
fn moved(node: Node, place: impl Fn(Id) -> Id) -> Node {
    match node {
        Node::Unary(function, a) => Node::Unary(function, place(a)),
        Node::Power(a, exponent) => Node::Power(place(a), exponent),
        Node::Binary(function, a, b) => Node::Binary(function, place(a), place(b)),
        Node::Select(a, b, c) => Node::Select(place(a), place(b), place(c)),
        other => other,
    }
}

/// Some nodes of a graph, in the order in which they are run.
fn in_order(nodes: &[Node], chosen: &[usize]) -> Vec<usize> {
    const ELSEWHERE: u32 = u32::MAX;
    let mut place = vec![ELSEWHERE; nodes.len()];
    for (position, &k) in chosen.iter().enumerate() {
        place[k] = position as u32;
    }
    let own: Vec<Node> = chosen.iter().map(|&k| nodes[k]).collect();
    let depends = |position: u32| {
        let places = own[position as usize]
            .operands()
            .map(|id| place[id as usize]);
        places.filter(|&place| place != ELSEWHERE)
    };
    arranged(&own, depends)
        .into_iter()
        .map(|position| chosen[position as usize])
        .collect()
}

impl Program {
    /// The program of some nodes of a graph, of which `inputs` inputs are known, the first `states`
    /// of them states and the last one the time.
    pub fn new(graph: &Graph, states: usize, inputs: usize, outputs: &[Id]) -> Self {
        let nodes = graph.nodes();
        let mut live = vec![false; nodes.len()];
        for &output in outputs {
            live[output as usize] = true;
        }
        for k in (0..nodes.len())
            .rev()
            .filter(|&k| nodes[k].operands().next().is_some())
        {
            if live[k] {
                nodes[k].operands().for_each(|id| live[id as usize] = true);
            }
        }
        let time = inputs - 1;
        let mut moves = vec![false; nodes.len()];
        for (k, node) in nodes.iter().enumerate() {
            moves[k] = match node {
                Node::Input(position) => {
                    (*position as usize) < states || *position as usize == time
                }
                _ => node.operands().any(|id| moves[id as usize]),
            };
        }
        let is_input = |k: usize| matches!(nodes[k], Node::Input(_));
        let mut place: Vec<Id> = vec![0; nodes.len()];
        for (k, node) in nodes.iter().enumerate() {
            if let Node::Input(position) = node {
                place[k] = *position;
            }
        }
        let chosen = |wanted: bool| -> Vec<usize> {
            let own = |&k: &usize| live[k] && !is_input(k) && moves[k] == wanted;
            (0..nodes.len()).filter(own).collect()
        };
        let (fixed, moving) = (chosen(false), chosen(true));
        let moving = in_order(nodes, &moving);
        for (register, &k) in fixed.iter().chain(&moving).enumerate() {
            place[k] = (inputs + register) as Id;
        }
        let code = |chosen: &[usize]| -> Vec<Node> {
            let nodes = chosen.iter().map(|&k| nodes[k]);
            nodes
                .map(|node| moved(node, |id| place[id as usize]))
                .collect()
        };
        let (fixed, moving) = (code(&fixed), code(&moving));
        let used = |position: usize| {
            (0..nodes.len()).any(|k| live[k] && nodes[k] == Node::Input(position as u32))
        };
        let outputs: Vec<Id> = outputs.iter().map(|&id| place[id as usize]).collect();
        let first = inputs + fixed.len();
        let sums = Sums::find(&moving, first, &outputs);
        let mut program = Self {
            states,
            inputs,
            uses_time: used(time),
            tape: Tape::default(),
            sums,
            ways: Default::default(),
            fixed,
            moving,
            outputs,
            kinked: Vec::new(),
            cones: OnceLock::new(),
        };
        let is_known = |id| program.is_known(id);
        program.tape = Tape::new(&program.moving, first, &program.sums, &is_known);
        program.kinked = program.find_kinked();
        program
    }

    pub(super) fn first_moving(&self) -> usize {
        self.inputs + self.fixed.len()
    }

    pub(super) fn node(&self, register: Id) -> Option<Node> {
        let at = (register as usize).checked_sub(self.inputs)?;
        let moving = || self.moving.get(at - self.fixed.len());
        self.fixed.get(at).or_else(moving).copied()
    }

    /// Whether a register stays as it is while states and time change.
    pub(super) fn is_known(&self, register: Id) -> bool {
        let (states, time) = (self.states, self.inputs - 1);
        let at = register as usize;
        (states..self.first_moving()).contains(&at) && at != time || register == self.sums.one
    }

    /// Visits the registers that one is made of: the operands of its node, or all that its sum is made of.
    pub(super) fn visit_operands(&self, register: Id, visit: impl FnMut(Id)) {
        if let Some(terms) = self.terms(register as usize) {
            let factors = terms.iter().flatten().copied();
            factors.filter(|&id| id != self.sums.one).for_each(visit);
        } else if let Some(node) = self.node(register) {
            node.operands().for_each(visit);
        }
    }

    /// Whether the time stands in it.
    pub fn uses_time(&self) -> bool {
        self.uses_time
    }

    /// Whether every operation on states continues to complex numbers. The error function does, but not here.
    pub fn is_analytic(&self) -> bool {
        let stops = |node: &Node| matches!(node, Node::Unary(Unary::Erf | Unary::Erfc, _));
        self.kinked.is_empty() && !self.moving.iter().any(stops)
    }

    /// All registers, those that do not move computed, and behind them a 1 and the copies of the tape.
    /// `others` are the inputs that are no states.
    pub fn prepare(&self, others: &[f64]) -> Vec<f64> {
        let count = self.first_moving() + self.moving.len();
        let mut registers = Vec::with_capacity(count + 1 + self.tape.copies.len());
        registers.resize(count, 0.0);
        registers.push(1.0);
        registers[self.states..self.inputs].copy_from_slice(others);
        for (k, node) in self.fixed.iter().enumerate() {
            registers[self.inputs + k] = node.apply(&registers);
        }
        for &id in &self.tape.copies {
            registers.push(registers[id as usize]);
        }
        // what a byte can name is found without a check
        if registers.len() < FEW {
            registers.resize(FEW, 0.0);
        }
        registers
    }

    /// Computes the moving registers, the states standing in the first. Those that are only part of a sum
    /// are left out. Neither a result nor a derivative needs them.
    pub fn run(&self, registers: &mut [f64]) {
        self.tape.run(registers);
    }

    /// All registers at a state, over any numbers. `prepared` are those of [`Program::prepare`].
    pub fn registers<N: Number>(&self, prepared: &[f64], state: &[N]) -> Vec<N> {
        let first = self.first_moving();
        let mut registers = Vec::with_capacity(first + self.moving.len());
        registers.extend_from_slice(state);
        let rest = prepared[self.states..first].iter();
        registers.extend(rest.map(|&value| N::constant(value)));
        for node in &self.moving {
            registers.push(node.apply(&registers));
        }
        registers.push(N::constant(1.0));
        registers
    }

    /// All registers from all inputs, nothing taken as computed before.
    pub fn registers_of<N: Number>(&self, inputs: &[N]) -> Vec<N> {
        let mut registers = inputs.to_vec();
        for node in self.fixed.iter().chain(&self.moving) {
            registers.push(node.apply(&registers));
        }
        registers.push(N::constant(1.0));
        registers
    }

    /// The terms of the sum that a register holds, each a product of two registers, if it holds one.
    pub(super) fn terms(&self, register: usize) -> Option<&[[Id; 2]]> {
        let k = register.checked_sub(self.first_moving())?;
        self.sums.terms(k)
    }

    /// Whether a register is only part of a sum.
    pub(super) fn is_inside_sum(&self, register: usize) -> bool {
        let moving = register.checked_sub(self.first_moving());
        moving.is_some_and(|k| self.sums.inside[k])
    }

    pub(super) fn way(&self, by: By) -> &Way {
        self.ways[by as usize].get_or_init(|| Way::new(self, by))
    }

    /// The registers of the results.
    pub fn outputs(&self) -> &[Id] {
        &self.outputs
    }

    /// Moving registers, with their nodes.
    pub fn moving(&self) -> impl DoubleEndedIterator<Item = (usize, Node)> + '_ {
        let first = self.first_moving();
        let numbered = self.moving.iter().enumerate();
        numbered.map(move |(k, node)| (first + k, *node))
    }

    /// Fixed registers, with their nodes.
    pub fn fixed(&self) -> impl DoubleEndedIterator<Item = (usize, Node)> + '_ {
        let numbered = self.fixed.iter().enumerate();
        numbered.map(|(k, node)| (self.inputs + k, *node))
    }

    /// n.
    pub fn states(&self) -> usize {
        self.states
    }

    /// The number of all inputs.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// What one result is made of.
    pub fn cone(&self, output: usize) -> Cow<'_, Cone> {
        let kept = self.cones.get_or_init(|| {
            let mut all = Vec::with_capacity(self.outputs.len());
            let mut size = 0;
            let mut seen = self.none_seen();
            for &output in &self.outputs {
                let cone = self.find_cone(output, &mut seen);
                size += cone.registers.len() + cone.inputs.len();
                if size > MOST_KEPT {
                    return None;
                }
                all.push(cone);
            }
            Some(all)
        });
        match kept {
            Some(all) => Cow::Borrowed(&all[output]),
            None => Cow::Owned(self.find_cone(self.outputs[output], &mut self.none_seen())),
        }
    }

    /// About how often all rows of derivatives take as long as one derivative along a direction.
    pub fn rows_in_products(&self) -> usize {
        let size = |output| self.cone(output).registers.len();
        let all: usize = (0..self.outputs.len()).map(size).sum();
        all.div_ceil(self.moving.len().max(1))
    }

    /// The inputs that one result depends on, in their order.
    pub fn depends_on(&self, output: usize) -> Vec<usize> {
        let inputs = &self.cone(output).inputs;
        inputs.iter().map(|&input| input as usize).collect()
    }

    /// For every register: false.
    fn none_seen(&self) -> Vec<bool> {
        vec![false; self.first_moving() + self.moving.len() + 1]
    }

    /// The cone of a register. Nothing in `seen` is true, before and after.
    fn find_cone(&self, output: Id, seen: &mut [bool]) -> Cone {
        let mut waiting = vec![output];
        let (mut registers, mut inputs) = (Vec::new(), Vec::new());
        while let Some(register) = waiting.pop() {
            if std::mem::replace(&mut seen[register as usize], true) {
                continue;
            }
            if (register as usize) < self.inputs {
                inputs.push(register);
            } else {
                registers.push(register);
                self.visit_operands(register, |id| waiting.push(id));
            }
        }
        for &register in registers.iter().chain(&inputs) {
            seen[register as usize] = false;
        }
        registers.sort_unstable_by(|a, b| b.cmp(a));
        inputs.sort_unstable();
        Cone { registers, inputs }
    }
}
