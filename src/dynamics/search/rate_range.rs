//! Ranges of a firing rate and its derivatives over intervals, by where each of them turns.

use crate::model::Activation;
use crate::numeric::Interval;

/// The range of a function over an interval, given every point where it turns, with a margin far
/// above the rounding errors of the elementary functions (4s − 2 of `steep_logistic` included).
fn range(function: impl Fn(f64) -> f64, turns: &[f64], s: Interval) -> Interval {
    let mut out = Interval::point(function(s.low)).hull(Interval::point(function(s.high)));
    for &turn in turns.iter().filter(|&&turn| s.contains(turn)) {
        out = out.hull(Interval::point(function(turn)));
    }
    let size = s.magnitude().min(1e3);
    out.widened((16.0 + 8.0 * size) * f64::EPSILON)
}

/// ρ over an interval.
pub(super) fn rate(activation: Activation, s: Interval) -> Interval {
    match activation {
        Activation::Identity => s,
        Activation::Relu | Activation::HardSigmoid => {
            Interval::new(activation.rate(s.low), activation.rate(s.high))
        }
        _ => range(|s| activation.rate(s), &[], s),
    }
}

/// Every slope of ρ between two points of an interval, on a kink also ρ′ as the field takes it.
pub(super) fn slope(activation: Activation, s: Interval) -> Interval {
    let turns: &[f64] = match activation {
        Activation::Identity => return Interval::point(1.0),
        Activation::Tanh | Activation::Logistic => &[0.0],
        Activation::SteepLogistic => &[0.5],
        Activation::Softplus => &[],
        Activation::HardSigmoid | Activation::Relu => {
            let flat = activation.slope(s.low).min(activation.slope(s.high));
            let top = if activation == Activation::Relu {
                f64::INFINITY
            } else {
                1.0
            };
            let rises = s.high > 0.0 && s.low < top;
            return Interval::new(flat, f64::from(u8::from(rises)));
        }
    };
    range(|s| activation.slope(s), turns, s)
}

/// ρ″ over an interval.
pub(super) fn curvature(activation: Activation, s: Interval) -> Interval {
    // where ρ‴ = 0: tanh² = 1/3, logistic (1 ± 1/√3)/2
    const TANH: f64 = 0.658_478_948_462_408_4;
    const STEEP: [f64; 2] = [0.5 - 0.5 * TANH, 0.5 + 0.5 * TANH];
    let turns: &[f64] = match activation {
        Activation::Identity | Activation::HardSigmoid | Activation::Relu => {
            return Interval::ZERO;
        }
        Activation::Tanh => &[-TANH, TANH],
        Activation::Logistic => &[-2.0 * TANH, 2.0 * TANH],
        Activation::SteepLogistic => &STEEP,
        Activation::Softplus => &[0.0],
    };
    range(|s| activation.curvature(s), turns, s)
}

/// sup |ρ‴| where ρ‴ exists.
pub(super) fn third_derivative_limit(activation: Activation) -> f64 {
    match activation {
        Activation::Identity | Activation::HardSigmoid | Activation::Relu => 0.0,
        Activation::Tanh => 2.0,
        Activation::Logistic => 0.125,
        Activation::SteepLogistic => 8.0,
        Activation::Softplus => 0.096_225_05,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_hold_every_value(low in -4.0..4.0f64, width in 0.0..4.0f64, share in 0.0..1.0f64) {
            let region = Interval::new(low, low + width);
            let inside = (low + share * width).min(region.high);
            for activation in Activation::ALL {
                prop_assert!(rate(activation, region).contains(activation.rate(inside)));
                prop_assert!(slope(activation, region).contains(activation.slope(inside)));
                prop_assert!(curvature(activation, region).contains(activation.curvature(inside)));
                // and every slope between two points, kinks or not
                if inside > low {
                    let rise = activation.rate(inside) - activation.rate(low);
                    let range = slope(activation, region).widened(1e-6 / (inside - low));
                    prop_assert!(range.contains(rise / (inside - low)) || width < 1e-6);
                }
                // the whole line bounds them all
                prop_assert!(slope(activation, Interval::LINE).contains(activation.slope(inside)));
                prop_assert!(curvature(activation, Interval::LINE).contains(activation.curvature(inside)));
                let h = 1e-4;
                let third = (activation.curvature(inside + h) - activation.curvature(inside - h)) / (2.0 * h);
                prop_assert!(third.abs() <= third_derivative_limit(activation) * (1.0 + 1e-6) + 1e-9);
            }
        }
    }
}
