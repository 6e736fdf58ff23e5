//! What happens along a branch.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

/// What happens to the fixed point at a special value of the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The branch turns back, dp/d(arclength) = 0: two fixed points meet and vanish.
    Fold,
    /// A pair of complex eigenvalues crosses the imaginary axis: an oscillation is born.
    Hopf,
    /// Other branches cross: eigenvalues are 0 and the branch goes on. If there are several, the
    /// network is symmetric there, or has parts that do not act on each other.
    BranchPoint,
    /// Several pairs of complex eigenvalues cross the imaginary axis together.
    DoubleHopf,
    /// Real eigenvalues and complex pairs cross the imaginary axis together.
    ZeroHopf,
    /// A neuron comes to a bound or leaves it.
    Bound,
    /// A neuron comes to a kink of its activation.
    Kink,
}

impl EventKind {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fold => "fold",
            Self::Hopf => "Hopf point",
            Self::BranchPoint => "branch point",
            Self::DoubleHopf => "double Hopf point",
            Self::ZeroHopf => "zero-Hopf point",
            Self::Bound => "bound",
            Self::Kink => "kink",
        }
    }
}

/// A located event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// At which value of the parameter.
    pub parameter: f64,
    /// The fixed point there.
    pub state: Vec<f64>,
    /// Eigenvalues of the dynamics there, per time constant, by decreasing real part, and at a
    /// bound or a kink those before it.
    pub eigenvalues: Vec<Complex<f64>>,
    /// How many eigenvalues are on the imaginary axis there, or at a bound or a kink how many
    /// neurons come to it.
    pub multiplicity: usize,
    /// Whether the parameter turns back here.
    pub turns: bool,
}
