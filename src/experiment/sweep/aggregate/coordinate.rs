//! What a record is grouped by: the axes of the grid, and values along them.

use std::fmt;

use super::super::point::SweepPoint;

/// An axis of the grid, by the name that it has in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(feature = "cli", value(rename_all = "snake_case"))]
pub enum SweepAxis {
    /// Which vector field
    Dynamics,
    /// The firing rate
    Activation,
    /// Hidden layers; 0: dense
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
}

impl SweepAxis {
    /// The name used in records.
    pub fn name(self) -> &'static str {
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
        }
    }

    /// Where a point stands along the axis.
    pub fn of(self, point: &SweepPoint) -> Coordinate {
        let name = |name: &str| Coordinate::Name(name.to_owned());
        match self {
            Self::Dynamics => name(point.dynamics.name()),
            Self::Activation => name(point.activation.name()),
            Self::Depth => Coordinate::Number(point.depth as f64),
            Self::Neurons => Coordinate::Number(point.neurons as f64),
            Self::Gain => Coordinate::Number(point.gain),
            Self::Asymmetry => Coordinate::Number(point.asymmetry),
            // as text: a seed may have more digits than a number holds
            Self::Seed => Coordinate::Name(point.seed.to_string()),
            Self::Rtol => Coordinate::Number(point.rtol),
            Self::Estimator => Coordinate::Name(point.estimator.to_string()),
            Self::Beta => point.beta.map_or(Coordinate::None, Coordinate::Number),
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
    /// The β of an estimator that has none.
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

/// A number in the shortest form that reads back as the same; 7.2e-16 rather than fifteen zeros.
pub(super) fn shortest(number: f64) -> String {
    if number == 0.0 || (1e-5..1e16).contains(&number.abs()) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}
