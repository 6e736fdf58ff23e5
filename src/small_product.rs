//! The product of a small matrix and one vector, where the general routine would spend its time on
//! deciding what to do.

/// Matrices of up to this many entries (32 kB: they stay in the first cache) are small.
pub(crate) const SMALL: usize = 4096;

/// `out += M v`, M column by column.
pub(crate) fn add_product(matrix: &[f64], vector: &[f64], out: &mut [f64]) {
    pulp::Arch::new().dispatch(
        #[inline(always)]
        || {
            let rows = out.len();
            let mut first = 0;
            while rows - first >= 32 {
                add_block::<32>(matrix, vector, out, first);
                first += 32;
            }
            if rows - first >= 16 {
                add_block::<16>(matrix, vector, out, first);
                first += 16;
            }
            if rows - first >= 8 {
                add_block::<8>(matrix, vector, out, first);
                first += 8;
            }
            if rows - first >= 4 {
                add_block::<4>(matrix, vector, out, first);
                first += 4;
            }
            while first < rows {
                add_block::<1>(matrix, vector, out, first);
                first += 1;
            }
        },
    );
}

/// The part for `ROWS` rows from `first` on, which stay in registers.
#[inline(always)]
fn add_block<const ROWS: usize>(matrix: &[f64], vector: &[f64], out: &mut [f64], first: usize) {
    let rows = out.len();
    let mut sums = [0.0; ROWS];
    for (column, &v) in matrix.chunks_exact(rows).zip(vector) {
        let Some(column) = column.get(first..first + ROWS) else {
            return;
        };
        for (sum, entry) in sums.iter_mut().zip(column) {
            *sum += entry * v;
        }
    }
    for (out, sum) in out[first..first + ROWS].iter_mut().zip(sums) {
        *out += sum;
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};

    use super::*;

    #[test]
    fn every_size_is_the_plain_product() {
        for rows in 1..70 {
            for columns in [1, 2, 7, 30] {
                let matrix = DMatrix::from_fn(rows, columns, |i, j| (3 * i + 5 * j) as f64 % 7.0);
                let vector = DVector::from_fn(columns, |j, _| 1.0 - j as f64);
                let mut out = vec![2.0; rows];
                add_product(matrix.as_slice(), vector.as_slice(), &mut out);
                let expected = matrix * vector;
                assert!(
                    out.iter()
                        .zip(&expected)
                        .all(|(out, product)| *out == 2.0 + product)
                );
            }
        }
    }
}
