//! The moving part of a program as it is run over real numbers: equal operations that do not wait for each
//! other stand together, so that one decision serves all of them and functions are evaluated in lanes.

use std::collections::BTreeMap;

use super::code::{Code, FEW, Registers, apply, operands};
use super::graph::{Id, Node};
use super::sum_run::{Copies, SumRun};
use super::sums::Sums;
use crate::numeric::vectorised;

/// Equal operations, whose results stand one after the other.
#[derive(Debug)]
struct Run {
    code: Code,
    /// The register of the first result.
    first: Id,
    /// The operands of what has a code.
    pairs: Vec<[Id; 2]>,
    /// Which of the sums or of the others it is, if it has none.
    own: u32,
}

/// Operations in an order in which they can be run.
#[derive(Debug, Default)]
pub(super) struct Tape {
    runs: Vec<Run>,
    sums: Vec<SumRun>,
    /// What has no code.
    others: Vec<Vec<Node>>,
    /// Which registers that do not move are wanted once more, behind all others.
    pub copies: Vec<Id>,
}

/// An order of some nodes, operands first, in which equal operations stand together as far as possible.
/// `depends(k)` are those of the nodes that node k is made of, by their place.
pub(super) fn arranged<Operands: Iterator<Item = u32>>(
    nodes: &[Node],
    depends: impl Fn(u32) -> Operands,
) -> Vec<u32> {
    let count = nodes.len() as u32;
    // those that wait for a node stand one after the other, from its place in `begins` on
    let mut begins = vec![0u32; nodes.len() + 1];
    let operands = |k: u32| depends(k).map(move |operand| (k, operand as usize));
    (0..count)
        .flat_map(operands)
        .for_each(|(_, operand)| begins[operand] += 1);
    let mut end = 0;
    for begin in &mut begins {
        end += *begin;
        *begin = end;
    }
    let mut waits = vec![0u32; nodes.len()];
    let mut users = vec![0u32; end as usize];
    for (k, operand) in (0..count).rev().flat_map(operands) {
        begins[operand] -= 1;
        users[begins[operand] as usize] = k;
        waits[k as usize] += 1;
    }
    let code = |k: u32| Code::of(nodes[k as usize]);
    let mut ready: BTreeMap<Code, Vec<u32>> = BTreeMap::new();
    for k in (0..count).filter(|&k| waits[k as usize] == 0) {
        ready.entry(code(k)).or_default().push(k);
    }
    let mut order = Vec::with_capacity(nodes.len());
    // the most of one kind at once, functions when nothing else is left, so that they are many
    let key = |(code, ready): &(&Code, &Vec<u32>)| (!code.has_lanes(), ready.len());
    while let Some(next) = ready.iter().max_by_key(key).map(|(code, _)| *code) {
        for k in ready.remove(&next).unwrap_or_default() {
            order.push(k);
            let own = begins[k as usize] as usize..begins[k as usize + 1] as usize;
            for &user in &users[own] {
                waits[user as usize] -= 1;
                if waits[user as usize] == 0 {
                    ready.entry(code(user)).or_default().push(user);
                }
            }
        }
    }
    order
}

impl Tape {
    /// The tape of nodes whose results stand from register `first` on, and of the sums in them.
    /// `is_fixed` are the registers that stay while states and time change.
    pub fn new(nodes: &[Node], first: usize, sums: &Sums, is_fixed: &dyn Fn(Id) -> bool) -> Self {
        let code = |k: usize| match sums.terms(k) {
            Some(_) => Code::Sum,
            None => Code::of(nodes[k]),
        };
        let mut tape = Self::default();
        let mut copies = Copies {
            begin: sums.one as usize + 1,
            of: Vec::new(),
            is_fixed,
        };
        let kept: Vec<usize> = (0..nodes.len()).filter(|&k| !sums.inside[k]).collect();
        for mut run in kept.chunk_by(|&a, &b| b == a + 1 && code(a) == code(b)) {
            // neighbours of one kind may be made of each other
            while !run.is_empty() {
                let register = (first + run[0]) as Id;
                let before = |id: Id| id < register;
                let alone = |&&k: &&usize| match sums.terms(k) {
                    Some(terms) => terms
                        .iter()
                        .flatten()
                        .all(|&id| before(id) || id == sums.one),
                    None => nodes[k].operands().all(before),
                };
                let count = run.iter().take_while(alone).count().max(1);
                let (now, later) = run.split_at(count);
                let mut made = Run {
                    code: code(run[0]),
                    first: register,
                    pairs: Vec::new(),
                    own: 0,
                };
                let now = now.iter();
                match made.code {
                    Code::Sum => {
                        let terms: Vec<_> = now.filter_map(|&k| sums.terms(k)).collect();
                        made.own = tape.sums.len() as u32;
                        tape.sums.push(SumRun::new(&terms, &mut copies));
                    }
                    Code::Node => {
                        made.own = tape.others.len() as u32;
                        tape.others.push(now.map(|&k| nodes[k]).collect());
                    }
                    _ => made.pairs = now.map(|&k| operands(nodes[k])).collect(),
                }
                tape.runs.push(made);
                run = later;
            }
        }
        tape.copies = copies.of;
        tape
    }

    /// Computes the registers of the results from those before them.
    pub fn run(&self, registers: &mut [f64]) {
        match <&mut [f64; FEW]>::try_from(&mut *registers) {
            Ok(few) => self.run_in(few),
            Err(_) => self.run_in(registers),
        }
    }

    fn run_in<R: Registers + ?Sized>(&self, registers: &mut R) {
        for run in &self.runs {
            match run.code {
                Code::Sum => vectorised(
                    #[inline(always)]
                    || self.sums[run.own as usize].run(registers.all(), run.first as usize),
                ),
                Code::Node => {
                    for (result, node) in (run.first..).zip(&self.others[run.own as usize]) {
                        let value = node.apply(registers.all());
                        registers.put(result, value);
                    }
                }
                code => apply(code, registers, run.first, &run.pairs),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Program, program_of};

    /// The program of these expressions of the states x, y, z.
    fn program(expressions: &[&str]) -> Program {
        program_of(&["x", "y", "z"], expressions)
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
        assert!(program.rows_in_products() <= 2);
    }
}
