//! Square matrices of which few entries are not 0, row by row.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// A square matrix as a list of entries a row, each row by increasing column.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseMatrix {
    /// Where each row begins; one more at the end.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

/// Rows that one thread takes at a time.
const ROWS: usize = 4096;

impl SparseMatrix {
    /// An n × n matrix from its entries, which may stand in any order, each place once; and where in the
    /// matrix each of them went.
    pub fn new(n: usize, rows: &[u32], columns: &[u32], values: &[f64]) -> (Self, Vec<u32>) {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_unstable_by_key(|&k| (rows[k as usize], columns[k as usize]));
        let mut starts = vec![0; n + 1];
        rows.iter().for_each(|&row| starts[row as usize + 1] += 1);
        (0..n).for_each(|i| starts[i + 1] += starts[i]);
        let mut slots = vec![0; rows.len()];
        for (slot, &k) in order.iter().enumerate() {
            slots[k as usize] = slot as u32;
        }
        let matrix = Self {
            starts,
            columns: order.iter().map(|&k| columns[k as usize]).collect(),
            values: order.iter().map(|&k| values[k as usize]).collect(),
        };
        (matrix, slots)
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.starts.len() - 1
    }

    /// The entries, row by row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same places with other values.
    #[must_use]
    pub fn with_values(&self, values: Vec<f64>) -> Self {
        debug_assert_eq!(values.len(), self.values.len());
        Self {
            values,
            ..self.clone()
        }
    }

    /// The columns and values of a row.
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = self.starts[i]..self.starts[i + 1];
        let columns = self.columns[range.clone()].iter().map(|&j| j as usize);
        columns.zip(self.values[range].iter().copied())
    }

    /// `out += M v`. The sums do not depend on the number of threads.
    pub fn multiply_add(&self, vector: &[f64], out: &mut [f64]) {
        let rows = |first: usize, out: &mut [f64]| {
            for (i, out) in out.iter_mut().enumerate() {
                *out += self
                    .row(first + i)
                    .map(|(j, value)| value * vector[j])
                    .sum::<f64>();
            }
        };
        if out.len() <= ROWS {
            return rows(0, out);
        }
        let parts = out.par_chunks_mut(ROWS).enumerate();
        parts.for_each(|(k, out)| rows(k * ROWS, out));
    }

    /// `out += Mᵀ v`.
    pub fn multiply_transpose_add(&self, vector: &[f64], out: &mut [f64]) {
        for (i, &v) in vector.iter().enumerate() {
            self.row(i).for_each(|(j, value)| out[j] += value * v);
        }
    }

    /// `out += |M| |v|`.
    pub fn add_term_sizes(&self, vector: &[f64], out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out += self
                .row(i)
                .map(|(j, value)| (value * vector[j]).abs())
                .sum::<f64>();
        }
    }

    /// `diag(left) M diag(right) + diag(diagonal)`.
    #[must_use]
    pub fn scaled_with_diagonal(&self, left: &[f64], right: &[f64], diagonal: &[f64]) -> Self {
        self.collect_rows(self.values.len() + diagonal.len(), |i, push| {
            let mut own = Some(diagonal[i]);
            for (j, value) in self.row(i) {
                let value = left[i] * value * right[j];
                if j == i {
                    push(j, value + own.take().unwrap_or(0.0));
                    continue;
                }
                if j > i
                    && let Some(own) = own.take()
                {
                    push(i, own);
                }
                push(j, value);
            }
            if let Some(own) = own {
                push(i, own);
            }
        })
    }

    /// The part that belongs to some rows and columns (increasing).
    #[must_use]
    pub fn restricted(self, kept: &[usize]) -> Self {
        let n = self.dimension();
        if kept.len() == n {
            return self;
        }
        let mut place = vec![u32::MAX; n];
        (kept.iter().enumerate()).for_each(|(k, &i)| place[i] = k as u32);
        let mut out = Self {
            starts: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
        };
        for &i in kept {
            for (j, value) in self.row(i) {
                if place[j] != u32::MAX {
                    out.columns.push(place[j]);
                    out.values.push(value);
                }
            }
            out.starts.push(out.columns.len());
        }
        out
    }

    /// `Mᵀ`.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let n = self.dimension();
        let mut starts = vec![0; n + 1];
        self.columns
            .iter()
            .for_each(|&j| starts[j as usize + 1] += 1);
        (0..n).for_each(|i| starts[i + 1] += starts[i]);
        let mut next = starts.clone();
        let mut columns = vec![0; self.columns.len()];
        let mut values = vec![0.0; self.values.len()];
        for i in 0..n {
            for (j, value) in self.row(i) {
                columns[next[j]] = i as u32;
                values[next[j]] = value;
                next[j] += 1;
            }
        }
        Self {
            starts,
            columns,
            values,
        }
    }

    /// `Mᵀ − M`, each entry one difference.
    #[must_use]
    pub fn skew(&self) -> Self {
        let transposed = self.transposed();
        self.collect_rows(2 * self.values.len(), |i, push| {
            beside(self.row(i), transposed.row(i), |j, own, other| {
                push(j, other - own);
            });
        })
    }

    /// ‖M − Mᵀ‖_F / ‖M + Mᵀ‖_F: 0 of a symmetric matrix, infinite of an antisymmetric one.
    pub fn asymmetry(&self) -> f64 {
        let transposed = self.transposed();
        let (mut minus, mut plus) = (0.0, 0.0);
        for i in 0..self.dimension() {
            beside(self.row(i), transposed.row(i), |_, own, other| {
                minus += (own - other) * (own - other);
                plus += (own + other) * (own + other);
            });
        }
        if minus == 0.0 {
            0.0
        } else {
            (minus / plus).sqrt()
        }
    }

    /// As a full matrix.
    pub fn to_dense(&self) -> DMatrix<f64> {
        let n = self.dimension();
        let mut out = DMatrix::zeros(n, n);
        for i in 0..n {
            self.row(i).for_each(|(j, value)| out[(i, j)] = value);
        }
        out
    }

    /// A matrix of the same size whose rows `fill` hands over entry by entry.
    fn collect_rows(
        &self,
        capacity: usize,
        mut fill: impl FnMut(usize, &mut dyn FnMut(usize, f64)),
    ) -> Self {
        let mut out = Self {
            starts: Vec::with_capacity(self.starts.len()),
            columns: Vec::with_capacity(capacity),
            values: Vec::with_capacity(capacity),
        };
        out.starts.push(0);
        for i in 0..self.dimension() {
            fill(i, &mut |j, value| {
                out.columns.push(j as u32);
                out.values.push(value);
            });
            out.starts.push(out.columns.len());
        }
        out
    }
}

