//! What a portrait is asked for, and what it consists of.

use serde::{Deserialize, Serialize};

use crate::dynamics::plane::basins::Basins;
use crate::dynamics::plane::cycles::LimitCycle;
use crate::dynamics::plane::manifolds::Manifold;
use crate::dynamics::plane::motion::{Path, Trajectory};
use crate::dynamics::plane::nullclines::Polyline;
use crate::dynamics::plane::streamlines::Streamline;
use crate::dynamics::plane::window::Window;
use crate::dynamics::{FixedPointKind, SolverSettings};
use crate::error::{Error, Result};
use crate::experiment::Provenance;
use crate::io::parse;

/// How the nudged field is shown beside the free one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NudgedView {
    /// Its nullclines and fixed points in the free portrait.
    #[default]
    Overlay,
    /// A portrait of its own, with the same window.
    Beside,
}

/// From speed to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeedScale {
    /// Logarithmic where speeds differ by more than a factor of 100, linear otherwise.
    #[default]
    Auto,
    /// Linear from 0.
    Linear,
    /// Logarithmic.
    Log,
}

/// What a portrait shows. Every field is public and has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortraitSettings {
    /// The two coordinates shown. Default 0 and 1.
    pub coordinates: [usize; 2],
    /// The whole state that the section goes through (n values). Default the fixed point that the
    /// free phase reaches. It has no meaning for two neurons.
    pub at: Option<Vec<f64>>,
    /// Default: fixed points, cycles and trajectories with room around them.
    pub window: Option<Window>,
    /// Further starts of trajectories. The problem's initial state is always one.
    pub starts: Vec<[f64; 2]>,
    /// β of the nudged field. Default none.
    pub beta: Option<f64>,
    /// How the nudged field is shown.
    pub nudged: NudgedView,
    /// True trajectories of more than two neurons, projected onto the two coordinates, in place of
    /// a section. Default no.
    #[serde(default)]
    pub project: bool,
    /// Colour scale of the speed.
    pub speed: SpeedScale,
    /// Distance of streamlines in sides of the window. Default 0.045.
    pub separation: f64,
    /// Cells of the nullclines' grid along a side. Default 240.
    pub nullcline_cells: usize,
    /// Cells of the basins' grid along a side, rounded to a multiple of 8. Default 240.
    pub basin_cells: usize,
    /// Streamlines coloured by speed.
    pub streamlines: bool,
    /// Both nullclines.
    pub nullclines: bool,
    /// Fixed points by kind.
    pub fixed_points: bool,
    /// Stable and unstable manifolds of saddles.
    pub manifolds: bool,
    /// Limit cycles.
    pub cycles: bool,
    /// Basins of attraction.
    pub basins: bool,
    /// Trajectories coloured by time.
    pub trajectories: bool,
    /// The path of fixed points as β grows.
    pub path: bool,
    /// Tolerances and limits of trajectories. The method is chosen by the field's stiffness.
    pub solver: SolverSettings,
}

impl Default for PortraitSettings {
    fn default() -> Self {
        Self {
            coordinates: [0, 1],
            at: None,
            window: None,
            starts: Vec::new(),
            beta: None,
            nudged: NudgedView::Overlay,
            project: false,
            speed: SpeedScale::Auto,
            separation: 0.045,
            nullcline_cells: 240,
            basin_cells: 240,
            streamlines: true,
            nullclines: true,
            fixed_points: true,
            manifolds: true,
            cycles: true,
            basins: true,
            trajectories: true,
            path: true,
            solver: SolverSettings::default(),
        }
    }
}

