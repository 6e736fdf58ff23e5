//! Sums of many terms, as networks are made of: each is one operation of the tape.

use super::graph::{Id, Node};
use super::operation::Binary;

/// Sums of fewer terms are left as they are.
const FEWEST_TERMS: usize = 4;

/// What is left of some nodes when sums are operations of their own.
#[derive(Debug)]
pub(super) struct Sums {
    /// Which of the sums a node ends, or [`NONE`].
    ends: Vec<u32>,
    /// The terms of every sum, each a product of two registers.
    sums: Vec<Vec<[Id; 2]>>,
    /// Whether a node is only part of a sum, so that nobody asks for its value.
    pub inside: Vec<bool>,
    /// The register behind the last one, which holds 1: terms that are no products are multiplied by it.
    pub one: Id,
}

/// That a node ends no sum.
const NONE: u32 = u32::MAX;

/// A sum on its way, and the nodes that it has taken in.
#[derive(Default)]
struct Open {
    terms: Vec<[Id; 2]>,
    taken: Vec<u32>,
}

impl Open {
    fn is_long(&self) -> bool {
        self.terms.len() >= FEWEST_TERMS
    }
}

impl Sums {
    /// The sums in nodes whose registers begin at `first`, operands before what is made of them. `outputs` are
    /// needed by others.
    pub fn find(nodes: &[Node], first: usize, outputs: &[Id]) -> Self {
        let one = (first + nodes.len()) as Id;
        let place = |id: Id| (id as usize).checked_sub(first);
        let mut uses = vec![0u32; nodes.len()];
        let operands = nodes.iter().flat_map(|node| node.operands());
        for k in operands.chain(outputs.iter().copied()).filter_map(place) {
            uses[k] += 1;
        }
        let own = |id: Id| place(id).filter(|&k| uses[k] == 1);
        let mut open: Vec<Open> = Vec::new();
        // which of them a node ends
        let mut ends = vec![NONE; nodes.len()];
        for (end, node) in nodes.iter().enumerate() {
            let Node::Binary(Binary::Add, a, b) = *node else {
                continue;
            };
            let started = |id: Id| own(id).filter(|&k| ends[k] != NONE);
            let (longer, rest) = match (started(a), started(b)) {
                (Some(k), _) => (Some(k), [None, Some(b)]),
                (None, Some(k)) => (Some(k), [Some(a), None]),
                (None, None) => (None, [Some(a), Some(b)]),
            };
            let number = match longer {
                Some(k) => {
                    let number = std::mem::replace(&mut ends[k], NONE);
                    open[number as usize].taken.push(k as u32);
                    number
                }
                None => {
                    open.push(Open::default());
                    open.len() as u32 - 1
                }
            };
            ends[end] = number;
            let sum = &mut open[number as usize];
            for id in rest.into_iter().flatten() {
                match own(id).map(|k| (k, nodes[k])) {
                    Some((k, Node::Binary(Binary::Multiply, x, y))) => {
                        sum.terms.push([x, y]);
                        sum.taken.push(k as u32);
                    }
                    _ => sum.terms.push([id, one]),
                }
            }
        }
        let mut inside = vec![false; nodes.len()];
        for sum in open.iter().filter(|sum| sum.is_long()) {
            (sum.taken.iter()).for_each(|&k| inside[k as usize] = true);
        }
        for end in ends.iter_mut().filter(|end| **end != NONE) {
            if !open[*end as usize].is_long() {
                *end = NONE;
            }
        }
        Self {
            ends,
            sums: open.into_iter().map(|sum| sum.terms).collect(),
            inside,
            one,
        }
    }

    /// The terms of the sum that a node ends, if it ends one, each a product of two registers.
    pub fn terms(&self, node: usize) -> Option<&[[Id; 2]]> {
        let sum = self.sums.get(self.ends[node] as usize)?;
        Some(sum)
    }
}
