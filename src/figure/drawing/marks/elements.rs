//! From elements to shapes on the page.

use super::clip;
use super::lines::{draw_coloured_line, draw_line, ink, shade, stretches};
use super::markers::draw_marker;
use super::raster::draw_raster;
use super::simplify::simplify;
use crate::figure::drawing::geometry::Point;
use crate::figure::drawing::layout::projection::Projection;
use crate::figure::drawing::sizes::TICK_SIZE;
use crate::figure::drawing::surface::{Align, Ink, Surface, TextInk};
use crate::figure::drawing::{
    Anchor, Colour, ColourBy, Element, FigureError, Marker, Stroke, Theme,
};

/// Where elements are drawn, and with which colours.
struct Place<'a> {
    surface: &'a Surface,
    theme: Theme,
    projection: &'a Projection,
}

/// Draws everything but text. The caller has clipped the surface to the frame.
pub(crate) fn draw_element(
    surface: &Surface,
    theme: Theme,
    projection: &Projection,
    element: &Element,
) -> Result<(), FigureError> {
    let place = Place {
        surface,
        theme,
        projection,
    };
    let frame = projection.frame;
    match element {
        Element::Line { x, y, stroke, .. } => stretches(projection, x, y)
            .iter()
            .try_for_each(|line| draw_line(surface, projection, line, &ink(theme, stroke))),
        Element::ColouredLine {
            x,
            y,
            value,
            scale,
            width,
        } => draw_coloured_line(surface, theme, projection, (x, y, value), scale, *width),
        Element::Markers {
            x,
            y,
            marker,
            colour_by,
            ..
        } => place.markers((x, y), marker, colour_by.as_ref()),
        Element::Band {
            x,
            lower,
            upper,
            fill,
            opacity,
            ..
        } => band(projection, x, lower, upper)
            .iter()
            .try_for_each(|corners| place.filled(corners, *fill, *opacity)),
        Element::Polygon {
            points,
            fill,
            opacity,
            ..
        } => {
            let shown = points.iter().filter_map(|&(x, y)| projection.point(x, y));
            place.filled(&shown.collect::<Vec<Point>>(), *fill, *opacity)
        }
        Element::Raster { .. } => draw_raster(surface, theme, projection, element),
        Element::Arrow {
            x,
            y,
            dx,
            dy,
            size,
            colour,
        } => place.arrow((*x, *y), (x + dx, y + dy), *size, *colour),
        Element::VerticalLine { at, stroke, .. } => {
            let Some(x) = projection.horizontal(*at) else {
                return Ok(());
            };
            place.rule(
                [Point::new(x, frame.bottom()), Point::new(x, frame.top)],
                stroke,
            )
        }
        Element::HorizontalLine { at, stroke, .. } => {
            let Some(y) = projection.vertical(*at) else {
                return Ok(());
            };
            place.rule(
                [Point::new(frame.left, y), Point::new(frame.right(), y)],
                stroke,
            )
        }
        Element::Text { .. } => Ok(()),
    }
}

