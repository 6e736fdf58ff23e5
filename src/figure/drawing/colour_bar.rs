//! The strip that explains colours, with its own axis.

use super::draw_axes::{FRAME_WIDTH, MINOR_WIDTH};
use super::fit_ticks::vertical_ticks;
use super::geometry::{Point, Rectangle};
use super::layout::{LABEL_SIZE, TICK_SIZE};
use super::margins::LABEL_GAP;
use super::projection::AxisRange;
use super::surface::{Align, Ink, Surface, TextInk};
use super::text::{CAPITAL, label_width, measure};
use super::ticks::Ticks;
use super::{Axis, Colour, ColourBar, ColourScale, FigureError, Scale, Theme};

const GAP: f64 = 6.0;
const WIDTH: f64 = 7.0;
const TICK: f64 = 2.5;
const MINOR_TICK: f64 = 1.5;
const TICK_LABEL_GAP: f64 = 1.8;
const STRIPS: u32 = 128;

/// Position of a value on a colour scale, from 0 to 1; `None` if it has no colour.
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

fn bar_ticks(bar: &ColourBar, height: f64) -> (AxisRange, Ticks) {
    let axis = bar_axis(&bar.scale);
    let ticks = vertical_ticks(&Axis::default(), &axis, height);
    (axis, ticks)
}

/// From the edge of the frame to the edge of the tick labels.
fn label_start(ticks: &Ticks) -> f64 {
    let widest = ticks
        .major
        .iter()
        .map(|tick| label_width(&tick.label, TICK_SIZE))
        .fold(0.0, f64::max);
    GAP + WIDTH + TICK + TICK_LABEL_GAP + widest
}

/// Room that the bar needs right of its frame.
pub(crate) fn room(bar: &ColourBar, height: f64) -> f64 {
    let (_, ticks) = bar_ticks(bar, height);
    let label = if bar.label.is_empty() {
        0.0
    } else {
        LABEL_GAP + measure(&bar.label, LABEL_SIZE, false).height()
    };
    label_start(&ticks) + label
}

/// Draws the bar right of a frame.
pub(crate) fn draw(
    surface: &Surface,
    theme: Theme,
    bar: &ColourBar,
    frame: &Rectangle,
) -> Result<(), FigureError> {
    let (axis, ticks) = bar_ticks(bar, frame.height);
    let strip = Rectangle {
        left: frame.right() + GAP,
        width: WIDTH,
        ..*frame
    };
    let inverted = bar.scale.range.0 > bar.scale.range.1;
    for index in 0..STRIPS {
        let (part, parts) = (f64::from(index), f64::from(STRIPS));
        // Each strip reaches down to the end of the bar, so no seam can show.
        let bottom = Rectangle {
            top: strip.top + strip.height * part / parts,
            height: strip.height * (1.0 - part / parts),
            ..strip
        };
        let upwards = 1.0 - (part + 0.5) / parts;
        let position = if inverted { 1.0 - upwards } else { upwards };
        surface.fill(&bottom, bar.scale.map.at(position), 1.0, true)?;
    }
    let foreground = theme.resolve(Colour::Foreground);
    let ink = Ink::thin(foreground, FRAME_WIDTH);
    surface.frame(&strip, &ink)?;
    let height_of = |value: f64| {
        axis.fraction(value)
            .map(|f| strip.bottom() - f * strip.height)
    };
    for tick in &ticks.major {
        let Some(y) = height_of(tick.value) else {
            continue;
        };
        surface.path(
            &[
                Point::new(strip.right(), y),
                Point::new(strip.right() + TICK, y),
            ],
            &ink,
        )?;
    }
    let minor = Ink::thin(foreground, MINOR_WIDTH);
    for y in ticks.minor.iter().filter_map(|value| height_of(*value)) {
        surface.path(
            &[
                Point::new(strip.right(), y),
                Point::new(strip.right() + MINOR_TICK, y),
            ],
            &minor,
        )?;
    }
    for tick in &ticks.major {
        let Some(y) = height_of(tick.value) else {
            continue;
        };
        let at = Point::new(strip.right() + TICK + TICK_LABEL_GAP, y + 0.36 * TICK_SIZE);
        surface.text(
            &tick.label,
            at,
            &TextInk::new(foreground, TICK_SIZE, Align::Left),
        )?;
    }
    if let Some(multiplier) = &ticks.multiplier {
        let at = Point::new(strip.left, strip.top - 3.0);
        surface.text(
            multiplier,
            at,
            &TextInk::new(foreground, TICK_SIZE, Align::Left),
        )?;
    }
    let label = measure(&bar.label, LABEL_SIZE, false);
    let x =
        frame.right() + label_start(&ticks) + LABEL_GAP + label.ascent.max(CAPITAL * LABEL_SIZE);
    let text = TextInk {
        upwards: true,
        ..TextInk::new(foreground, LABEL_SIZE, Align::Centre)
    };
    surface.text(&bar.label, Point::new(x, strip.centre().y), &text)
}
