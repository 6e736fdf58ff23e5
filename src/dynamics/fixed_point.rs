//! Fixed points: made only by the code here, which checks the residual.

use std::sync::Arc;

use nalgebra::{Complex, DMatrix};

use super::jacobian::{Jacobian, Solver, WHOLE};
use super::linear::LinearDynamics;
use super::newton::ActiveSet;
use super::phase::{Phase, largest};
use super::residual::term_sizes;
use super::settings::Statistics;

/// A verified fixed point of a phase: `μ^β(s) = 0` to round-off for every neuron that the bounds do
/// not hold, with the linearisation there. States have n values.
#[derive(Debug, Clone)]
pub struct FixedPoint {
    state: Vec<f64>,
    residual: f64,
    active: Vec<usize>,
    linear: LinearDynamics,
    on_kink: Vec<usize>,
    on_edge: Vec<usize>,
    settling_time: f64,
    statistics: Statistics,
}

impl FixedPoint {
    /// s⁰ (or s^β), n values.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// ‖Π(μ^β)‖∞ as evaluated, in the units of the states.
    pub fn residual(&self) -> f64 {
        self.residual
    }

    /// Neurons that no bound holds: those strictly inside, and those of
    /// [`FixedPoint::on_edge`].
    pub fn active(&self) -> &[usize] {
        &self.active
    }

    /// `∂μ^β/∂s` over the active neurons, time constants not included.
    pub fn jacobian(&self) -> &DMatrix<f64> {
        self.linear.jacobian().full()
    }

    /// The same in the form that it has, for keeping.
    pub(crate) fn shared_jacobian(&self) -> Arc<Jacobian> {
        Arc::clone(self.linear.jacobian())
    }

    /// What solves systems with it.
    pub(crate) fn shared_solver(&self) -> Arc<Solver> {
        Arc::clone(self.linear.solver())
    }

    pub(super) fn linear(&self) -> &LinearDynamics {
        &self.linear
    }

    /// All eigenvalues of the linearised dynamics (time constants included) over the active neurons, by
    /// decreasing real part. Above 300 neurons they are computed when they are first asked for.
    pub fn eigenvalues(&self) -> &[Complex<f64>] {
        self.linear.eigenvalues()
    }

    /// The `count` rightmost of them. Above 300 neurons these alone are computed where they can be told
    /// from the rest.
    pub fn rightmost_eigenvalues(&self, count: usize) -> Vec<Complex<f64>> {
        self.linear.rightmost(count)
    }

    /// Whether every eigenvalue has a negative real part.
    pub fn stable(&self) -> bool {
        self.linear.abscissa() < 0.0
    }

    /// The same, but `None` where the largest real part is within the rounding error of the
    /// eigenvalues, which is that of the linearised dynamics as a matrix.
    pub fn stability(&self) -> Option<bool> {
        let abscissa = self.linear.abscissa();
        let size = self.linear.radius().max(self.linear.jacobian().norm());
        let margin = 4.0 * f64::EPSILON * (self.active.len() as f64).max(1.0) * size;
        (self.linear.decides() && abscissa.abs() > margin).then_some(abscissa < 0.0)
    }

    /// Neurons that sit on a kink of the activation, where the theorem is silent.
    pub fn on_kink(&self) -> &[usize] {
        &self.on_kink
    }

    /// Active neurons that rest exactly on a bound with no force on them: only nudges inward move
    /// them, so that the two one-sided derivatives differ.
    pub fn on_edge(&self) -> &[usize] {
        &self.on_edge
    }

    /// The time after which the trajectory was handed to Newton's method, in units of the time
    /// constant, or 0 if it started there.
    pub fn settling_time(&self) -> f64 {
        self.settling_time
    }

