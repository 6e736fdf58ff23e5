//! Evenly spaced streamlines (B. Jobard and W. Lefer, 1997), even on paper.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::arc_length::{ArcLengthField, within_bounds};
use super::window::{Point, Window, distance, inside};
use crate::dynamics::Phase;

/// A curve along the flow, in the direction of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Streamline {
    /// First coordinate.
    pub x: Vec<f64>,
    /// Second coordinate.
    pub y: Vec<f64>,
    /// `$\lVert\dot s\rVert$` at each point, per time constant.
    pub speed: Vec<f64>,
}

/// A line may come this much nearer to another than lines are started apart.
const CLOSEST: f64 = 0.5;
/// Points of a line, as a part of the separation.
const SPACING: f64 = 0.15;
/// Lines shorter than this many separations are clutter.
const SHORTEST: f64 = 1.6;
/// Length after which a line ends anyway, in sides of the window.
const LONGEST: f64 = 3.0;

/// Covers the window with streamlines `separation` apart (in sides of the window), which end where
/// they come near each other, near one of `stops` (fixed points, figure coordinates), or leave.
/// `curves` (figure coordinates) are drawn already: streamlines keep away from them too.
pub(crate) fn streamlines(
    phase: Phase<'_>,
    window: Window,
    separation: f64,
    stops: &[Point],
    curves: &[Vec<Point>],
) -> Vec<Streamline> {
    let mut drawn = Drawn {
        phase,
        window,
        separation,
        stops,
        side: (1.0 / separation).ceil() as usize,
        cells: Vec::new(),
    };
    drawn.cells = vec![Vec::new(); drawn.side * drawn.side];
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut queue: VecDeque<Vec<Point>> = VecDeque::new();
    for curve in curves {
        let curve = resampled(curve, SPACING * separation);
        drawn.add(&curve);
        queue.push_back(beside(&curve, separation));
    }
    // seeds of last resort, for corners that no line leads to. The first starts the first line
    let steps = drawn.side;
    let grid = (0..steps * steps).map(|k| {
        let centred = |k: usize| (k as f64 + 0.5) / steps as f64;
        [centred((k + steps / 2) % steps), centred(k / steps)]
    });
    for seed in grid {
        queue.push_back(vec![seed]);
        while let Some(candidates) = queue.pop_front() {
            for candidate in candidates {
                if inside(candidate, 0.0)
                    && within_bounds(&phase, window.state(candidate))
                    && drawn.is_free(candidate, 0.99 * separation)
                {
                    let line = drawn.line_through(candidate);
                    if line.len() as f64 * SPACING >= SHORTEST {
                        drawn.add(&line);
                        queue.push_back(beside(&line, separation));
                        lines.push(line);
                    }
                }
            }
        }
    }
    lines.iter().map(|line| drawn.streamline(line)).collect()
}

/// The visible points of a curve, at most `spacing` apart.
fn resampled(curve: &[Point], spacing: f64) -> Vec<Point> {
    curve
        .windows(2)
        .flat_map(|ends| {
            let parts = (distance(ends[0], ends[1]) / spacing)
                .ceil()
                .clamp(1.0, 1e4);
            (0..parts as usize).map(move |part| {
                let part = part as f64 / parts;
                [0, 1].map(|k| ends[0][k] + part * (ends[1][k] - ends[0][k]))
            })
        })
        .filter(|point| inside(*point, 0.0))
        .collect()
}

/// The points `separation` away from a line on both sides.
fn beside(line: &[Point], separation: f64) -> Vec<Point> {
    line.windows(2)
        .flat_map(|ends| {
            let [dx, dy] = [ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]];
            let scale = separation / dx.hypot(dy);
            [1.0, -1.0].map(|side| {
                [
                    ends[0][0] - side * scale * dy,
                    ends[0][1] + side * scale * dx,
                ]
            })
        })
        .collect()
}

/// The lines drawn so far, their points sorted into cells as wide as the separation.
struct Drawn<'a> {
    phase: Phase<'a>,
    window: Window,
    separation: f64,
    stops: &'a [Point],
    side: usize,
    cells: Vec<Vec<Point>>,
}

