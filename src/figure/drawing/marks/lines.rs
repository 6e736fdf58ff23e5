//! Curves: broken where data cannot be shown, cut outside the frame, simplified, drawn.

use super::clip;
use super::simplify::simplify;
use crate::figure::drawing::colour::Rgb;
use crate::figure::drawing::geometry::Point;
use crate::figure::drawing::layout::colour_bar::position;
use crate::figure::drawing::layout::projection::Projection;
use crate::figure::drawing::surface::{Ink, Surface};
use crate::figure::drawing::{Colour, ColourScale, FigureError, Stroke, Theme};

/// Lines are cut this far outside the frame, where their joins cannot be seen.
const BLEED: f64 = 12.0;
/// Steps between the colours of a coloured line.
const SHADES: f64 = 96.0;

/// A stroke with its colour resolved.
pub(crate) fn ink(theme: Theme, stroke: &Stroke) -> Ink {
    Ink {
        colour: theme.resolve(stroke.colour),
        opacity: stroke.opacity,
        width: stroke.width.clamp(0.0, 1e3),
        dash: stroke.dash.pattern(),
        round: true,
    }
}

/// The stretches of a curve between points that cannot be shown.
pub(crate) fn stretches(projection: &Projection, x: &[f64], y: &[f64]) -> Vec<Vec<Point>> {
    let points: Vec<Option<Point>> = x
        .iter()
        .zip(y)
        .map(|(x, y)| projection.point(*x, *y))
        .collect();
    points
        .split(Option::is_none)
        .filter(|stretch| stretch.len() > 1)
        .map(|stretch| stretch.iter().copied().flatten().collect())
        .collect()
}

/// Draws the visible part of a curve.
pub(crate) fn draw_line(
    surface: &Surface,
    projection: &Projection,
    line: &[Point],
    ink: &Ink,
) -> Result<(), FigureError> {
    let window = projection.frame.grown(BLEED + ink.width);
    clip::polyline(line, &window)
        .iter()
        .try_for_each(|piece| surface.path(&simplify(piece), ink))
}

/// The colour of a value, or grey where the scale has none.
pub(crate) fn shade(theme: Theme, scale: &ColourScale, value: f64) -> Rgb {
    position(scale, value).map_or_else(|| theme.resolve(Colour::Muted), |at| scale.map.at(at))
}

/// Segments of one shade are joined, so that a smooth line stays a small file.
pub(crate) fn draw_coloured_line(
    surface: &Surface,
    theme: Theme,
    projection: &Projection,
    (x, y, value): (&[f64], &[f64], &[f64]),
    scale: &ColourScale,
    width: f64,
) -> Result<(), FigureError> {
    let level = |index: usize| {
        let mean = f64::midpoint(value[index], value[index + 1]);
        position(scale, mean).map(|at| (at * SHADES).round())
    };
    let count = x.len().min(y.len()).min(value.len());
    let mut start = 0;
    while start + 1 < count {
        let shade = level(start);
        let mut end = start + 1;
        while end + 1 < count && level(end) == shade {
            end += 1;
        }
        let colour = shade.map_or_else(
            || theme.resolve(Colour::Muted),
            |at| scale.map.at(at / SHADES),
        );
        let ink = Ink {
            colour,
            opacity: 1.0,
            width: width.clamp(0.0, 1e3),
            dash: &[],
            round: true,
        };
        for line in stretches(projection, &x[start..=end], &y[start..=end]) {
            draw_line(surface, projection, &line, &ink)?;
        }
        start = end;
    }
    Ok(())
}
