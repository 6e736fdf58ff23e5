//! The parameters of a problem along which its fixed points can be followed.

use super::super::phase::Phase;
use super::homotopy::Homotopy;
use crate::error::{Error, Result};
use crate::model::{Clamped, Coupling, Problem};

/// A parameter of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// The influence parameter β of the nudge.
    Beta,
    /// λ of `W = S + λA`, S and A the symmetric and antisymmetric parts of the weights; 1 as given.
    Asymmetry,
    /// g of `gW`; 1 as given.
    Gain,
    /// The bias of one neuron.
    Bias(usize),
}

impl Parameter {
    /// The name on the command line and in records: `beta`, `asymmetry`, `gain`, `bias:I`.
    pub fn name(self) -> String {
        match self {
            Self::Beta => "beta".into(),
            Self::Asymmetry => "asymmetry".into(),
            Self::Gain => "gain".into(),
            Self::Bias(neuron) => format!("bias:{neuron}"),
        }
    }

    /// The value in the problem as it stands.
    pub fn nominal(self, problem: &Problem) -> f64 {
        match self {
            Self::Beta => 0.0,
            Self::Asymmetry | Self::Gain => 1.0,
            Self::Bias(neuron) => problem.network.bias[neuron],
        }
    }
}

impl std::str::FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "beta" => Ok(Self::Beta),
            "asymmetry" => Ok(Self::Asymmetry),
            "gain" => Ok(Self::Gain),
            other => other
                .strip_prefix("bias:")
                .and_then(|neuron| neuron.parse().ok())
                .map(Self::Bias)
                .ok_or_else(|| "expected beta, asymmetry, gain or bias:I".into()),
        }
    }
}

/// A problem with one parameter freed; owns the two vector fields that span the family.
pub struct Family<'a> {
    problem: &'a Problem,
    parameter: Parameter,
    beta: f64,
    fields: [Clamped<'static>; 2],
}

impl<'a> Family<'a> {
    /// `beta` is the influence parameter while another one varies (0: the free phase).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the neuron of a bias does not exist.
    pub fn new(problem: &'a Problem, parameter: Parameter, beta: f64) -> Result<Self> {
        let n = problem.network.dimension();
        let mut ends = [problem.network.clone(), problem.network.clone()];
        let weights = problem.network.coupling.to_matrix();
        match parameter {
            Parameter::Beta => {}
            Parameter::Asymmetry => {
                let symmetric = (&weights + weights.transpose()) * 0.5;
                ends[0].coupling = Coupling::Dense(symmetric);
                ends[1].coupling = Coupling::Dense(weights);
            }
            Parameter::Gain => {
                ends[0].coupling = Coupling::Dense(weights * 0.0);
            }
            Parameter::Bias(neuron) => {
                if neuron >= n {
                    return Err(Error::invalid(
                        "parameter",
                        format!("there are {n} neurons, numbered from 0; found bias:{neuron}"),
                    ));
                }
                ends[0].bias[neuron] = 0.0;
                ends[1].bias[neuron] = 1.0;
            }
        }
        Ok(Self {
            problem,
            parameter,
            beta,
            fields: ends.map(|network| network.into_clamped(&problem.input)),
        })
    }

    /// The path through the family, its parameter being the family's.
    pub fn homotopy(&self) -> Homotopy<'_> {
        let betas = match self.parameter {
            Parameter::Beta => [0.0, 1.0],
            _ => [self.beta; 2],
        };
        let phase = |k: usize| {
            Phase::of_problem(self.problem, &self.fields[k]).nudged(&self.problem.cost, betas[k])
        };
        Homotopy::new(phase(0), phase(1))
    }
}
