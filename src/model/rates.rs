//! Firing rates of many neurons at once: one decision which activation, then loops that the
//! compiler turns into the widest vector instructions of the processor at hand.

use super::activation::Activation;
use crate::numeric::Elementary;
use crate::numeric::vectorised;

impl Activation {
    /// ρ of every state. `states` and `out` have the same length. It agrees with
    /// [`Activation::rate`] to 1e-15, and gives the same bits on every processor.
    pub fn rates(self, states: &[f64], out: &mut [f64]) {
        vectorised(
            #[inline(always)]
            || self.rates_inside(states, out),
        );
    }

    /// The same inside of what is vectorised as a whole.
    #[inline(always)]
    pub(super) fn rates_inside(self, states: &[f64], out: &mut [f64]) {
        match self {
            Self::Identity => out.copy_from_slice(states),
            Self::Tanh => map(states, out, f64::hyperbolic_tangent),
            Self::Logistic => map(states, out, f64::logistic),
            Self::SteepLogistic => map(states, out, |s| (4.0 * s - 2.0).logistic()),
            Self::HardSigmoid => map(states, out, |s| s.clamp(0.0, 1.0)),
            // whose functions are no vector instructions
            Self::Relu | Self::Softplus => {
                let pairs = out.iter_mut().zip(states);
                pairs.for_each(|(out, &s)| *out = self.rate(s));
            }
        }
    }

    /// ρ′ of every state. `states` and `out` have the same length. It agrees with
    /// [`Activation::slope`] to 1e-15.
    pub fn slopes(self, states: &[f64], out: &mut [f64]) {
        vectorised(
            #[inline(always)]
            || match self {
                Self::Identity => out.fill(1.0),
                Self::Tanh => map(states, out, |s| 4.0 * bell(2.0 * s)),
                Self::Logistic => map(states, out, bell),
                Self::SteepLogistic => map(states, out, |s| 4.0 * bell(4.0 * s - 2.0)),
                Self::Softplus => map(states, out, f64::logistic),
                Self::HardSigmoid | Self::Relu => map(states, out, |s| self.slope(s)),
            },
        );
    }
}

/// States that are mapped together: the widest vector there is, or two of half its width.
const TOGETHER: usize = 8;

/// `out[i] = function(states[i])`, as many at once as fill vectors, the last ones too.
#[inline(always)]
fn map(states: &[f64], out: &mut [f64], function: impl Fn(f64) -> f64) {
    let (whole, rest) = states.as_chunks::<TOGETHER>();
    let (whole_out, rest_out) = out.as_chunks_mut::<TOGETHER>();
    for (out, states) in whole_out.iter_mut().zip(whole) {
        for (out, &s) in out.iter_mut().zip(states) {
            *out = function(s);
        }
    }
    if rest.is_empty() {
        return;
    }
    let mut padded = [0.0; TOGETHER];
    for (padded, &s) in padded.iter_mut().zip(rest) {
        *padded = s;
    }
    padded.iter_mut().for_each(|s| *s = function(*s));
    for (out, rate) in rest_out.iter_mut().zip(padded) {
        *out = rate;
    }
}

/// `$e^{-|s|}/(1+e^{-|s|})^2$`, the slope of the logistic function.
#[inline(always)]
fn bell(s: f64) -> f64 {
    let tail = (-s.abs()).exponential();
    tail / ((1.0 + tail) * (1.0 + tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_once_are_one_at_a_time() {
        let mut states: Vec<f64> = (-60_000..=60_000).map(|k| f64::from(k) * 4e-4).collect();
        states.extend((-300..=3).map(|k| -(10.0_f64.powi(k))));
        states.extend([0.0, -0.0, 5e-324, f64::INFINITY, f64::NEG_INFINITY]);
        let mut found = vec![0.0; states.len()];
        for activation in Activation::ALL {
            let check = |expected: fn(Activation, f64) -> f64, found: &[f64]| {
                for (&s, &found) in states.iter().zip(found) {
                    let expected = expected(activation, s);
                    assert!(
                        found == expected || (found - expected).abs() <= 1e-15,
                        "{activation:?} at {s}: {found} instead of {expected}"
                    );
                }
            };
            activation.rates(&states, &mut found);
            check(Activation::rate, &found);
            activation.slopes(&states, &mut found);
            check(Activation::slope, &found);
        }
    }

    #[test]
    fn small_states_keep_their_relative_accuracy_under_tanh() {
        for exponent in -40..0 {
            let s = 1.3 * 2.0_f64.powi(exponent);
            let (expected, mut rate) = (s.tanh(), [0.0]);
            Activation::Tanh.rates(&[s], &mut rate);
            assert!((rate[0] - expected).abs() <= 1e-15 * expected, "{s}");
        }
    }

    #[test]
    fn nan_stays_nan() {
        for activation in Activation::ALL {
            let mut rate = [0.0];
            activation.rates(&[f64::NAN], &mut rate);
            assert!(rate[0].is_nan(), "{activation:?}");
            activation.slopes(&[f64::NAN], &mut rate);
            let slope = activation.slope(f64::NAN);
            assert!(rate[0].is_nan() == slope.is_nan(), "{activation:?}");
        }
    }
}
