//! Estimators of the error vector, as an experimenter would measure it: from actual trajectories.

use clap::ValueEnum;
use serde::Serialize;

use super::auxiliary::{Augmented, LinearField};
use super::holomorphic::holomorphic;
use super::linearisation::Linearisation;
use super::plasticity::plasticity_integral;
use crate::dynamics::{FixedPoint, Phase, SolverSettings, Statistics, settle};
use crate::error::{Error, Result};
use crate::model::{Cost, Parameters, Problem, VectorField};

/// How the error vector is estimated. Those that estimate a (not g) carry the error of asymmetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Estimator {
    /// a = Jac⁻¹c: equilibrium propagation in the limit β → 0
    LinearResponse,
    /// (s^β − s⁰)/β = a + O(β)
    OneSided,
    /// (s^β − s^−β)/2β = a + O(β²)
    Centred,
    /// Centred at β and β/2, extrapolated: a + O(β⁴)
    Richardson,
    /// Mean of s^β/β over 8 complex β on a circle: a + O(β⁸); analytic ρ only
    Holomorphic,
    /// The sensitivity ODE τẏ = Jac·y − c followed to rest: a
    Sensitivity,
    /// 1/β times the integral of (∂μ/∂θ)ᵀ ds along the nudged trajectory: ν + O(β)
    Plasticity,
    /// Centred, with (Jacᵀ − Jac)(s − s⁰) added to the nudged field: g + O(β²)
    Asymmetric,
    /// The signal d/β of ḋ = Jacᵀd − βc followed to rest: g, whatever β
    Dyadic,
}

impl Estimator {
    /// β used if none is given; `None` if the estimator has no β.
    pub fn default_beta(self) -> Option<f64> {
        match self {
            Self::LinearResponse | Self::Sensitivity | Self::Dyadic => None,
            Self::Holomorphic => Some(0.05),
            _ => Some(1e-3),
        }
    }
}

/// An estimate of the error vector and of the update that follows from it.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Estimated error vector, n values.
    pub error_vector: Vec<f64>,
    /// The update ν as the method forms it.
    pub update: Parameters,
    /// β, if the method has one.
    pub beta: Option<f64>,
    /// What its trajectories cost.
    pub statistics: Statistics,
}

/// A settled free phase, from which estimates are made.
pub struct FreePhase<'a> {
    /// The free phase.
    pub phase: Phase<'a>,
    /// The cost that nudges.
    pub cost: &'a dyn Cost,
    /// Its fixed point.
    pub fixed_point: FixedPoint,
    /// The linearisation there.
    pub linearisation: Linearisation,
    /// Settings of every trajectory.
    pub settings: &'a SolverSettings,
}

impl<'a> FreePhase<'a> {
    /// Settles a free phase from `start` and linearises it there.
    ///
    /// # Errors
    /// Whatever the dynamics did instead of settling; [`Error::SingularJacobian`].
    pub fn settle(
        phase: Phase<'a>,
        cost: &'a dyn Cost,
        start: &[f64],
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        let fixed_point = settle(&phase, start, settings).into_fixed_point()?;
        Ok(Self {
            linearisation: Linearisation::new(&fixed_point)?,
            phase,
            cost,
            fixed_point,
            settings,
        })
    }

    /// The same for a problem; `field` is [`Problem::field`].
    ///
    /// # Errors
    /// As [`FreePhase::settle`].
    pub fn of_problem(
        problem: &'a Problem,
        field: &'a dyn VectorField,
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        let phase = Phase::of_problem(problem, field);
        Self::settle(phase, &problem.cost, &problem.initial_state, settings)
    }

    /// c = ∂C/∂s at s⁰.
    pub fn cost_gradient(&self) -> Vec<f64> {
        let mut gradient = vec![0.0; self.fixed_point.state().len()];
        self.cost.gradient(self.fixed_point.state(), &mut gradient);
        gradient
    }

    /// s^β, reached by the nudged trajectory that starts at s⁰.
    ///
    /// # Errors
    /// Whatever the nudged dynamics did instead of settling.
    pub fn nudged(&self, beta: f64, statistics: &mut Statistics) -> Result<Vec<f64>> {
        self.rest(&self.phase.nudged(self.cost, beta), statistics)
    }

