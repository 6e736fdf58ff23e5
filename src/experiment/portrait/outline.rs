//! One field of a portrait: what has to be known before there is a window, then its elements.

use super::projection::rest_point;
use super::record::{FieldPortrait, PortraitSettings};
use crate::dynamics::plane::attractors::Attractor;
use crate::dynamics::plane::basins::{self, Basins};
use crate::dynamics::plane::cycles::{self, LimitCycle};
use crate::dynamics::plane::manifolds::{self, Manifold};
use crate::dynamics::plane::motion::{self, Trajectory};
use crate::dynamics::plane::nullclines;
use crate::dynamics::plane::streamlines;
use crate::dynamics::plane::window::{Point, Window};
use crate::dynamics::{
    FixedPointKind, FoundPoint, Method, Phase, SearchSettings, SolverSettings, find_fixed_points,
};

/// Real parts of the eigenvalues of one fixed point further apart than this are stiff.
const STIFF: f64 = 100.0;

/// What has to be known of a field before there is a window.
pub(super) struct Outline<'a> {
    phase: Phase<'a>,
    pub points: Vec<FoundPoint>,
    cycles: Vec<LimitCycle>,
    solver: SolverSettings,
}

impl<'a> Outline<'a> {
    pub fn new(phase: Phase<'a>, starts: &[Point], settings: &PortraitSettings) -> Self {
        // few starts do where intervals prove that nothing is missing, as in most planes
        let few = SearchSettings {
            patience: 16,
            ..SearchSettings::default()
        };
        let mut search = find_fixed_points(&phase, &few);
        if !search.record.proven_complete {
            search = find_fixed_points(&phase, &SearchSettings::default());
        }
        let points = search.points;
        let stiff = points.iter().any(|found| {
            let sizes = found.point.eigenvalues().iter().map(|value| value.re.abs());
            let (low, high) = sizes.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), size| {
                (low.min(size), high.max(size))
            });
            high > STIFF * low
        });
        let solver = SolverSettings {
            method: if stiff { Method::Bdf } else { Method::Tsit45 },
            max_steps: settings.solver.max_steps.min(20_000),
            ..settings.solver
        };
        let starts = probes(&points, starts);
        Self {
            cycles: cycles::limit_cycles(&phase, &starts, &solver),
            phase,
            points,
            solver,
        }
    }

    /// Points that the window has to show.
    pub fn extent(&self) -> Vec<Point> {
        let points = self.points.iter().map(|found| pair(found.point.state()));
        let cycles = self.cycles.iter().flat_map(|cycle| {
            let curve = &cycle.curve;
            curve.x.iter().zip(&curve.y).map(|(&x, &y)| [x, y])
        });
        points.chain(cycles).collect()
    }

    /// All elements that the settings ask for, or, if not `whole`, nullclines and fixed points
    /// only.
    pub fn portrait(
        &self,
        window: Window,
        starts: &[Point],
        settings: &PortraitSettings,
        whole: bool,
    ) -> FieldPortrait {
        let phase = self.phase;
        let positions = self.positions(&window);
        let lines: Vec<Vec<Point>> = self
            .cycles
            .iter()
            .map(|cycle| cycle.line(&window))
            .collect();
        let manifolds = if whole && (settings.manifolds || settings.basins) {
            self.manifolds(window, &lines)
        } else {
            Vec::new()
        };
        let trajectories = if whole && settings.trajectories {
            self.trajectories(&window, starts)
        } else {
            Vec::new()
        };
        FieldPortrait {
            beta: phase.beta(),
            streamlines: if whole && settings.streamlines {
                let curves = drawn_curves(&window, settings, &manifolds, &lines, &trajectories);
                streamlines::streamlines(phase, window, settings.separation, &positions, &curves)
            } else {
                Vec::new()
            },
            nullclines: if settings.nullclines {
                nullclines::nullclines(&phase, &window, settings.nullcline_cells)
            } else {
                [Vec::new(), Vec::new()]
            },
            fixed_points: if settings.fixed_points {
                self.points
                    .iter()
                    .map(|found| rest_point(&found.point, found.kind, [0, 1]))
                    .collect()
            } else {
                Vec::new()
            },
            basins: if whole && settings.basins {
                self.basins(window, &manifolds, settings.basin_cells)
            } else {
                None
            },
            manifolds: if settings.manifolds {
                manifolds
            } else {
                Vec::new()
            },
            cycles: if whole && settings.cycles {
                self.cycles.clone()
            } else {
                Vec::new()
            },
            trajectories,
        }
    }

    /// The fixed points in figure coordinates.
    fn positions(&self, window: &Window) -> Vec<Point> {
        let points = self.points.iter();
        points
            .map(|found| window.figure(found.point.state()))
            .collect()
    }

    fn tubes(&self, window: &Window) -> Vec<Attractor> {
        let cycles = self.cycles.iter();
        cycles
            .map(|cycle| Attractor::cycle(&cycle.line(window), *window))
            .collect()
    }

    pub fn trajectories(&self, window: &Window, starts: &[Point]) -> Vec<Trajectory> {
        let (ends, tubes) = (self.positions(window), self.tubes(window));
        let line = |&start: &Point| {
            motion::trajectory(&self.phase, window, start, &ends, &tubes, &self.solver)
        };
        starts.iter().map(line).collect()
    }

    /// `None` if nothing attracts.
    fn basins(&self, window: Window, manifolds: &[Manifold], cells: usize) -> Option<Basins> {
        let phase = &self.phase;
        let stable = self.points.iter().filter(|found| found.kind.stable());
        let attractors: Vec<Attractor> = stable
            .map(|found| Attractor::point(phase, &window, &found.point))
            .chain(self.tubes(&window))
            .collect();
        let separatrices: Vec<Point> = manifolds
            .iter()
            .filter(|half| half.stable)
            .flat_map(|half| half.curve.x.iter().zip(&half.curve.y))
            .map(|(&x, &y)| window.figure(&[x, y]))
            .collect();
        // which attractor it is does not hang on the last digits
        let solver = SolverSettings {
            rtol: 1e-6,
            atol: 1e-8,
            max_steps: self.solver.max_steps.min(2_000),
            ..self.solver
        };
        let blocks = cells.div_ceil(8);
        (!attractors.is_empty())
            .then(|| basins::basins(phase, &window, blocks, &attractors, &separatrices, &solver))
    }

    fn manifolds(&self, window: Window, cycles: &[Vec<Point>]) -> Vec<Manifold> {
        let points: Vec<_> = self
            .points
            .iter()
            .map(|found| found.point.clone())
            .collect();
        (0..points.len())
            .filter(|&k| self.points[k].kind == FixedPointKind::Saddle)
            .flat_map(|k| manifolds::manifolds(self.phase, window, &points, k, cycles))
            .collect()
    }
}

