//! How a trajectory answers to the influence parameter, by diffsol's forward sensitivities.

use std::ops::ControlFlow;

use diffsol::{
    ConstantOpSens, NonLinearOpSens, OdeBuilder, OdeSolverMethod, OdeSolverState, Tableau, Vector,
    VectorCommon,
};

use super::{C, Equations, LS, M, Rhs, Start, V};
use crate::dynamics::arrival::Arrival;
use crate::dynamics::phase::{Phase, largest};
use crate::dynamics::settings::{Method, SolverSettings, Statistics};
use crate::dynamics::spectrum::longest_stable_step;
use crate::dynamics::stepper::Flow;
use crate::error::{Error, Result};
use crate::numeric::EscapeLimit;

impl NonLinearOpSens for Rhs<'_, '_> {
    fn sens_mul_inplace(&self, x: &V, _t: f64, v: &V, y: &mut V) {
        self.0
            .flow
            .velocity_by_beta(x.inner().as_slice(), y.inner_mut().as_mut_slice());
        let factor = v.inner()[0];
        y.inner_mut().iter_mut().for_each(|value| *value *= factor);
    }
}

impl ConstantOpSens for Start<'_, '_> {
    fn sens_mul_inplace(&self, _t: f64, _v: &V, y: &mut V) {
        y.fill(0.0);
    }
}

/// ∂s^β/∂β at rest: the trajectory of the nudged `phase` from `start` (its fixed point, so that
/// the trajectory stays there) together with its forward sensitivity to β,
/// `$\tau\,\dot y = \frac{\partial\mu^\beta}{\partial s}\,y - \frac{\partial C}{\partial s}$`,
/// `$y(0) = 0$`, until the sensitivity rests. Its error test runs at the tolerances of `settings`.
///
/// With a `time` it ends then, at rest or not. Returns y (n values) and the cost, in which each Jacobian product of the sensitivity counts as
/// one evaluation of the right-hand side. Neurons that the bounds hold at the start stay held.
///
/// # Errors
/// [`Error::InvalidInput`] for Euler's method, which has no sensitivities. [`Error::Diverged`] or
/// [`Error::TimedOut`] if the sensitivity does not rest.
pub fn beta_sensitivity(
    phase: &Phase<'_>,
    start: &[f64],
    time: Option<f64>,
    settings: &SolverSettings,
) -> Result<(Vec<f64>, Statistics)> {
    let pinned = phase.held(start);
    let flow = Flow::new(phase, &pinned);
    let mut watch = Watch {
        flow: &flow,
        settings,
        end_time: time,
        arrival: Arrival::new(settings.rtol),
        statistics: Statistics::default(),
        time: 0.0,
        residual: f64::INFINITY,
    };
    let rest = watch.launch(start)?;
    let statistics = Statistics {
        rhs_evaluations: flow.rhs_evaluations.get(),
        jacobian_evaluations: flow.jacobian_evaluations.get(),
        ..watch.statistics
    };
    Ok((rest, statistics))
}

/// Looks at the sensitivity after every step.
struct Watch<'a> {
    flow: &'a Flow<'a>,
    settings: &'a SolverSettings,
    end_time: Option<f64>,
    arrival: Arrival,
    statistics: Statistics,
    time: f64,
    residual: f64,
}

