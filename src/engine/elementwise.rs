//! Neuron by neuron: rates, clipping, and the force that is left.

use pulp::{Arch, Simd, WithSimd};

use crate::model::Activation;
use crate::numeric::Scalar;
use crate::numeric::vectorised;

/// `rates[i] = ρ(states[i])`.
#[inline(always)]
pub(crate) fn rates<T: Scalar>(activation: Activation, states: &[T], rates: &mut [T]) {
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
pub(crate) fn slopes<T: Scalar>(
    activation: Activation,
    bounds: Option<(T, T)>,
    states: &[T],
    slopes: &mut [T],
) {
    match activation {
        // of the rate, which is vectorised
        Activation::Tanh => vectorised(
            #[inline(always)]
            || {
                for (slope, &s) in slopes.iter_mut().zip(states) {
                    let rate = s.hyperbolic_tangent();
                    *slope = (T::ONE - rate) * (T::ONE + rate);
                }
            },
        ),
        _ => {
            for (slope, &s) in slopes.iter_mut().zip(states) {
                *slope = T::from_f64(activation.slope(s.to_f64()));
            }
        }
    }
    if let Some((low, high)) = bounds {
        for (slope, &s) in slopes.iter_mut().zip(states) {
            if s <= low || s >= high {
                *slope = T::ZERO;
            }
        }
    }
}

/// A value held inside [low, high]. NaN stays NaN.
#[inline(always)]
pub(crate) fn clip<T: Scalar>(value: T, low: T, high: T) -> T {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

/// All values held inside the bounds.
#[inline(always)]
pub(crate) fn clip_all<T: Scalar>(bounds: Option<(T, T)>, values: &mut [T]) {
    if let Some((low, high)) = bounds {
        for value in values {
            *value = clip(*value, low, high);
        }
    }
}

/// How one row of neurons answers its drive.
#[derive(Clone, Copy)]
pub(crate) enum Answer<'a, T> {
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
/// projected force on the present `states`, NaN if any force is not a number.
pub(crate) fn answer<T: Scalar>(
    answer: Answer<'_, T>,
    bounds: Option<(T, T)>,
    states: &[T],
    drives: &mut [T],
) -> T {
    Arch::new().dispatch(Respond {
        answer,
        bounds,
        states,
        drives,
    })
}

struct Respond<'a, T> {
    answer: Answer<'a, T>,
    bounds: Option<(T, T)>,
    states: &'a [T],
    drives: &'a mut [T],
}

impl<T: Scalar> WithSimd for Respond<'_, T> {
    type Output = T;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> T {
        let (zero, one) = (T::splat(simd, T::ZERO), T::splat(simd, T::ONE));
        let states = T::as_vectors::<S>(self.states);
        let drives = T::as_vectors_mut::<S>(self.drives);
        let (mut largest, mut poison) = (zero, zero);
        let pull = match self.answer {
            Answer::Free => None,
            Answer::Pulled {
                beta,
                mask,
                targets,
            } => Some((
                T::splat(simd, beta),
                T::as_vectors::<S>(mask),
                T::as_vectors::<S>(targets),
            )),
        };
        let bounds = self
            .bounds
            .map(|(low, high)| (T::splat(simd, low), T::splat(simd, high)));
        for (i, (drive, &state)) in drives.iter_mut().zip(states).enumerate() {
            let (mut next, mut force) = match pull {
                None => (*drive, T::vector_sub(simd, *drive, state)),
                Some((beta, mask, targets)) => {
                    let pull = T::vector_mul(simd, beta, mask[i]);
                    let drive = T::vector_fused(simd, pull, targets[i], *drive);
                    let stiffness = T::vector_add(simd, one, pull);
                    (
                        T::vector_div(simd, drive, stiffness),
                        T::vector_sub(simd, drive, T::vector_mul(simd, stiffness, state)),
                    )
                }
            };
            if let Some((low, high)) = bounds {
                // a neuron that rests on a bound and is pushed outward does not move
                let inward = T::select_less(simd, zero, force, force, zero);
                let held = T::select_less(simd, low, state, force, inward);
                let outward = T::select_less(simd, force, zero, force, zero);
                let at_high = T::select_less(simd, state, high, held, outward);
                // NaN is less than nothing, and must stay
                let lost = T::vector_mul(simd, force, zero);
                force = T::vector_add(simd, at_high, lost);
                next = T::select_less(simd, next, low, low, next);
                next = T::select_less(simd, high, next, high, next);
            }
            *drive = next;
            let size = T::vector_abs(simd, force);
            largest = T::select_less(simd, largest, size, size, largest);
            // a sum keeps the NaN that a comparison drops
            poison = T::vector_fused(simd, force, zero, poison);
        }
        T::reduce_max(simd, largest) + T::reduce_sum(simd, poison)
    }
}
