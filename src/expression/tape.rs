//! The moving part of a program as it is run over real numbers: equal operations that do not wait for each
//! other stand together, so that one decision serves all of them and functions are evaluated in lanes.

use std::collections::BTreeMap;

use super::graph::{Id, Node};
use super::operation::{Binary, Unary};
use super::sums::{SumRun, Sums};
use crate::numeric::{Elementary, vectorised};

/// Numbers that are in vector registers together.
const LANES: usize = 8;
/// Beyond it, e^x is no normal number.
const LARGEST_EXPONENT: f64 = 708.0;

/// What is done to all operands of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Code {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negative,
    Square,
    Cube,
    Fourth,
    Abs,
    Less,
    /// Many terms.
    Sum,
    /// What has no code of its own.
    Node,
    /// eˣ and 1/(1 + e⁻ˣ).
    Exponential,
    Tanh,
}

/// Beside the operand of [`Code::Exponential`]: which of the two it is.
const POWER: u32 = 0;
const LOGISTIC: u32 = 1;

impl Code {
    fn of(node: Node) -> Self {
        match node {
            Node::Unary(Unary::Negative, _) => Self::Negative,
            Node::Unary(Unary::Exp | Unary::Logistic, _) => Self::Exponential,
            Node::Unary(Unary::Tanh, _) => Self::Tanh,
            Node::Unary(Unary::Abs, _) => Self::Abs,
            Node::Binary(Binary::Less, ..) => Self::Less,
            Node::Power(_, 2) => Self::Square,
            Node::Power(_, 3) => Self::Cube,
            Node::Power(_, 4) => Self::Fourth,
            Node::Binary(Binary::Add, ..) => Self::Add,
            Node::Binary(Binary::Subtract, ..) => Self::Subtract,
            Node::Binary(Binary::Multiply, ..) => Self::Multiply,
            Node::Binary(Binary::Divide, ..) => Self::Divide,
            _ => Self::Node,
        }
    }

    /// Whether it is worth waiting for others of its kind.
    fn has_lanes(self) -> bool {
        matches!(self, Self::Exponential | Self::Tanh)
    }
}

/// Equal operations, whose results stand one after the other.
#[derive(Debug, Clone, Copy)]
struct Run {
    code: Code,
    /// The register of the first result, and how many there are.
    first: u32,
    count: u32,
    /// Where their operands begin, or which of the sums they are.
    begin: u32,
}

/// Operations in an order in which they can be run.
#[derive(Debug, Default)]
pub(super) struct Tape {
    runs: Vec<Run>,
    pairs: Vec<[u32; 2]>,
    /// What has no code, in its order.
    others: Vec<Node>,
    sums: Vec<SumRun>,
}

/// An order of some nodes, operands first, in which equal operations stand together as far as possible.
/// `depends(k)` are those of the nodes that node k is made of, by their place.
pub(super) fn arranged(nodes: &[Node], depends: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut waits: Vec<usize> = vec![0; nodes.len()];
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (k, waits) in waits.iter_mut().enumerate() {
        for operand in depends(k) {
            users[operand].push(k);
            *waits += 1;
        }
    }
    let mut ready: BTreeMap<Code, Vec<usize>> = BTreeMap::new();
    for k in (0..nodes.len()).filter(|&k| waits[k] == 0) {
        ready.entry(Code::of(nodes[k])).or_default().push(k);
    }
    let mut order = Vec::with_capacity(nodes.len());
    // the most of one kind at once, functions when nothing else is left, so that they are many
    let key = |(code, ready): &(&Code, &Vec<usize>)| (!code.has_lanes(), ready.len());
    while let Some(code) = ready.iter().max_by_key(key).map(|(code, _)| *code) {
        for k in ready.remove(&code).unwrap_or_default() {
            order.push(k);
            for &user in &users[k] {
                waits[user] -= 1;
                if waits[user] == 0 {
                    ready.entry(Code::of(nodes[user])).or_default().push(user);
                }
            }
        }
    }
    order
}

