//! The parameters of a problem along which its fixed points can be followed.

use super::super::phase::Phase;
use super::homotopy::{FieldFamily, Homotopy};
use crate::error::{Error, Result};
use crate::model::{Coupling, Network, Problem, ProblemField, System, TextField, VectorField};

/// A parameter of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// The influence parameter β of the nudge.
    Beta,
    /// λ of `W = S + λA`, S and A the symmetric and antisymmetric parts of the weights. The problem
    /// as given has λ = 1.
    Asymmetry,
    /// g of `gW`. The problem as given has g = 1.
    Gain,
    /// The bias of one neuron.
    Bias(usize),
    /// A parameter or an input of a field in text.
    Named(String),
}

impl Parameter {
    /// The name on the command line and in records: `beta`, `asymmetry`, `gain`, `bias:I`, or that of
    /// the field.
    pub fn name(&self) -> String {
        match self {
            Self::Beta => "beta".into(),
            Self::Asymmetry => "asymmetry".into(),
            Self::Gain => "gain".into(),
            Self::Bias(neuron) => format!("bias:{neuron}"),
            Self::Named(name) => name.clone(),
        }
    }

    /// The same parameter as a problem has it: a field in text may have one that is called `gain`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the problem does not have it.
    pub fn of(&self, problem: &Problem) -> Result<Self> {
        match (&problem.system, self) {
            (_, Self::Beta) => Ok(Self::Beta),
            (System::Network(_), Self::Named(name)) => Err(Error::invalid(
                "parameter",
                format!("expected beta, asymmetry, gain or bias:I, found `{name}`"),
            )),
            (System::Network(network), Self::Bias(neuron)) if *neuron >= network.dimension() => {
                let n = network.dimension();
                Err(Error::invalid(
                    "parameter",
                    format!(
                        "expected one of the {n} neurons, numbered from 0, found bias:{neuron}"
                    ),
                ))
            }
            (System::Network(_), parameter) => Ok(parameter.clone()),
            (System::Own(_), _) => Err(Error::invalid(
                "parameter",
                "expected beta: fixed points of a field of one's own are followed along the nudge only",
            )),
            (System::Text(field), parameter) => {
                let name = parameter.name();
                if field.value(&name).is_some() {
                    return Ok(Self::Named(name));
                }
                let mut known = vec!["beta"];
                known.extend(field.value_names().iter().map(String::as_str));
                Err(Error::invalid(
                    "parameter",
                    crate::io::unknown(&name, &known),
                ))
            }
        }
    }

    /// The value in the problem as it stands, or 0 of one that it does not have.
    pub fn nominal(&self, problem: &Problem) -> f64 {
        match (self, &problem.system) {
            (Self::Asymmetry | Self::Gain, _) => 1.0,
            (Self::Bias(neuron), System::Network(network)) => {
                network.bias.get(*neuron).copied().unwrap_or(0.0)
            }
            (Self::Named(name), System::Text(field)) => field.value(name).unwrap_or(0.0),
            _ => 0.0,
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
            other => match other.strip_prefix("bias:") {
                Some(neuron) => (neuron.parse().map(Self::Bias))
                    .map_err(|_| "expected beta, asymmetry, gain, bias:I or a name".into()),
                None => Ok(Self::Named(other.into())),
            },
        }
    }
}

/// A field in text along one of its parameters.
struct Along<'a> {
    field: &'a TextField,
    name: String,
}

impl FieldFamily for Along<'_> {
    fn at(&self, parameter: f64) -> Box<dyn VectorField + '_> {
        Box::new(self.field.with_value(&self.name, parameter))
    }

    fn slope(&self, state: &[f64], parameter: f64) -> Vec<f64> {
        self.field
            .with_value(&self.name, parameter)
            .slope_by(&self.name, state)
    }
}

/// A problem with one parameter freed. It owns the vector fields of the family.
pub struct Family<'a> {
    problem: &'a Problem,
    parameter: Parameter,
    beta: f64,
    fields: [ProblemField<'a>; 2],
    along: Option<Along<'a>>,
}

/// The two networks between which a parameter leads.
fn ends(network: &Network, parameter: &Parameter) -> [Network; 2] {
    let mut ends = [network.clone(), network.clone()];
    match parameter {
        Parameter::Asymmetry => {
            let weights = network.coupling.to_matrix();
            let symmetric = (&weights + weights.transpose()) * 0.5;
            ends[0].coupling = Coupling::Dense(symmetric);
            ends[1].coupling = Coupling::Dense(weights);
        }
        Parameter::Gain => {
            ends[0].coupling = Coupling::Dense(network.coupling.to_matrix() * 0.0);
        }
        Parameter::Bias(neuron) => {
            ends[0].bias[*neuron] = 0.0;
            ends[1].bias[*neuron] = 1.0;
        }
        Parameter::Beta | Parameter::Named(_) => {}
    }
    ends
}

impl<'a> Family<'a> {
    /// `beta` is the influence parameter while another one varies (0: the free phase).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the problem does not have the parameter.
    pub fn new(problem: &'a Problem, parameter: &Parameter, beta: f64) -> Result<Self> {
        let parameter = parameter.of(problem)?;
        let (fields, along) = match &problem.system {
            System::Network(network) => {
                let ends = ends(network, &parameter);
                let clamped =
                    ends.map(|network| ProblemField::Network(network.into_clamped(&problem.input)));
                (clamped, None)
            }
            System::Own(_) => ([problem.field(), problem.field()], None),
            System::Text(field) => {
                let along = match &parameter {
                    Parameter::Named(name) => Some(Along {
                        field,
                        name: name.clone(),
                    }),
                    _ => None,
                };
                ([problem.field(), problem.field()], along)
            }
        };
        Ok(Self {
            problem,
            parameter,
            beta,
            fields,
            along,
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
        match &self.along {
            Some(along) => Homotopy::along(phase(0), along),
            None => Homotopy::new(phase(0), phase(1)),
        }
    }
}
