//! Colour bars measured: their axis, their ticks and the room that they need.

use super::PlacedPanel;
use super::fit_ticks::vertical_ticks;
use super::projection::AxisRange;
use super::ticks::Ticks;
use crate::figure::drawing::sizes::{LABEL_GAP, TICK_SIZE};
use crate::figure::drawing::text::measure::label_width;
use crate::figure::drawing::{Axis, ColourBar, ColourScale, Scale};

/// Between the frame and the bar.
pub(crate) const GAP: f64 = 6.0;
/// Width of the bar.
pub(crate) const WIDTH: f64 = 7.0;
/// Length of a tick.
pub(crate) const TICK: f64 = 2.5;
/// Between a tick and its label.
pub(crate) const TICK_LABEL_GAP: f64 = 1.8;

/// Position of a value on a colour scale, from 0 to 1, or `None` if it has no colour.
pub(crate) fn position(scale: &ColourScale, value: f64) -> Option<f64> {
    let (lower, upper) = scale.range;
    let axis = AxisRange {
        scale: scale.scale,
        lower,
        upper,
    };
    axis.fraction(value)
        .map(|fraction| fraction.clamp(0.0, 1.0))
}

/// The scale's ends in order and never equal, as the bar shows them.
fn bar_axis(scale: &ColourScale) -> AxisRange {
    let (one, other) = scale.range;
    let fine = one.is_finite() && other.is_finite() && one != other;
    let fine = fine && (scale.scale == Scale::Linear || (one > 0.0 && other > 0.0));
    let (lower, upper) = match (fine, scale.scale) {
        (true, _) => (one.min(other), one.max(other)),
        (false, Scale::Linear) => (0.0, 1.0),
        (false, Scale::Log) => (0.1, 1.0),
    };
    AxisRange {
        scale: scale.scale,
        lower,
        upper,
    }
}

/// The bar's axis and its ticks.
pub(crate) fn bar_ticks(bar: &ColourBar, height: f64) -> (AxisRange, Ticks) {
    let axis = bar_axis(&bar.scale);
    let ticks = vertical_ticks(&Axis::default(), &axis, height);
    (axis, ticks)
}

/// From the edge of the frame to the edge of the tick labels.
pub(crate) fn label_start(ticks: &Ticks) -> f64 {
    let widest = ticks
        .major
        .iter()
        .map(|tick| label_width(&tick.label, TICK_SIZE))
        .fold(0.0, f64::max);
    GAP + WIDTH + TICK + TICK_LABEL_GAP + widest
}

/// Room that a panel's bar needs right of its frame, if it has one.
pub(crate) fn room(placed: &PlacedPanel) -> Option<f64> {
    let (_, ticks) = placed.bar.as_ref()?;
    let label = placed.bar_label.height();
    Some(label_start(ticks) + label + if label > 0.0 { LABEL_GAP } else { 0.0 })
}
