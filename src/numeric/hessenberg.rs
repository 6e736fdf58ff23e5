//! Hessenberg form: the first step to all eigenvalues of a matrix.

/// Brings an n × n matrix, given row by row, to Hessenberg form by Householder's reflections
/// `I − v vᵀ/c` from both sides.
#[inline(always)]
pub(super) fn to_hessenberg(matrix: &mut [f64], n: usize) {
    let (mut v, mut sums) = (vec![0.0; n], vec![0.0; n]);
    for k in 1..n.saturating_sub(1) {
        let (above, below) = matrix.split_at_mut(k * n);
        for (v, row) in v[k..].iter_mut().zip(below.chunks_exact(n)) {
            *v = row[k - 1];
        }
        if v[k + 1..].iter().all(|&value| value == 0.0) {
            continue;
        }
        let norm = v[k..].iter().map(|value| value * value).sum::<f64>().sqrt();
        let end = -norm.copysign(v[k]);
        let c = norm * (norm + v[k].abs());
        v[k] -= end;
        // from the left: all columns at once, row after row
        sums[k..].fill(0.0);
        for (row, &v) in below.chunks_exact(n).zip(&v[k..]) {
            for (sum, value) in sums[k..].iter_mut().zip(&row[k..]) {
                *sum += v * value;
            }
        }
        for (i, (row, &v)) in below.chunks_exact_mut(n).zip(&v[k..]).enumerate() {
            row[k - 1] = if i == 0 { end } else { 0.0 };
            let factor = v / c;
            for (value, sum) in row[k..].iter_mut().zip(&sums[k..]) {
                *value -= factor * sum;
            }
        }
        // from the right: every row by itself
        for row in above.chunks_exact_mut(n).chain(below.chunks_exact_mut(n)) {
            let factor = dot(&row[k..], &v[k..]) / c;
            for (value, v) in row[k..].iter_mut().zip(&v[k..]) {
                *value -= factor * v;
            }
        }
    }
}

/// A scalar product in as many sums as there are lanes.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (first, second) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in first.0.iter().zip(second.0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest = first.1.iter().zip(second.1).map(|(a, b)| a * b);
    sums.into_iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::model::Random;

    /// A similar matrix with zeros below the first subdiagonal: the powers' traces and the norm stay.
    #[test]
    fn what_is_similar_has_the_same_traces_and_norm() {
        for n in [1, 2, 3, 7, 40] {
            let matrix = Random::new(5, 0).matrix(n, n, 1.0);
            let mut rows = matrix.transpose().as_slice().to_vec();
            to_hessenberg(&mut rows, n);
            let form = DMatrix::from_row_slice(n, n, &rows);
            for i in 0..n {
                for j in 0..i.saturating_sub(1) {
                    assert_eq!(form[(i, j)], 0.0);
                }
            }
            let cube = |m: &DMatrix<f64>| (m * m * m).trace();
            let size = 1e-13 * matrix.norm().powi(3).max(1.0);
            assert!((form.trace() - matrix.trace()).abs() < size);
            assert!((cube(&form) - cube(&matrix)).abs() < size);
            assert!((form.norm() - matrix.norm()).abs() < size);
        }
    }
}
