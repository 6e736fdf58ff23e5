//! The phase plane and the trajectories in it.

use serde::{Deserialize, Serialize};

use super::patient;
use super::problem::Asked;
use crate::dynamics::{Control, Phase, SolverSettings, integrate};
use crate::error::{Error, Result};
use crate::experiment::portrait::{self, Portrait, PortraitSettings, Window};

/// Which plane, and what of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PlaneAsked {
    #[serde(flatten)]
    pub problem: Asked,
    /// The two states shown. Default 0 and 1.
    pub coordinates: Option<[usize; 2]>,
    /// Edges of the window, left, right, lower, upper. Default the edges of what there is to see.
    pub window: Option<[f64; 4]>,
    /// β of the nudged field. 0 shows none.
    #[serde(default)]
    pub beta: f64,
    /// What is left out.
    #[serde(default)]
    pub without: Vec<String>,
    /// Coarse, for as long as the hand moves.
    #[serde(default)]
    pub draft: bool,
}

impl PlaneAsked {
    pub fn settings(&self) -> PortraitSettings {
        let shown = |part: &str| !self.without.iter().any(|without| without == part);
        let whole = |part: &str| shown(part) && !self.draft;
        PortraitSettings {
            coordinates: self.coordinates.unwrap_or([0, 1]),
            window: self.window.map(|[x0, x1, y0, y1]| Window {
                x: (x0, x1),
                y: (y0, y1),
            }),
            beta: (self.beta != 0.0).then_some(self.beta),
            separation: if self.draft { 0.06 } else { 0.045 },
            nullcline_cells: if self.draft { 64 } else { 160 },
            basin_cells: 120,
            streamlines: shown("streamlines"),
            nullclines: shown("nullclines"),
            fixed_points: shown("fixed_points"),
            manifolds: whole("manifolds"),
            cycles: whole("cycles"),
            basins: whole("basins"),
            trajectories: false,
            path: whole("path"),
            solver: SolverSettings {
                max_time: patient().max_time,
                max_steps: patient().max_steps,
                ..PortraitSettings::default().solver
            },
            ..PortraitSettings::default()
        }
    }
}

/// The portrait of a plane.
///
/// # Errors
/// As [`portrait::portrait`].
pub(super) fn portrait(asked: &PlaneAsked) -> Result<Portrait> {
    portrait::portrait(&asked.problem.problem()?, &asked.settings())
}

/// Which trajectory.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct TrajectoryAsked {
    #[serde(flatten)]
    pub problem: Asked,
    /// Where the free phase starts. Default the problem's initial state.
    pub start: Option<Vec<f64>>,
    /// β of the nudged phase, or 0 if there is none.
    #[serde(default)]
    pub beta: f64,
}

/// A trajectory, free and then nudged.
#[derive(Debug, Serialize)]
pub(super) struct TrajectoryShown {
    time: Vec<f64>,
    /// One list per row.
    state: Vec<Vec<f64>>,
    /// The row at which the nudged phase begins, or the number of rows if there is none.
    switch: usize,
    /// Whether the last phase came to rest. If not, it was cut.
    rests: bool,
}

/// The longest phase that is drawn, in units of the longest time constant, and its most rows.
const LONGEST: f64 = 200.0;
const MOST_ROWS: usize = 4000;
/// The speed, relative to the size of the state, at which a phase is taken to rest.
const AT_REST: f64 = 1e-6;

/// Follows the free phase until it rests (or is cut), then the nudged one.
///
/// # Errors
/// [`Error::InvalidInput`] for a start of another length.
pub(super) fn trajectory(asked: &TrajectoryAsked) -> Result<TrajectoryShown> {
    let problem = asked.problem.problem()?;
    let start = asked.start.as_ref().unwrap_or(&problem.initial_state);
    let n = problem.initial_state.len();
    if start.len() != n || !start.iter().all(|s| s.is_finite()) {
        let message = format!(
            "expected {n} numbers (one per state), found {}",
            start.len()
        );
        return Err(Error::invalid("start", message));
    }
    let field = problem.field();
    let free = Phase::of_problem(&problem, &field);
    let mut shown = TrajectoryShown {
        time: Vec::new(),
        state: Vec::new(),
        switch: 0,
        rests: false,
    };
    follow(&free, &free.inside(start), &mut shown);
    shown.switch = shown.time.len();
    if asked.beta != 0.0
        && let Some(last) = shown.state.last().cloned()
    {
        follow(&free.nudged(&problem.cost, asked.beta), &last, &mut shown);
    }
    Ok(shown)
}

fn follow(phase: &Phase<'_>, start: &[f64], shown: &mut TrajectoryShown) {
    let begun = shown.time.last().copied().unwrap_or(0.0);
    let first = shown.time.len();
    let length = LONGEST * phase.time_scales().1;
    let settings = SolverSettings {
        rtol: 1e-6,
        atol: 1e-8,
        max_steps: MOST_ROWS,
        ..patient()
    };
    shown.rests = false;
    integrate(phase, start, (0.0, length), &settings, &mut |moment| {
        shown.time.push(begun + moment.time);
        shown.state.push(moment.state.to_vec());
        let size = 1.0 + crate::numeric::largest(moment.state.iter().copied());
        shown.rests = phase.residual(moment.state) <= AT_REST * size;
        if shown.rests || shown.time.len() - first > MOST_ROWS || size > 1e6 {
            Control::Stop
        } else {
            Control::Continue
        }
    });
}