impl Drawn<'_> {
    fn cell(&self, point: Point) -> [usize; 2] {
        point.map(|value| ((value / self.separation).max(0.0) as usize).min(self.side - 1))
    }

    fn add(&mut self, line: &[Point]) {
        for &point in line {
            let [column, row] = self.cell(point);
            self.cells[row * self.side + column].push(point);
        }
    }

    /// Whether no line drawn is within `radius` (at most the separation).
    fn is_free(&self, point: Point, radius: f64) -> bool {
        let [column, row] = self.cell(point);
        let near = |k: usize| k.saturating_sub(1)..=(k + 1).min(self.side - 1);
        near(row).all(|row| {
            near(column).all(|column| {
                self.cells[row * self.side + column]
                    .iter()
                    .all(|&other| distance(point, other) >= radius)
            })
        })
    }

    /// The streamline through a point, as far as there is room for it.
    fn line_through(&self, seed: Point) -> Vec<Point> {
        let spacing = SPACING * self.separation;
        let closest = CLOSEST * self.separation;
        // neighbours along the line itself are near without being in the way
        let lag = (2.0 / SPACING) as usize;
        let mut back: Vec<Point> = Vec::new();
        for sign in [-1.0, 1.0] {
            back.reverse();
            if sign > 0.0 {
                back.push(seed);
            }
            // own points, the nearest along the line last
            let mut own = if sign > 0.0 { back.clone() } else { vec![seed] };
            let course = ArcLengthField::new(self.phase, self.window, sign);
            let line = course.trace(seed, spacing, LONGEST, |point| {
                let free = inside(point, 0.0)
                    && self.is_free(point, closest)
                    && self
                        .stops
                        .iter()
                        .all(|&stop| distance(point, stop) > 0.7 * closest)
                    && own[..own.len().saturating_sub(lag)]
                        .iter()
                        .all(|&other| distance(point, other) >= closest);
                own.push(point);
                free
            });
            back.extend(line);
        }
        back
    }

    fn streamline(&self, line: &[Point]) -> Streamline {
        let mut out = Streamline {
            x: Vec::with_capacity(line.len()),
            y: Vec::with_capacity(line.len()),
            speed: Vec::with_capacity(line.len()),
        };
        let mut velocity = [0.0; 2];
        for &point in line {
            let state = self.window.state(point);
            self.phase.velocity(&state, &mut velocity);
            out.x.push(state[0]);
            out.y.push(state[1]);
            out.speed.push(velocity[0].hypot(velocity[1]));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::arc_length::tests::linear;
    use super::*;

    #[test]
    fn lines_keep_their_distance_and_leave_no_hole() {
        let problem = linear([[-0.2, -1.0], [1.5, -0.4]]);
        let field = problem.field();
        // very different scales: spacing must be even on paper
        let window = Window {
            x: (-1.0, 1.0),
            y: (-30.0, 40.0),
        };
        let lines = streamlines(Phase::free(&field), window, 0.05, &[[0.5, 3.0 / 7.0]], &[]);
        let lines: Vec<Vec<Point>> = lines
            .iter()
            .map(|line| {
                let points = line.x.iter().zip(&line.y);
                points.map(|(&x, &y)| window.figure(&[x, y])).collect()
            })
            .collect();
        assert!(lines.len() > 10);
        for (k, line) in lines.iter().enumerate() {
            for other in &lines[..k] {
                for &a in line {
                    assert!(other.iter().all(|&b| distance(a, b) > 0.45 * 0.05));
                }
            }
        }
        let centre = window.figure(&[0.0, 0.0]);
        for k in 0..400 {
            let point = [
                (f64::from(k % 20) + 0.5) / 20.0,
                (f64::from(k / 20) + 0.5) / 20.0,
            ];
            let nearest = lines
                .iter()
                .flatten()
                .map(|&other| distance(point, other))
                .fold(f64::INFINITY, f64::min);
            assert!(nearest < 0.08 || distance(point, centre) < 0.1, "{point:?}");
        }
    }

    #[test]
    fn lines_run_with_time() {
        let problem = linear([[-1.0, 0.0], [0.0, -1.0]]);
        let field = problem.field();
        let window = Window {
            x: (-1.0, 1.0),
            y: (-1.0, 1.0),
        };
        for line in streamlines(Phase::free(&field), window, 0.1, &[], &[]) {
            let speed = |k: usize| line.x[k].hypot(line.y[k]);
            assert!(speed(0) > speed(line.x.len() - 1));
            assert!((line.speed[0] - speed(0)).abs() < 1e-12);
        }
    }
}
