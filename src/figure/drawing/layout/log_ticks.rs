//! Tick positions and labels on a logarithmic axis: decades, thinned where there are many.

use super::number::{power_of_ten, scientific};
use super::projection::AxisRange;
use super::ticks::{self, Tick, Ticks};

/// Exponents that label spacing may use.
const STRIDES: [i32; 10] = [1, 2, 3, 4, 5, 10, 20, 50, 100, 200];

/// Ticks for a logarithmic axis, at most `most` of them labelled.
pub(crate) fn logarithmic(axis: &AxisRange, most: f64) -> Ticks {
    let (lower, upper) = (axis.lower.log10(), axis.upper.log10());
    let (first, last) = ((lower - 1e-9).ceil() as i32, (upper + 1e-9).floor() as i32);
    if last > first {
        return decades(axis, first, last, most);
    }
    let within = digits(axis, most);
    // A third of a decade or less holds too few round digits: nice linear steps read better.
    if within.major.len() >= 2 {
        within
    } else {
        plain(axis, most)
    }
}

/// Labels at every decade, or every few.
fn decades(axis: &AxisRange, first: i32, last: i32, most: f64) -> Ticks {
    let fits = |stride: &i32| f64::from((last - first) / stride + 1) <= most.max(2.0);
    let stride = STRIDES.into_iter().find(fits).unwrap_or(last - first);
    let is_major = |exponent: i32| exponent.rem_euclid(stride) == 0;
    let major = (first..=last)
        .filter(|&exponent| is_major(exponent))
        .map(|exponent| Tick {
            value: value(1, exponent),
            label: power_of_ten(exponent),
        })
        .collect();
    let minor = match stride {
        1 => between_decades(axis, first, last),
        _ if (last - first) <= 60 => {
            let unlabelled = (first..=last).filter(|&exponent| !is_major(exponent));
            unlabelled.map(|exponent| value(1, exponent)).collect()
        }
        _ => Vec::new(),
    };
    Ticks {
        major,
        minor,
        multiplier: None,
    }
}

/// Twice to nine times each decade, within the axis.
fn between_decades(axis: &AxisRange, first: i32, last: i32) -> Vec<f64> {
    (first - 1..=last)
        .flat_map(|exponent| (2_u8..=9).map(move |digit| value(digit, exponent)))
        .filter(|&value| shows(axis, value))
        .collect()
}

/// Labels at 1, 2 and 5 times a power of ten, for an axis of about one decade.
fn digits(axis: &AxisRange, most: f64) -> Ticks {
    let exponent = axis.lower.log10().floor() as i32;
    let all = |digits: &[u8]| -> Vec<(u8, i32)> {
        (exponent..=exponent + 1)
            .flat_map(|exponent| digits.iter().map(move |&digit| (digit, exponent)))
            .filter(|&(digit, exponent)| shows(axis, value(digit, exponent)))
            .collect()
    };
    let labelled = [vec![1, 2, 5], vec![1, 3], vec![1]]
        .into_iter()
        .map(|digits| all(&digits))
        .find(|found| found.len() as f64 <= most.max(2.0))
        .unwrap_or_default();
    let minor = all(&[1, 2, 3, 4, 5, 6, 7, 8, 9])
        .into_iter()
        .filter(|tick| !labelled.contains(tick))
        .map(|(digit, exponent)| value(digit, exponent))
        .collect();
    let major = labelled
        .into_iter()
        .map(|(digit, exponent)| Tick {
            value: value(digit, exponent),
            label: short(digit, exponent),
        })
        .collect();
    Ticks {
        major,
        minor,
        multiplier: None,
    }
}

/// Linear ticks that happen to stand on a logarithmic axis.
fn plain(axis: &AxisRange, most: f64) -> Ticks {
    let mut found = ticks::linear(axis, most);
    found.major.retain(|tick| tick.value > 0.0);
    found.minor.retain(|&value| value > 0.0);
    found
}

fn value(digit: u8, exponent: i32) -> f64 {
    // Dividing is exact where multiplying by 10^-n is not: 2e-3 rather than 0.0020000000000000001.
    if exponent < 0 && exponent > -300 {
        f64::from(digit) / 10_f64.powi(-exponent)
    } else {
        f64::from(digit) * 10_f64.powi(exponent)
    }
}

fn shows(axis: &AxisRange, value: f64) -> bool {
    axis.fraction(value)
        .is_some_and(|fraction| (-1e-9..=1.0 + 1e-9).contains(&fraction))
}

/// A short label: plain where that is about as short as a power.
fn short(digit: u8, exponent: i32) -> String {
    match exponent {
        0..=3 => (u32::from(digit) * 10_u32.pow(exponent.unsigned_abs())).to_string(),
        -3..0 => {
            let places = exponent.unsigned_abs() as usize;
            format!("0.{digit:0>places$}")
        }
        _ => scientific(digit, exponent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::drawing::Scale;

    fn ticks(lower: f64, upper: f64, most: f64) -> Ticks {
        logarithmic(
            &AxisRange {
                scale: Scale::Log,
                lower,
                upper,
            },
            most,
        )
    }

    #[test]
    fn every_decade_is_labelled_with_eight_minor_ticks_between() {
        let found = ticks(1e-3, 1.0, 6.0);
        let labels: Vec<&str> = found.major.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["$10^{-3}$", "$10^{-2}$", "$10^{-1}$", "$10^{0}$"]);
        assert_eq!(found.minor.len(), 24);
    }

    #[test]
    fn many_decades_are_thinned() {
        let found = ticks(1e-16, 1.0, 6.0);
        assert!(found.major.len() <= 6 && found.major.len() >= 4);
        assert_eq!(found.major.len() + found.minor.len(), 17);
        assert!(ticks(1e-300, 1e300, 5.0).major.len() <= 5);
    }

    #[test]
    fn about_one_decade_has_plain_numbers() {
        let labels = |lower: f64, upper: f64| -> Vec<String> {
            let major = ticks(lower, upper, 6.0).major.into_iter();
            major.map(|tick| tick.label).collect()
        };
        assert_eq!(labels(130.0, 1050.0), ["200", "500", "1000"]);
        assert_eq!(labels(0.0015, 0.012), ["0.002", "0.005", "0.01"]);
        assert_eq!(labels(15_000.0, 70_000.0)[0], "$2\\times10^{4}$");
    }

    #[test]
    fn a_narrow_axis_still_has_two_labels() {
        for (lower, upper) in [
            (0.5, 7.0),
            (2.0, 3.0),
            (1.0, 1.05),
            (8.0, 13.0),
            (3e-5, 4e-5),
        ] {
            let found = ticks(lower, upper, 6.0);
            assert!(found.major.len() >= 2, "{lower} {upper} {found:?}");
        }
    }
}
