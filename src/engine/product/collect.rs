//! What a layer receives: the products of all matrices that act on it.

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
    // what no panel writes
    let written = matrices
        .first()
        .map_or(0, |(_, matrix)| matrix.all_panels().end * matrix.panel_rows);
    for &sample in samples {
        let rest = layer.padded - written;
        let rest = base.row(sample, written, rest);
        out[row(network, layer, sample)][written..].copy_from_slice(rest);
    }
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
                let first = network.layers[*from].first_block;
                multiply_sparse_add(matrix, lists, first, (base, out), samples);
            }
        }
    }
}