impl PortraitSettings {
    /// Refuses settings that do not fit a problem of `neurons` neurons.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the setting.
    pub fn validate(&self, neurons: usize) -> Result<()> {
        let [i, j] = self.coordinates;
        if neurons < 2 {
            let message = "a portrait needs at least two neurons";
            return Err(Error::invalid("network", message));
        }
        if i == j || i.max(j) >= neurons {
            let message = format!(
                "expected two different neurons from 0 to {}, found {i},{j}",
                neurons - 1
            );
            return Err(Error::invalid("coordinates", message));
        }
        if let Some(at) = &self.at
            && (at.len() != neurons || !at.iter().all(|s| s.is_finite()))
        {
            let message = format!(
                "expected {neurons} numbers (one per neuron), found {}",
                at.len()
            );
            return Err(Error::invalid("at", message));
        }
        if let Some(window) = &self.window {
            for (low, high) in [window.x, window.y] {
                if !(low.is_finite()
                    && high.is_finite()
                    && low < high
                    && high - low >= 1e-9 * high.abs().max(low.abs()))
                {
                    let message = format!("expected x0 < x1 and y0 < y1, found {low},{high}");
                    return Err(Error::invalid("window", message));
                }
            }
        }
        if !self.starts.iter().flatten().all(|s| s.is_finite()) {
            return Err(Error::invalid("starts", "expected finite numbers"));
        }
        if self
            .beta
            .is_some_and(|beta| !beta.is_finite() || beta == 0.0)
        {
            return Err(Error::invalid("beta", "expected a number other than 0"));
        }
        if !(0.005..=0.5).contains(&self.separation) {
            let message = format!(
                "expected a number from 0.005 to 0.5, found {}",
                self.separation
            );
            return Err(Error::invalid("separation", message));
        }
        for (name, cells) in [
            ("nullcline_cells", self.nullcline_cells),
            ("basin_cells", self.basin_cells),
        ] {
            if !(8..=2000).contains(&cells) {
                return Err(Error::invalid(
                    name,
                    format!("expected 8 to 2000, found {cells}"),
                ));
            }
        }
        self.solver.validate()
    }
}

/// A fixed point of the plane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestPoint {
    /// Its two coordinates.
    pub state: [f64; 2],
    /// What trajectories do near it.
    pub kind: FixedPointKind,
    /// Eigenvalues `[re, im]`, time constants included.
    pub eigenvalues: Vec<[f64; 2]>,
    /// The largest force there, ‖Π(μ^β)‖∞ in the units of the states.
    pub residual: f64,
    /// Whether the whole network rests there: then kind and eigenvalues are those of the whole,
    /// otherwise those of the section.
    #[serde(default = "yes")]
    pub whole: bool,
}

fn yes() -> bool {
    true
}

/// One field, with the elements that were asked for. The others are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldPortrait {
    /// β (dimensionless): 0 in the free field.
    pub beta: f64,
    /// Evenly spaced streamlines.
    pub streamlines: Vec<Streamline>,
    /// Branches of the nullcline of each coordinate.
    pub nullclines: [Vec<Polyline>; 2],
    /// Fixed points, by their first coordinate.
    pub fixed_points: Vec<RestPoint>,
    /// Manifolds of saddles.
    pub manifolds: Vec<Manifold>,
    /// Stable limit cycles.
    pub cycles: Vec<LimitCycle>,
    /// Basins of attraction.
    pub basins: Option<Basins>,
    /// Trajectories.
    pub trajectories: Vec<Trajectory>,
}

/// The record of a portrait: the picture is drawn from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Portrait {
    /// Always `portrait`: tells `eqprop plot` what it is.
    pub kind: String,
    /// Number of neurons.
    pub neurons: usize,
    /// The names of the states, of a field in text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The state that the section goes through, or null for two neurons and for a projection.
    pub at: Option<Vec<f64>>,
    /// What is shown of the plane.
    pub window: Window,
    /// What was asked for.
    pub settings: PortraitSettings,
    /// The free field, then the nudged one if there is one.
    pub fields: Vec<FieldPortrait>,
    /// Fixed points of the free field as β grows.
    pub paths: Vec<Path>,
    /// The program.
    pub provenance: Provenance,
}

impl Portrait {
    /// Reads a portrait from the text of its file.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let portrait: Self = parse(text)?;
        match portrait.misshapen() {
            None => Ok(portrait),
            Some(field) => Err(Error::invalid(
                field,
                "expected lists of one length, not empty",
            )),
        }
    }

    /// A part whose lists do not fit together.
    fn misshapen(&self) -> Option<&'static str> {
        let fit = |x: &[f64], y: &[f64], other: &[f64], least: usize| {
            x.len() >= least && x.len() == y.len() && x.len() == other.len()
        };
        let fields = || self.fields.iter();
        let checks = [
            ("fields", !self.fields.is_empty()),
            (
                "fields.streamlines",
                fields()
                    .flat_map(|field| &field.streamlines)
                    .all(|line| fit(&line.x, &line.y, &line.speed, 2)),
            ),
            (
                "fields.trajectories",
                fields()
                    .flat_map(|field| &field.trajectories)
                    .all(|line| fit(&line.x, &line.y, &line.time, 0)),
            ),
            (
                "fields.basins",
                fields()
                    .flat_map(|field| &field.basins)
                    .all(|basins| !basins.class.is_empty()),
            ),
            (
                "paths",
                self.paths
                    .iter()
                    .all(|path| fit(&path.curve.x, &path.curve.y, &path.beta, 1)),
            ),
        ];
        checks
            .into_iter()
            .find(|(_, fine)| !fine)
            .map(|(name, _)| name)
    }
}
