//! Sums that stand together on a tape, computed side by side.

use super::graph::Id;

/// Sums that are computed together: what a vector register holds.
const TOGETHER: usize = 8;

/// Sums in their order. Those of equal length are computed together.
#[derive(Debug, Default)]
pub(super) struct SumRun {
    blocks: Vec<Block>,
}

#[derive(Debug)]
enum Block {
    /// One sum, its terms products of two registers.
    Single(Vec<[Id; 2]>),
    /// Several sums, at most [`TOGETHER`], the terms of all side by side.
    Several { count: usize, pieces: Vec<Piece> },
}

/// Terms that follow each other. Where there are fewer sums, the last one is computed several times.
#[derive(Debug)]
enum Piece {
    /// Every sum multiplies the same register by a number of its own that does not move, as a matrix does. The
    /// numbers are copied: those of the first term stand from `begin` on, then those of the second.
    Matrix {
        shared: Vec<Id>,
        begin: usize,
    },
    Products(Vec<[[Id; 2]; TOGETHER]>),
}

/// Registers that do not move, of which sums want copies side by side.
pub(super) struct Copies<'a> {
    /// Where the first copy stands.
    pub begin: usize,
    /// What is copied.
    pub of: Vec<Id>,
    /// Whether a register stays as it is while states and time change.
    pub is_fixed: &'a dyn Fn(Id) -> bool,
}

impl SumRun {
    /// Of sums in their order, each term a product of two registers.
    pub fn new(sums: &[&[[Id; 2]]], copies: &mut Copies) -> Self {
        let equal = sums.chunk_by(|a, b| a.len() == b.len());
        let blocks = equal.flat_map(|sums| sums.chunks(TOGETHER));
        Self {
            blocks: blocks.map(|sums| Block::new(sums, copies)).collect(),
        }
    }

    /// Computes the results, which stand from `first` on.
    #[inline(always)]
    pub fn run(&self, registers: &mut [f64], mut first: usize) {
        for block in &self.blocks {
            let sums = block.sums(registers);
            let count = block.count();
            registers[first..first + count].copy_from_slice(&sums[..count]);
            first += count;
        }
    }
}

impl Block {
    fn new(sums: &[&[[Id; 2]]], copies: &mut Copies) -> Self {
        if let [sum] = sums {
            return Self::Single(sum.to_vec());
        }
        let length = sums.first().map_or(0, |sum| sum.len());
        let term = |j: usize| std::array::from_fn(|k| sums[k.min(sums.len() - 1)][j]);
        let mut pieces: Vec<Piece> = Vec::new();
        for term in (0..length).map(term) {
            match (shared(&term, copies), pieces.last_mut()) {
                (Some((id, own)), last) => {
                    if let Some(Piece::Matrix { shared, .. }) = last {
                        shared.push(id);
                    } else {
                        pieces.push(Piece::Matrix {
                            shared: vec![id],
                            begin: copies.begin + copies.of.len(),
                        });
                    }
                    copies.of.extend(own);
                }
                (None, Some(Piece::Products(terms))) => terms.push(term),
                (None, _) => pieces.push(Piece::Products(vec![term])),
            }
        }
        Self::Several {
            count: sums.len(),
            pieces,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Single(_) => 1,
            Self::Several { count, .. } => *count,
        }
    }

    #[inline(always)]
    fn sums(&self, registers: &[f64]) -> [f64; TOGETHER] {
        let product = |[a, b]: [Id; 2]| registers[a as usize] * registers[b as usize];
        // the number that changes no other by being added
        let mut sums = [-0.0; TOGETHER];
        match self {
            Self::Single(terms) => {
                sums[0] = terms.iter().fold(-0.0, |sum, &term| sum + product(term));
            }
            Self::Several { pieces, .. } => {
                for piece in pieces {
                    match piece {
                        Piece::Matrix { shared, begin } => {
                            let (rows, _) = registers[*begin..].as_chunks::<TOGETHER>();
                            for (row, &x) in rows.iter().zip(shared) {
                                let x = registers[x as usize];
                                for (sum, own) in sums.iter_mut().zip(row) {
                                    *sum += own * x;
                                }
                            }
                        }
                        Piece::Products(terms) => {
                            for term in terms {
                                for (sum, &term) in sums.iter_mut().zip(term) {
                                    *sum += product(term);
                                }
                            }
                        }
                    }
                }
            }
        }
        sums
    }
}

/// The factor that all of these products share, with the others, if these do not move.
fn shared(term: &[[Id; 2]; TOGETHER], copies: &Copies) -> Option<(Id, [Id; TOGETHER])> {
    term[0].iter().find_map(|&id| {
        let own = term.map(|[a, b]| if a == id { b } else { a });
        let all = term.iter().all(|factors| factors.contains(&id));
        (all && own.iter().all(|&own| (copies.is_fixed)(own))).then_some((id, own))
    })
}
