//! A weight matrix in panels: the order in which the kernel reads it.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::layout::{BLOCK, GROUP, Layout, UNROLL, panel_rows};
use crate::numeric::Aligned;
use crate::numeric::Scalar;

/// Rows and columns that are transposed at once, in registers.
const TILE: usize = 4;

/// An m × k matrix in panels of [`panel_rows`] rows, each column by column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packed<T> {
    pub rows: usize,
    pub columns: usize,
    /// `columns`, rounded up to whole steps of the kernel.
    pub depth: usize,
    pub panel_rows: usize,
    pub panels: Aligned<T>,
    pub layout: Layout,
}

/// Rows of a packed matrix that lie together.
pub(crate) struct Group<'a, T> {
    pub rows: Range<usize>,
    /// From one of their columns to the next.
    pub step: usize,
    pub values: &'a mut [T],
}

impl<T: Scalar> Packed<T> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize, layout: Layout) -> Self {
        let mut packed = Self {
            layout,
            ..Self::default()
        };
        packed.reshape(rows, columns);
        packed
    }

    /// Becomes a matrix of zeros of another shape, in the same memory where it suffices.
    pub fn reshape(&mut self, rows: usize, columns: usize) {
        self.panel_rows = panel_rows::<T>();
        self.depth = columns.next_multiple_of(match self.layout {
            Layout::Panels => UNROLL,
            Layout::Groups => BLOCK,
        });
        (self.rows, self.columns) = (rows, columns);
        let size = rows.next_multiple_of(self.panel_rows) * self.depth;
        self.panels.reset(size);
    }

    /// Panels, the last of which may not be full.
    pub fn all_panels(&self) -> Range<usize> {
        0..self.rows.div_ceil(self.panel_rows)
    }

    /// Groups of panels that are stored together.
    pub fn groups(&self) -> usize {
        let panels = self.all_panels().end;
        match self.layout {
            Layout::Panels => panels,
            Layout::Groups => match panels.div_ceil(GROUP) {
                few @ 0..=4 => few,
                many => many.next_multiple_of(2),
            },
        }
    }

    /// The panels of a group. Groups are of nearly the same size, and many of them are even in number, so that two
    /// threads that share them have as much to do.
    pub fn group_panels(&self, group: usize) -> Range<usize> {
        let (panels, groups) = (self.all_panels().end, self.groups().max(1));
        group * panels / groups..(group + 1) * panels / groups
    }

    /// Where row i begins, and the step from one of its columns to the next.
    fn row(&self, i: usize) -> (usize, usize) {
        let (width, panel) = (self.panel_rows, i / self.panel_rows);
        // the last group that does not begin behind the panel
        let group = ((panel + 1) * self.groups() - 1) / self.all_panels().end;
        let Range { start, end } = self.group_panels(group);
        let first = start * width * self.depth + (panel - start) * width + i % width;
        (first, (end - start) * width)
    }

    /// Takes the values of a matrix of the same shape, row by row: `matrix[i * columns + j]`.
    pub fn set(&mut self, matrix: &[T]) {
        let columns = self.columns;
        self.groups_mut()
            .for_each(|group| group.set(matrix, columns));
    }

    /// The same, divided among the threads of the pool that this is called in.
    pub fn set_divided(&mut self, matrix: &[T]) {
        let columns = self.columns;
        let groups: Vec<_> = self.groups_mut().collect();
        let groups = groups.into_par_iter();
        groups.for_each(|group| group.set(matrix, columns));
    }

    /// The rows in groups that lie together.
    pub fn groups_mut(&mut self) -> impl Iterator<Item = Group<'_, T>> {
        let (width, rows, depth) = (self.panel_rows, self.rows, self.depth);
        let panels: Vec<_> = (0..self.groups()).map(|k| self.group_panels(k)).collect();
        let mut rest = &mut *self.panels;
        panels.into_iter().map(move |panels| {
            let step = panels.len() * width;
            let values = rest.split_off_mut(..step * depth).unwrap_or_default();
            Group {
                rows: panels.start * width..rows.min(panels.end * width),
                step,
                values,
            }
        })
    }

    /// Takes the transpose of a columns × rows matrix given row by row.
    pub fn set_transposed(&mut self, matrix: &[T]) {
        for i in (0..self.rows).step_by(self.panel_rows) {
            let (start, step) = self.row(i);
            let count = self.panel_rows.min(self.rows - i);
            for (j, row) in matrix.chunks_exact(self.rows).enumerate() {
                let at = start + j * step;
                self.panels[at..at + count].copy_from_slice(&row[i..i + count]);
            }
        }
    }

    /// Takes the values of an f64 matrix, column by column.
    pub fn set_columns(&mut self, matrix: &[f64]) {
        for i in (0..self.rows).step_by(self.panel_rows) {
            let (start, step) = self.row(i);
            let count = self.panel_rows.min(self.rows - i);
            for (j, column) in matrix.chunks_exact(self.rows).enumerate() {
                let slots = &mut self.panels[start + j * step..];
                for (slot, &value) in slots.iter_mut().zip(&column[i..i + count]) {
                    *slot = T::from_f64(value);
                }
            }
        }
    }

    /// Writes the matrix row by row, as [`Packed::set`] takes it.
    pub fn write_rows(&self, out: &mut [T]) {
        for (i, row) in out.chunks_exact_mut(self.columns.max(1)).enumerate() {
            let (start, step) = self.row(i);
            for (slot, &value) in row
                .iter_mut()
                .zip(self.panels[start..].iter().step_by(step))
            {
                *slot = value;
            }
        }
    }

    /// The matrix as it was given.
    pub fn to_matrix(&self) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(self.rows, self.columns);
        for i in (0..self.rows).step_by(self.panel_rows) {
            let (start, step) = self.row(i);
            let count = self.panel_rows.min(self.rows - i);
            for (j, column) in out.as_mut_slice().chunks_exact_mut(self.rows).enumerate() {
                let values = &self.panels[start + j * step..];
                for (slot, &value) in column[i..i + count].iter_mut().zip(values) {
                    *slot = value.to_f64();
                }
            }
        }
        out
    }

    /// Takes the transpose of a packed matrix.
    pub fn set_transpose_of(&mut self, other: &Self) {
        for j in (0..other.rows).step_by(other.panel_rows) {
            let (from, from_step) = other.row(j);
            let columns = other.panel_rows.min(other.rows - j);
            for i in (0..self.rows).step_by(self.panel_rows) {
                let (start, step) = self.row(i);
                for r in 0..self.panel_rows.min(self.rows - i) {
                    let column = &other.panels[from + (i + r) * from_step..][..columns];
                    let slots = self.panels[start + r + j * step..].iter_mut().step_by(step);
                    for (slot, &value) in slots.zip(column) {
                        *slot = value;
                    }
                }
            }
        }
    }
}

