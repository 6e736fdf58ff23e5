//! Rates as lists of those that are not 0, and the product that skips the rest.
//!
//! About half of the neurons of a network of hard sigmoids or rectifiers are silent, and most inputs
//! are. The product reads a column of weights for every entry: as many loads as multiplications, which
//! is what the machine can do at its peak while the weights are in the first cache.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::rows::{Rows, RowsMut};
use crate::engine::weights::{BLOCK, PANEL_VECTORS, Packed};
use crate::numeric::Scalar;

/// For every sample and every block of columns, the values that are not 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseRates<T> {
    entries: Vec<[(u32, T); BLOCK]>,
    counts: Vec<usize>,
    /// Samples for which there is room. The lists of one block lie together, sample by sample, as the
    /// product reads them.
    room: usize,
}

impl<T: Scalar> SparseRates<T> {
    /// Room for `samples` rows of `blocks` blocks.
    pub fn reserve(&mut self, samples: usize, blocks: usize) {
        self.room = self.room.max(samples);
        let samples = self.room;
        if self.counts.len() < samples * blocks {
            self.counts.resize(samples * blocks, 0);
            self.entries.resize(samples * blocks, [(0, T::ZERO); BLOCK]);
        }
    }

    /// SparseRates a sample's values from block `first` on.
    pub fn fill(&mut self, sample: usize, first: usize, values: &[T]) {
        let start = first * self.room + sample;
        let lists = self.entries[start..]
            .iter_mut()
            .zip(&mut self.counts[start..])
            .step_by(self.room);
        for (values, (list, count)) in values.chunks(BLOCK).zip(lists) {
            let mut found = 0;
            for (j, &value) in (0..).zip(values) {
                // written in any case, kept if it counts
                list[found % BLOCK] = (j, value);
                found += usize::from(!value.is_zero());
            }
            *count = found;
        }
    }

    /// Takes the lists of some samples from another.
    pub fn copy(&mut self, other: &Self, samples: &[usize], blocks: impl Iterator<Item = usize>) {
        for block in blocks {
            for &sample in samples {
                let (to, from) = (block * self.room + sample, block * other.room + sample);
                let count = other.counts[from].min(BLOCK);
                self.entries[to][..count].copy_from_slice(&other.entries[from][..count]);
                self.counts[to] = count;
            }
        }
    }
}

/// `out[sample] += matrix · values[sample]` (or `= base[sample] + …`) for the listed samples, whose values
/// begin at block `first`, and some groups of panels of the matrix, in which it is packed. Every sum runs over the
/// columns in their order.
pub(crate) fn multiply_sparse_add<T: Scalar>(
    matrix: &Packed<T>,
    lists: &SparseRates<T>,
    first: usize,
    (base, out): (Option<Rows<'_, T>>, RowsMut<'_, T>),
    samples: &[usize],
    groups: Range<usize>,
) {
    Arch::new().dispatch(Multiply {
        matrix,
        lists,
        first,
        base,
        out,
        samples,
        groups,
    });
}

struct Multiply<'a, T> {
    matrix: &'a Packed<T>,
    lists: &'a SparseRates<T>,
    first: usize,
    base: Option<Rows<'a, T>>,
    out: RowsMut<'a, T>,
    samples: &'a [usize],
    groups: Range<usize>,
}

impl<T: Scalar> WithSimd for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (matrix, width) = (self.matrix, self.matrix.panel_rows);
        for group in self.groups.clone() {
            let together = matrix.group_panels(group);
            let row = together.start * width;
            let panels = &matrix.panels[row * matrix.depth..];
            match together.len() {
                4 => self.group::<S, 12>(simd, panels, row),
                3 => self.group::<S, 9>(simd, panels, row),
                2 => self.group::<S, 6>(simd, panels, row),
                _ => self.group::<S, 3>(simd, panels, row),
            }
        }
    }
}

impl<T: Scalar> Multiply<'_, T> {
    /// The rows of one group: V registers from `row` on, whose panels come first.
    ///
    /// With every entry, a register of the next block is read: few samples are done with a block sooner than the
    /// next comes from the third cache.
    #[inline(always)]
    fn group<S: Simd, const V: usize>(&mut self, simd: S, panels: &[T], row: usize) {
        const {
            assert!(
                PANEL_VECTORS == 3,
                "groups are counted in threes of registers"
            )
        };
        let length = V * T::lanes::<S>();
        let share = (BLOCK * V).div_ceil(self.samples.len().max(1));
        let mut read = T::splat(simd, T::ZERO);
        let mut blocks = T::as_vectors::<S>(panels).as_chunks::<V>().0;
        for block in 0..self.matrix.depth / BLOCK {
            let Some((columns, ahead)) = blocks.split_first_chunk::<BLOCK>() else {
                break;
            };
            blocks = ahead;
            let next = ahead[..ahead.len().min(BLOCK)].as_flattened();
            let mut shares = next.chunks(share);
            for &sample in self.samples {
                let mut ahead = shares.next().unwrap_or_default().iter();
                let place = (self.first + block) * self.lists.room + sample;
                let list = &self.lists.entries[place][..self.lists.counts[place].min(BLOCK)];
                let base = self.base.filter(|_| block == 0);
                if list.is_empty() && base.is_none() {
                    continue;
                }
                let mut sums = [T::splat(simd, T::ZERO); V];
                // four at a time: fewer ends of loops
                let (fours, rest) = list.as_chunks::<4>();
                for four in fours {
                    for &entry in four {
                        if let Some(&next) = ahead.next() {
                            read = T::vector_add(simd, read, next);
                        }
                        add_column::<T, S, V>(simd, columns, entry, &mut sums);
                    }
                }
                for &entry in rest {
                    add_column::<T, S, V>(simd, columns, entry, &mut sums);
                }
                let at = sample * self.out.stride + self.out.offset + row;
                let out = T::as_vectors_mut::<S>(&mut self.out.values[at..at + length]);
                if let Some(base) = base {
                    let base = T::as_vectors::<S>(base.row(sample, row, length));
                    for ((out, &base), sum) in out.iter_mut().zip(base).zip(sums) {
                        *out = T::vector_add(simd, base, sum);
                    }
                } else {
                    for (out, sum) in out.iter_mut().zip(sums) {
                        *out = T::vector_add(simd, *out, sum);
                    }
                }
            }
        }
        // the sum itself is of no use
        std::hint::black_box(read);
    }
}

/// `sums += columns[column] · value`.
#[inline(always)]
fn add_column<T: Scalar, S: Simd, const V: usize>(
    simd: S,
    columns: &[[T::Vector<S>; V]; BLOCK],
    (column, value): (u32, T),
    sums: &mut [T::Vector<S>; V],
) {
    let value = T::splat(simd, value);
    let weights = &columns[column as usize % BLOCK];
    for v in 0..V {
        sums[v] = T::vector_fused(simd, weights[v], value, sums[v]);
    }
}
