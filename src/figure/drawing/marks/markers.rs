//! Markers: outline, filling and edge.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use crate::figure::drawing::colour::Rgb;
use crate::figure::drawing::geometry::Point;
use crate::figure::drawing::surface::{Ink, Surface};
use crate::figure::drawing::{Colour, FigureError, Fill, Marker, MarkerShape, Theme};

/// Draws one marker. `colour` replaces the marker's own.
pub(crate) fn draw_marker(
    surface: &Surface,
    theme: Theme,
    at: Point,
    marker: &Marker,
    colour: Option<Rgb>,
) -> Result<(), FigureError> {
    let inside = colour.unwrap_or_else(|| theme.resolve(marker.colour));
    let edge = marker.edge.map_or(inside, |edge| theme.resolve(edge));
    let radius = marker.size.clamp(0.0, 1e4) / 2.0;
    let ink = Ink {
        opacity: marker.opacity,
        ..Ink::thin(edge, marker.edge_width)
    };
    let strokes = strokes(marker.shape, radius);
    if !strokes.is_empty() {
        let ink = Ink {
            width: marker.edge_width.max(0.2 * marker.size),
            ..ink
        };
        return strokes
            .iter()
            .try_for_each(|(from, to)| surface.path(&[moved(*from, at), moved(*to, at)], &ink));
    }
    let outline: Vec<Point> = outline(marker.shape, radius)
        .into_iter()
        .map(|corner| moved(corner, at))
        .collect();
    let is_circle = marker.shape == MarkerShape::Circle;
    // A filled marker without an edge of its own is one shape, as large as with its edge.
    if marker.fill == Fill::Full && marker.edge.is_none() {
        return if is_circle {
            surface.disc(at, radius, inside, marker.opacity)
        } else {
            surface.polygon(&outline, inside, marker.opacity)
        };
    }
    let whole = if marker.fill == Fill::Full {
        inside
    } else {
        theme.resolve(Colour::Background)
    };
    if is_circle {
        surface.disc(at, radius, whole, marker.opacity)?;
    } else {
        surface.polygon(&outline, whole, marker.opacity)?;
    }
    if marker.fill == Fill::Half {
        surface.polygon(&left_half(&outline, at.x), inside, marker.opacity)?;
    }
    if is_circle {
        surface.ring(at, radius, &ink)
    } else {
        let mut closed = outline;
        closed.extend(closed.first().copied());
        surface.path(&closed, &ink)
    }
}

fn moved(corner: Point, by: Point) -> Point {
    Point::new(corner.x + by.x, corner.y + by.y)
}

/// The strokes of shapes that have no inside.
fn strokes(shape: MarkerShape, radius: f64) -> Vec<(Point, Point)> {
    let diagonal = 0.85 * radius;
    match shape {
        MarkerShape::Cross => vec![
            (
                Point::new(-diagonal, -diagonal),
                Point::new(diagonal, diagonal),
            ),
            (
                Point::new(-diagonal, diagonal),
                Point::new(diagonal, -diagonal),
            ),
        ],
        MarkerShape::Plus => vec![
            (Point::new(-radius, 0.0), Point::new(radius, 0.0)),
            (Point::new(0.0, -radius), Point::new(0.0, radius)),
        ],
        _ => Vec::new(),
    }
}

/// Corners around the origin. Areas are about equal, so that no shape looks heavier.
fn outline(shape: MarkerShape, radius: f64) -> Vec<Point> {
    let regular = |corners: u32, radius: f64, start: f64| -> Vec<Point> {
        (0..corners)
            .map(|corner| start + TAU * f64::from(corner) / f64::from(corners))
            .map(|angle| Point::new(radius * angle.cos(), radius * angle.sin()))
            .collect()
    };
    match shape {
        MarkerShape::Circle => regular(32, radius, 0.0),
        MarkerShape::Square => regular(4, 1.25 * radius, PI / 4.0),
        MarkerShape::Diamond => regular(4, 1.25 * radius, 0.0),
        MarkerShape::TriangleUp => regular(3, 1.35 * radius, -FRAC_PI_2),
        MarkerShape::TriangleDown => regular(3, 1.35 * radius, FRAC_PI_2),
        MarkerShape::Star => {
            let (outer, inner) = (
                regular(5, 1.4 * radius, -FRAC_PI_2),
                regular(5, 0.6 * radius, -0.3 * PI),
            );
            outer
                .into_iter()
                .zip(inner)
                .flat_map(|(tip, notch)| [tip, notch])
                .collect()
        }
        MarkerShape::Cross | MarkerShape::Plus => Vec::new(),
    }
}

/// The part of a convex or star-shaped outline left of a vertical line.
fn left_half(outline: &[Point], middle: f64) -> Vec<Point> {
    let Some((top, bottom)) = outline
        .iter()
        .fold(None, |range: Option<(f64, f64)>, corner| {
            Some(range.map_or((corner.y, corner.y), |(top, bottom)| {
                (top.min(corner.y), bottom.max(corner.y))
            }))
        })
    else {
        return Vec::new();
    };
    let left = outline.iter().map(|corner| corner.x).fold(middle, f64::min);
    let window = crate::figure::drawing::geometry::Rectangle {
        left,
        top,
        width: middle - left,
        height: bottom - top,
    };
    super::clip::polygon(outline, &window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_square_is_half_as_large() {
        let square = outline(MarkerShape::Square, 2.0);
        let half = left_half(&square, 0.0);
        assert!(half.iter().all(|corner| corner.x < 1e-9));
        assert_eq!(half.len(), 4);
    }

    #[test]
    fn every_shape_has_an_outline_or_strokes() {
        for shape in Marker::CYCLE {
            assert_ne!(
                outline(shape, 1.0).is_empty(),
                strokes(shape, 1.0).is_empty()
            );
        }
    }
}
