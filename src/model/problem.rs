//! A problem: a network, an input, a target and where the state starts.

use std::path::Path;

use super::clamped::Clamped;
use super::cost::SquaredError;
use super::network::Network;
use super::problem_file;
use crate::error::{Error, Result};
use crate::io::read_text;

/// Everything that a problem file says, validated: lengths agree, numbers are finite.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The network.
    pub network: Network,
    /// x, d values; enters as ρ(x).
    pub input: Vec<f64>,
    /// The cost, holding outputs and target.
    pub cost: SquaredError,
    /// s at t = 0, n values; default 0 (or the nearest bound).
    pub initial_state: Vec<f64>,
    /// τ, n positive values, if not all are 1: `τᵢ dsᵢ/dt = μᵢ`.
    pub time_constants: Option<Vec<f64>>,
    /// States are held inside [low, high] (projected dynamics).
    pub state_bounds: Option<(f64, f64)>,
}

impl Problem {
    /// Reads and validates a problem file (JSON).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::InvalidInput`] with the file, the JSON path
    /// of the field, and what is accepted.
    pub fn read(path: &Path) -> Result<Self> {
        let text = read_text(path)?;
        #[cfg(feature = "experiment")]
        if crate::io::has_references(&text) {
            let directory = path.parent().unwrap_or(Path::new(""));
            return problem_file::parse_beside(&text, directory)
                .map_err(|error| error.in_file(path));
        }
        Self::from_json(&text).map_err(|error| error.in_file(path))
    }

    /// The same from text.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn from_json(text: &str) -> Result<Self> {
        problem_file::parse(text)
    }

    /// A problem that starts at rest (0), with unit time constants and no bounds.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the target or the input has the wrong length.
    pub fn new(network: Network, input: Vec<f64>, target: &[f64]) -> Result<Self> {
        if input.len() != network.inputs() {
            return Err(Error::invalid(
                "input",
                format!(
                    "expected {} numbers, found {}",
                    network.inputs(),
                    input.len()
                ),
            ));
        }
        Ok(Self {
            cost: SquaredError::new(&network.outputs, target)?,
            initial_state: vec![0.0; network.dimension()],
            network,
            input,
            time_constants: None,
            state_bounds: None,
        })
    }

    /// The vector field μ(θ, x, ·).
    pub fn field(&self) -> Clamped<'_> {
        self.network.clamp(&self.input)
    }
}
