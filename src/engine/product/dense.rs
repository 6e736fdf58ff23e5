//! The dense product: a packed matrix times the rate vectors of a set of samples.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::rows::{Rows, RowsMut};
use crate::engine::weights::{PANEL_VECTORS, Packed, UNROLL};
use crate::numeric::Scalar;

/// Columns of a panel that are used before the next samples: a panel's part stays in the first cache. Each
/// block is summed by itself, which also keeps the rounding of long sums down.
const COLUMNS: usize = 128;
/// Most samples in one tile of registers.
const TILE: usize = 4;

/// `out[sample] += matrix · rates[sample]` (or `= base[sample] + …`) for the listed samples, of which
/// `out` holds what `panels` give. A row of `out` has room for whole panels, a row of rates for whole
/// unrolled steps (finite numbers there).
///
/// Every sum runs over the columns in their order, whatever the other samples are: the result of a
/// sample does not depend on its batch.
pub(crate) fn multiply_add<T: Scalar>(
    matrix: &Packed<T>,
    rates: Rows<'_, T>,
    (base, out): (Option<Rows<'_, T>>, RowsMut<'_, T>),
    samples: &[usize],
    panels: Range<usize>,
) {
    Arch::new().dispatch(Multiply {
        matrix,
        rates,
        base,
        out,
        samples,
        panels,
    });
}

struct Multiply<'a, T> {
    matrix: &'a Packed<T>,
    rates: Rows<'a, T>,
    base: Option<Rows<'a, T>>,
    out: RowsMut<'a, T>,
    samples: &'a [usize],
    panels: Range<usize>,
}

impl<T: Scalar> WithSimd for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (matrix, rates) = (self.matrix, self.rates);
        let tiles = self.samples.len().div_ceil(TILE).max(1);
        let (size, longer) = (self.samples.len() / tiles, self.samples.len() % tiles);
        let mut panel = self.panels.start;
        while panel < self.panels.end {
            // few samples fill the pipeline only together with several panels
            let most = match self.samples.len() {
                1 => 4,
                _ => 1,
            };
            let left = self.panels.end - panel;
            let group = left.div_ceil(left.div_ceil(most));
            // the last panel may need fewer registers
            let narrow = matrix.rows - panel * matrix.panel_rows <= 2 * T::lanes::<S>();
            let length = matrix.panel_rows * matrix.depth;
            let mut start = 0;
            while start < matrix.depth {
                let columns = COLUMNS.min(matrix.depth - start);
                let mut parts: [&[T]; 4] = [&[]; 4];
                for (index, part) in parts.iter_mut().enumerate().take(group) {
                    let from = (panel + index) * length + start * matrix.panel_rows;
                    *part = &matrix.panels[from..from + columns * matrix.panel_rows];
                }
                let mut done = 0;
                for tile in 0..tiles {
                    let count = size + usize::from(tile < longer);
                    let samples = &self.samples[done..done + count];
                    done += count;
                    let place = (panel, start, columns);
                    match (count, group) {
                        (1, 4) => self.tile::<S, 1, 4, 3>(simd, parts, rates, samples, place),
                        (1, 3) => self.tile::<S, 1, 3, 3>(simd, parts, rates, samples, place),
                        (1, 2) => self.tile::<S, 1, 2, 3>(simd, parts, rates, samples, place),
                        (1, _) => self.tile::<S, 1, 1, 3>(simd, parts, rates, samples, place),
                        (2, _) => self.tile::<S, 2, 1, 3>(simd, parts, rates, samples, place),
                        (3, _) => self.tile::<S, 3, 1, 3>(simd, parts, rates, samples, place),
                        (4, _) if narrow => {
                            self.tile::<S, 4, 1, 2>(simd, parts, rates, samples, place)
                        }
                        (4, _) => self.tile::<S, 4, 1, 3>(simd, parts, rates, samples, place),
                        _ => {}
                    }
                }
                start += columns;
            }
            panel += group;
        }
    }
}

impl<T: Scalar> Multiply<'_, T> {
    /// One tile: N samples times the first V registers of P panels, `columns` columns from `start`.
    #[inline(always)]
    fn tile<S: Simd, const N: usize, const P: usize, const V: usize>(
        &mut self,
        simd: S,
        parts: [&[T]; 4],
        rates: Rows<'_, T>,
        samples: &[usize],
        (panel, start, columns): (usize, usize, usize),
    ) {
        let steps = columns / UNROLL;
        let width = PANEL_VECTORS * T::lanes::<S>();
        let weights: [&[[T::Vector<S>; PANEL_VECTORS * UNROLL]]; P] = std::array::from_fn(|p| {
            &T::as_vectors::<S>(parts[p])
                .as_chunks::<{ PANEL_VECTORS * UNROLL }>()
                .0[..steps]
        });
        let rows: [&[[T; UNROLL]]; N] = std::array::from_fn(|i| {
            &rates
                .row(samples[i], start, columns)
                .as_chunks::<UNROLL>()
                .0[..steps]
        });
        let (stride, offset) = (self.out.stride, self.out.offset);
        let before = panel - self.panels.start;
        let place = |sample: usize, p: usize| sample * stride + offset + (before + p) * width;
        let mut sums = [[[T::splat(simd, T::ZERO); V]; P]; N];
        for step in 0..steps {
            for k in 0..UNROLL {
                for i in 0..N {
                    let rate = T::splat(simd, rows[i][step][k]);
                    for p in 0..P {
                        for v in 0..V {
                            let weight = weights[p][step][PANEL_VECTORS * k + v];
                            sums[i][p][v] = T::vector_fused(simd, weight, rate, sums[i][p][v]);
                        }
                    }
                }
            }
        }
        let base = self.base.filter(|_| start == 0);
        for (sums, &sample) in sums.iter().zip(samples) {
            for (p, sums) in sums.iter().enumerate() {
                let at = place(sample, p);
                let out = T::as_vectors_mut::<S>(&mut self.out.values[at..at + width]);
                if let Some(base) = base {
                    let base = T::as_vectors::<S>(base.row(sample, (before + p) * width, width));
                    for ((out, &base), &sum) in out.iter_mut().zip(base).zip(sums) {
                        *out = T::vector_add(simd, base, sum);
                    }
                } else {
                    for (out, &sum) in out.iter_mut().zip(sums) {
                        *out = T::vector_add(simd, *out, sum);
                    }
                }
            }
        }
    }
}
