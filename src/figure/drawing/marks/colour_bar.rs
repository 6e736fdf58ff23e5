//! The strip that explains colours, with its own axis.

use crate::figure::drawing::geometry::{Point, Rectangle};
use crate::figure::drawing::layout::PlacedPanel;
use crate::figure::drawing::layout::colour_bar::{GAP, TICK, TICK_LABEL_GAP, WIDTH, label_start};
use crate::figure::drawing::layout::projection::AxisRange;
use crate::figure::drawing::layout::ticks::Ticks;
use crate::figure::drawing::sizes::{FRAME_WIDTH, LABEL_GAP, LABEL_SIZE, MINOR_WIDTH, TICK_SIZE};
use crate::figure::drawing::surface::{Align, Ink, Surface, TextInk};
use crate::figure::drawing::text::measure::CAPITAL;
use crate::figure::drawing::{Colour, ColourBar, FigureError, Theme};

const MINOR_TICK: f64 = 1.5;
const STRIPS: u32 = 128;

/// Draws the bar right of a frame.
pub(crate) fn draw_colour_bar(
    surface: &Surface,
    theme: Theme,
    bar: &ColourBar,
    (axis, ticks): &(AxisRange, Ticks),
    placed: &PlacedPanel,
) -> Result<(), FigureError> {
    let frame = &placed.projection.frame;
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
    let label = &placed.bar_label;
    let x =
        frame.right() + label_start(ticks) + LABEL_GAP + label.ascent().max(CAPITAL * LABEL_SIZE);
    let text = TextInk {
        upwards: true,
        ..TextInk::new(foreground, LABEL_SIZE, Align::Centre)
    };
    label.placed().try_for_each(|(line, step)| {
        surface.text(line, Point::new(x + step, strip.centre().y), &text)
    })
}
