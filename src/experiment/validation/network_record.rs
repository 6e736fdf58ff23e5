//! One network of the study, examined: both formulas against independent measurements, and how far
//! the EP update is from the true gradient.

use serde::{Deserialize, Serialize};

use super::ensemble::Member;
use super::study::{Fault, StudySettings};
use crate::dynamics::{Phase, SolverSettings, Statistics, settle};
use crate::error::Result;
use crate::gradient::{
    AllTargets, Comparison, Estimator, FreePhase, all_targets, asymmetry, compare,
};
use crate::model::{Adjustable, Cost, Parameters, Problem, Random, SquaredError, VectorField};

/// What was measured on one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkRecord {
    /// Number in the study.
    pub index: usize,
    /// Kind of network.
    pub family: String,
    /// Neurons.
    pub neurons: usize,
    /// Parameters.
    pub parameters: usize,
    /// λ of W = S + λA, or null if it was not drawn that way.
    pub asymmetry: Option<f64>,
    /// ‖Jac − Jacᵀ‖/‖Jac + Jacᵀ‖ at the fixed point.
    pub jacobian_asymmetry: f64,
    /// The same of W, or null of a field in text.
    pub weight_asymmetry: Option<f64>,
    /// Largest real part of the spectrum, per time constant.
    pub spectral_abscissa: f64,
    /// Angle between EP update and true gradient in degrees, over all parameters.
    pub angle_degrees: Option<f64>,
    /// Relative error of the EP update.
    pub relative_error: Option<f64>,
    /// Its largest value over all targets.
    pub error_bound: Option<f64>,
    /// Relative error for the worst target, over explicit parameters, divided by the bound.
    pub bound_attained: Option<f64>,
    /// Positive if and only if EP descends for every target: see
    /// [`AllTargets::descent_certificate`](crate::gradient::AllTargets::descent_certificate).
    pub descent_certificate: Option<f64>,
    /// ‖a − centred estimate‖/‖a‖: the formula of the update against nudged trajectories.
    /// Null at an unstable fixed point, where no trajectory stays.
    pub update_deviation: Option<f64>,
    /// Largest deviation of directional derivatives of J from ⟨∂J/∂θ, direction⟩, over ‖∂J/∂θ‖:
    /// the formula of the gradient against finite differences.
    pub gradient_deviation: f64,
    /// Random targets for which a small step along the EP update raised J.
    pub targets_ascending: usize,
    /// Random targets tried.
    pub targets: usize,
    /// Draws rejected before this network.
    pub redrawn: usize,
    /// What all its trajectories cost.
    pub statistics: Statistics,
}

/// Directions in parameter space along which J is differentiated, beside the claimed gradient.
const RANDOM_DIRECTIONS: usize = 4;

/// One network at its fixed point, with what its trajectories have cost so far.
pub(super) struct Examination<'a> {
    pub settings: &'a StudySettings,
    pub problem: &'a Problem,
    pub field: &'a dyn Adjustable,
    pub free: FreePhase<'a>,
    pub statistics: Statistics,
}

/// What was measured on a network independently of the formulas.
pub(super) struct Measured {
    pub update_deviation: Option<f64>,
    pub gradient_deviation: f64,
    pub targets_ascending: usize,
    pub targets: usize,
}

/// Examines one network.
///
/// # Errors
/// Whatever its dynamics did instead of settling.
pub fn examine(settings: &StudySettings, index: usize, member: &Member) -> Result<NetworkRecord> {
    let problem = &member.problem;
    let field = problem.field();
    let free = FreePhase::of_problem(problem, &field, &settings.solver)?;
    let mut examination = Examination::new(settings, problem, &field, free);
    let (truth, update) = examination.formulas();
    let measured = Measured {
        update_deviation: Some(examination.update_deviation(&update)?),
        gradient_deviation: examination.gradient_deviation(index, &truth)?,
        targets_ascending: examination.targets_ascending(index)?,
        targets: settings.targets,
    };
    Ok(NetworkRecord {
        index,
        asymmetry: member.asymmetry,
        redrawn: member.redrawn,
        ..examination.record(member.family.clone(), &measured)
    })
}

