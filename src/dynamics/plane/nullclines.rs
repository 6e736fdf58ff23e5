//! Nullclines: marching squares, every vertex then refined onto the curve.

use serde::{Deserialize, Serialize};

use super::window::{Point, Window};
use crate::dynamics::Phase;

/// A polyline in states.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Polyline {
    /// First coordinate.
    pub x: Vec<f64>,
    /// Second coordinate.
    pub y: Vec<f64>,
}

impl Polyline {
    pub(crate) fn new(points: impl IntoIterator<Item = Point>) -> Self {
        let (x, y) = points.into_iter().map(|[x, y]| (x, y)).unzip();
        Self { x, y }
    }
}

/// Where `$\dot s_k = 0$`, for both coordinates k, all branches that a grid of `cells` × `cells`
/// can tell apart. Vertices lie on the grid's lines and on the curve to round-off. A closed branch
/// ends where it starts.
pub(crate) fn nullclines(phase: &Phase<'_>, window: &Window, cells: usize) -> [Vec<Polyline>; 2] {
    let grid = Grid {
        phase,
        window: shown(window, phase.bounds()),
        cells,
    };
    let forces: Vec<Point> = (0..(cells + 1) * (cells + 1))
        .map(|k| grid.force(grid.corner(k % (cells + 1), k / (cells + 1))))
        .collect();
    [0, 1].map(|component| {
        let values: Vec<f64> = forces.iter().map(|force| force[component]).collect();
        grid.zero_set(&values, component)
    })
}

/// The part of the window in which states can be.
fn shown(window: &Window, bounds: Option<(f64, f64)>) -> Window {
    let Some((low, high)) = bounds else {
        return *window;
    };
    let cut = |(from, to): (f64, f64)| (from.max(low), to.min(high));
    Window {
        x: cut(window.x),
        y: cut(window.y),
    }
}

struct Grid<'a> {
    phase: &'a Phase<'a>,
    window: Window,
    cells: usize,
}

impl Grid<'_> {
    fn corner(&self, column: usize, row: usize) -> Point {
        let at = |k: usize| k as f64 / self.cells as f64;
        self.window.state([at(column), at(row)])
    }

    fn force(&self, state: Point) -> Point {
        let mut force = [0.0; 2];
        self.phase.force(&state, &mut force);
        force
    }

    /// Where an edge of the grid meets the curve, by bisection to the last digit.
    fn crossing(&self, from: Point, to: Point, component: usize, positive_first: bool) -> Point {
        let at = |part: f64| {
            [
                from[0] + part * (to[0] - from[0]),
                from[1] + part * (to[1] - from[1]),
            ]
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..52 {
            let centre = 0.5 * (low + high);
            if (self.force(at(centre))[component] >= 0.0) == positive_first {
                low = centre;
            } else {
                high = centre;
            }
        }
        at(0.5 * (low + high))
    }

    fn zero_set(&self, values: &[f64], component: usize) -> Vec<Polyline> {
        let side = self.cells + 1;
        let positive = |column: usize, row: usize| values[row * side + column] >= 0.0;
        let finite = |column: usize, row: usize| values[row * side + column].is_finite();
        // edge 2k leads right from corner k, edge 2k + 1 up
        let mut links: Vec<Vec<usize>> = vec![Vec::new(); 2 * side * side];
        for row in 0..self.cells {
            for column in 0..self.cells {
                let corners = [
                    (column, row),
                    (column + 1, row),
                    (column + 1, row + 1),
                    (column, row + 1),
                ];
                if !corners.iter().all(|&(column, row)| finite(column, row)) {
                    continue;
                }
                let edge = |column: usize, row: usize, up: usize| 2 * (row * side + column) + up;
                let edges = [
                    edge(column, row, 0),
                    edge(column + 1, row, 1),
                    edge(column, row + 1, 0),
                    edge(column, row, 1),
                ];
                let signs = corners.map(|(column, row)| positive(column, row));
                let crossed: Vec<usize> =
                    (0..4).filter(|&k| signs[k] != signs[(k + 1) % 4]).collect();
                let mut link = |a: usize, b: usize| {
                    links[edges[a]].push(edges[b]);
                    links[edges[b]].push(edges[a]);
                };
                match crossed.as_slice() {
                    [a, b] => link(*a, *b),
                    [_, _, _, _] => {
                        // a saddle of the component: the centre tells which corners are joined
                        let (low, high) =
                            (self.corner(column, row), self.corner(column + 1, row + 1));
                        let centre = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
                        let joined = (self.force(centre)[component] >= 0.0) == signs[0];
                        let pairs = if joined {
                            [(0, 1), (2, 3)]
                        } else {
                            [(3, 0), (1, 2)]
                        };
                        pairs.into_iter().for_each(|(a, b)| link(a, b));
                    }
                    _ => {}
                }
            }
        }
        let vertex = |edge: usize| {
            let (k, up) = (edge / 2, edge % 2);
            let (column, row) = (k % side, k / side);
            let from = self.corner(column, row);
            let to = self.corner(column + 1 - up, row + up);
            self.crossing(from, to, component, positive(column, row))
        };
        chains(links)
            .into_iter()
            .map(|chain| Polyline::new(chain.into_iter().map(vertex)))
            .collect()
    }
}

/// Joins links (at most two an edge) to chains: open ones from end to end, then closed ones.
fn chains(mut links: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut chains = Vec::new();
    for ends_wanted in [1, 2] {
        for start in 0..links.len() {
            if links[start].len() != ends_wanted {
                continue;
            }
            let mut chain = vec![start];
            let mut at = start;
            while let Some(next) = links[at].pop() {
                links[next].retain(|&back| back != at);
                chain.push(next);
                at = next;
            }
            chains.push(chain);
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VectorField;

    /// ṡ₀ = 1 − |s|², ṡ₁ = (s₀² − 0.25)(s₁ − 0.1): a circle, and three crossing lines.
    struct Curves;

    impl VectorField for Curves {
        fn dimension(&self) -> usize {
            2
        }
        fn velocity(&self, s: &[f64], out: &mut [f64]) {
            out[0] = 1.0 - s[0] * s[0] - s[1] * s[1];
            out[1] = (s[0] * s[0] - 0.25) * (s[1] - 0.1);
        }
        fn jacobian_vector(&self, _: &[f64], _: &[f64], _: &mut [f64]) {}
    }

    #[test]
    fn branches_are_whole_and_exact() {
        let window = Window {
            x: (-1.53, 1.47),
            y: (-1.4, 1.6),
        };
        let [circle, lines] = nullclines(&Phase::free(&Curves), &window, 60);
        assert_eq!(circle.len(), 1);
        let circle = &circle[0];
        for (x, y) in circle.x.iter().zip(&circle.y) {
            assert!((x.hypot(*y) - 1.0).abs() < 1e-14);
        }
        assert_eq!(circle.x.first(), circle.x.last());
        let length: f64 = (1..circle.x.len())
            .map(|k| (circle.x[k] - circle.x[k - 1]).hypot(circle.y[k] - circle.y[k - 1]))
            .sum();
        assert!((length - std::f64::consts::TAU).abs() < 0.01);
        // crossing lines are cut into arcs, none of which is lost
        let total: f64 = lines
            .iter()
            .map(|line| {
                (1..line.x.len())
                    .map(|k| (line.x[k] - line.x[k - 1]).hypot(line.y[k] - line.y[k - 1]))
                    .sum::<f64>()
            })
            .sum();
        assert!((total - 9.0).abs() < 0.2, "{total}");
    }
}
