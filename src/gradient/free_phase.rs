//! A settled free phase: where estimates start from.

use std::sync::atomic::AtomicUsize;

use super::branch::{self, Connection, Corners, PhaseAt};
use super::comparison::{Comparison, ParameterMetric, compare};
use super::estimator::{Estimate, Estimator, EstimatorOptions};
use super::linearisation::Linearisation;
use super::nudge_options::{NudgeOptions, NudgedPhase};
use crate::dynamics::{
    At, FixedPoint, Phase, SolverSettings, Statistics, fixed_point_at, largest, settle,
    settle_nudged,
};
use crate::error::{Error, Result};
use crate::model::{Cost, Parameters, Parametrised, Problem};
use crate::numeric::among_threads;

/// A settled free phase, from which estimates are made. Error vectors and states have n values, one
/// a neuron.
pub struct FreePhase<'a> {
    /// The free phase.
    pub phase: Phase<'a>,
    /// Its field, whose parameters learn.
    pub field: &'a dyn Parametrised,
    /// The cost that nudges.
    pub cost: &'a dyn Cost,
    /// Its fixed point.
    pub fixed_point: FixedPoint,
    /// The linearisation there.
    pub linearisation: Linearisation,
    /// The norm of parameter space there.
    pub metric: ParameterMetric,
    /// Settings of every trajectory.
    pub settings: &'a SolverSettings,
    /// Whether a trajectory led to the fixed point, so that nudged ones can start there.
    pub is_reached: bool,
}

impl<'a> FreePhase<'a> {
    /// Settles the free phase of `field` from `start` and linearises it there. Only the time
    /// constants and bounds of `phase` count.
    ///
    /// # Errors
    /// Whatever the dynamics did instead of settling, [`Error::SingularJacobian`], and
    /// [`Error::Diverged`] if the parameters' influence on the fixed point is no number.
    pub fn settle(
        field: &'a dyn Parametrised,
        phase: Phase<'a>,
        cost: &'a dyn Cost,
        start: &[f64],
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        let fixed_point = settle(&phase.with_field(field), start, settings).into_fixed_point()?;
        Self::linearised(field, phase, cost, fixed_point, settings)
    }

    fn linearised(
        field: &'a dyn Parametrised,
        phase: Phase<'a>,
        cost: &'a dyn Cost,
        fixed_point: FixedPoint,
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        let linearisation = among_threads(fixed_point.state().len(), || {
            Linearisation::new(&fixed_point)
        })?;
        let state = fixed_point.state();
        let (inside, active) = (phase.inside(state), fixed_point.active());
        let metric = match field.metric_factor(&inside) {
            Some(factor) => ParameterMetric::of_factor(&factor, active),
            None => ParameterMetric::new(&field.parameter_metric(&inside), active),
        };
        Ok(Self {
            linearisation,
            metric: metric.ok_or_else(|| Error::Diverged {
                time: fixed_point.settling_time(),
                largest: largest(state.iter().copied()),
            })?,
            phase: phase.with_field(field),
            field,
            cost,
            fixed_point,
            settings,
            is_reached: true,
        })
    }

    /// The same at the fixed point that `at` names, found by Newton's method, stable or not. The
    /// formulas hold there. Estimators that follow trajectories do not apply.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] (`at`) if there is no such fixed point, and
    /// [`Error::SingularJacobian`].
    pub fn at(
        problem: &'a Problem,
        field: &'a dyn Parametrised,
        at: &At,
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        problem.expect_autonomous()?;
        problem.expect_cost()?;
        let phase = Phase::of_problem(problem, field);
        let fixed_point = fixed_point_at(&phase, at, &problem.initial_state)?;
        Self::at_fixed_point(problem, field, fixed_point, settings)
    }

    /// The same at a fixed point of the free phase of `problem` that is known already.
    ///
    /// # Errors
    /// [`Error::SingularJacobian`].
    pub fn at_fixed_point(
        problem: &'a Problem,
        field: &'a dyn Parametrised,
        fixed_point: FixedPoint,
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        let phase = Phase::of_problem(problem, field);
        let free = Self::linearised(field, phase, &problem.cost, fixed_point, settings)?;
        Ok(Self {
            is_reached: false,
            ..free
        })
    }

