//! Estimators of the error vector by name, the trait they share, and what they answer.

use serde::{Deserialize, Serialize};

use super::estimators::{
    Asymmetric, Centred, Continual, Dyadic, HOLOMORPHIC_POINTS, Holomorphic, LinearResponse,
    OneSided, Plasticity, Richardson, Sensitivity,
};
use super::free_phase::FreePhase;
use super::nudge_options::NudgeOptions;
use crate::dynamics::Statistics;
use crate::error::{Error, Result};
use crate::model::Parameters;

/// A way to estimate the error vector of a settled free phase, as an experimenter would measure it:
/// from actual trajectories. Implement it for your own.
pub trait ErrorEstimator {
    /// The estimate, with what it cost.
    ///
    /// # Errors
    /// What the dynamics did instead of settling, or why the estimator does not apply.
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate>;
}

/// How the error vector is estimated. Those that estimate a (not g) carry the error of asymmetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "cli", value(rename_all = "snake_case"))]
pub enum Estimator {
    /// a = Jac⁻¹c: equilibrium propagation in the limit β → 0
    LinearResponse,
    /// (s^β − s⁰)/β = a + O(β)
    OneSided,
    /// (s^β − s^−β)/2β = a + O(β²)
    Centred,
    /// Centred at β and β/2, extrapolated: a + O(β⁴)
    Richardson,
    /// Mean of s^β/β over N complex β on a circle: a + O(β^N), for analytic ρ only
    Holomorphic,
    /// The sensitivity ODE τẏ = Jac·y − c followed to rest: a
    Sensitivity,
    /// 1/β times the integral of (∂μ/∂θ)ᵀ ds along the nudged trajectory: ν + O(β)
    Plasticity,
    /// Plasticity while the weights move, θ̇ = (η/β)(∂μ/∂θ)ᵀṡ: ν + O(β) + O(η/β)
    Continual,
    /// Centred, with (Jacᵀ − Jac)(s − s⁰) added to the nudged field: g + O(β²)
    Asymmetric,
    /// The signal d/β of ḋ = Jacᵀd − βc followed to rest: g, whatever β
    Dyadic,
}

/// Options of the estimators. Each estimator reads those that concern it and ignores the others.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EstimatorOptions {
    /// β, 1e-10 ≤ |β| ≤ 1e3. Default [`Estimator::default_beta`].
    pub beta: Option<f64>,
    /// Points on the circle of a holomorphic estimate, 2 to 256. Default 8.
    pub points: Option<usize>,
    /// η of continual plasticity, positive. Default a thousandth of |β|, at which the weights move
    /// a thousand times less than the state.
    pub learning_rate: Option<f64>,
}

impl Estimator {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::LinearResponse,
        Self::OneSided,
        Self::Centred,
        Self::Richardson,
        Self::Holomorphic,
        Self::Sensitivity,
        Self::Plasticity,
        Self::Continual,
        Self::Asymmetric,
        Self::Dyadic,
    ];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::LinearResponse => "linear_response",
            Self::OneSided => "one_sided",
            Self::Centred => "centred",
            Self::Richardson => "richardson",
            Self::Holomorphic => "holomorphic",
            Self::Sensitivity => "sensitivity",
            Self::Plasticity => "plasticity",
            Self::Continual => "continual",
            Self::Asymmetric => "asymmetric",
            Self::Dyadic => "dyadic",
        }
    }

    /// β (dimensionless) used if none is given, or `None` if the estimator has no β.
    pub fn default_beta(self) -> Option<f64> {
        match self {
            Self::LinearResponse | Self::Sensitivity => None,
            Self::Holomorphic => Some(0.05),
            _ => Some(1e-3),
        }
    }

    /// Whether the limit is g, the true gradient's error vector, and not a.
    pub fn reaches_the_gradient(self) -> bool {
        matches!(self, Self::Asymmetric | Self::Dyadic)
    }

    /// Whether the update is collected along the way, and so is no pullback of an error vector.
    pub fn is_path_dependent(self) -> bool {
        matches!(self, Self::Plasticity | Self::Continual)
    }

    /// The estimator with its options.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for an option out of range.
    pub fn with(self, options: &EstimatorOptions) -> Result<Box<dyn ErrorEstimator>> {
        let beta = options.beta.or(self.default_beta()).unwrap_or(1.0);
        if !(1e-10..=1e3).contains(&beta.abs()) {
            return Err(Error::invalid(
                "beta",
                format!("expected a number with 1e-10 ≤ |β| ≤ 1e3, found {beta}"),
            ));
        }
        let points = options.points.unwrap_or(HOLOMORPHIC_POINTS);
        if !(2..=256).contains(&points) {
            return Err(Error::invalid(
                "points",
                format!("expected a whole number from 2 to 256, found {points}"),
            ));
        }
        let learning_rate = options.learning_rate.unwrap_or(1e-3 * beta.abs());
        if !(1e-14..=1e3).contains(&learning_rate) {
            return Err(Error::invalid(
                "learning_rate",
                format!("expected a number from 1e-14 to 1e3, found {learning_rate}"),
            ));
        }
        Ok(match self {
            Self::LinearResponse => Box::new(LinearResponse),
            Self::OneSided => Box::new(OneSided { beta }),
            Self::Centred => Box::new(Centred { beta }),
            Self::Richardson => Box::new(Richardson { beta }),
            Self::Holomorphic => Box::new(Holomorphic { beta, points }),
            Self::Sensitivity => Box::new(Sensitivity),
            Self::Plasticity => Box::new(Plasticity { beta }),
            Self::Continual => Box::new(Continual {
                beta,
                learning_rate,
            }),
            Self::Asymmetric => Box::new(Asymmetric { beta }),
            Self::Dyadic => Box::new(Dyadic { beta }),
        })
    }
}

