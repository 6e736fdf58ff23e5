//! Basins of attraction on a grid of starts, integrated only where basins meet.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::arc_length::within_bounds;
use super::attractors::Attractor;
use super::window::{Point, Window};
use crate::dynamics::{Control, Phase, SolverSettings, integrate};

/// Which attractor each cell of a grid goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basins {
    /// Left and right edge of the grid: half a cell outside the window, so that the outermost
    /// starts lie on its edge.
    pub x: (f64, f64),
    /// Lower and upper edge.
    pub y: (f64, f64),
    /// Number of cells along either side.
    pub side: usize,
    /// Number of the attractor, row by row from the lowest: first the stable fixed points in their
    /// order, then the limit cycles, and [`NOWHERE`] for starts that reach none of them.
    pub class: Vec<u16>,
}

/// The class of starts that reach no attractor (they leave, or take too long).
pub const NOWHERE: u16 = u16::MAX;

/// Side of the largest block that four starts may speak for, in cells.
const COARSEST: usize = 8;

/// Classifies the window. Blocks whose four corners agree are filled, all others are divided down
/// to single cells. So is every block that a curve of `separatrices` (figure coordinates) runs
/// through, and at last every filled cell beside a cell of another class. The result does not
/// depend on the number of threads.
pub(crate) fn basins(
    phase: &Phase<'_>,
    window: &Window,
    blocks: usize,
    attractors: &[Attractor],
    separatrices: &[Point],
    settings: &SolverSettings,
) -> Basins {
    let side = blocks * COARSEST + 1;
    let cell = 1.0 / (side - 1) as f64;
    let mut map = Map {
        side,
        class: vec![None; side * side],
        started: vec![false; side * side],
        destination: |k: usize| {
            let at = [k % side, k / side].map(|k| k as f64 * cell);
            destination(phase, window.state(at), attractors, settings)
        },
    };
    let mut marked = vec![false; side * side];
    for point in separatrices {
        let [column, row] = point.map(|value| (value / cell).floor());
        let last = (side - 1) as f64;
        if (0.0..last).contains(&column) && (0.0..last).contains(&row) {
            marked[row as usize * side + column as usize] = true;
        }
    }
    map.divide(&marked);
    map.trim();
    let (half_x, half_y) = (0.5 * cell * window.size()[0], 0.5 * cell * window.size()[1]);
    Basins {
        x: (window.x.0 - half_x, window.x.1 + half_x),
        y: (window.y.0 - half_y, window.y.1 + half_y),
        side,
        class: map
            .class
            .iter()
            .map(|class| class.unwrap_or(NOWHERE))
            .collect(),
    }
}

/// The grid while it is filled.
struct Map<F> {
    side: usize,
    class: Vec<Option<u16>>,
    /// Whether a cell's class comes from a trajectory of its own.
    started: Vec<bool>,
    destination: F,
}

impl<F: Fn(usize) -> u16 + Sync> Map<F> {
    /// Integrates from these cells, in parallel. Those done already are left out.
    fn start(&mut self, mut cells: Vec<usize>) {
        cells.retain(|&cell| !self.started[cell]);
        cells.sort_unstable();
        cells.dedup();
        let found: Vec<u16> = cells
            .par_iter()
            .map(|&cell| (self.destination)(cell))
            .collect();
        for (cell, class) in cells.into_iter().zip(found) {
            self.class[cell] = Some(class);
            self.started[cell] = true;
        }
    }

    fn divide(&mut self, marked: &[bool]) {
        let side = self.side;
        let mut open: Vec<usize> = (0..side * side)
            .filter(|k| {
                let (column, row) = (k % side, k / side);
                let fits = |k: usize| k.is_multiple_of(COARSEST) && k + 1 < side;
                fits(column) && fits(row)
            })
            .collect();
        let mut size = COARSEST;
        while !open.is_empty() {
            let corners = |k: usize| [k, k + size, k + size * side, k + size * side + size];
            self.start(open.iter().flat_map(|&k| corners(k)).collect());
            let mut next = Vec::new();
            for k in open {
                let classes = corners(k).map(|corner| self.class[corner]);
                let rows = || (0..size).map(|row| k + row * side);
                let crossed = rows().any(|row| marked[row..row + size].contains(&true));
                if crossed || classes.iter().any(|&class| class != classes[0]) {
                    let half = size / 2;
                    next.extend([0, half, half * side, half * side + half].map(|by| k + by));
                } else {
                    for row in rows() {
                        for cell in &mut self.class[row..=row + size] {
                            *cell = cell.or(classes[0]);
                        }
                    }
                }
            }
            if size == 1 {
                return;
            }
            size /= 2;
            open = next;
        }
    }

    /// Starts from filled cells beside cells of another class until there are none.
    fn trim(&mut self) {
        loop {
            let side = self.side;
            let differs = |k: usize, other: usize| self.class[k] != self.class[other];
            let doubtful: Vec<usize> = (0..side * side)
                .filter(|&k| !self.started[k])
                .filter(|&k| {
                    let (column, row) = (k % side, k / side);
                    (column > 0 && differs(k, k - 1))
                        || (column + 1 < side && differs(k, k + 1))
                        || (row > 0 && differs(k, k - side))
                        || (row + 1 < side && differs(k, k + side))
                })
                .collect();
            if doubtful.is_empty() {
                return;
            }
            self.start(doubtful);
        }
    }
}

/// The attractor that the trajectory from `start` ends at.
fn destination(
    phase: &Phase<'_>,
    start: Point,
    attractors: &[Attractor],
    settings: &SolverSettings,
) -> u16 {
    if !within_bounds(phase, start) {
        return NOWHERE;
    }
    let mut found = NOWHERE;
    let span = (0.0, settings.max_time * phase.time_scales().1);
    integrate(
        phase,
        &start,
        span,
        settings,
        &mut |moment| match attractors
            .iter()
            .position(|attractor| attractor.holds(moment.state))
        {
            Some(position) => {
                found = u16::try_from(position).unwrap_or(NOWHERE);
                Control::Stop
            }
            None if moment.state.iter().any(|s| s.abs() > 1e6) => Control::Stop,
            None => Control::Continue,
        },
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_right_in_every_cell() {
        let side = 8 * COARSEST + 1;
        // a disc, a half plane, and a sliver thinner than a block
        let class = |k: usize| {
            let (x, y) = ((k % side) as f64, (k / side) as f64);
            if (x - 20.0).hypot(y - 40.0) < 13.0 {
                1
            } else if x + 0.3 * y > 55.0 {
                2
            } else {
                u16::from((y - 11.3).abs() < 0.6) * 3
            }
        };
        let mut map = Map {
            side,
            class: vec![None; side * side],
            started: vec![false; side * side],
            destination: class,
        };
        let mut marked = vec![false; side * side];
        (0..side - 1).for_each(|column| marked[11 * side + column] = true);
        map.divide(&marked);
        map.trim();
        for k in 0..side * side {
            assert_eq!(map.class[k], Some(class(k)), "cell {k}");
        }
        let started = map.started.iter().filter(|&&started| started).count();
        assert!(started < side * side / 2, "{started}");
    }
}
