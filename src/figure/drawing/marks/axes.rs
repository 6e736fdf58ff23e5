//! Frame, ticks, tick labels, axis labels and grid lines.

use crate::figure::drawing::geometry::Point;
use crate::figure::drawing::layout::PlacedPanel;
use crate::figure::drawing::layout::margins::{x_factor_line, x_tick_label_height};
use crate::figure::drawing::sizes::{FRAME_WIDTH, MINOR_WIDTH};
use crate::figure::drawing::sizes::{LABEL_GAP, TICK_GAP, TICK_LENGTH};
use crate::figure::drawing::sizes::{LABEL_SIZE, TICK_SIZE};
use crate::figure::drawing::surface::{Align, Ink, Surface, TextInk};
use crate::figure::drawing::{Colour, FigureError, Theme};

const MINOR_LENGTH: f64 = 1.8;
const GRID_WIDTH: f64 = 0.5;

/// Faint lines at the major ticks, behind the data.
pub(crate) fn draw_grid(
    surface: &Surface,
    theme: Theme,
    placed: &PlacedPanel,
) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    let ink = Ink::thin(theme.resolve(Colour::Grid), GRID_WIDTH);
    if placed.panel.x.grid {
        for tick in &placed.x_ticks.major {
            if let Some(x) = placed.projection.horizontal(tick.value) {
                surface.path(
                    &[Point::new(x, frame.top), Point::new(x, frame.bottom())],
                    &ink,
                )?;
            }
        }
    }
    if placed.panel.y.grid {
        for tick in &placed.y_ticks.major {
            if let Some(y) = placed.projection.vertical(tick.value) {
                surface.path(
                    &[Point::new(frame.left, y), Point::new(frame.right(), y)],
                    &ink,
                )?;
            }
        }
    }
    Ok(())
}

/// Frame, ticks and labels, in front of the data.
pub(crate) fn draw_axes(
    surface: &Surface,
    theme: Theme,
    placed: &PlacedPanel,
) -> Result<(), FigureError> {
    let foreground = theme.resolve(Colour::Foreground);
    surface.frame(
        &placed.projection.frame,
        &Ink::thin(foreground, FRAME_WIDTH),
    )?;
    let values = |ticks: &[crate::figure::drawing::layout::ticks::Tick]| {
        ticks.iter().map(|tick| tick.value).collect::<Vec<f64>>()
    };
    let major = Ink::thin(foreground, FRAME_WIDTH);
    let minor = Ink::thin(foreground, MINOR_WIDTH);
    draw_marks(
        surface,
        placed,
        &values(&placed.x_ticks.major),
        &values(&placed.y_ticks.major),
        TICK_LENGTH,
        &major,
    )?;
    draw_marks(
        surface,
        placed,
        &placed.x_ticks.minor,
        &placed.y_ticks.minor,
        MINOR_LENGTH,
        &minor,
    )?;
    if placed.shows_x_labels {
        draw_x_labels(surface, theme, placed)?;
    }
    if placed.shows_y_labels {
        draw_y_labels(surface, theme, placed)?;
    }
    Ok(())
}

fn draw_marks(
    surface: &Surface,
    placed: &PlacedPanel,
    x: &[f64],
    y: &[f64],
    length: f64,
    ink: &Ink,
) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    for x in x
        .iter()
        .filter_map(|value| placed.projection.horizontal(*value))
    {
        surface.path(
            &[
                Point::new(x, frame.bottom()),
                Point::new(x, frame.bottom() + length),
            ],
            ink,
        )?;
    }
    for y in y
        .iter()
        .filter_map(|value| placed.projection.vertical(*value))
    {
        surface.path(
            &[
                Point::new(frame.left - length, y),
                Point::new(frame.left, y),
            ],
            ink,
        )?;
    }
    Ok(())
}

fn draw_x_labels(surface: &Surface, theme: Theme, placed: &PlacedPanel) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    let foreground = theme.resolve(Colour::Foreground);
    let ticks = TextInk::new(foreground, TICK_SIZE, Align::Centre);
    let reach = x_tick_label_height(&placed.x_ticks);
    for tick in &placed.x_ticks.major {
        if let Some(x) = placed.projection.horizontal(tick.value) {
            surface.text(&tick.label, Point::new(x, frame.bottom() + reach), &ticks)?;
        }
    }
    let label = &placed.x_label;
    let baseline = frame.bottom() + reach + LABEL_GAP + label.ascent().max(0.73 * LABEL_SIZE);
    let text = TextInk::new(foreground, LABEL_SIZE, Align::Centre);
    let below = baseline + x_factor_line(placed);
    for (line, step) in label.placed() {
        surface.text(line, Point::new(frame.centre().x, below + step), &text)?;
    }
    if let Some(multiplier) = &placed.x_ticks.multiplier {
        let right = TextInk {
            align: Align::Right,
            ..ticks
        };
        surface.text(multiplier, Point::new(frame.right(), baseline), &right)?;
    }
    Ok(())
}

fn draw_y_labels(surface: &Surface, theme: Theme, placed: &PlacedPanel) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    let foreground = theme.resolve(Colour::Foreground);
    let ticks = TextInk::new(foreground, TICK_SIZE, Align::Right);
    for tick in &placed.y_ticks.major {
        if let Some(y) = placed.projection.vertical(tick.value) {
            let at = Point::new(frame.left - TICK_LENGTH - TICK_GAP, y + 0.36 * TICK_SIZE);
            surface.text(&tick.label, at, &ticks)?;
        }
    }
    let label = &placed.y_label;
    let x = placed.y_label_left + label.ascent();
    let text = TextInk {
        upwards: true,
        ..TextInk::new(foreground, LABEL_SIZE, Align::Centre)
    };
    for (line, step) in label.placed() {
        surface.text(line, Point::new(x + step, frame.centre().y), &text)?;
    }
    if let Some(multiplier) = &placed.y_ticks.multiplier {
        let left = TextInk {
            align: Align::Left,
            ..ticks
        };
        surface.text(multiplier, Point::new(frame.left, frame.top - 3.0), &left)?;
    }
    Ok(())
}