impl<'a> Examination<'a> {
    /// Nothing measured yet.
    pub fn new(
        settings: &'a StudySettings,
        problem: &'a Problem,
        field: &'a dyn Adjustable,
        free: FreePhase<'a>,
    ) -> Self {
        Self {
            settings,
            problem,
            field,
            statistics: free.fixed_point.statistics(),
            free,
        }
    }

    /// g and a, by the formulas under test.
    pub fn formulas(&self) -> (Vec<f64>, Vec<f64>) {
        let c = self.cost_gradient(&self.problem.cost);
        let linearisation = &self.free.linearisation;
        (
            self.settings.true_error_vector(linearisation, &c),
            self.settings.ep_error_vector(linearisation, &c),
        )
    }

    /// The record of a network that is not one of a series.
    pub fn record(&self, family: String, measured: &Measured) -> NetworkRecord {
        let (truth, update) = self.formulas();
        let comparison = self.compare(&update, &truth);
        let outputs = self.problem.cost.outputs();
        let all = all_targets(&self.free.linearisation, &self.free.metric, outputs);
        let fixed_point = &self.free.fixed_point;
        NetworkRecord {
            index: 0,
            family,
            neurons: fixed_point.state().len(),
            parameters: self.field.parameters().len(),
            asymmetry: None,
            jacobian_asymmetry: asymmetry(fixed_point.jacobian()),
            weight_asymmetry: self.problem.weights().as_ref().map(asymmetry),
            spectral_abscissa: crate::dynamics::spectral_abscissa(fixed_point.eigenvalues()),
            angle_degrees: comparison.angle_degrees,
            relative_error: comparison.relative_error,
            error_bound: all.error_bound,
            bound_attained: self.bound_attained(&all),
            descent_certificate: self.certificate(),
            update_deviation: measured.update_deviation,
            gradient_deviation: measured.gradient_deviation,
            targets_ascending: measured.targets_ascending,
            targets: measured.targets,
            redrawn: 0,
            statistics: self.statistics,
        }
    }

    fn cost_gradient(&self, cost: &dyn Cost) -> Vec<f64> {
        let mut gradient = vec![0.0; self.free.fixed_point.state().len()];
        cost.gradient(self.free.fixed_point.state(), &mut gradient);
        gradient
    }

    /// The comparison in the norm of parameter space, the difference by the exact formula unless a
    /// planted fault has made it meaningless.
    fn compare(&self, update: &[f64], truth: &[f64]) -> Comparison {
        let difference: Vec<f64> = if self.settings.fault.is_none() {
            self.free.linearisation.difference(truth)
        } else {
            update.iter().zip(truth).map(|(a, g)| a - g).collect()
        };
        match self.settings.fault {
            Some(Fault::StateSpaceNorm) => compare(update, truth, &difference),
            _ => self.free.compare(update, truth, &difference),
        }
    }

    fn update_deviation(&mut self, update: &[f64]) -> Result<f64> {
        let estimate = self
            .free
            .estimate(Estimator::Centred, Some(self.settings.beta))?;
        self.statistics += estimate.statistics;
        let gap: f64 = update
            .iter()
            .zip(&estimate.error_vector)
            .map(|(a, b)| (a - b) * (a - b))
            .sum();
        let norm: f64 = update.iter().map(|a| a * a).sum();
        Ok((gap / norm).sqrt())
    }

    fn gradient_deviation(&mut self, index: usize, truth: &[f64]) -> Result<f64> {
        let negative_gradient = self.free.pullback(truth);
        let norm = negative_gradient.norm();
        let mut random = Random::new(self.settings.seed, 2_000_000 + index as u64);
        let mut directions = vec![negative_gradient.clone()];
        for _ in 0..RANDOM_DIRECTIONS {
            let mut direction = negative_gradient.clone();
            direction
                .iter_mut()
                .for_each(|value| *value = random.uniform(-1.0, 1.0));
            directions.push(direction);
        }
        let step = self.settings.difference_step;
        let mut largest: f64 = 0.0;
        for direction in directions {
            let unit = direction.scaled(1.0 / direction.norm());
            let mut difference = |step: f64| -> Result<f64> {
                Ok(self.objective(&unit, step)? - self.objective(&unit, -step)?)
            };
            // of fourth order in the step
            let slope = (8.0 * difference(step)? - difference(2.0 * step)?) / (12.0 * step);
            let claimed = -negative_gradient.dot(&unit);
            largest = largest.max((slope - claimed).abs() / norm);
        }
        Ok(largest)
    }

