//! Sums of outer products, added to packed matrices where they lie.

use super::rows::RowsMut;
use super::sparse::{SparseRates, multiply_sparse_add};
use crate::engine::weights::{BLOCK, Group, Layout, Packed};
use crate::numeric::Scalar;

/// Right factors r of a batch: for every column the samples in which it is not 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnLists<T> {
    lists: SparseRates<T>,
    /// All columns' numbers in their order.
    columns: Vec<usize>,
    column: Vec<T>,
}

impl<T: Scalar> ColumnLists<T> {
    /// Takes r, one row a sample, times a factor.
    pub fn fill(&mut self, factor: T, rates: &[T], samples: usize) {
        let columns = rates.len() / samples;
        self.lists.reserve(columns, samples.div_ceil(BLOCK));
        self.columns.clear();
        self.columns.extend(0..columns);
        for j in 0..columns {
            let column = rates[j..].iter().step_by(columns);
            self.column.clear();
            self.column.extend(column.map(|&value| factor * value));
            self.lists.fill(j, 0, &self.column);
        }
    }
}

/// What is added to some rows of a packed matrix.
pub(crate) struct RankUpdate<'a, T> {
    pub group: Group<'a, T>,
    pub factor: T,
    /// Left factors δ, one row a sample, of which those of the first row of the matrix begin at `offset`.
    pub delta: &'a [T],
    pub offset: usize,
    pub rates: &'a ColumnLists<T>,
}

/// What a thread needs for it, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct RankWorkspace<T> {
    left: Packed<T>,
    delta: Vec<T>,
}

impl<T: Scalar> RankUpdate<'_, T> {
    /// `W += factor · Σ δ rᵀ` over the samples: each weight's sum runs over them in their order, and is added once.
    pub fn add(self, samples: usize, workspace: &mut RankWorkspace<T>) {
        let RankWorkspace { left, delta } = workspace;
        let Group { rows, step, values } = self.group;
        delta.clear();
        for row in self.delta.chunks_exact(self.delta.len() / samples) {
            let own = &row[self.offset + rows.start..self.offset + rows.end];
            delta.extend(own.iter().map(|&value| self.factor * value));
        }
        left.layout = Layout::Groups;
        left.reshape(rows.len(), samples);
        left.set_transposed(delta);
        let out = RowsMut {
            values,
            stride: step,
            offset: 0,
        };
        let ColumnLists { lists, columns, .. } = self.rates;
        multiply_sparse_add(left, lists, 0, (None, out), columns, 0..1);
    }
}
