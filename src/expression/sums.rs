//! Sums of many terms, as networks are made of: each is one operation of the tape.

use super::graph::{Id, Node};
use super::operation::Binary;

/// Sums of fewer terms are left as they are.
const FEWEST_TERMS: usize = 4;
/// Sums that are computed together, so that none waits for its own last addition.
const TOGETHER: usize = 4;

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
                (Some(k), _) => (Some(k), vec![b]),
                (None, Some(k)) => (Some(k), vec![a]),
                (None, None) => (None, vec![a, b]),
            };
            if let Some(k) = longer
                && let Some(before) = open[k].take()
            {
                sum = before;
                sum.taken.push(k);
            }
            for id in rest {
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

/// Sums that stand together: term after term, those of [`TOGETHER`] sums of equal length side by side.
#[derive(Debug, Default)]
pub(super) struct SumRun {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    /// How many sums, at most [`TOGETHER`].
    count: usize,
    terms: Vec<[[Id; 2]; TOGETHER]>,
}

impl SumRun {
    /// Of sums in their order.
    pub fn new(sums: &[&[[Id; 2]]]) -> Self {
        let equal = sums.chunk_by(|a, b| a.len() == b.len());
        let blocks = equal.flat_map(|sums| sums.chunks(TOGETHER)).map(|sums| {
            let last = sums.len() - 1;
            let term = |j| std::array::from_fn(|k| sums[k.min(last)][j]);
            Block {
                count: sums.len(),
                terms: (0..sums[0].len()).map(term).collect(),
            }
        });
        Self {
            blocks: blocks.collect(),
        }
    }

    /// Computes the results, which stand from `first` on.
    pub fn run(&self, registers: &mut [f64], mut first: usize) {
        for block in &self.blocks {
            let product = |[a, b]: [Id; 2]| registers[a as usize] * registers[b as usize];
            let mut terms = block.terms.iter();
            let mut sums = terms
                .next()
                .map_or([0.0; TOGETHER], |term| term.map(product));
            for term in terms {
                for (sum, term) in sums.iter_mut().zip(term) {
                    *sum += product(*term);
                }
            }
            registers[first..first + block.count].copy_from_slice(&sums[..block.count]);
            first += block.count;
        }
    }
}