    /// J at θ + step · direction, the fixed point reached anew from s⁰.
    fn objective(&mut self, direction: &Parameters, step: f64) -> Result<f64> {
        let parameters = self.field.parameters().plus(step, direction);
        let (cost, statistics) = objective(
            self.problem,
            &*self.field.with_parameters(&parameters),
            &self.problem.cost,
            self.free.fixed_point.state(),
            &self.settings.solver,
        )?;
        self.statistics += statistics;
        Ok(cost)
    }

    /// The relative error for the worst target, over explicit parameters, over the bound.
    fn bound_attained(&self, all: &AllTargets) -> Option<f64> {
        let (bound, worst) = (all.error_bound?, all.worst_error.as_ref()?);
        let mut c = vec![0.0; self.free.fixed_point.state().len()];
        for (&output, &error) in self.problem.cost.outputs().iter().zip(worst) {
            c[output] = error;
        }
        let truth = self.free.pullback(
            &self
                .settings
                .true_error_vector(&self.free.linearisation, &c),
        );
        let update = self
            .free
            .pullback(&self.settings.ep_error_vector(&self.free.linearisation, &c));
        let error = update.plus(-1.0, &truth).norm() / truth.norm();
        // a symmetric Jacobian has a bound of 0 (to rounding), which every error attains
        (bound > 1e-9).then_some(error / bound)
    }

    /// The smallest eigenvalue of the symmetric part of `E Jac⁻ᵀ G Jac⁻ᵀ Eᵀ`, from the formulas
    /// under test.
    fn certificate(&self) -> Option<f64> {
        let outputs = self.problem.cost.outputs();
        let columns = |formula: &dyn Fn(&[f64]) -> Vec<f64>| {
            let columns: Vec<_> = outputs
                .iter()
                .map(|&output| {
                    let mut c = vec![0.0; self.free.fixed_point.state().len()];
                    c[output] = 1.0;
                    let image = self
                        .free
                        .metric
                        .apply(&self.free.linearisation.gather(&formula(&c)));
                    nalgebra::DVector::from_vec(image)
                })
                .collect();
            nalgebra::DMatrix::from_columns(&columns)
        };
        let update = columns(&|c| self.settings.ep_error_vector(&self.free.linearisation, c));
        let truth = columns(&|c| self.settings.true_error_vector(&self.free.linearisation, c));
        let product = update.transpose() * truth;
        let symmetric = (&product + product.transpose()) * 0.5;
        crate::numeric::smallest_symmetric_eigenvalue(&symmetric)
    }

    /// For how many random targets a small actual step along the EP update raises J.
    fn targets_ascending(&mut self, index: usize) -> Result<usize> {
        let mut random = Random::new(self.settings.seed, 3_000_000 + index as u64);
        let outputs = self.problem.cost.outputs();
        let mut ascending = 0;
        for _ in 0..self.settings.targets {
            let target: Vec<f64> = outputs.iter().map(|_| random.uniform(-1.0, 1.0)).collect();
            let cost = SquaredError::new(outputs, &target)?;
            let c = self.cost_gradient(&cost);
            let direction = self
                .free
                .pullback(&self.settings.ep_error_vector(&self.free.linearisation, &c));
            let unit = direction.scaled(1.0 / direction.norm());
            let step = self.settings.difference_step;
            let parameters = |step| self.field.parameters().plus(step, &unit);
            let mut values = [0.0; 2];
            for (value, step) in values.iter_mut().zip([step, -step]) {
                let (reached, statistics) = objective(
                    self.problem,
                    &*self.field.with_parameters(&parameters(step)),
                    &cost,
                    self.free.fixed_point.state(),
                    &self.settings.solver,
                )?;
                *value = reached;
                self.statistics += statistics;
            }
            ascending += usize::from(values[0] >= values[1]);
        }
        Ok(ascending)
    }
}

/// J: the cost at the fixed point that the field's free phase reaches from `start`.
fn objective(
    problem: &Problem,
    field: &dyn VectorField,
    cost: &dyn Cost,
    start: &[f64],
    solver: &SolverSettings,
) -> Result<(f64, Statistics)> {
    let phase = Phase::of_problem(problem, field);
    let point = settle(&phase, start, solver).into_fixed_point()?;
    Ok((cost.value(point.state()), point.statistics()))
}