impl Place<'_> {
    fn markers(
        &self,
        (x, y): (&[f64], &[f64]),
        marker: &Marker,
        colour_by: Option<&ColourBy>,
    ) -> Result<(), FigureError> {
        let window = self.projection.frame.grown(2.0 * marker.size.abs());
        for (index, (x, y)) in x.iter().zip(y).enumerate() {
            let Some(at) = self
                .projection
                .point(*x, *y)
                .filter(|at| window.contains(*at))
            else {
                continue;
            };
            let colour = colour_by.map(|by| {
                let value = by.value.get(index).copied().unwrap_or(f64::NAN);
                shade(self.theme, &by.scale, value)
            });
            draw_marker(self.surface, self.theme, at, marker, colour)?;
        }
        Ok(())
    }

    /// Fills the visible part of a polygon.
    fn filled(&self, corners: &[Point], fill: Colour, opacity: f64) -> Result<(), FigureError> {
        let visible = clip::polygon(corners, &self.projection.frame.grown(1.0));
        if visible.len() < 3 {
            return Ok(());
        }
        self.surface
            .polygon(&simplify(&visible), self.theme.resolve(fill), opacity)
    }

    fn arrow(
        &self,
        at: (f64, f64),
        ahead: (f64, f64),
        size: f64,
        colour: Colour,
    ) -> Result<(), FigureError> {
        let at = self.projection.point(at.0, at.1);
        let Some((at, ahead)) = at.zip(self.projection.point(ahead.0, ahead.1)) else {
            return Ok(());
        };
        if !self.projection.frame.contains(at) || at.distance(ahead) == 0.0 {
            return Ok(());
        }
        let head = arrow_head(at, ahead, size.clamp(0.0, 1e3));
        self.surface.polygon(&head, self.theme.resolve(colour), 1.0)
    }

    /// A straight line with flat ends, so that it stops at the frame.
    fn rule(&self, ends: [Point; 2], stroke: &Stroke) -> Result<(), FigureError> {
        let ink = Ink {
            round: false,
            ..ink(self.theme, stroke)
        };
        draw_line(self.surface, self.projection, &ends, &ink)
    }
}

/// Draws the text of a text element whose position lies in the frame.
pub(crate) fn draw_text(
    surface: &Surface,
    theme: Theme,
    projection: &Projection,
    element: &Element,
) -> Result<(), FigureError> {
    let Element::Text {
        x,
        y,
        text,
        anchor,
        size,
        colour,
    } = element
    else {
        return Ok(());
    };
    let Some(at) = projection
        .point(*x, *y)
        .filter(|at| projection.frame.contains(*at))
    else {
        return Ok(());
    };
    let (align, drop) = match anchor {
        Anchor::Left => (Align::Left, 0.36),
        Anchor::Centre => (Align::Centre, 0.36),
        Anchor::Right => (Align::Right, 0.36),
        Anchor::Bottom => (Align::Centre, 0.0),
        Anchor::Top => (Align::Centre, 0.73),
    };
    let size = if size.is_finite() {
        size.clamp(1.0, 200.0)
    } else {
        TICK_SIZE
    };
    let ink = TextInk {
        halo: Some(theme.resolve(Colour::Background)),
        ..TextInk::new(theme.resolve(*colour), size, align)
    };
    surface.text(text, Point::new(at.x, at.y + drop * ink.size), &ink)
}

/// The closed outlines of a band, one for each stretch without gaps.
fn band(projection: &Projection, x: &[f64], lower: &[f64], upper: &[f64]) -> Vec<Vec<Point>> {
    // On a logarithmic axis a band that reaches zero continues below the frame.
    let below = projection.frame.bottom() + projection.frame.height;
    let edge = |x: f64, y: f64| {
        let vertical = match projection.vertical(y) {
            None if y.is_finite() => below,
            other => other?,
        };
        Some(Point::new(projection.horizontal(x)?, vertical))
    };
    let pairs: Vec<Option<(Point, Point)>> = x
        .iter()
        .zip(lower.iter().zip(upper))
        .map(|(x, (lower, upper))| edge(*x, *lower).zip(edge(*x, *upper)))
        .collect();
    pairs
        .split(Option::is_none)
        .filter(|stretch| stretch.len() > 1)
        .map(|stretch| {
            let there = stretch.iter().flatten().map(|pair| pair.1);
            let back = stretch.iter().rev().flatten().map(|pair| pair.0);
            there.chain(back).collect()
        })
        .collect()
}

/// A slender head with a notch, centred on `at` and pointing to `ahead`.
fn arrow_head(at: Point, ahead: Point, size: f64) -> Vec<Point> {
    let length = at.distance(ahead);
    let (along_x, along_y) = ((ahead.x - at.x) / length, (ahead.y - at.y) / length);
    [(0.55, 0.0), (-0.45, 0.38), (-0.25, 0.0), (-0.45, -0.38)]
        .iter()
        .map(|&(along, across)| {
            Point::new(
                at.x + size * (along * along_x - across * along_y),
                at.y + size * (along * along_y + across * along_x),
            )
        })
        .collect()
}
