//! Eigenvalues of small matrices: Householder's reduction to Hessenberg form and the QR iteration with two
//! shifts of Francis (1961), as EISPACK has it (`orthes`, `hqr`).

use nalgebra::{Complex, DMatrix};

use super::hessenberg::to_hessenberg;
use super::vectorised;

/// Iterations for one eigenvalue after which the method has failed.
const ITERATIONS: usize = 60;

/// All eigenvalues, in no order, `None` if the iteration does not converge, or where squares of entries may
/// leave the range of a double.
pub(super) fn small_eigenvalues(matrix: &DMatrix<f64>) -> Option<Vec<Complex<f64>>> {
    const RANGE: std::ops::Range<f64> = 1e-100..1e100;
    if !matrix
        .iter()
        .all(|value| *value == 0.0 || RANGE.contains(&value.abs()))
    {
        return None;
    }
    let n = matrix.nrows();
    // row by row, as rows are what is combined
    let mut h = matrix.transpose().as_slice().to_vec();
    vectorised(
        #[inline(always)]
        || {
            to_hessenberg(&mut h, n);
            let size = h.iter().map(|value| value.abs()).sum();
            let moved = 0.0;
            Iteration { h, n, moved, size }.run()
        },
    )
}

/// A Hessenberg matrix on its way to triangular form.
struct Iteration {
    h: Vec<f64>,
    n: usize,
    /// What exceptional shifts have taken from the diagonal.
    moved: f64,
    size: f64,
}

impl Iteration {
    #[inline(always)]
    fn run(&mut self) -> Option<Vec<Complex<f64>>> {
        let mut values = Vec::with_capacity(self.n);
        let mut end = self.n;
        let mut count = 0;
        while end > 0 {
            let start = self.block(end);
            match end - start {
                1 => values.push(Complex::new(self.at(end - 1, end - 1) + self.moved, 0.0)),
                2 => values.extend(self.pair(start)),
                _ => {
                    if count == ITERATIONS {
                        return None;
                    }
                    count += 1;
                    self.sweep(start, end, count % 10 == 0);
                    continue;
                }
            }
            end = start;
            count = 0;
        }
        Some(values)
    }

    #[inline(always)]
    fn at(&self, i: usize, j: usize) -> f64 {
        self.h[i * self.n + j]
    }

    #[inline(always)]
    fn set(&mut self, i: usize, j: usize, value: f64) {
        self.h[i * self.n + j] = value;
    }

    /// Where the last block of rows before `end` that does not split begins.
    #[inline(always)]
    fn block(&mut self, end: usize) -> usize {
        for row in (1..end).rev() {
            let about = self.at(row - 1, row - 1).abs() + self.at(row, row).abs();
            let about = if about == 0.0 { self.size } else { about };
            if self.at(row, row - 1).abs() <= f64::EPSILON * about {
                self.set(row, row - 1, 0.0);
                return row;
            }
        }
        0
    }

    /// The two eigenvalues of the block of two rows.
    fn pair(&self, first: usize) -> [Complex<f64>; 2] {
        let last = first + 1;
        let (x, product) = (
            self.at(last, last),
            self.at(last, first) * self.at(first, last),
        );
        let half = 0.5 * (self.at(first, first) - x);
        let square = half * half + product;
        let root = square.abs().sqrt();
        let x = x + self.moved;
        if square < 0.0 {
            return [Complex::new(x + half, root), Complex::new(x + half, -root)];
        }
        // the larger one, and the other by their product
        let larger = half + root.copysign(half);
        let smaller = if larger == 0.0 {
            0.0
        } else {
            -product / larger
        };
        [
            Complex::new(x + larger, 0.0),
            Complex::new(x + smaller, 0.0),
        ]
    }

    /// One sweep over the rows from `start` to `end`, with the eigenvalues of the last two rows as shifts, or
    /// with exceptional ones.
    #[inline(always)]
    fn sweep(&mut self, start: usize, end: usize, exceptional: bool) {
        let last = end - 1;
        let (mut x, mut y) = (self.at(last, last), self.at(last - 1, last - 1));
        let mut w = self.at(last, last - 1) * self.at(last - 1, last);
        if exceptional {
            self.moved += x;
            for i in 0..end {
                self.set(i, i, self.at(i, i) - x);
            }
            let s = self.at(last, last - 1).abs() + self.at(last - 1, last - 2).abs();
            x = 0.75 * s;
            y = x;
            w = -0.4375 * s * s;
        }
        // the first row at which the sweep may begin: where two entries below the diagonal are small
        let mut first = last - 2;
        let (mut p, mut q, mut r);
        loop {
            let m = first;
            let z = self.at(m, m);
            let (less, more) = (x - z, y - z);
            p = (less * more - w) / self.at(m + 1, m) + self.at(m, m + 1);
            q = self.at(m + 1, m + 1) - z - less - more;
            r = self.at(m + 2, m + 1);
            let scale = p.abs() + q.abs() + r.abs();
            (p, q, r) = (p / scale, q / scale, r / scale);
            if m == start {
                break;
            }
            let outside = self.at(m, m - 1).abs() * (q.abs() + r.abs());
            let inside = self.at(m - 1, m - 1).abs() + z.abs() + self.at(m + 1, m + 1).abs();
            if outside <= f64::EPSILON * p.abs() * inside {
                break;
            }
            first -= 1;
        }
        for i in first..last - 1 {
            self.set(i + 2, i, 0.0);
            if i > first {
                self.set(i + 2, i - 1, 0.0);
            }
        }
        for k in first..last {
            let three = k + 1 < last;
            let mut scale = 1.0;
            if k > first {
                (p, q) = (self.at(k, k - 1), self.at(k + 1, k - 1));
                r = if three { self.at(k + 2, k - 1) } else { 0.0 };
                scale = p.abs() + q.abs() + r.abs();
                if scale == 0.0 {
                    continue;
                }
                (p, q, r) = (p / scale, q / scale, r / scale);
            }
            let s = (p * p + q * q + r * r).sqrt().copysign(p);
            if s == 0.0 {
                continue;
            }
            if k > first {
                self.set(k, k - 1, -s * scale);
            } else if start < first {
                self.set(k, k - 1, -self.at(k, k - 1));
            }
            p += s;
            let left = [p / s, q / s, if three { r / s } else { 0.0 }];
            self.reflect(
                k,
                (start, end),
                left,
                [1.0, q / p, if three { r / p } else { 0.0 }],
            );
        }
    }

