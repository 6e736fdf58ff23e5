//! Anderson acceleration: the next state from the last few answers, for each sample by itself.
//!
//! D. G. Anderson, *Iterative procedures for nonlinear integral equations*, J. ACM 12 (1965); in the
//! form of H. F. Walker and P. Ni, SIAM J. Numer. Anal. 49 (2011). On a linear map it is GMRES.

use pulp::{Arch, Simd, WithSimd};

use crate::numeric::Scalar;

/// Differences that are kept.
const DEPTH: usize = 5;

/// What is remembered of the samples' last iterations.
#[derive(Debug, Clone, Default)]
pub(crate) struct History<T> {
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
}

impl<T: Scalar> History<T> {
    /// Room for `samples` vectors of `length` numbers.
    pub fn reserve(&mut self, samples: usize, length: usize) {
        self.length = length;
        let size = samples * length;
        for (values, size) in [
            (&mut self.answers, size),
            (&mut self.changes, size),
            (&mut self.answer_steps, size * DEPTH),
            (&mut self.change_steps, size * DEPTH),
        ] {
            if values.len() < size {
                values.resize(size, T::ZERO);
            }
        }
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
        let length = self.length;
        let own = sample * length..(sample + 1) * length;
        let all = sample * DEPTH * length..(sample + 1) * DEPTH * length;
        let seen = self.seen[sample];
        self.seen[sample] += 1;
        Arch::new().dispatch(Advance {
            state,
            answer,
            answers: &mut self.answers[own.clone()],
            changes: &mut self.changes[own],
            answer_steps: &mut self.answer_steps[all.clone()],
            change_steps: &mut self.change_steps[all],
            gram: &mut self.gram[sample],
            slot: seen.checked_sub(1).map(|last| last % DEPTH),
            used: seen.min(DEPTH),
            accelerate,
        });
    }
}

/// One step of one sample.
struct Advance<'a, T> {
    state: &'a mut [T],
    answer: &'a [T],
    answers: &'a mut [T],
    changes: &'a mut [T],
    answer_steps: &'a mut [T],
    change_steps: &'a mut [T],
    gram: &'a mut [[f64; DEPTH]; DEPTH],
    /// Where the newest difference goes.
    slot: Option<usize>,
    used: usize,
    accelerate: bool,
}

impl<T: Scalar> WithSimd for Advance<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let state = T::as_vectors_mut::<S>(self.state);
        let answer = T::as_vectors::<S>(self.answer);
        let answers = T::as_vectors_mut::<S>(self.answers);
        let changes = T::as_vectors_mut::<S>(self.changes);
        let answer_steps = T::as_vectors_mut::<S>(self.answer_steps);
        let change_steps = T::as_vectors_mut::<S>(self.change_steps);
        let length = answer.len();
        let old = answers.iter_mut().zip(changes.iter_mut());
        let each = state.iter_mut().zip(answer).zip(old);
        let Some(slot) = self.slot else {
            for ((state, &answer), (old_answer, old_change)) in each {
                *old_answer = answer;
                *old_change = T::vector_sub(simd, answer, *state);
                *state = answer;
            }
            return;
        };
        let newest = slot * length..(slot + 1) * length;
        let steps = answer_steps[newest.clone()]
            .iter_mut()
            .zip(&mut change_steps[newest.clone()]);
        for (((state, &answer), (old_answer, old_change)), (answer_step, change_step)) in
            each.zip(steps)
        {
            let change = T::vector_sub(simd, answer, *state);
            *answer_step = T::vector_sub(simd, answer, *old_answer);
            *change_step = T::vector_sub(simd, change, *old_change);
            *old_answer = answer;
            *old_change = change;
            *state = answer;
        }
        // all rows in one pass; the newest stands for those not yet used, whose weight is 0
        let kept = |k: usize| if k < self.used { k } else { slot };
        let row = |k: usize| kept(k) * length..(kept(k) + 1) * length;
        let steps: [_; DEPTH] = std::array::from_fn(|k| &change_steps[row(k)]);
        let (newest, changes) = (&change_steps[newest], &changes[..length]);
        let mut sums = [[T::splat(simd, T::ZERO); 2]; DEPTH];
        for i in 0..length {
            for k in 0..DEPTH {
                let step = steps[k][i];
                sums[k][0] = T::vector_fused(simd, step, newest[i], sums[k][0]);
                sums[k][1] = T::vector_fused(simd, step, changes[i], sums[k][1]);
            }
        }
        let mut right = [0.0; DEPTH];
        for (k, [product, along]) in sums.into_iter().enumerate().take(self.used) {
            let product = T::reduce_sum(simd, product).to_f64();
            self.gram[slot][k] = product;
            self.gram[k][slot] = product;
            right[k] = T::reduce_sum(simd, along).to_f64();
        }
        if !self.accelerate {
            return;
        }
        let ridge = 10.0 * T::EPSILON;
        if let Some(weights) = least_squares(self.gram, right, self.used, ridge) {
            let steps: [_; DEPTH] = std::array::from_fn(|k| &answer_steps[row(k)]);
            let weights = weights.map(|weight| T::splat(simd, T::from_f64(-weight)));
            for (i, state) in state[..length].iter_mut().enumerate() {
                for k in 0..DEPTH {
                    *state = T::vector_fused(simd, weights[k], steps[k][i], *state);
                }
            }
        }
    }
}

/// Solves the first `size` normal equations as L D Lᵀ, the diagonal raised by a relative `ridge`. A difference
/// that depends on those before it has no weight, and unused rows stand for themselves, so that all loops
/// have fixed ends. `None` if a number is not finite.
#[inline(always)]
#[allow(
    clippy::needless_range_loop,
    reason = "the indices are the mathematics"
)]
fn least_squares(
    gram: &[[f64; DEPTH]; DEPTH],
    mut right: [f64; DEPTH],
    size: usize,
    ridge: f64,
) -> Option<[f64; DEPTH]> {
    // rows of L D, and 1/D
    let mut lower = [[0.0; DEPTH]; DEPTH];
    let mut inverse = [1.0; DEPTH];
    for i in 0..DEPTH {
        let used = i < size;
        let mut diagonal = if used {
            gram[i][i] * (1.0 + ridge)
        } else {
            1.0
        };
        for j in 0..i {
            let mut sum = if used { gram[i][j] } else { 0.0 };
            for k in 0..j {
                sum -= lower[i][k] * lower[j][k] * inverse[k];
            }
            lower[i][j] = sum;
            diagonal -= sum * sum * inverse[j];
        }
        // what is left of a dependent difference is the ridge
        let independent = !used || diagonal > 4.0 * ridge * gram[i][i];
        inverse[i] = if independent { 1.0 / diagonal } else { 0.0 };
    }
    for i in 0..DEPTH {
        if i >= size {
            right[i] = 0.0;
        }
        for k in 0..i {
            right[i] -= lower[i][k] * inverse[k] * right[k];
        }
    }
    for i in (0..DEPTH).rev() {
        for k in i + 1..DEPTH {
            right[i] -= lower[k][i] * right[k];
        }
        right[i] *= inverse[i];
    }
    right
        .iter()
        .all(|weight| weight.is_finite())
        .then_some(right)
}