impl Tape {
    /// The tape of nodes whose results stand from register `first` on, and of the sums in them.
    pub fn new(nodes: &[Node], first: usize, sums: &Sums) -> Self {
        let code = |k: usize| match sums.terms[k] {
            Some(_) => Code::Sum,
            None => Code::of(nodes[k]),
        };
        let mut tape = Self::default();
        let kept: Vec<usize> = (0..nodes.len()).filter(|&k| !sums.inside[k]).collect();
        for mut run in kept.chunk_by(|&a, &b| b == a + 1 && code(a) == code(b)) {
            // neighbours of one kind may be made of each other
            while !run.is_empty() {
                let register = (first + run[0]) as Id;
                let before = |id: Id| id < register;
                let alone = |&&k: &&usize| match &sums.terms[k] {
                    Some(terms) => terms
                        .iter()
                        .flatten()
                        .all(|&id| before(id) || id == sums.one),
                    None => nodes[k].operands().all(before),
                };
                let count = run.iter().take_while(alone).count().max(1);
                let (now, later) = run.split_at(count);
                let begin = match code(run[0]) {
                    Code::Sum => {
                        let terms = now.iter().filter_map(|&k| sums.terms[k].as_deref());
                        tape.sums.push(SumRun::new(&terms.collect::<Vec<_>>()));
                        tape.sums.len() - 1
                    }
                    Code::Node => {
                        tape.others.extend(now.iter().map(|&k| nodes[k]));
                        tape.others.len() - count
                    }
                    _ => {
                        tape.pairs.extend(now.iter().map(|&k| pair(nodes[k])));
                        tape.pairs.len() - count
                    }
                };
                tape.runs.push(Run {
                    code: code(run[0]),
                    first: register,
                    count: count as u32,
                    begin: begin as u32,
                });
                run = later;
            }
        }
        tape
    }

    /// Computes the registers of the results from those before them.
    pub fn run(&self, registers: &mut [f64]) {
        for run in &self.runs {
            let (first, begin) = (run.first as usize, run.begin as usize);
            let range = begin..begin + run.count as usize;
            match run.code {
                Code::Sum => self.sums[begin].run(registers, first),
                Code::Node => {
                    for (k, node) in self.others[range].iter().enumerate() {
                        registers[first + k] = node.apply(registers);
                    }
                }
                code => apply(code, registers, first, &self.pairs[range]),
            }
        }
    }
}

fn apply(code: Code, registers: &mut [f64], first: usize, pairs: &[[Id; 2]]) {
    match code {
        Code::Add => fill(registers, first, pairs, |x, y| x + y),
        Code::Subtract => fill(registers, first, pairs, |x, y| x - y),
        Code::Multiply => fill(registers, first, pairs, |x, y| x * y),
        Code::Divide => fill(registers, first, pairs, |x, y| x / y),
        Code::Negative => fill(registers, first, pairs, |x, _| -x),
        Code::Square => fill(registers, first, pairs, |x, _| x * x),
        Code::Cube => fill(registers, first, pairs, |x, _| x * x * x),
        Code::Fourth => fill(registers, first, pairs, |x, _| (x * x) * (x * x)),
        Code::Abs => fill(registers, first, pairs, |x, _| x.abs()),
        Code::Less => fill(registers, first, pairs, |x, y| f64::from(u8::from(x < y))),
        Code::Exponential => {
            let (before, results) = registers.split_at_mut(first);
            exponentials(before, pairs, results);
        }
        Code::Tanh => {
            fill(registers, first, pairs, |x, _| x);
            let results = &mut registers[first..first + pairs.len()];
            in_lanes(results, f64::hyperbolic_tangent);
        }
        // these have no pairs
        Code::Sum | Code::Node => {}
    }
}

/// The operands of what has a code of its own.
fn pair(node: Node) -> [Id; 2] {
    match node {
        Node::Unary(Unary::Exp, a) => [a, POWER],
        Node::Unary(Unary::Logistic, a) => [a, LOGISTIC],
        Node::Unary(_, a) | Node::Power(a, _) => [a, a],
        Node::Binary(_, a, b) => [a, b],
        _ => [0, 0],
    }
}

#[inline(always)]
fn fill(registers: &mut [f64], first: usize, pairs: &[[u32; 2]], of: impl Fn(f64, f64) -> f64) {
    for (k, [a, b]) in pairs.iter().enumerate() {
        registers[first + k] = of(registers[*a as usize], registers[*b as usize]);
    }
}