/// How an estimated update came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formation {
    /// The pullback of a itself: its distance from the gradient is known by an exact formula.
    Limit,
    /// The pullback at s⁰ of the estimated error vector.
    Pullback,
    /// Collected along a trajectory, and so no pullback of an error vector.
    AlongTheWay,
}

/// An estimate of the error vector and of the update that follows from it.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Estimated error vector, n values.
    pub error_vector: Vec<f64>,
    /// The update ν as the method forms it.
    pub update: Parameters,
    /// How the update came about, and so in which way it is compared.
    pub formation: Formation,
    /// Whether the method converges to g, the true gradient's error vector, and not to a.
    pub reaches_the_gradient: bool,
    /// β (dimensionless), if the method has one.
    pub beta: Option<f64>,
    /// η, if the weights moved.
    pub learning_rate: Option<f64>,
    /// What it cost. A linear solve alone costs nothing here.
    pub statistics: Statistics,
    /// Those β whose nudged fixed point is not connected with s⁰: the trajectory went to another
    /// branch, and a difference quotient across the gap estimates nothing. The list is usually
    /// empty.
    pub jumped: Vec<f64>,
    /// Those β whose nudged fixed point may or may not be connected with s⁰: the branch was lost on
    /// the way, at a corner where many neurons change at once or where the field does not tell its
    /// pieces. The list is usually empty.
    pub undecided: Vec<f64>,
    /// Whether β lies inside the radius of convergence, if the method depends on that.
    pub convergence: Option<Convergence>,
}

impl Estimate {
    /// An estimate without β that cost nothing, its update the pullback of `error_vector` at s⁰.
    pub fn of_error_vector(free: &FreePhase<'_>, error_vector: Vec<f64>) -> Self {
        Self {
            update: free.pullback(&error_vector),
            error_vector,
            formation: Formation::Pullback,
            reaches_the_gradient: false,
            beta: None,
            learning_rate: None,
            statistics: Statistics::default(),
            jumped: Vec::new(),
            undecided: Vec::new(),
            convergence: None,
        }
    }
}

/// What the points on the circle say of the series of s^β in powers of β.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Convergence {
    /// N, the points on the circle.
    pub points: usize,
    /// ‖mean of N points − mean of every second one‖ relative to the former: an estimate of the
    /// error of N/2 points, and far above that of N inside the radius. It is `None` for odd N.
    pub estimate: Option<f64>,
    /// Radius of convergence as the decay of the Fourier coefficients suggests: right for a pole,
    /// somewhat too large for a fold, whose coefficients fall by a power besides. It is `None` if
    /// they have fallen to rounding error, which they do far inside, or if the branch of fixed
    /// points does not come back to where it began on the circle.
    pub radius: Option<f64>,
    /// Whether |β| is inside the radius, with a margin: the branch of fixed points comes back around
    /// the circle, is analytic inside as far as its Fourier coefficients show, and they fall by a
    /// tenth at least from one to the next.
    pub inside: Option<bool>,
}