/// The curves along the flow that are shown, in figure coordinates.
fn drawn_curves(
    window: &Window,
    settings: &PortraitSettings,
    manifolds: &[Manifold],
    cycles: &[Vec<Point>],
    trajectories: &[Trajectory],
) -> Vec<Vec<Point>> {
    let figure = |x: &[f64], y: &[f64]| -> Vec<Point> {
        x.iter()
            .zip(y)
            .map(|(&x, &y)| window.figure(&[x, y]))
            .collect()
    };
    let mut curves = Vec::new();
    if settings.manifolds {
        curves.extend(
            manifolds
                .iter()
                .map(|half| figure(&half.curve.x, &half.curve.y)),
        );
    }
    if settings.cycles {
        curves.extend(cycles.iter().cloned());
    }
    curves.extend(trajectories.iter().map(|line| figure(&line.x, &line.y)));
    curves
}

fn pair(state: &[f64]) -> Point {
    [state[0], state[1]]
}

/// Starts that lead to every limit cycle that is not hidden well: the given ones, some beside each
/// fixed point that is not stable, and a grid around all of them.
fn probes(points: &[FoundPoint], starts: &[Point]) -> Vec<Point> {
    const GRID: usize = 6;
    let mut known: Vec<Point> = points
        .iter()
        .map(|found| pair(found.point.state()))
        .collect();
    known.extend(starts);
    let window = Window::around(&known, None);
    let size = window.size();
    let mut probes = starts.to_vec();
    for found in points.iter().filter(|found| !found.kind.stable()) {
        let [x, y] = pair(found.point.state());
        probes.extend(
            [1.0, -1.0].map(|side| [x + side * 0.01 * size[0], y + side * 0.013 * size[1]]),
        );
    }
    let at = |k: usize| (k as f64 + 0.5) / GRID as f64;
    probes.extend((0..GRID * GRID).map(|k| window.state([at(k % GRID), at(k / GRID)])));
    probes
}
