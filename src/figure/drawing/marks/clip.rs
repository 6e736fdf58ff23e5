//! Clipping in page coordinates, so that wild data never reaches the file.

use crate::figure::drawing::geometry::{Point, Rectangle};

/// The pieces of a polyline that lie in a rectangle (Liang–Barsky on each segment).
pub(crate) fn polyline(points: &[Point], window: &Rectangle) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], window) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        // A segment cut at its end leaves the window: the next one starts a new piece.
        open = to == pair[1];
    }
    pieces
}

/// The part of a segment inside a rectangle.
fn segment(from: Point, to: Point, window: &Rectangle) -> Option<(Point, Point)> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (step, room) in [
        (-dx, from.x - window.left),
        (dx, window.right() - from.x),
        (-dy, from.y - window.top),
        (dy, window.bottom() - from.y),
    ] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    if enter > leave {
        return None;
    }
    let start = if enter > 0.0 {
        from.towards(to, enter)
    } else {
        from
    };
    let end = if leave < 1.0 {
        from.towards(to, leave)
    } else {
        to
    };
    Some((start, end))
}

/// Which coordinate a side of the window limits, where, and on which side the window lies.
type Side = (fn(Point) -> f64, f64, f64);

/// The part of a polygon inside a rectangle (Sutherland–Hodgman).
pub(crate) fn polygon(points: &[Point], window: &Rectangle) -> Vec<Point> {
    let sides: [Side; 4] = [
        (|point| point.x, window.left, 1.0),
        (|point| point.x, window.right(), -1.0),
        (|point| point.y, window.top, 1.0),
        (|point| point.y, window.bottom(), -1.0),
    ];
    let mut corners = points.to_vec();
    for (coordinate, limit, sign) in sides {
        let depth = |point: Point| (coordinate(point) - limit) * sign;
        let mut kept = Vec::with_capacity(corners.len());
        for (index, &current) in corners.iter().enumerate() {
            let previous = corners[(index + corners.len() - 1) % corners.len()];
            let (before, now) = (depth(previous), depth(current));
            if (before < 0.0) != (now < 0.0) {
                kept.push(previous.towards(current, before / (before - now)));
            }
            if now >= 0.0 {
                kept.push(current);
            }
        }
        corners = kept;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Rectangle = Rectangle {
        left: 0.0,
        top: 0.0,
        width: 10.0,
        height: 10.0,
    };

    #[test]
    fn a_line_through_the_window_is_cut_at_both_sides() {
        let line = [Point::new(-1e6, 5.0), Point::new(1e6, 5.0)];
        let pieces = polyline(&line, &WINDOW);
        assert_eq!(pieces.len(), 1);
        assert!((pieces[0][0].x).abs() < 1e-6 && (pieces[0][1].x - 10.0).abs() < 1e-6);
    }

    #[test]
    fn a_line_that_leaves_and_returns_gives_two_pieces() {
        let line = [(5.0, 5.0), (5.0, 20.0), (8.0, 20.0), (8.0, 5.0)];
        let line: Vec<Point> = line.iter().map(|&(x, y)| Point::new(x, y)).collect();
        assert_eq!(polyline(&line, &WINDOW).len(), 2);
    }

    #[test]
    fn a_polygon_around_the_window_becomes_the_window() {
        let around: Vec<Point> = [(-5.0, -5.0), (15.0, -5.0), (15.0, 15.0), (-5.0, 15.0)]
            .iter()
            .map(|&(x, y)| Point::new(x, y))
            .collect();
        let clipped = polygon(&around, &WINDOW);
        assert_eq!(clipped.len(), 4);
        assert!(clipped.iter().all(|&corner| WINDOW.contains(corner)));
        assert!(polygon(&[], &WINDOW).is_empty());
    }
}