    /// The same for a problem. `field` is [`Problem::field`].
    ///
    /// # Errors
    /// As [`FreePhase::settle`].
    pub fn of_problem(
        problem: &'a Problem,
        field: &'a dyn Parametrised,
        settings: &'a SolverSettings,
    ) -> Result<Self> {
        problem.expect_autonomous()?;
        problem.expect_cost()?;
        let phase = Phase::of_problem(problem, field);
        Self::settle(
            field,
            phase,
            &problem.cost,
            &problem.initial_state,
            settings,
        )
    }

    /// c = ∂C/∂s at s⁰.
    pub fn cost_gradient(&self) -> Vec<f64> {
        let mut gradient = vec![0.0; self.fixed_point.state().len()];
        self.cost.gradient(self.fixed_point.state(), &mut gradient);
        gradient
    }

    /// (∂μ/∂θ)ᵀv at s⁰: the update that an error vector asks for.
    pub fn pullback(&self, error_vector: &[f64]) -> Parameters {
        let state = self.phase.inside(self.fixed_point.state());
        self.field.parameter_pullback(&state, error_vector)
    }

    /// Compares error vectors in the norm of the updates that follow from them, given their
    /// difference.
    pub fn compare(&self, vector: &[f64], truth: &[f64], difference: &[f64]) -> Comparison {
        let norm_of = |vector: &[f64]| self.metric.apply(&self.linearisation.gather(vector));
        compare(&norm_of(vector), &norm_of(truth), &norm_of(difference))
    }

    /// s^β, reached by the nudged trajectory that starts at s⁰.
    ///
    /// # Errors
    /// [`crate::Error::Nudged`]: what the nudged dynamics did instead of settling.
    pub fn nudged(&self, beta: f64, statistics: &mut Statistics) -> Result<Vec<f64>> {
        let settings = self.settings.for_nudge(beta);
        let phase = self.phase.nudged(self.cost, beta);
        let point = settle_nudged(&phase, self.fixed_point.state(), None, &settings)
            .into_fixed_point()
            .map_err(|error| error.in_nudged_phase((beta, 0.0)))?;
        *statistics += point.statistics();
        Ok(point.state().to_vec())
    }

    /// Estimates the error vector. Without `beta` the estimator's default is used. An estimator
    /// without a nudge ignores `beta`.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] for a β of 0 or out of range, and otherwise whatever the
    /// dynamics did instead of settling.
    pub fn estimate(&self, estimator: Estimator, beta: Option<f64>) -> Result<Estimate> {
        let options = EstimatorOptions {
            beta,
            ..EstimatorOptions::default()
        };
        estimator
            .with(&options)?
            .estimate(self, &NudgeOptions::new(self.settings))
    }

    /// Whether `end` lies on the branch of fixed points that begins with s⁰ and leads through
    /// the phases `phase_at` positions from 0 to 1.
    pub(super) fn connection(&self, phase_at: &PhaseAt<'_>, end: &[f64]) -> Connection {
        let field = self.phase.field();
        let corners = match (field.kinks().is_empty(), field.analytic()) {
            (true, None) => Corners::Unknown,
            (true, Some(_)) if self.phase.bounds().is_none() => Corners::None,
            _ => Corners::Known,
        };
        branch::connection(phase_at, corners, self.fixed_point.state(), end)
    }
}

/// The nudged phases of one estimate, with what they cost and whether they stayed on the branch of
/// the free fixed point.
pub(super) struct Nudges<'f> {
    free: &'f FreePhase<'f>,
    nudging: &'f NudgeOptions,
    phase: Phase<'f>,
    /// The free fixed point, if that of the phase has the same linearisation.
    near: Option<&'f FixedPoint>,
    pub statistics: Statistics,
    pub jumped: Vec<f64>,
    pub undecided: Vec<f64>,
    /// Evaluations by the checks that nudged states continue s⁰.
    checks: AtomicUsize,
}

impl<'f> Nudges<'f> {
    /// Nudges of the network itself.
    pub fn new(free: &'f FreePhase<'f>, nudging: &'f NudgeOptions) -> Self {
        Self {
            near: Some(&free.fixed_point),
            ..Self::of(free, nudging, free.phase)
        }
    }