    /// Applies `I − left rightᵀ` to the rows from k on, and its transpose to the columns; two of them at the
    /// end of the block, else three.
    #[inline(always)]
    fn reflect(&mut self, k: usize, (start, end): (usize, usize), left: [f64; 3], right: [f64; 3]) {
        let n = self.n;
        let (one, rest) = self.h[k * n..].split_at_mut(n);
        let (two, three) = rest.split_at_mut(n);
        let pairs = one[k..end].iter_mut().zip(&mut two[k..end]);
        if k + 2 < end {
            for ((one, two), three) in pairs.zip(&mut three[k..end]) {
                let sum = *one + right[1] * *two + right[2] * *three;
                *three -= sum * left[2];
                *one -= sum * left[0];
                *two -= sum * left[1];
            }
        } else {
            for (one, two) in pairs {
                let sum = *one + right[1] * *two;
                *one -= sum * left[0];
                *two -= sum * left[1];
            }
        }
        for row in self.h[start * n..end.min(k + 4) * n].chunks_exact_mut(n) {
            match &mut row[k..end] {
                [one, two, three, ..] => {
                    let sum = *one * left[0] + *two * left[1] + *three * left[2];
                    *one -= sum * right[0];
                    *two -= sum * right[1];
                    *three -= sum * right[2];
                }
                [one, two] => {
                    let sum = *one * left[0] + *two * left[1];
                    *one -= sum * right[0];
                    *two -= sum * right[1];
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    fn sorted(mut values: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
        values.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
        values
    }

    #[test]
    fn eigenvalues_of_rotations_about_known_points_are_those_points() {
        for n in [1, 2, 3, 8, 31, 200] {
            let mut blocks = DMatrix::zeros(n, n);
            let mut expected = Vec::new();
            for k in (0..n).step_by(2) {
                let (re, im) = (-1.0 - 0.1 * k as f64, 0.5 + 0.05 * k as f64);
                blocks[(k, k)] = re;
                if k + 1 == n {
                    expected.push(Complex::new(re, 0.0));
                    continue;
                }
                blocks[(k + 1, k + 1)] = re;
                (blocks[(k, k + 1)], blocks[(k + 1, k)]) = (im, -im);
                expected.extend([Complex::new(re, im), Complex::new(re, -im)]);
            }
            let turn = Random::new(7, 0).matrix(n, n, 1.0).qr().q();
            let found = small_eigenvalues(&(&turn * blocks * turn.transpose())).unwrap();
            for (found, expected) in sorted(found).iter().zip(sorted(expected)) {
                let gap = (found - expected).norm();
                assert!(
                    gap < 1e-13 * expected.norm().max(1.0),
                    "{n}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn their_sum_and_the_sum_of_their_squares_are_traces() {
        for (n, seed) in [(3, 1), (12, 2), (48, 3), (200, 4)] {
            let matrix = Random::new(seed, 0).matrix(n, n, 1.0);
            let values = small_eigenvalues(&matrix).unwrap();
            let sum: Complex<f64> = values.iter().sum();
            let squares: Complex<f64> = values.iter().map(|value| value * value).sum();
            // errors grow with the number of terms
            let size = f64::from(n as u32);
            assert!((sum - Complex::new(matrix.trace(), 0.0)).norm() < (1e-14 * size).max(1e-12));
            let expected = Complex::new((&matrix * &matrix).trace(), 0.0);
            assert!((squares - expected).norm() < (1e-15 * size * size).max(1e-11));
        }
    }

    #[test]
    fn what_may_overflow_is_left_to_the_general_routine() {
        for value in [1e200, 1e-200, f64::INFINITY, f64::NAN] {
            assert_eq!(small_eigenvalues(&DMatrix::from_element(3, 3, value)), None);
        }
        let zero = small_eigenvalues(&DMatrix::zeros(3, 3)).unwrap();
        assert!(zero.iter().all(|value| value.norm() == 0.0));
    }

    #[test]
    fn a_cycle_without_a_diagonal_needs_exceptional_shifts() {
        let n = 4;
        let cycle = DMatrix::from_fn(n, n, |i, j| f64::from(u8::from((j + 1) % n == i)));
        for value in small_eigenvalues(&cycle).unwrap() {
            assert!((value.powu(4) - 1.0).norm() < 1e-14);
        }
    }
}