impl Watch<'_> {
    /// Builds the solver that the settings name, and follows the sensitivity to its rest.
    fn launch(&mut self, start: &[f64]) -> Result<Vec<f64>> {
        let (phase, settings) = (self.flow.phase, self.settings);
        let stable = longest_stable_step(phase, start, Method::Tsit45);
        let first_step = (settings.initial_step * phase.time_scales().0).min(stable);
        let equations = Equations {
            flow: self.flow,
            start,
            context: C::default(),
            parameters: 1,
        };
        // without tolerances of their own the sensitivities would not take part in the error test
        let builder = OdeBuilder::<M>::new()
            .h0(first_step)
            .rtol(settings.rtol)
            .atol([settings.atol])
            .sens_rtol(settings.rtol)
            .sens_atol([settings.atol])
            .p([phase.beta()]);
        let problem = super::build(builder, equations).map_err(|_| self.timed_out())?;
        let tableau = match settings.method {
            Method::Euler { .. } => {
                return Err(Error::invalid(
                    "method",
                    "Euler's method has no sensitivities. Choose another",
                ));
            }
            Method::Bdf => {
                let mut state = problem
                    .bdf_state_sens::<LS>()
                    .map_err(|_| self.timed_out())?;
                *state.as_mut().h = first_step;
                let solver = problem.bdf_solver_sens::<LS>(state);
                return self.follow(solver.map_err(|_| self.timed_out())?, start);
            }
            // diffsol has no explicit method of higher order
            Method::Tsit45 | Method::Vern8 => Tableau::tsit45(),
            Method::TrBdf2 => Tableau::tr_bdf2(),
            Method::Esdirk34 => Tableau::esdirk34(),
        };
        let mut state = problem
            .rk_state_sens(&tableau)
            .map_err(|_| self.timed_out())?;
        *state.as_mut().h = first_step;
        if settings.method.is_explicit_pair() {
            let solver = problem.tsit45_solver_sens(state);
            self.follow(solver.map_err(|_| self.timed_out())?, start)
        } else {
            let solver = problem.sdirk_solver_sens::<LS, M>(state, tableau);
            self.follow(solver.map_err(|_| self.timed_out())?, start)
        }
    }

    fn follow<'p, 'a: 'p>(
        &mut self,
        mut solver: impl OdeSolverMethod<'p, Equations<'a>>,
        start: &[f64],
    ) -> Result<Vec<f64>> {
        let phase = self.flow.phase;
        let stable = longest_stable_step(phase, start, Method::Tsit45);
        let longest_time = self.settings.max_time * phase.time_scales().1;
        let mut pull = vec![0.0; start.len()];
        self.flow.velocity_by_beta(start, &mut pull);
        let pull = largest(pull);
        let limit = EscapeLimit::of(1.0 + pull);
        if let Some(end) = self.end_time {
            solver.set_stop_time(end).map_err(|_| self.timed_out())?;
        }
        loop {
            let before = solver.state().t;
            solver.step().map_err(|_| self.timed_out())?;
            let counts = solver.get_statistics();
            self.statistics = Statistics {
                steps: counts.number_of_steps,
                rejected: counts.number_of_error_test_failures,
                lu_factorisations: counts.number_of_linear_solver_setups,
                ..Statistics::default()
            };
            let (time, step) = (solver.state().t, solver.state().h);
            let sensitivity = solver.state().s.inner().as_slice();
            let size = largest(sensitivity.iter().copied());
            self.time = time;
            self.residual = self.rate(solver.state().y.inner().as_slice(), sensitivity);
            // a step that the error test passed because it compared with NaN, or growth for ever
            if limit.is_exceeded_by(size) {
                return Err(Error::Diverged {
                    time,
                    largest: size,
                });
            }
            let scale = pull + size;
            let relative = if scale > 0.0 {
                self.residual / scale
            } else {
                0.0
            };
            if self.end_time.is_some_and(|end| time >= end) {
                return Ok(sensitivity.to_vec());
            }
            match self.arrival.observe(relative) {
                ControlFlow::Break(()) if self.end_time.is_none() => {
                    return Ok(sensitivity.to_vec());
                }
                ControlFlow::Continue(caution) if step > caution * stable => {
                    *solver.state_mut().h = caution * stable;
                    if let Some(end) = self.end_time {
                        // already set. A failure only means that the end is here
                        let _ = solver.set_stop_time(end);
                    }
                }
                _ => {}
            }
            if time <= before
                || time > longest_time
                || self.statistics.steps >= self.settings.max_steps
            {
                return Err(self.timed_out());
            }
        }
    }

    /// ‖dy/dt‖∞.
    fn rate(&self, state: &[f64], sensitivity: &[f64]) -> f64 {
        let mut rate = vec![0.0; state.len()];
        let mut own = rate.clone();
        self.flow.jacobian_vector(state, sensitivity, &mut rate);
        self.flow.velocity_by_beta(state, &mut own);
        largest(rate.iter().zip(own).map(|(rate, own)| rate + own))
    }

    fn timed_out(&self) -> Error {
        Error::TimedOut {
            time: self.time,
            residual: self.residual,
            steps: self.statistics.steps,
        }
    }
}
