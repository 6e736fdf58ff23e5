//! Tick positions and labels on a linear axis: steps of 1, 2 or 5 times a power of ten.

use super::number::decimal;
use super::projection::AxisRange;

/// A labelled tick.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub value: f64,
    pub label: String,
}

/// All ticks of an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ticks {
    pub major: Vec<Tick>,
    pub minor: Vec<f64>,
    /// Factor common to all labels, in markup.
    pub multiplier: Option<String>,
}

/// Ticks for a linear axis, at most `most` of them labelled.
pub(crate) fn linear(axis: &AxisRange, most: f64) -> Ticks {
    let (lower, upper) = (axis.lower, axis.upper);
    let (step, parts) = step((upper - lower) / most.max(1.0));
    let size = lower.abs().max(upper.abs());
    if !step.is_normal() || size / step > 1e14 {
        return ends(axis);
    }
    let multiplier = multiplier(size, step);
    let unit = 10_f64.powi(multiplier);
    let decimals = decimals(step / unit);
    let major = multiples(axis, step)
        .map(|value| Tick {
            value,
            label: decimal(value / unit, decimals),
        })
        .collect();
    let minor = multiples(axis, step / f64::from(parts))
        .filter(|value| (value / step - (value / step).round()).abs() > 1e-6)
        .collect();
    let multiplier = (multiplier != 0).then(|| format!("$\\times10^{{{multiplier}}}$"));
    Ticks {
        major,
        minor,
        multiplier,
    }
}

/// The smallest nice step not below a raw one, and into how many parts minor ticks divide it.
fn step(raw: f64) -> (f64, u8) {
    let exponent = raw.log10().floor();
    let power = 10_f64.powf(exponent);
    for (factor, parts) in [(1.0, 5), (2.0, 4), (5.0, 5)] {
        if raw <= factor * power * (1.0 + 1e-9) {
            return (factor * power, parts);
        }
    }
    (10.0 * power, 5)
}

/// Multiples of a step within the axis, ends included despite rounding.
fn multiples(axis: &AxisRange, step: f64) -> impl Iterator<Item = f64> {
    let first = (axis.lower / step - 1e-6).ceil();
    let count = ((axis.upper / step + 1e-6).floor() - first).clamp(-1.0, 5000.0) as i32;
    // Dividing by the reciprocal of small steps gives 0.3 rather than 0.30000000000000004.
    let inverse = (1.0 / step).round();
    let exact = step < 1.0 && (inverse * step - 1.0).abs() < 1e-9;
    (0..=count).map(move |index| {
        let multiple = first + f64::from(index);
        if exact {
            multiple / inverse
        } else {
            multiple * step
        }
    })
}

/// Power of ten to take out of the labels, 0 for none.
fn multiplier(size: f64, step: f64) -> i32 {
    let large = size.log10().floor();
    if size >= 1e5 || (size < 1e-3 && step < 1e-3) {
        large as i32
    } else {
        0
    }
}

/// Decimals that tell neighbouring multiples of a step apart.
fn decimals(step: f64) -> usize {
    (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, 15.0) as usize
}

/// For ranges too narrow or too wide for arithmetic: only the two ends.
fn ends(axis: &AxisRange) -> Ticks {
    let tick = |value: f64| Tick {
        value,
        label: format!("{value:e}").replace('-', "\u{2212}"),
    };
    Ticks {
        major: vec![tick(axis.lower), tick(axis.upper)],
        ..Ticks::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::drawing::Scale;

    fn labels(lower: f64, upper: f64, most: f64) -> Vec<String> {
        let axis = AxisRange {
            scale: Scale::Linear,
            lower,
            upper,
        };
        linear(&axis, most)
            .major
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn steps_are_nice() {
        assert_eq!(
            labels(0.0, 1.0, 5.0),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(-1.0, 1.0, 4.0),
            ["\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5", "1.0"]
        );
        assert_eq!(labels(0.0, 37.0, 4.0), ["0", "10", "20", "30"]);
    }

    #[test]
    fn large_and_small_numbers_share_a_factor() {
        let axis = AxisRange {
            scale: Scale::Linear,
            lower: 0.0,
            upper: 4e-5,
        };
        let ticks = linear(&axis, 4.0);
        assert_eq!(ticks.multiplier.as_deref(), Some("$\\times10^{-5}$"));
        assert_eq!(ticks.major[1].label, "1");
    }

    #[test]
    fn minor_ticks_lie_between() {
        let axis = AxisRange {
            scale: Scale::Linear,
            lower: 0.0,
            upper: 1.0,
        };
        let ticks = linear(&axis, 5.0);
        assert_eq!(ticks.minor.len(), 15);
        assert!(ticks.minor.iter().all(|minor| {
            ticks
                .major
                .iter()
                .all(|tick| (tick.value - minor).abs() > 1e-9)
        }));
    }

    #[test]
    fn every_range_ends() {
        for (lower, upper) in [
            (-1e300, 1e300),
            (1.0, 1.0 + 1e-15),
            (1e-300, 2e-300),
            (1e15, 1e15 + 8.0),
            (-1e-310, 1e-310),
        ] {
            let found = labels(lower, upper, 6.0);
            assert!(
                !found.is_empty() && found.len() < 20,
                "{lower} {upper} {found:?}"
            );
        }
    }
}