/// eˣ or 1/(1 + e⁻ˣ) of every operand.
fn exponentials(before: &[f64], pairs: &[[u32; 2]], results: &mut [f64]) {
    for (results, pairs) in results.chunks_mut(LANES).zip(pairs.chunks(LANES)) {
        let mut lanes = [0.0; LANES];
        for (lane, [operand, which]) in lanes.iter_mut().zip(pairs) {
            let x = before[*operand as usize];
            *lane = if *which == POWER { x } else { -x };
        }
        if lanes.iter().all(|x| x.abs() < LARGEST_EXPONENT) {
            vectorised(
                #[inline(always)]
                || lanes.iter_mut().for_each(|x| *x = x.exponential()),
            );
        } else {
            lanes.iter_mut().for_each(|x| *x = x.exp());
        }
        for ((result, power), [_, which]) in results.iter_mut().zip(lanes).zip(pairs) {
            *result = if *which == POWER {
                power
            } else {
                1.0 / (1.0 + power)
            };
        }
    }
}

#[inline(always)]
fn in_lanes(values: &mut [f64], function: impl Fn(f64) -> f64) {
    vectorised(
        #[inline(always)]
        || {
            for values in values.chunks_mut(LANES) {
                let mut lanes = [0.0; LANES];
                lanes[..values.len()].copy_from_slice(values);
                for lane in &mut lanes {
                    *lane = function(*lane);
                }
                values.copy_from_slice(&lanes[..values.len()]);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, Program, Scope, Text};

    /// The program of these expressions of the states x, y, z.
    fn program(expressions: &[&str]) -> Program {
        let mut scope = Scope::new(Dialect::Mathematics);
        for (position, name) in ["x", "y", "z"].into_iter().enumerate() {
            scope.input("", name, position).unwrap();
        }
        scope.time(3);
        let nodes: Vec<u32> = (expressions.iter())
            .map(|expression| {
                let text = Text::new("", *expression);
                let tree = scope.parse(&text).unwrap();
                scope.node(&text, &tree, None).unwrap()
            })
            .collect();
        Program::new(&scope.finish().0, 3, 4, &nodes)
    }

    /// Alone, in company, and far out where e^x overflows: as evaluated one after the other.
    #[test]
    fn a_tape_computes_what_its_nodes_say() {
        let expressions = [
            "exp(x) + exp(-y)*exp(z/3) - exp(x*y)",
            "tanh(x)^3 + logistic(y - z) + tanh(y)^4*tanh(z)^2 - x^5",
            "if(x < y, x - y, 1/(1 + exp(-30*z))) + max(x, z) - sin(y)",
            "exp(x - y) + exp(y - z) + exp(z - x) + exp(2*x) + exp(3*y) + exp(x + y + z)",
            "x + (y + (z + (x*y + (y*z + (z*x + 1)))))",
            "(x*y + y*z + z*x + x*y*z + x) + (2*x*y + 3*y*z + x + y + 4*z*x)*(x + y*z + y + z + 5)",
        ];
        let states = [
            [0.3, -0.7, 1.1],
            [-2.0, 0.0, 4.0],
            [250.0, -260.0, 40.0],
            [-800.0, 900.0, 1.0],
            [f64::NAN, 1.0, 2.0],
        ];
        for count in 1..=expressions.len() {
            let program = program(&expressions[..count]);
            for state in states {
                let expected = program.registers(&program.prepare(&[0.0]), &state);
                let mut found = program.prepare(&[0.0]);
                found[..3].copy_from_slice(&state);
                program.run(&mut found);
                for &output in program.outputs() {
                    let (found, expected) = (found[output as usize], expected[output as usize]);
                    let close = (found - expected).abs() <= 2e-15 * (1.0 + expected.abs());
                    let same = found == expected || found.is_nan() && expected.is_nan();
                    assert!(close || same, "{found} {expected} at {state:?}");
                }
            }
        }
    }

    /// Equal operations stand together: fifty sums of fifty products are a few runs, not 5,000.
    #[test]
    fn a_network_is_a_few_runs() {
        let sum = |row: usize| {
            let terms = (0..50).map(|k| format!("0.{}*tanh(x + {k})", row * 50 + k + 1));
            terms.collect::<Vec<_>>().join(" + ")
        };
        let sums: Vec<String> = (0..50).map(sum).collect();
        let texts: Vec<&str> = sums.iter().map(String::as_str).collect();
        let program = program(&texts);
        assert!(program.moving().count() > 4000);
        let runs = &program.tape.runs;
        assert!(runs.len() < 10, "{}", runs.len());
    }
}
