//! Anderson acceleration: the next state from the last few answers, for each sample by itself.
//!
//! D. G. Anderson, *Iterative procedures for nonlinear integral equations*, J. ACM 12 (1965); in the
//! form of H. F. Walker and P. Ni, SIAM J. Numer. Anal. 49 (2011). On a linear map it is GMRES.

use super::elementwise::{dot, vectorised};
use super::scalar::Scalar;

/// Differences that are kept.
pub(super) const DEPTH: usize = 5;

/// What is remembered of the samples' last iterations.
#[derive(Debug, Clone, Default)]
pub(super) struct History<T> {
    length: usize,
    /// Last answer and last change of every sample.
    answers: Vec<T>,
    changes: Vec<T>,
    /// Differences of successive answers and changes, `DEPTH` rows a sample.
    answer_steps: Vec<T>,
    change_steps: Vec<T>,
    gram: Vec<[[f64; DEPTH]; DEPTH]>,
    /// Iterations seen since the last reset.
    seen: Vec<usize>,
    change: Vec<T>,
}

impl<T: Scalar> History<T> {
    /// Room for `samples` vectors of `length` numbers.
    pub fn reserve(&mut self, samples: usize, length: usize) {
        self.length = length;
        let grow = |values: &mut Vec<T>, size: usize| {
            if values.len() < size {
                values.resize(size, T::ZERO);
            }
        };
        grow(&mut self.answers, samples * length);
        grow(&mut self.changes, samples * length);
        grow(&mut self.answer_steps, samples * DEPTH * length);
        grow(&mut self.change_steps, samples * DEPTH * length);
        grow(&mut self.change, length);
        if self.gram.len() < samples {
            self.gram.resize(samples, [[0.0; DEPTH]; DEPTH]);
            self.seen.resize(samples, 0);
        }
    }

    /// Forgets a sample's past.
    pub fn reset(&mut self, sample: usize) {
        self.seen[sample] = 0;
    }

    /// Replaces `state` by the next one, given the map's `answer` to it.
    pub fn advance(&mut self, sample: usize, state: &mut [T], answer: &[T], accelerate: bool) {
        vectorised(
            #[inline(always)]
            || self.advance_one(sample, state, answer, accelerate),
        );
    }

    #[inline(always)]
    fn advance_one(&mut self, sample: usize, state: &mut [T], answer: &[T], accelerate: bool) {
        let length = self.length;
        let own = sample * length..(sample + 1) * length;
        let (answers, changes) = (&mut self.answers[own.clone()], &mut self.changes[own]);
        let all = sample * DEPTH * length..(sample + 1) * DEPTH * length;
        let answer_steps = &mut self.answer_steps[all.clone()];
        let change_steps = &mut self.change_steps[all];
        let change = &mut self.change[..length];
        for ((change, &answer), &state) in change.iter_mut().zip(answer).zip(&*state) {
            *change = answer - state;
        }
        let gram = &mut self.gram[sample];
        let seen = self.seen[sample];
        let used = seen.min(DEPTH);
        if seen > 0 {
            let slot = (seen - 1) % DEPTH;
            let row = slot * length..(slot + 1) * length;
            difference(&mut answer_steps[row.clone()], answer, answers);
            difference(&mut change_steps[row.clone()], change, changes);
            for other in 0..used {
                let value = dot(
                    &change_steps[row.clone()],
                    &change_steps[other * length..(other + 1) * length],
                );
                gram[slot][other] = value;
                gram[other][slot] = value;
            }
        }
        answers.copy_from_slice(answer);
        changes.copy_from_slice(change);
        self.seen[sample] += 1;
        state.copy_from_slice(answer);
        if !accelerate || used == 0 {
            return;
        }
        let mut right = [0.0; DEPTH];
        for (right, step) in right
            .iter_mut()
            .zip(change_steps.chunks_exact(length))
            .take(used)
        {
            *right = dot(step, change);
        }
        if let Some(weights) = least_squares(gram, right, used, 10.0 * T::EPSILON) {
            for (weight, step) in weights
                .iter()
                .zip(answer_steps.chunks_exact(length))
                .take(used)
            {
                let weight = T::from_f64(-weight);
                for (state, &step) in state.iter_mut().zip(step) {
                    *state = weight.fused(step, *state);
                }
            }
        }
    }
}

#[inline(always)]
fn difference<T: Scalar>(out: &mut [T], new: &[T], old: &[T]) {
    for ((out, &new), &old) in out.iter_mut().zip(new).zip(old) {
        *out = new - old;
    }
}

/// Solves the first `size` normal equations by Cholesky's method; the diagonal is raised by a relative
/// `ridge`. `None` if they are not positive definite.
#[inline(always)]
fn least_squares(
    gram: &[[f64; DEPTH]; DEPTH],
    mut right: [f64; DEPTH],
    size: usize,
    ridge: f64,
) -> Option<[f64; DEPTH]> {
    let mut factor = *gram;
    for i in 0..size {
        factor[i][i] *= 1.0 + ridge;
        for j in 0..=i {
            let mut sum = factor[i][j];
            for (a, b) in factor[i].iter().zip(&factor[j]).take(j) {
                sum -= a * b;
            }
            if i != j {
                factor[i][j] = sum * factor[j][j];
            } else if sum > 1e-3 * ridge * gram[i][i] && sum.is_finite() {
                // the diagonal holds reciprocals
                factor[i][i] = 1.0 / sum.sqrt();
            } else {
                return None;
            }
        }
    }
    for i in 0..size {
        for k in 0..i {
            right[i] -= factor[i][k] * right[k];
        }
        right[i] *= factor[i][i];
    }
    for i in (0..size).rev() {
        for k in i + 1..size {
            right[i] -= factor[k][i] * right[k];
        }
        right[i] *= factor[i][i];
    }
    Some(right)
}
