//! Derivatives of a program's results, along a direction or backward by all inputs.

use super::graph::{Id, Node};
use super::number::{Number, derivative, partials, power_derivative};
use super::program::Program;

/// By which inputs the results are differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// States (and the time).
    States,
    /// Parameters and clamped inputs.
    Values,
}

/// What derivatives pass, the last first: all that depends on the inputs in question. What depends on them has a
/// slot, the inputs first. The slot 0 belongs to all else, so that slopes and pulls are few and stand together.
#[derive(Debug)]
pub(super) struct Way {
    steps: Vec<Step>,
    /// The slot of every register.
    slots: Vec<u32>,
    /// The inputs that have slots, from 1 on.
    inputs: Vec<u32>,
    /// The operands of sums that depend on the inputs: their slots, and the registers of their factors.
    shares: Vec<[u32; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    register: u32,
    slot: u32,
    node: Node,
    /// Which of the shares are those of this sum. Other nodes have none.
    begin: u32,
    end: u32,
}

impl Way {
    pub fn new(program: &Program, by: By) -> Self {
        let (states, time) = (program.states(), program.inputs() - 1);
        let is_state = |input: usize| input < states || input == time;
        let asked = |input: &u32| is_state(*input as usize) == (by == By::States);
        let inputs: Vec<u32> = (0..program.inputs() as u32).filter(asked).collect();
        let nodes = || program.fixed().chain(program.moving());
        // a last register holds 1
        let mut slots = vec![0; program.inputs() + nodes().count() + 1];
        let mut count = 0;
        let mut give = |slot: &mut u32| {
            count += 1;
            *slot = count;
        };
        inputs
            .iter()
            .for_each(|&input| give(&mut slots[input as usize]));
        for (register, _) in nodes().filter(|(register, _)| !program.is_inside_sum(*register)) {
            let mut depends = false;
            program.visit_operands(register as Id, |id| depends |= slots[id as usize] > 0);
            if depends {
                give(&mut slots[register]);
            }
        }
        let mut way = Self {
            steps: Vec::new(),
            slots,
            inputs,
            shares: Vec::new(),
        };
        for (register, node) in nodes().rev() {
            let slot = way.slots[register];
            if slot == 0 {
                continue;
            }
            let begin = way.shares.len();
            let terms = program.terms(register).unwrap_or_default().iter();
            let both =
                terms.flat_map(|&[a, b]| [[way.slots[a as usize], b], [way.slots[b as usize], a]]);
            way.shares.extend(both.filter(|[slot, _]| *slot > 0));
            way.steps.push(Step {
                register: register as u32,
                slot,
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
    /// The number of slots.
    fn count(&self) -> usize {
        1 + self.inputs.len() + self.steps.len()
    }

    fn slot(&self, register: Id) -> usize {
        self.slots[register as usize] as usize
    }

    /// Which step computes a register, if one does.
    fn place(&self, register: Id) -> Option<usize> {
        // steps have the slots behind those of inputs, the last first
        let behind = self.count() - 1 - self.slot(register);
        (behind < self.steps.len()).then_some(behind)
    }

    /// What is not a sum: the slots of its operands with the partial derivatives. There are two of all, the slot
    /// 0 being nobody's.
    fn local<N: Number>(&self, step: Step, values: &[N]) -> [(usize, N); 2] {
        let nobody = (0, N::constant(0.0));
        if step.begin < step.end {
            return [nobody; 2];
        }
        let own = values[step.register as usize];
        local(step.node, values, own)
            .map(|operand| operand.map_or(nobody, |(id, factor)| (self.slot(id), factor)))
    }

    fn shares(&self, step: Step) -> &[[u32; 2]] {
        &self.shares[step.begin as usize..step.end as usize]
    }

    /// The slope of what a step computes, from the slopes of what it is made of.
    fn slope<N: Number>(&self, step: Step, values: &[N], slopes: &[N]) -> N {
        let mut sum = N::constant(0.0);
        for &[slot, factor] in self.shares(step) {
            sum = sum + values[factor as usize] * slopes[slot as usize];
        }
        // what is finite needed no care
        if !sum.is_finite() {
            let shares = self.shares(step).iter();
            let terms = shares
                .map(|&[slot, factor]| product(values[factor as usize], slopes[slot as usize]));
            sum = terms.fold(N::constant(0.0), |sum, term| sum + term);
        }
        let locals = self.local(step, values).into_iter();
        locals.fold(sum, |sum, (slot, factor)| {
            sum + product(factor, slopes[slot])
        })
    }

    /// Passes the pull on a register on to the slots of what it was made of, of which `locals` are those of no
    /// sum. That of slot 0 is nobody's.
    #[inline(always)]
    fn pass<N: Number>(
        &self,
        step: Step,
        values: &[N],
        locals: [(usize, N); 2],
        pull: N,
        mut add: impl FnMut(usize, N),
    ) {
        for &[slot, factor] in self.shares(step) {
            add(slot as usize, values[factor as usize] * pull);
        }
        for (slot, factor) in locals {
            add(slot, factor * pull);
        }
    }
}

impl Program {
    /// The derivative of the results along a direction in the space of states.
    pub fn along<N: Number>(&self, values: &[N], direction: &[N], out: &mut [N]) {
        let way = self.way(By::States);
        let mut slopes = vec![N::constant(0.0); way.count()];
        // states have the first slots
        slopes[1..=direction.len()].copy_from_slice(direction);
        for &step in way.steps.iter().rev() {
            slopes[step.slot as usize] = way.slope(step, values, &slopes);
        }
        for (out, &register) in out.iter_mut().zip(self.outputs()) {
            *out = slopes[way.slot(register)];
        }
    }

    /// The derivatives of the weighted sum of the results by every input, of which only those by the inputs in
    /// question are right.
    pub fn backward<N: Number>(&self, values: &[N], weights: &[N], by: By) -> Vec<N> {
        let way = self.way(by);
        let mut pulls = vec![N::constant(0.0); way.count()];
        for (&register, &weight) in self.outputs().iter().zip(weights) {
            let own = &mut pulls[way.slot(register)];
            *own = *own + weight;
        }
        for &step in &way.steps {
            let pull = pulls[step.slot as usize];
            if !pull.is_zero() {
                let locals = way.local(step, values);
                way.pass(step, values, locals, pull, |slot, share| {
                    let own = &mut pulls[slot];
                    *own = *own + share;
                });
            }
        }
        let mut derivatives = vec![N::constant(0.0); self.inputs()];
        for (&input, &pull) in way.inputs.iter().zip(&pulls[1..]) {
            derivatives[input as usize] = pull;
        }
        derivatives
    }

    /// The derivatives of every result by those of the inputs in question that it depends on, each as
    /// (input, derivative), in the order of the inputs.
    pub fn rows<N: Number>(&self, values: &[N], by: By) -> Vec<Vec<(usize, N)>> {
        let zero = N::constant(0.0);
        let way = self.way(by);
        let mut pulls = vec![zero; way.count()];
        // one function serves many results
        let locals: Vec<_> = (way.steps.iter())
            .map(|&step| way.local(step, values))
            .collect();
        let rows = self.outputs().iter().enumerate().map(|(k, &output)| {
            pulls[way.slot(output)] = N::constant(1.0);
            let cone = self.cone(k);
            for place in (cone.registers.iter()).filter_map(|&register| way.place(register)) {
                let step = way.steps[place];
                let pull = std::mem::replace(&mut pulls[step.slot as usize], zero);
                if !pull.is_zero() {
                    way.pass(step, values, locals[place], pull, |slot, share| {
                        let own = &mut pulls[slot];
                        *own = *own + share;
                    });
                }
            }
            let mut own = Vec::with_capacity(cone.inputs.len());
            for &input in &cone.inputs {
                let slot = way.slot(input);
                if slot > 0 {
                    own.push((input as usize, std::mem::replace(&mut pulls[slot], zero)));
                }
            }
            own
        });
        rows.collect()
    }
}