/// Calls `visit(column, one, other)` for every column of either of two rows, 0 where one has none.
fn beside(
    one: impl Iterator<Item = (usize, f64)>,
    other: impl Iterator<Item = (usize, f64)>,
    mut visit: impl FnMut(usize, f64, f64),
) {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    loop {
        let column = match (one.peek(), other.peek()) {
            (Some(&(i, _)), Some(&(j, _))) => i.min(j),
            (Some(&(i, _)), None) => i,
            (None, Some(&(j, _))) => j,
            (None, None) => return,
        };
        let own = one
            .next_if(|&(i, _)| i == column)
            .map_or(0.0, |(_, value)| value);
        let its = other
            .next_if(|&(j, _)| j == column)
            .map_or(0.0, |(_, value)| value);
        visit(column, own, its);
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DVector;

    use super::*;
    use crate::numeric::asymmetry;

    fn example() -> (SparseMatrix, DMatrix<f64>) {
        let (rows, columns) = ([2, 0, 1, 0, 3, 3], [1, 3, 1, 0, 2, 0]);
        let values = [5.0, -2.0, 3.0, 1.0, 0.5, 7.0];
        let (matrix, slots) = SparseMatrix::new(4, &rows, &columns, &values);
        assert!(
            slots
                .iter()
                .zip(values)
                .all(|(&slot, value)| matrix.values()[slot as usize] == value)
        );
        let dense = matrix.to_dense();
        for k in 0..6 {
            assert_eq!(dense[(rows[k] as usize, columns[k] as usize)], values[k]);
        }
        (matrix, dense)
    }

    #[test]
    fn everything_agrees_with_the_full_matrix() {
        let (matrix, dense) = example();
        let v = [1.0, -2.0, 3.0, 0.25];
        let product = |dense: &DMatrix<f64>| dense * DVector::from_column_slice(&v);
        let mut out = vec![0.0; 4];
        matrix.multiply_add(&v, &mut out);
        assert_eq!(out, product(&dense).as_slice());
        out.fill(0.0);
        matrix.multiply_transpose_add(&v, &mut out);
        assert_eq!(out, product(&dense.transpose()).as_slice());
        assert_eq!(matrix.transposed().to_dense(), dense.transpose());
        assert_eq!(matrix.skew().to_dense(), dense.transpose() - &dense);
        assert!((matrix.asymmetry() - asymmetry(&dense)).abs() < 1e-15);
        let scaled = matrix.scaled_with_diagonal(&v, &v, &[-1.0, -2.0, -3.0, -4.0]);
        let expected = DMatrix::from_fn(4, 4, |i, j| {
            v[i] * dense[(i, j)] * v[j] - if i == j { i as f64 + 1.0 } else { 0.0 }
        });
        assert_eq!(scaled.to_dense(), expected);
        let kept = [0, 1, 3];
        let expected = DMatrix::from_fn(3, 3, |i, j| dense[(kept[i], kept[j])]);
        assert_eq!(matrix.restricted(&kept).to_dense(), expected);
    }
}