    /// What reaching it cost.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    pub(super) fn reached(mut self, time: f64, statistics: Statistics) -> Self {
        self.settling_time = time;
        self.statistics = statistics;
        self
    }

    /// Polishes `start` by Newton's method on the neurons that are not pinned there. Returns `None`
    /// if the iteration does not converge, if it moves a neuron across a bound, or if a bound would
    /// have to let a neuron go: then `start` is not near a fixed point of this kind.
    pub fn refine(phase: &Phase<'_>, start: &[f64]) -> Option<Self> {
        Self::refine_near(phase, start, None, &mut Statistics::default())
    }

    /// The same, its cost added to `statistics`: by the factorised Jacobian of another phase at its fixed point nearby, if
    /// one is given, for as long as that serves.
    pub(crate) fn refine_near(
        phase: &Phase<'_>,
        start: &[f64],
        near: Option<&Self>,
        statistics: &mut Statistics,
    ) -> Option<Self> {
        const ITERATIONS: usize = 30;
        /// Steps that shrink by less ask for a new factorisation.
        const SLOW: f64 = 0.2;
        /// Behind a relative step of this size, if steps shrink fast, a new factorisation would change the next
        /// one by less than rounding does.
        const CLOSE: f64 = 1e-8;
        /// Steps as small as this are rounding.
        const FLOOR: f64 = 1e-12;
        let n = start.len();
        let active = ActiveSet::at(phase, start);
        let mut state = start.to_vec();
        let mut force = vec![0.0; n];
        let mut best: Option<(f64, Vec<f64>)> = None;
        let mut previous_step = f64::INFINITY;
        // of a large network the last factorisation serves for as long as it brings the point nearer, as one made nearby
        // does of every network, and where what it would miss is below rounding
        let near = near.filter(|near| near.active == active.indices());
        let mut kept = near.map(Self::shared_solver);
        let mut serves_long = n > WHOLE || kept.is_some();
        for _ in 0..ITERATIONS {
            phase.force(&state, &mut force);
            statistics.newton_rhs_evaluations += 1;
            let residual = active.largest_relative(&force, &state);
            if !residual.is_finite() {
                return None;
            }
            let improved = best.as_ref().is_none_or(|(lowest, _)| residual < *lowest);
            if improved {
                best = Some((residual, state.clone()));
            }
            let at_floor = previous_step <= FLOOR;
            if residual <= 0.25 * f64::EPSILON || (at_floor && !improved) {
                break;
            }
            let solver = match kept.take() {
                Some(solver) => solver,
                None => {
                    statistics.jacobian_evaluations += 1;
                    statistics.lu_factorisations += 1;
                    serves_long = n > WHOLE;
                    Arc::new(Jacobian::at(phase, &state, active.indices()).solver())
                }
            };
            let step = active.step_by(&solver, &force)?;
            statistics.newton_steps += 1;
            let size = active.largest_relative(&step, &state);
            let serves = size <= SLOW * previous_step && (serves_long || size <= CLOSE);
            if serves || size <= FLOOR {
                kept = Some(solver);
            }
            if !size.is_finite() || (size > 2.0 * previous_step && size > 1e-6) {
                return None;
            }
            state.iter_mut().zip(step).for_each(|(s, step)| *s += step);
            previous_step = size;
        }
        let (_, mut state) = best?;
        if let Some((low, high)) = phase.bounds() {
            // what rounding has carried over a bound rests on it
            let slack = 8.0 * f64::EPSILON * (1.0 + low.abs().max(high.abs()));
            for s in &mut state {
                let inside = s.clamp(low, high);
                if (*s - inside).abs() <= slack {
                    *s = inside;
                }
            }
        }
        let point = Self::at(phase, state, active)?;
        (point.is_root(phase, 1e-13) && point.stays_inside(phase)).then_some(point)
    }

    /// The state as it is, if its residual is already at round-off.
    pub fn verify(phase: &Phase<'_>, state: &[f64]) -> Option<Self> {
        Self::verify_to(phase, state, 1e-11)
    }

    /// The same for forces within `tolerance` of their terms.
    pub(super) fn verify_to(phase: &Phase<'_>, state: &[f64], tolerance: f64) -> Option<Self> {
        let active = ActiveSet::at(phase, state);
        let point = Self::at(phase, state.to_vec(), active)?;
        point.is_root(phase, tolerance).then_some(point)
    }

    /// Whether every active neuron's force is within `tolerance` of its terms, and a further Newton step
    /// would lower it or is beneath notice. Where the force is smallest but not 0 (beside a fold that
    /// was missed) that step leads away: there the force has to be rounding alone.
    fn is_root(&self, phase: &Phase<'_>, tolerance: f64) -> bool {
        const ROUNDING: f64 = 8.0 * f64::EPSILON;
        let mut sizes = term_sizes(phase, &self.state);
        let own: Vec<f64> = self.active.iter().map(|&i| self.state[i]).collect();
        let mut terms = vec![1.0; own.len()];
        self.linear.jacobian().add_term_sizes(&own, &mut terms);
        for (terms, &i) in terms.iter().zip(&self.active) {
            sizes[i] += terms;
        }
        let mut force = vec![0.0; self.state.len()];
        phase.force(&self.state, &mut force);
        let relative = |force: &[f64]| largest(self.active.iter().map(|&i| force[i] / sizes[i]));
        let residual = relative(&force);
        let width = (self.active.len() as f64).sqrt().max(1.0);
        if residual.is_nan() || residual > tolerance * width {
            return false;
        }
        if residual <= ROUNDING {
            return true;
        }
        let right: Vec<f64> = self.active.iter().map(|&i| -force[i]).collect();
        let step = self.linear.solver().solve(&right);
        if step.iter().any(|step| !step.is_finite()) {
            return false;
        }
        let mut moved = self.state.clone();
        for (&i, step) in self.active.iter().zip(step) {
            moved[i] += step;
        }
        phase.force(&moved, &mut force);
        relative(&force) <= (0.5 * residual).max(ROUNDING)
    }

    fn at(phase: &Phase<'_>, state: Vec<f64>, active: ActiveSet) -> Option<Self> {
        if !phase.sliding(&state).is_empty() {
            return None;
        }
        let on_edge = phase.on_edge(&state);
        let is_active = |i: &usize| {
            active.indices().binary_search(i).is_ok() || on_edge.binary_search(i).is_ok()
        };
        let active: Vec<usize> = (0..state.len()).filter(is_active).collect();
        let jacobian = Jacobian::at(phase, &state, &active);
        let linear = if phase.is_globally_stable() && active.len() <= WHOLE {
            LinearDynamics::stable(jacobian, phase.rates(&active))?
        } else {
            LinearDynamics::new(jacobian, phase.rates(&active))?
        };
        let on_kink = phase.field().on_kink(&state);
        Some(Self {
            residual: phase.residual(&state),
            linear,
            on_edge,
            on_kink: on_kink
                .into_iter()
                .filter(|i| active.binary_search(i).is_ok())
                .collect(),
            settling_time: 0.0,
            statistics: Statistics::default(),
            active,
            state,
        })
    }

    /// No active neuron was moved across a bound, and the force still holds every pinned one.
    fn stays_inside(&self, phase: &Phase<'_>) -> bool {
        let Some((low, high)) = phase.bounds() else {
            return true;
        };
        let held = phase
            .pinned(&self.state)
            .iter()
            .filter(|&&held| held)
            .count();
        self.active
            .iter()
            .all(|&i| (low..=high).contains(&self.state[i]))
            && held >= self.state.len() - self.active.len()
    }
}
