//! As many ticks as an axis has room for: labels are measured and never touch.

use super::log_ticks;
use super::projection::AxisRange;
use super::ticks::{self, Ticks};
use crate::figure::drawing::sizes::TICK_SIZE;
use crate::figure::drawing::text::measure;
use crate::figure::drawing::{Axis, Scale};

/// Free room between neighbouring tick labels.
const TICK_LABEL_GAP: f64 = 5.0;
/// Least distance between labelled ticks before their labels are looked at.
pub(crate) const X_SPACING: f64 = 25.0;
const Y_SPACING: f64 = 15.0;

/// Ticks whose labels fit side by side.
pub(crate) fn horizontal_ticks(axis: &Axis, range: &AxisRange, length: f64) -> Ticks {
    let measure = |label: &str| measure::label_width(label, TICK_SIZE);
    fitting(axis, range, length, length / X_SPACING, &measure)
}

/// Ticks whose labels fit above each other.
pub(crate) fn vertical_ticks(axis: &Axis, range: &AxisRange, length: f64) -> Ticks {
    spaced_ticks(axis, range, length, Y_SPACING)
}

/// Ticks above each other, at least this far apart.
pub(crate) fn spaced_ticks(axis: &Axis, range: &AxisRange, length: f64, spacing: f64) -> Ticks {
    let measure = |label: &str| measure::measure(label, TICK_SIZE, false).height() - 2.5;
    fitting(axis, range, length, length / spacing, &measure)
}

/// The most ticks, not more than asked for, whose labels keep apart.
fn fitting(
    axis: &Axis,
    range: &AxisRange,
    length: f64,
    most: f64,
    extent: &dyn Fn(&str) -> f64,
) -> Ticks {
    let mut found = if let Some(given) = &axis.ticks {
        let shown = |value: f64| {
            range
                .fraction(value)
                .is_some_and(|f| (-1e-6..=1.0 + 1e-6).contains(&f))
        };
        let major = given.iter().filter(|(value, _)| shown(*value));
        let tick = |(value, label): &(f64, String)| ticks::Tick {
            value: *value,
            label: label.clone(),
        };
        let all = Ticks {
            major: major.map(tick).collect(),
            ..Ticks::default()
        };
        // every second label, every third …: until none touches its neighbour
        let every = |stride: usize| {
            let mut ticks = all.clone();
            for (k, tick) in ticks.major.iter_mut().enumerate() {
                if k % stride > 0 {
                    tick.label.clear();
                }
            }
            ticks
        };
        (1..=all.major.len())
            .map(every)
            .find(|ticks| keeps_apart(ticks, range, length, extent))
            .unwrap_or_else(|| all.clone())
    } else {
        let most = most.clamp(2.0, 12.0).floor() as u8;
        let chosen = |most: u8| match range.scale {
            Scale::Linear => ticks::linear(range, f64::from(most)),
            Scale::Log => log_ticks::logarithmic(range, f64::from(most) + 1.0),
        };
        let fits = |ticks: &Ticks| keeps_apart(ticks, range, length, extent);
        let found = (1..=most)
            .rev()
            .map(chosen)
            .find(fits)
            .unwrap_or_else(|| chosen(1));
        // Two labels hardly tell a scale: a low frame may be denser if its labels still fit.
        let denser = (most + 1..=most + 3)
            .map(chosen)
            .find(|ticks| ticks.major.len() > 2 && fits(ticks));
        if found.major.len() > 2 {
            found
        } else {
            denser.unwrap_or(found)
        }
    };
    drop_overlapping(&mut found, range, length, extent);
    found
}

fn keeps_apart(
    ticks: &Ticks,
    range: &AxisRange,
    length: f64,
    extent: &dyn Fn(&str) -> f64,
) -> bool {
    let mut thinned = ticks.clone();
    drop_overlapping(&mut thinned, range, length, extent);
    thinned == *ticks
}

/// Takes the label from every tick whose label would touch the one before it.
fn drop_overlapping(
    ticks: &mut Ticks,
    range: &AxisRange,
    length: f64,
    extent: &dyn Fn(&str) -> f64,
) {
    let mut occupied = f64::NEG_INFINITY;
    for tick in &mut ticks.major {
        let Some(fraction) = range.fraction(tick.value) else {
            continue;
        };
        let (middle, half) = (fraction * length, extent(&tick.label) / 2.0);
        if middle - half < occupied {
            tick.label.clear();
        } else if !tick.label.is_empty() {
            occupied = middle + half + TICK_LABEL_GAP;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_never_touch() {
        for (lower, upper) in [
            (0.0, 1.0),
            (1.0, 1.000_01),
            (-1e300, 1e300),
            (12_345.0, 12_346.0),
        ] {
            for length in [15.0, 40.0, 90.0, 200.0, 500.0] {
                let range = AxisRange {
                    scale: Scale::Linear,
                    lower,
                    upper,
                };
                let ticks = horizontal_ticks(&Axis::default(), &range, length);
                let mut end = f64::NEG_INFINITY;
                for tick in ticks.major.iter().filter(|tick| !tick.label.is_empty()) {
                    let middle = range.fraction(tick.value).unwrap() * length;
                    let half = measure::label_width(&tick.label, TICK_SIZE) / 2.0;
                    assert!(middle - half > end);
                    end = middle + half;
                }
            }
        }
    }

    #[test]
    fn given_ticks_outside_the_axis_are_left_out() {
        let axis = Axis {
            ticks: Some(vec![(0.5, "half".into()), (2.0, "two".into())]),
            ..Axis::default()
        };
        let range = AxisRange {
            scale: Scale::Linear,
            lower: 0.0,
            upper: 1.0,
        };
        assert_eq!(horizontal_ticks(&axis, &range, 100.0).major.len(), 1);
    }
}
