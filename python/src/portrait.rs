//! How a portrait is made.

use eqprop::experiment::portrait::{NudgedView, PortraitSettings, SpeedScale, Window};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::network::named;
use crate::settings;

/// How a portrait is made, as the Python layer says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct PortraitOptions {
    coordinates: [usize; 2],
    at: Option<Vec<f64>>,
    window: Option<[f64; 4]>,
    project: bool,
    starts: Vec<[f64; 2]>,
    beta: Option<f64>,
    nudged: String,
    speed: String,
    separation: f64,
    cells: usize,
    without: Vec<String>,
}

impl PortraitOptions {
    /// The library's settings.
    pub fn settings(
        self,
        py: Python<'_>,
        solver: &Bound<'_, PyDict>,
    ) -> PyResult<PortraitSettings> {
        let shown = |element: &str| !self.without.iter().any(|name| name == element);
        Ok(PortraitSettings {
            streamlines: shown("streamlines"),
            nullclines: shown("nullclines"),
            fixed_points: shown("fixed_points"),
            manifolds: shown("manifolds"),
            cycles: shown("cycles"),
            basins: shown("basins"),
            trajectories: shown("trajectories"),
            path: shown("path"),
            coordinates: self.coordinates,
            at: self.at,
            window: self.window.map(|[x0, x1, y0, y1]| Window {
                x: (x0, x1),
                y: (y0, y1),
            }),
            project: self.project,
            starts: self.starts,
            beta: self.beta,
            nudged: named::<NudgedView>(py, "nudged", &self.nudged)?,
            speed: named::<SpeedScale>(py, "speed", &self.speed)?,
            separation: self.separation,
            nullcline_cells: self.cells,
            basin_cells: self.cells,
            solver: settings::solver(py, solver)?,
        })
    }
}
