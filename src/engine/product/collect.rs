//! What a layer receives: the products of all matrices that act on it.

use std::ops::Range;

use super::dense::multiply_add;
use super::rows::{Rows, RowsMut};
use super::sparse::{SparseRates, multiply_sparse_add};
use crate::engine::weights::{Layout, Packed, PackedLayer, PackedNetwork};
use crate::numeric::Scalar;

/// Where the numbers of a layer of a sample stand.
pub(crate) fn row<T>(
    network: &PackedNetwork<T>,
    layer: &PackedLayer<T>,
    sample: usize,
) -> std::ops::Range<usize> {
    let start = sample * network.stride + layer.offset;
    start..start + layer.padded
}

/// `out = base + Σ matrix · values` over the matrices, on the rows of one layer.
pub(crate) fn collect<T: Scalar>(
    network: &PackedNetwork<T>,
    matrices: &[(usize, Packed<T>)],
    (values, lists): (&[T], &SparseRates<T>),
    (base, out): (Rows<'_, T>, &mut [T]),
    layer: &PackedLayer<T>,
    samples: &[usize],
) {
    let stride = network.stride;
    fill_rest(network, layer, base, out, samples);
    for (index, (from, matrix)) in matrices.iter().enumerate() {
        let rates = Rows {
            values,
            stride,
            offset: network.layers[*from].offset,
        };
        let base = (index == 0).then_some(base);
        let out = RowsMut {
            values: &mut *out,
            stride,
            offset: layer.offset,
        };
        match matrix.layout {
            Layout::Panels => {
                multiply_add(matrix, rates, (base, out), samples, matrix.all_panels());
            }
            Layout::Groups => {
                let (first, all) = (network.layers[*from].first_block, 0..matrix.groups());
                multiply_sparse_add(matrix, lists, first, (base, out), samples, all);
            }
        }
    }
}

/// Writes of a layer what no panel does.
pub(crate) fn fill_rest<T: Scalar>(
    network: &PackedNetwork<T>,
    layer: &PackedLayer<T>,
    base: Rows<'_, T>,
    out: &mut [T],
    samples: &[usize],
) {
    let written = layer.written();
    for &sample in samples {
        let rest = base.row(sample, written, layer.padded - written);
        out[row(network, layer, sample)][written..].copy_from_slice(rest);
    }
}

/// The same as [`collect`] of some groups of the rows of a layer that reads lists, without the rest.
pub(crate) fn collect_groups<T: Scalar>(
    network: &PackedNetwork<T>,
    layer: &PackedLayer<T>,
    lists: &SparseRates<T>,
    (base, out): (Rows<'_, T>, RowsMut<'_, T>),
    samples: &[usize],
    groups: Range<usize>,
) {
    let mut base = Some(base);
    for (from, matrix) in &layer.incoming {
        let first = network.layers[*from].first_block;
        let out = RowsMut {
            values: &mut *out.values,
            ..out
        };
        multiply_sparse_add(
            matrix,
            lists,
            first,
            (base.take(), out),
            samples,
            groups.clone(),
        );
    }
}
