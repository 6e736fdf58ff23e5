//! What a record is grouped by: the axes of the grid, and values along them.

use std::fmt;

use super::super::point::{DrawnNetwork, SweepPoint};
use crate::error::{Error, Result};
use crate::io::unknown;

/// An axis of the grid, by the name that it has in records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepAxis {
    /// Which vector field
    Dynamics,
    /// The firing rate
    Activation,
    /// Hidden layers, 0 for a dense network
    Depth,
    /// Neurons of a dense network, or of each hidden layer
    Neurons,
    /// Factor on the Glorot limit of the weights
    Gain,
    /// λ of W = S + λA
    Asymmetry,
    /// Seed of the network
    Seed,
    /// Relative tolerance of the integrator
    Rtol,
    /// How the error vector is estimated
    Estimator,
    /// Influence parameter
    Beta,
    /// A value that a sweep over a problem varies
    Varied(String),
}

/// The axis of a name: those of random networks come first.
impl From<String> for SweepAxis {
    fn from(name: String) -> Self {
        let known = Self::KNOWN.into_iter().find(|axis| axis.name() == name);
        known.unwrap_or(Self::Varied(name))
    }
}

impl SweepAxis {
    const KNOWN: [Self; 10] = [
        Self::Dynamics,
        Self::Activation,
        Self::Depth,
        Self::Neurons,
        Self::Gain,
        Self::Asymmetry,
        Self::Seed,
        Self::Rtol,
        Self::Estimator,
        Self::Beta,
    ];

    /// The name used in records.
    pub fn name(&self) -> &str {
        match self {
            Self::Dynamics => "dynamics",
            Self::Activation => "activation",
            Self::Depth => "depth",
            Self::Neurons => "neurons",
            Self::Gain => "gain",
            Self::Asymmetry => "asymmetry",
            Self::Seed => "seed",
            Self::Rtol => "rtol",
            Self::Estimator => "estimator",
            Self::Beta => "beta",
            Self::Varied(name) => name,
        }
    }

    /// Refuses, as the field `field`, axes that the sweep of a point does not have.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming those that it has.
    pub fn expect(field: &str, axes: &[Self], point: &SweepPoint) -> Result<()> {
        let own = point
            .varied()
            .iter()
            .map(|(name, _)| Self::Varied(name.clone()));
        let own: Vec<Self> = if point.network().is_some() {
            Self::KNOWN.into()
        } else {
            own.chain([Self::Rtol, Self::Estimator, Self::Beta])
                .collect()
        };
        let stranger = axes.iter().find(|axis| !own.contains(axis));
        stranger.map_or(Ok(()), |axis| {
            let own: Vec<&str> = own.iter().map(Self::name).collect();
            Err(Error::invalid(field, unknown(axis.name(), &own)))
        })
    }

    /// Where a point stands along the axis, nowhere along one that its sweep does not have.
    pub fn of(&self, point: &SweepPoint) -> Coordinate {
        let name = |name: &str| Coordinate::Name(name.to_owned());
        let network = |coordinate: &dyn Fn(&DrawnNetwork) -> Coordinate| {
            point.network().map_or(Coordinate::None, coordinate)
        };
        let number = |number: f64| Coordinate::Number(number);
        match self {
            Self::Dynamics => network(&|network| name(network.dynamics.name())),
            Self::Activation => network(&|network| name(network.activation.name())),
            Self::Depth => network(&|network| number(network.depth as f64)),
            Self::Neurons => network(&|network| number(network.neurons as f64)),
            Self::Gain => network(&|network| number(network.gain)),
            Self::Asymmetry => network(&|network| number(network.asymmetry)),
            // as text: a seed may have more digits than a number holds
            Self::Seed => network(&|network| Coordinate::Name(network.seed.to_string())),
            Self::Rtol => number(point.rtol),
            Self::Estimator => Coordinate::Name(point.estimator.to_string()),
            Self::Beta => point.beta.map_or(Coordinate::None, Coordinate::Number),
            Self::Varied(name) => {
                let mut varied = point.varied().iter();
                let found = varied.find(|(own, _)| own == name);
                found.map_or(Coordinate::None, |(_, value)| number(*value))
            }
        }
    }
}

/// A value along an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Coordinate {
    /// A number.
    Number(f64),
    /// A name.
    Name(String),
    /// Nowhere: the β of an estimator that has none, an axis of another kind of sweep.
    None,
}

impl Coordinate {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// As in a table: numbers read back as they were, none is empty.
impl fmt::Display for Coordinate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => formatter.write_str(&shortest(*number)),
            Self::Name(name) => formatter.write_str(name),
            Self::None => Ok(()),
        }
    }
}

/// A number in the shortest form that reads back as the same, 7.2e-16 rather than fifteen zeros.
pub(super) fn shortest(number: f64) -> String {
    if number == 0.0 || (1e-5..1e16).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}
