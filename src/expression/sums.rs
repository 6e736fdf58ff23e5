//! Sums of many terms, as networks are made of: each is one operation of the tape.

use super::graph::{Id, Node};
use super::operation::Binary;

/// Sums of fewer terms are left as they are.
const FEWEST_TERMS: usize = 4;

/// What is left of some nodes when sums are operations of their own.
#[derive(Debug)]
pub(super) struct Sums {
    /// The terms of the sum that a node ends, each a product of two registers.
    pub terms: Vec<Option<Vec<[Id; 2]>>>,
    /// Whether a node is only part of a sum, so that nobody asks for its value.
    pub inside: Vec<bool>,
    /// The register behind the last one, which holds 1: terms that are no products are multiplied by it.
    pub one: Id,
}

/// A sum on its way, and the nodes that it has taken in.
struct Open {
    terms: Vec<[Id; 2]>,
    taken: Vec<usize>,
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
        let mut open: Vec<Option<Open>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let Node::Binary(Binary::Add, a, b) = *node else {
                open.push(None);
                continue;
            };
            let mut sum = Open {
                terms: Vec::new(),
                taken: Vec::new(),
            };
            let started = |id: Id| own(id).filter(|&k| open[k].is_some());
            let (longer, rest) = match (started(a), started(b)) {
                (Some(k), _) => (Some(k), [None, Some(b)]),
                (None, Some(k)) => (Some(k), [Some(a), None]),
                (None, None) => (None, [Some(a), Some(b)]),
            };
            if let Some(k) = longer
                && let Some(before) = open[k].take()
            {
                sum = before;
                sum.taken.push(k);
            }
            for id in rest.into_iter().flatten() {
                match own(id).map(|k| (k, nodes[k])) {
                    Some((k, Node::Binary(Binary::Multiply, x, y))) => {
                        sum.terms.push([x, y]);
                        sum.taken.push(k);
                    }
                    _ => sum.terms.push([id, one]),
                }
            }
            open.push(Some(sum));
        }
        let mut inside = vec![false; nodes.len()];
        let long = |sum: &Open| sum.terms.len() >= FEWEST_TERMS;
        let terms = open.into_iter().map(|sum| {
            let sum = sum.filter(long)?;
            sum.taken.iter().for_each(|&k| inside[k] = true);
            Some(sum.terms)
        });
        Self {
            terms: terms.collect(),
            inside,
            one,
        }
    }
}
