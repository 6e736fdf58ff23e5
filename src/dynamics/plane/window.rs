//! The window of the plane that is shown, and figure coordinates: 0 to 1 across it either way.

use serde::{Deserialize, Serialize};

/// A point of the plane, in states or in figure coordinates as the name says.
pub(crate) type Point = [f64; 2];

/// The part of the plane that is shown, in the units of the states.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Left and right edge.
    pub x: (f64, f64),
    /// Lower and upper edge.
    pub y: (f64, f64),
}

impl Window {
    /// Free room on every side, as a part of what is to be seen.
    const MARGIN: f64 = 0.3;

    /// Shows all of `points` with room around them, inside `bounds` if the states are.
    pub(crate) fn around(points: &[Point], bounds: Option<(f64, f64)>) -> Self {
        let span = |k: usize| {
            let (low, high) = points
                .iter()
                .map(|point| point[k])
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (value.min(low), value.max(high))
                });
            if low <= high { (low, high) } else { (0.0, 0.0) }
        };
        if let Some((low, high)) = bounds.filter(|(low, high)| (high - low).is_finite()) {
            let room = 0.06 * (high - low);
            let edges = (low - room, high + room);
            return Self { x: edges, y: edges };
        }
        let (x, y) = (span(0), span(1));
        // each axis has its own scale. Only one in which nothing happens takes the other's
        let widest = (x.1 - x.0).max(y.1 - y.0);
        let open = |(low, high): (f64, f64)| {
            let size = high - low;
            let rounding = 1e-6 * low.abs().max(high.abs()).max(widest);
            let size = match (size > rounding, widest > 0.0) {
                (true, _) => size,
                (false, true) => 0.4 * widest,
                (false, false) => 2.0,
            };
            let half = 0.5 * size * (1.0 + 2.0 * Self::MARGIN);
            let centre = 0.5 * (low + high);
            (centre - half, centre + half)
        };
        Self {
            x: open(x),
            y: open(y),
        }
    }

    /// Width and height in units of the states.
    pub(crate) fn size(&self) -> Point {
        [self.x.1 - self.x.0, self.y.1 - self.y.0]
    }

    /// Distance of two states on paper, in sides of the window.
    pub fn distance(&self, a: [f64; 2], b: [f64; 2]) -> f64 {
        distance(self.figure(&a), self.figure(&b))
    }

    /// From states to figure coordinates.
    pub(crate) fn figure(&self, state: &[f64]) -> Point {
        let [width, height] = self.size();
        [
            (state[0] - self.x.0) / width,
            (state[1] - self.y.0) / height,
        ]
    }

    /// From figure coordinates to states.
    pub(crate) fn state(&self, point: Point) -> Point {
        let [width, height] = self.size();
        [self.x.0 + width * point[0], self.y.0 + height * point[1]]
    }
}

/// Whether a point in figure coordinates is in the window, enlarged by `room` on every side.
pub(crate) fn inside(point: Point, room: f64) -> bool {
    point
        .iter()
        .all(|value| (-room..=1.0 + room).contains(value))
}

/// Distance on paper, in units of the window's side.
pub(crate) fn distance(a: Point, b: Point) -> f64 {
    let [dx, dy] = [a[0] - b[0], a[1] - b[1]];
    // a window's side is 1: nothing overflows, and `hypot` takes three times as long
    (dx * dx + dy * dy).sqrt()
}

/// Distance from a point to a polyline.
pub(crate) fn distance_to_line(point: Point, line: &[Point]) -> f64 {
    line.windows(2)
        .map(|ends| {
            let [dx, dy] = [ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]];
            let [px, py] = [point[0] - ends[0][0], point[1] - ends[0][1]];
            let square = dx * dx + dy * dy;
            let along = if square > 0.0 {
                ((px * dx + py * dy) / square).clamp(0.0, 1.0)
            } else {
                0.0
            };
            distance([px, py], [along * dx, along * dy])
        })
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_inside_with_room() {
        let points = [[-1.5, 0.2], [2.0, 0.3], [0.0, f64::NAN]];
        let window = Window::around(&points, None);
        for point in &points[..2] {
            assert!(inside(window.figure(point), -0.1));
        }
        assert_eq!(window.state([0.0, 1.0]), [window.x.0, window.y.1]);
        let bounded = Window::around(&points, Some((0.0, 1.0)));
        assert!(bounded.x.0 < 0.0 && bounded.y.1 > 1.0);
    }

    #[test]
    fn distance_to_a_corner_and_to_an_edge() {
        let line = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        assert_eq!(distance_to_line([0.5, 0.25], &line), 0.25);
        assert_eq!(distance_to_line([4.0, 5.0], &line), 5.0);
    }

    #[test]
    fn each_axis_has_its_own_scale_and_a_margin_of_three_tenths() {
        let close = |found: (f64, f64), expected: (f64, f64)| {
            assert!((found.0 - expected.0).abs() < 1e-14, "{found:?}");
            assert!((found.1 - expected.1).abs() < 1e-14, "{found:?}");
        };
        // widths 2 and 4, to which 0.3 of them come on either side
        let both = Window::around(&[[1.0, 5.0], [3.0, 9.0]], None);
        close(both.x, (0.4, 3.6));
        close(both.y, (3.8, 10.2));
        // nothing happens in y: 0.4 of the other's width, with the same margin
        let flat = Window::around(&[[1.0, 5.0], [3.0, 5.0]], None);
        close(flat.x, (0.4, 3.6));
        close(flat.y, (4.36, 5.64));
        // nothing happens at all: 1 either way, with the margin
        let alone = Window::around(&[[1.0, 5.0]], None);
        close(alone.x, (-0.6, 2.6));
        close(alone.y, (3.4, 6.6));
        let bounded = Window::around(&[[1.0, 5.0]], Some((-1.0, 3.0)));
        close(bounded.x, (-1.24, 3.24));
        assert_eq!(bounded.x, bounded.y);
    }

    #[test]
    fn figure_coordinates_and_states_are_each_other_s_inverse() {
        let window = Window {
            x: (1.0, 3.0),
            y: (-8.0, 0.0),
        };
        assert_eq!(window.state([0.25, 0.75]), [1.5, -2.0]);
        assert_eq!(window.figure(&[1.5, -2.0]), [0.25, 0.75]);
        assert_eq!(window.distance([1.0, -8.0], [2.5, 0.0]), 1.25);
    }

    #[test]
    fn distance_to_a_line_does_not_depend_on_where_it_lies() {
        let line = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        for by in [[0.5, -0.25], [-3.0, 2.0]] {
            let moved = line.map(|point| [point[0] + by[0], point[1] + by[1]]);
            for point in [[0.25, 0.5], [2.0, 0.5], [-3.0, -4.0]] {
                let there = [point[0] + by[0], point[1] + by[1]];
                assert_eq!(
                    distance_to_line(there, &moved),
                    distance_to_line(point, &line)
                );
            }
        }
        assert_eq!(distance_to_line([-3.0, -4.0], &line), 5.0);
    }
}