    fn rest(&self, phase: &Phase<'_>, statistics: &mut Statistics) -> Result<Vec<f64>> {
        let point = settle(phase, self.fixed_point.state(), self.settings).into_fixed_point()?;
        *statistics += point.statistics();
        Ok(point.state().to_vec())
    }

    /// (s^β − s^{−β})/2β of a phase, nudged both ways.
    fn centred(
        &self,
        phase: &Phase<'_>,
        beta: f64,
        statistics: &mut Statistics,
    ) -> Result<Vec<f64>> {
        let plus = self.rest(&phase.nudged(self.cost, beta), statistics)?;
        let minus = self.rest(&phase.nudged(self.cost, -beta), statistics)?;
        Ok(combine(&plus, &minus, 0.5 / beta))
    }

    /// The linear companion system `$\tau\dot y = M y - c$` followed from 0 to rest, without
    /// Newton; M is Jac, or Jacᵀ.
    fn companion(&self, transposed: bool, statistics: &mut Statistics) -> Result<Vec<f64>> {
        let field = LinearField::companion(&self.linearisation, transposed, &self.cost_gradient());
        let settings = SolverSettings {
            polish: false,
            ..*self.settings
        };
        let start = vec![0.0; self.fixed_point.state().len()];
        let phase = self.phase.without_bounds().with_field(&field);
        let point = settle(&phase, &start, &settings).into_fixed_point()?;
        *statistics += point.statistics();
        Ok(point.state().to_vec())
    }

    /// Estimates the error vector. `beta` is the estimator's default if not given.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a β of 0 or out of range, or one given to an estimator that has
    /// none; otherwise whatever the dynamics did instead of settling.
    pub fn estimate(&self, estimator: Estimator, beta: Option<f64>) -> Result<Estimate> {
        if estimator.default_beta().is_none() && beta.is_some() {
            return Err(Error::invalid(
                "beta",
                "this estimator has no β; leave it out, or choose a nudged estimator",
            ));
        }
        let beta_used = beta.or(estimator.default_beta()).unwrap_or(1.0);
        if !(1e-10..=1e3).contains(&beta_used.abs()) {
            return Err(Error::invalid(
                "beta",
                format!("expected a number with 1e-10 ≤ |β| ≤ 1e3, found {beta_used}"),
            ));
        }
        let beta = beta_used;
        let free = self.fixed_point.state();
        let mut statistics = Statistics::default();
        let mut integral = None;
        let error_vector = match estimator {
            Estimator::LinearResponse => self.linearisation.ep_error_vector(&self.cost_gradient()),
            Estimator::OneSided => combine(&self.nudged(beta, &mut statistics)?, free, 1.0 / beta),
            Estimator::Centred => self.centred(&self.phase, beta, &mut statistics)?,
            Estimator::Richardson => {
                let coarse = self.centred(&self.phase, beta, &mut statistics)?;
                let fine = self.centred(&self.phase, 0.5 * beta, &mut statistics)?;
                fine.iter()
                    .zip(coarse)
                    .map(|(fine, coarse)| (4.0 * fine - coarse) / 3.0)
                    .collect()
            }
            Estimator::Holomorphic => holomorphic(self, beta, &mut statistics)?,
            Estimator::Sensitivity => self.companion(false, &mut statistics)?,
            Estimator::Plasticity => {
                let nudged = self.phase.nudged(self.cost, beta);
                let along = plasticity_integral(&nudged, free, self.settings)?;
                statistics += along.statistics;
                integral = Some(along.integral.scaled(1.0 / beta));
                combine(&along.end, free, 1.0 / beta)
            }
            Estimator::Asymmetric => {
                let field = Augmented::new(self.phase.field(), &self.linearisation, free);
                self.centred(&self.phase.with_field(&field), beta, &mut statistics)?
            }
            // at the fixed point the error system is linear in β, so that d/β needs no β
            Estimator::Dyadic => self.companion(true, &mut statistics)?,
        };
        Ok(Estimate {
            update: integral
                .unwrap_or_else(|| self.phase.field().parameter_pullback(free, &error_vector)),
            error_vector,
            beta: estimator.default_beta().map(|_| beta),
            statistics,
        })
    }
}

/// factor · (a − b).
fn combine(a: &[f64], b: &[f64], factor: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| factor * (a - b)).collect()
}