impl<T: Scalar> Group<'_, T> {
    /// Takes its rows of a matrix that is given row by row, of `columns` numbers each.
    fn set(self, matrix: &[T], columns: usize) {
        if columns > 0 {
            let rows = &matrix[self.rows.start * columns..self.rows.end * columns];
            pack(self.values, self.step, rows, columns);
        }
    }
}

/// Takes rows that lie together, of `columns` numbers each: they stand side by side, column by column.
fn pack<T: Scalar>(panels: &mut [T], step: usize, rows: &[T], columns: usize) {
    let count = rows.len() / columns;
    let whole = |length: usize| length - length % TILE;
    for j in (0..whole(columns)).step_by(TILE) {
        for i in (0..whole(count)).step_by(TILE) {
            let mut tile = [[T::ZERO; TILE]; TILE];
            for (r, row) in rows[i * columns..].chunks(columns).take(TILE).enumerate() {
                for (c, &value) in row[j..j + TILE].iter().enumerate() {
                    tile[c][r] = value;
                }
            }
            for (c, column) in tile.iter().enumerate() {
                let at = (j + c) * step + i;
                panels[at..at + TILE].copy_from_slice(column);
            }
        }
    }
    for (i, row) in rows.chunks_exact(columns).enumerate() {
        let done = if i < whole(count) { whole(columns) } else { 0 };
        for (j, &value) in row.iter().enumerate().skip(done) {
            panels[j * step + i] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        for layout in [Layout::Panels, Layout::Groups] {
            for (rows, columns) in [
                (1, 1),
                (3, 5),
                (97, 66),
                (250, 7),
                (5, 0),
                (200, 130),
                (512, 70),
            ] {
                let value = |i: usize, j: usize| (i * columns + j) as f32 + 0.5;
                let matrix: Vec<f32> = (0..rows * columns).map(|k| k as f32 + 0.5).collect();
                let mut packed = Packed::zeros(rows, columns, layout);
                packed.set(&matrix);
                let expected = DMatrix::from_fn(rows, columns, |i, j| f64::from(value(i, j)));
                assert_eq!(packed.to_matrix(), expected, "{layout:?}");
                let mut divided = Packed::zeros(rows, columns, layout);
                divided.set_divided(&matrix);
                assert!(*divided.panels == *packed.panels, "{layout:?}");
            }
        }
    }
}
