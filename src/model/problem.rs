//! A problem: a network or a field in text, an input, a cost and where the state starts.

use std::path::Path;

use nalgebra::DMatrix;

use super::cost::SquaredError;
use super::coupling::Coupling;
use super::network::Network;
use super::problem_file::{self, ProblemOptions};
use super::problem_source::{ProblemSource, is_ode};
use super::system::{ProblemCost, ProblemField, System};
use crate::error::{Error, Result};
use crate::io::read_text;

/// Everything that a problem file says, validated: lengths agree, numbers are finite.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What moves.
    pub system: System,
    /// x, d values, which enters a network as ρ(x).
    pub input: Vec<f64>,
    /// The cost, holding outputs and target.
    pub cost: ProblemCost,
    /// s at t = 0, n values. Default 0 (or the nearest bound).
    pub initial_state: Vec<f64>,
    /// τ, n positive values, if not all are 1: `τᵢ dsᵢ/dt = μᵢ`. They set the unit of time.
    pub time_constants: Option<Vec<f64>>,
    /// States are held inside [low, high] (projected dynamics).
    pub state_bounds: Option<(f64, f64)>,
    /// The length of the free phase in the unit of the time constants, if the problem says it. By
    /// default it lasts until the state rests.
    pub free_time: Option<f64>,
    /// What its author should know of how its file was read.
    pub warnings: Vec<String>,
}

impl Problem {
    /// Reads and validates a problem file (JSON, or `.ode` as XPPAUT reads it).
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::InvalidInput`] with the file, the JSON path
    /// of the field, and what is accepted.
    pub fn read(path: &Path) -> Result<Self> {
        if is_ode(path) {
            return Self::read_with(path, &ProblemOptions::default());
        }
        let text = read_text(path)?;
        #[cfg(feature = "experiment")]
        if crate::io::has_references(&text) {
            let directory = path.parent().unwrap_or(Path::new(""));
            return problem_file::parse_beside(&text, directory)
                .map_err(|error| error.in_file(path));
        }
        Self::from_json(&text).map_err(|error| error.in_file(path))
    }

    /// The same with changes for one call. A file that ends in `.ode` is read as XPPAUT reads it,
    /// and `-` is standard input.
    ///
    /// # Errors
    /// As of [`Problem::read`].
    pub fn read_with(path: &Path, options: &ProblemOptions) -> Result<Self> {
        let of_standard_input = path == Path::new("-");
        if options.is_empty() && !of_standard_input && !is_ode(path) {
            return Self::read(path);
        }
        ProblemSource::read(path)?.problem(options)
    }

    /// The same from text.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn from_json(text: &str) -> Result<Self> {
        problem_file::parse(text)
    }

    /// The same from the text of an `.ode` file, as XPPAUT reads it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn from_ode(text: &str, options: &ProblemOptions) -> Result<Self> {
        problem_file::parse_ode(text, options)
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
            cost: SquaredError::new(&network.outputs, target)?.into(),
            initial_state: vec![0.0; network.dimension()],
            system: System::Network(network),
            input,
            time_constants: None,
            state_bounds: None,
            free_time: None,
            warnings: Vec::new(),
        })
    }

    /// n, the number of states.
    pub fn dimension(&self) -> usize {
        self.initial_state.len()
    }

    /// The network, if it is about one.
    pub fn network(&self) -> Option<&Network> {
        match &self.system {
            System::Network(network) => Some(network),
            System::Text(_) | System::Own(_) => None,
        }
    }

    /// The network, to be changed in place.
    pub fn network_mut(&mut self) -> Option<&mut Network> {
        match &mut self.system {
            System::Network(network) => Some(network),
            System::Text(_) | System::Own(_) => None,
        }
    }

    /// The weights W of a network as one matrix.
    pub fn weights(&self) -> Option<DMatrix<f64>> {
        self.network().map(|network| network.coupling.to_matrix())
    }

    /// Where ρ has kinks in a network. Those of a field in text are not known beforehand.
    pub fn kinks(&self) -> &'static [f64] {
        self.network().map_or(&[], Network::kinks)
    }

    /// The names of the states: those of the equations, `s0`, `s1`, … in a network.
    pub fn names(&self) -> Vec<String> {
        match &self.system {
            System::Network(network) => (0..network.dimension()).map(|i| format!("s{i}")).collect(),
            System::Text(field) => field.state_names().to_vec(),
            System::Own(field) => field.state_names(),
        }
    }

    /// The names of the states if they were given any, else none.
    pub fn own_names(&self) -> Vec<String> {
        match &self.system {
            System::Network(_) => Vec::new(),
            System::Text(_) | System::Own(_) => self.names(),
        }
    }

    /// A problem whose field depends on time as one that does not: the time is its last state.
    pub fn with_time_as_state(&self) -> Option<Self> {
        let System::Text(field) = &self.system else {
            return None;
        };
        let mut out = self.clone();
        out.system = System::Text(field.with_time_as_state()?);
        out.initial_state.push(0.0);
        if let Some(constants) = &mut out.time_constants {
            constants.push(1.0);
        }
        Some(out)
    }

    /// Refuses a problem without target and cost where one is needed.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn expect_cost(&self) -> Result<()> {
        if self.cost.outputs().is_empty() {
            let message = match &self.system {
                System::Network(_) => "is missing. Give one number per output neuron",
                System::Text(_) | System::Own(_) => {
                    "is missing. Give `outputs` and `target`, or a `cost` of the states"
                }
            };
            return Err(Error::invalid("target", message));
        }
        Ok(())
    }

    /// Refuses a sparse network that is too large for full matrices where something needs them.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] (`network.weights.sparse`).
    pub fn allow_full_matrices(&self) -> Result<()> {
        /// 200 MB a matrix.
        const FULL_UP_TO: usize = 5_000;
        let neurons = self.dimension();
        let sparse = |network: &Network| matches!(network.coupling, Coupling::Sparse(_));
        if neurons > FULL_UP_TO && self.network().is_some_and(sparse) {
            return Err(Error::invalid(
                "network.weights.sparse",
                format!(
                    "what is asked for needs full matrices, which sparse networks have up to {FULL_UP_TO} neurons, found {neurons}. Of larger ones there are `gradient` with linear_response and `simulate`"
                ),
            ));
        }
        Ok(())
    }

    /// Refuses a field that depends on time where a fixed point is needed.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn expect_autonomous(&self) -> Result<()> {
        match &self.system {
            System::Text(field) if field.uses_time() => Err(Error::invalid(
                "field.equations",
                "depend on the time `t`, so that there is no fixed point. Such a field can only be simulated",
            )),
            _ => Ok(()),
        }
    }

    /// The vector field μ(θ, x, ·).
    pub fn field(&self) -> ProblemField<'_> {
        match &self.system {
            System::Network(network) => ProblemField::Network(network.clamp(&self.input)),
            System::Text(field) => ProblemField::Text(std::borrow::Cow::Borrowed(field)),
            System::Own(field) => ProblemField::Own(&**field),
        }
    }
}
