//! Neuron by neuron: rates, clipping, and the force that is left.

use pulp::{Arch, Simd, WithSimd};

use super::scalar::Scalar;
use crate::model::Activation;

/// Numbers that a compiler handles at once; rows are padded to whole multiples.
pub(super) const CHUNK: usize = 8;

/// Runs a loop with the vector instructions of this machine.
pub(super) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    struct Work<F>(F);
    impl<R, F: FnOnce() -> R> WithSimd for Work<F> {
        type Output = R;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> R {
            (self.0)()
        }
    }
    Arch::new().dispatch(Work(work))
}

/// `rates[i] = ρ(states[i])`.
#[inline(always)]
pub(super) fn rates<T: Scalar>(activation: Activation, states: &[T], rates: &mut [T]) {
    let each = rates.iter_mut().zip(states);
    match activation {
        Activation::Identity => rates.copy_from_slice(states),
        Activation::HardSigmoid => {
            each.for_each(|(rate, &s)| *rate = clip(s, T::ZERO, T::ONE));
        }
        Activation::Relu => {
            each.for_each(|(rate, &s)| *rate = if s < T::ZERO { T::ZERO } else { s });
        }
        Activation::Tanh => each.for_each(|(rate, &s)| *rate = s.hyperbolic_tangent()),
        Activation::Logistic => each.for_each(|(rate, &s)| *rate = s.logistic()),
        Activation::SteepLogistic => {
            let (two, four) = (T::from_f64(2.0), T::from_f64(4.0));
            each.for_each(|(rate, &s)| *rate = (four * s - two).logistic());
        }
        Activation::Softplus => {
            each.for_each(|(rate, &s)| *rate = T::from_f64(activation.rate(s.to_f64())));
        }
    }
}

/// `slopes[i] = ρ′(states[i])`, 0 where the bounds hold the neuron.
pub(super) fn slopes<T: Scalar>(
    activation: Activation,
    bounds: Option<(T, T)>,
    states: &[T],
    slopes: &mut [T],
) {
    for (slope, &s) in slopes.iter_mut().zip(states) {
        let held = bounds.is_some_and(|(low, high)| s <= low || s >= high);
        *slope = if held {
            T::ZERO
        } else {
            T::from_f64(activation.slope(s.to_f64()))
        };
    }
}

/// A value held inside [low, high]; NaN stays NaN.
#[inline(always)]
pub(super) fn clip<T: Scalar>(value: T, low: T, high: T) -> T {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

/// All values held inside the bounds.
#[inline(always)]
pub(super) fn clip_all<T: Scalar>(bounds: Option<(T, T)>, values: &mut [T]) {
    if let Some((low, high)) = bounds {
        for value in values {
            *value = clip(*value, low, high);
        }
    }
}

/// The force without what the bounds balance: 0 on a neuron that rests on a bound and is pushed outward.
#[inline(always)]
fn projected<T: Scalar>(force: T, state: T, (low, high): (T, T)) -> T {
    let held = (state <= low && force <= T::ZERO) | (state >= high && force >= T::ZERO);
    if held { T::ZERO } else { force }
}

/// How one row of neurons answers its drive.
#[derive(Clone, Copy)]
pub(super) enum Answer<'a, T> {
    /// `s = drive`.
    Free,
    /// Nudged by the squared error: `s (1 + β mᵢ) = drive + β mᵢ yᵢ`, m = 1 on output neurons.
    Pulled {
        beta: T,
        mask: &'a [T],
        targets: &'a [T],
    },
}

/// Turns a row of drives into the states that they ask for, in place, and returns the largest
/// projected force on the present `states`; NaN if any force is not a number.
#[inline(always)]
pub(super) fn answer<T: Scalar>(
    answer: Answer<'_, T>,
    bounds: Option<(T, T)>,
    states: &[T],
    drives: &mut [T],
) -> T {
    match (answer, bounds) {
        (Answer::Free, None) => each(states, drives, |_, drive, state| (drive, drive - state)),
        (Answer::Free, Some(bounds)) => each(states, drives, |_, drive, state| {
            (
                clip(drive, bounds.0, bounds.1),
                projected(drive - state, state, bounds),
            )
        }),
        (
            Answer::Pulled {
                beta,
                mask,
                targets,
            },
            bounds,
        ) => each(states, drives, |i, drive, state| {
            let pull = beta * mask[i];
            let (drive, stiffness) = (drive + pull * targets[i], T::ONE + pull);
            let (next, force) = (drive / stiffness, drive - stiffness * state);
            match bounds {
                None => (next, force),
                Some(bounds) => (
                    clip(next, bounds.0, bounds.1),
                    projected(force, state, bounds),
                ),
            }
        }),
    }
}

/// Replaces every drive by the state that `rule(i, drive, state)` gives with a force; the largest |force|.
#[inline(always)]
fn each<T: Scalar>(states: &[T], drives: &mut [T], rule: impl Fn(usize, T, T) -> (T, T)) -> T {
    let mut largest = [T::ZERO; CHUNK];
    // a sum keeps the NaN that a comparison drops
    let mut poison = [T::ZERO; CHUNK];
    let (states, _) = states.as_chunks::<CHUNK>();
    let (drives, _) = drives.as_chunks_mut::<CHUNK>();
    for (block, (states, drives)) in states.iter().zip(drives).enumerate() {
        for lane in 0..CHUNK {
            let (next, force) = rule(CHUNK * block + lane, drives[lane], states[lane]);
            drives[lane] = next;
            let size = force.absolute();
            largest[lane] = if size > largest[lane] {
                size
            } else {
                largest[lane]
            };
            poison[lane] += force * T::ZERO;
        }
    }
    let mut result = T::ZERO;
    for size in largest {
        if size > result {
            result = size;
        }
    }
    poison.iter().fold(result, |sum, &poison| sum + poison)
}

/// Σ aᵢ bᵢ.
#[inline(always)]
pub(super) fn dot<T: Scalar>(a: &[T], b: &[T]) -> f64 {
    let mut sums = [T::ZERO; CHUNK];
    for (a, b) in a
        .as_chunks::<CHUNK>()
        .0
        .iter()
        .zip(b.as_chunks::<CHUNK>().0)
    {
        for lane in 0..CHUNK {
            sums[lane] = a[lane].fused(b[lane], sums[lane]);
        }
    }
    sums.iter().map(|sum| sum.to_f64()).sum()
}