    /// Nudges of another phase with the same fixed point.
    pub fn of(free: &'f FreePhase<'f>, nudging: &'f NudgeOptions, phase: Phase<'f>) -> Self {
        Self {
            free,
            nudging,
            phase,
            near: None,
            statistics: Statistics::default(),
            jumped: Vec::new(),
            undecided: Vec::new(),
            checks: AtomicUsize::new(0),
        }
    }

    /// s^β − s⁰.
    pub fn displacement(&mut self, beta: f64) -> Result<Vec<f64>> {
        let start = self.free.fixed_point.state();
        let mut kick = self.free.cost_gradient();
        kick.iter_mut().for_each(|value| *value *= -beta);
        let phase = self.phase(beta);
        let nudge = NudgedPhase {
            phase,
            start,
            near: self.near,
            kick,
            beta: (beta, 0.0),
        };
        let displacement = self.nudging.displacement(&nudge, &mut self.statistics)?;
        self.see(&phase, &displacement);
        Ok(displacement)
    }

    /// The phase nudged by β.
    pub fn phase(&self, beta: f64) -> Phase<'f> {
        self.phase.nudged(self.free.cost, beta).examined()
    }

    /// Takes note if the rest of a nudged phase does not continue s⁰, or may not.
    pub fn see(&mut self, phase: &Phase<'_>, displacement: &[f64]) {
        // where every β up to this one has one fixed point, no branch ends
        if self.nudging.settle_time.is_some() || phase.is_globally_stable() {
            return;
        }
        let beta = phase.beta();
        match self.connection(beta, displacement) {
            Connection::Continues => {}
            Connection::Jumps => self.jumped.push(beta),
            Connection::Unknown => self.undecided.push(beta),
        }
    }

    /// (s^β − s^{−β})/2β.
    pub fn centred(&mut self, beta: f64) -> Result<Vec<f64>> {
        let plus = self.displacement(beta)?;
        let minus = self.displacement(-beta)?;
        let pairs = plus.iter().zip(minus);
        Ok(pairs
            .map(|(plus, minus)| (plus - minus) * (0.5 / beta))
            .collect())
    }

    /// Whether s^β is continuously connected with s⁰ by the fixed points at the β in between.
    fn connection(&self, beta: f64, displacement: &[f64]) -> Connection {
        let start = self.free.fixed_point.state();
        let end: Vec<f64> = start.iter().zip(displacement).map(|(s, d)| s + d).collect();
        let phase_at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
            let phase = self.phase.nudged(self.free.cost, part * beta);
            visit(&phase.counted(&self.checks));
        };
        self.free.connection(&phase_at, &end)
    }

    /// The estimate whose update is the pullback of `error_vector`.
    pub fn finish(mut self, error_vector: Vec<f64>, beta: f64) -> Estimate {
        self.statistics.branch_rhs_evaluations += self.checks.into_inner();
        Estimate {
            statistics: self.statistics,
            beta: Some(beta),
            jumped: self.jumped,
            undecided: self.undecided,
            ..Estimate::of_error_vector(self.free, error_vector)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ẋ = x − x³, and of its like with |x| in it, nothing leads from −1 to 1. Only where no kink is
    /// hidden does that show that the end is on another branch.
    #[test]
    fn a_branch_through_unknown_kinks_is_not_said_to_end() {
        for (force, expected) in [
            ("x - x^3", Connection::Jumps),
            ("x - x*abs(x)", Connection::Unknown),
        ] {
            let text = format!(r#"{{"field": {{"equations": {{"x": "{force}"}}}}, "cost": "x"}}"#);
            let problem = Problem {
                initial_state: vec![-0.8],
                ..Problem::from_json(&text).unwrap()
            };
            let field = problem.field();
            let settings = SolverSettings::default();
            let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
            let phase_at = |part: f64, see: &mut dyn FnMut(&Phase<'_>)| {
                see(&free.phase.nudged(&problem.cost, 1e-9 * part));
            };
            let to = |end: f64| free.connection(&phase_at, &[end]);
            assert_eq!(to(-1.0), Connection::Continues, "{force}");
            assert_eq!(to(1.0), expected, "{force}");
        }
    }
}
