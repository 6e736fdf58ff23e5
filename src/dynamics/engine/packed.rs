//! A weight matrix in panels: the order in which the kernel reads it.

use pulp::{Arch, Simd, WithSimd};

use super::scalar::Scalar;

/// Registers of rows in one panel.
pub(super) const PANEL_VECTORS: usize = 2;
/// Columns that the kernel takes at once; panels are filled up with zeros to a multiple of it.
pub(super) const UNROLL: usize = 4;

/// Rows of one panel on this machine.
pub(super) fn panel_rows<T: Scalar>() -> usize {
    struct Lanes<T>(std::marker::PhantomData<T>);
    impl<T: Scalar> WithSimd for Lanes<T> {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            PANEL_VECTORS * T::lanes::<S>()
        }
    }
    Arch::new().dispatch(Lanes::<T>(std::marker::PhantomData))
}

/// An m × k matrix in panels of [`panel_rows`] rows, each column by column.
#[derive(Debug, Clone)]
pub(super) struct Packed<T> {
    pub rows: usize,
    pub columns: usize,
    /// `columns`, rounded up to a multiple of [`UNROLL`].
    pub depth: usize,
    pub panel_rows: usize,
    pub panels: Vec<T>,
}

impl<T: Scalar> Packed<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        let panel_rows = panel_rows::<T>();
        let depth = columns.next_multiple_of(UNROLL);
        Self {
            rows,
            columns,
            depth,
            panel_rows,
            panels: vec![T::ZERO; rows.div_ceil(panel_rows) * panel_rows * depth],
        }
    }

    /// Takes the values of a matrix of the same shape, row by row: `matrix[i * columns + j]`.
    pub fn set(&mut self, matrix: &[T]) {
        let width = self.panel_rows;
        for (i, row) in matrix.chunks_exact(self.columns).enumerate() {
            let panel = &mut self.panels[(i / width) * width * self.depth..];
            for (slot, &value) in panel[i % width..].iter_mut().step_by(width).zip(row) {
                *slot = value;
            }
        }
    }

    /// Takes the transpose of a columns × rows matrix given row by row.
    pub fn set_transposed(&mut self, matrix: &[T]) {
        let width = self.panel_rows;
        for (j, row) in matrix.chunks_exact(self.rows).enumerate() {
            for (panel, values) in row.chunks(width).enumerate() {
                let start = (panel * self.depth + j) * width;
                self.panels[start..start + values.len()].copy_from_slice(values);
            }
        }
    }

    /// Entry (i, j).
    pub fn entry(&self, i: usize, j: usize) -> T {
        let width = self.panel_rows;
        self.panels[((i / width) * self.depth + j) * width + i % width]
    }

    /// Takes the transpose of a packed matrix.
    pub fn set_transpose_of(&mut self, other: &Self) {
        let width = self.panel_rows;
        for i in 0..self.rows {
            for j in 0..self.columns {
                self.panels[((i / width) * self.depth + j) * width + i % width] = other.entry(j, i);
            }
        }
    }
}
