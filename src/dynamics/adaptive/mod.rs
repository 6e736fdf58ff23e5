//! Adaptive integration: the one door to diffsol.

mod lanes;
mod sensitivity;

use std::marker::PhantomData;

use diffsol::{
    ConstantOp, Matrix, NalgebraContext, NalgebraLU, NalgebraMat, NalgebraVec, NonLinearOp,
    NonLinearOpJacobian, OdeBuilder, OdeEquations, OdeEquationsRef, OdeSolverMethod,
    OdeSolverProblem, OdeSolverState, Op, ParameterisedOp, Tableau, UnitCallable, Vector,
    VectorCommon,
};

use super::explicit::{Explicit, Tsitouras, Verner};
use super::settings::{Method, SolverSettings, Statistics};
use super::stepper::{Breakdown, Euler, Flow, Launch, Stepper};
pub(super) use lanes::{Lane, LaneFlow, LaneLaunch, LaneStepper};

pub use sensitivity::beta_sensitivity;

type M = NalgebraMat<f64>;
type V = NalgebraVec<f64>;
type C = NalgebraContext;
type LS = NalgebraLU<f64>;

/// A flow with its start, as diffsol's traits want it.
struct Equations<'a> {
    flow: &'a Flow<'a>,
    start: &'a [f64],
    context: C,
    /// 1 if β is a parameter to differentiate by, else 0.
    parameters: usize,
}

struct Rhs<'b, 'a>(&'b Equations<'a>);
struct Start<'b, 'a>(&'b Equations<'a>);

macro_rules! operator {
    ($name:ty, $equations:ident, $path:expr) => {
        impl Op for $name {
            type T = f64;
            type V = V;
            type M = M;
            type C = C;

            fn context(&self) -> &C {
                let $equations = self;
                &$path.context
            }
            fn nstates(&self) -> usize {
                let $equations = self;
                $path.start.len()
            }
            fn nout(&self) -> usize {
                self.nstates()
            }
            fn nparams(&self) -> usize {
                let $equations = self;
                $path.parameters
            }
        }
    };
}

operator!(Equations<'_>, equations, equations);
operator!(Rhs<'_, '_>, rhs, rhs.0);
operator!(Start<'_, '_>, start, start.0);

impl NonLinearOp for Rhs<'_, '_> {
    fn call_inplace(&self, x: &V, _t: f64, y: &mut V) {
        self.0
            .flow
            .velocity(x.inner().as_slice(), y.inner_mut().as_mut_slice());
    }
}

impl NonLinearOpJacobian for Rhs<'_, '_> {
    fn jac_mul_inplace(&self, x: &V, _t: f64, v: &V, y: &mut V) {
        if self.0.parameters > 0 {
            // the right-hand side of a sensitivity
            self.0.flow.count_evaluation();
        }
        self.0.flow.jacobian_vector(
            x.inner().as_slice(),
            v.inner().as_slice(),
            y.inner_mut().as_mut_slice(),
        );
    }

    fn jacobian_inplace(&self, x: &V, _t: f64, y: &mut M) {
        y.inner_mut()
            .copy_from(&self.0.flow.jacobian(x.inner().as_slice()));
    }
}

impl ConstantOp for Start<'_, '_> {
    fn call_inplace(&self, _t: f64, y: &mut V) {
        y.inner_mut().as_mut_slice().copy_from_slice(self.0.start);
    }
}

impl<'b, 'a> OdeEquationsRef<'b> for Equations<'a> {
    type Rhs = Rhs<'b, 'a>;
    type Init = Start<'b, 'a>;
    type Mass = ParameterisedOp<'b, UnitCallable<M>>;
    type Root = ParameterisedOp<'b, UnitCallable<M>>;
    type Out = ParameterisedOp<'b, UnitCallable<M>>;
    type Reset = ParameterisedOp<'b, UnitCallable<M>>;
}

impl<'a> OdeEquations for Equations<'a> {
    fn rhs(&self) -> Rhs<'_, 'a> {
        Rhs(self)
    }
    fn init(&self) -> Start<'_, 'a> {
        Start(self)
    }
    fn mass(&self) -> Option<<Self as OdeEquationsRef<'_>>::Mass> {
        None
    }
    fn set_params(&mut self, _p: &V) {}
    fn get_params(&self, _p: &mut V) {}
}

struct Adaptive<'p, 'a, S> {
    solver: S,
    flow: &'a Flow<'a>,
    end_time: f64,
    problem: PhantomData<&'p ()>,
}

impl<'p, 'a: 'p, S: OdeSolverMethod<'p, Equations<'a>>> Stepper for Adaptive<'p, 'a, S> {
    fn time(&self) -> f64 {
        self.solver.state().t
    }

    fn state(&self) -> &[f64] {
        self.solver.state().y.inner().as_slice()
    }

    fn step(&mut self) -> Result<(), Breakdown> {
        let before = self.time();
        self.solver.step().map_err(|_| Breakdown)?;
        // a step that the error test passed because it compared with NaN
        if self.state().iter().all(|s| s.is_finite()) && self.time() > before {
            Ok(())
        } else {
            Err(Breakdown)
        }
    }

    fn interpolate(&self, time: f64, out: &mut [f64]) {
        let mut y = V::zeros(out.len(), C::default());
        // within the last step, as every caller asks, it cannot fail, else the end of the step
        if self.solver.interpolate_inplace(time, &mut y).is_ok() {
            out.copy_from_slice(y.inner().as_slice());
        } else {
            out.copy_from_slice(self.state());
        }
    }

    fn step_size(&self) -> f64 {
        self.solver.state().h
    }

    fn limit_step(&mut self, longest: f64) {
        // mutating the state makes multi-step methods start anew: only when it is needed
        if self.solver.state().h > longest {
            *self.solver.state_mut().h = longest;
            if self.end_time.is_finite() && self.time() < self.end_time {
                // already set. A failure only means that the end is here
                let _ = self.solver.set_stop_time(self.end_time);
            }
        }
    }

    fn statistics(&self) -> Statistics {
        let counts = self.solver.get_statistics();
        Statistics {
            steps: counts.number_of_steps,
            rejected: counts.number_of_error_test_failures,
            rhs_evaluations: self.flow.rhs_evaluations.get(),
            jacobian_evaluations: self.flow.jacobian_evaluations.get(),
            lu_factorisations: counts.number_of_linear_solver_setups,
            ..Statistics::default()
        }
    }
}

/// The problem, without a limit on how often Newton's iteration fails: diffsol counts all failures of a
/// trajectory and gives up after 50, however long it is. Where the iteration fails again and again, the step
/// becomes too small.
fn build(
    builder: OdeBuilder<M>,
    equations: Equations<'_>,
) -> Result<OdeSolverProblem<Equations<'_>>, Breakdown> {
    let problem = builder.build_from_eqn(equations);
    let mut problem = problem.map_err(|_| Breakdown)?;
    problem.ode_options.max_nonlinear_solver_failures = usize::MAX;
    Ok(problem)
}

/// Hands the stepper that `settings` name to `run`: one of our own for an explicit method, else diffsol's.
pub(super) fn with_stepper<'a, R>(
    flow: &'a Flow<'a>,
    launch: &Launch<'a>,
    settings: &SolverSettings,
    run: impl FnOnce(&mut dyn Stepper) -> R,
) -> Result<R, Breakdown> {
    let problem = || {
        let equations = Equations {
            flow,
            start: launch.state,
            context: C::default(),
            parameters: 0,
        };
        let builder = OdeBuilder::<M>::new()
            .t0(launch.time)
            .h0(launch.first_step)
            .rtol(settings.rtol)
            .atol([settings.atol]);
        build(builder, equations)
    };
    match settings.method {
        Method::Euler { dt } => Ok(run(&mut Euler::new(flow, dt, launch))),
        Method::Tsit45 => Ok(run(&mut Explicit::<Tsitouras>::new(flow, launch, settings))),
        Method::Vern8 => Ok(run(&mut Explicit::<Verner>::new(flow, launch, settings))),
        Method::Bdf => {
            let problem = problem()?;
            let mut state = problem.bdf_state::<LS>().map_err(|_| Breakdown)?;
            *state.as_mut().h = launch.first_step;
            launch_solver(problem.bdf_solver::<LS>(state), flow, launch, run)
        }
        Method::TrBdf2 => {
            let problem = problem()?;
            let state = runge_kutta_state(&problem, &Tableau::tr_bdf2(), launch)?;
            launch_solver(problem.tr_bdf2_solver::<LS>(state), flow, launch, run)
        }
        Method::Esdirk34 => {
            let problem = problem()?;
            let state = runge_kutta_state(&problem, &Tableau::esdirk34(), launch)?;
            launch_solver(problem.esdirk34_solver::<LS>(state), flow, launch, run)
        }
    }
}

fn runge_kutta_state(
    problem: &OdeSolverProblem<Equations<'_>>,
    tableau: &Tableau<f64>,
    launch: &Launch<'_>,
) -> Result<diffsol::RkState<V>, Breakdown> {
    let mut state = problem.rk_state(tableau).map_err(|_| Breakdown)?;
    *state.as_mut().h = launch.first_step;
    Ok(state)
}

fn launch_solver<'p, 'a: 'p, S, R>(
    solver: Result<S, diffsol::error::DiffsolError>,
    flow: &'a Flow<'a>,
    launch: &Launch<'_>,
    run: impl FnOnce(&mut dyn Stepper) -> R,
) -> Result<R, Breakdown>
where
    S: OdeSolverMethod<'p, Equations<'a>>,
{
    let mut solver = solver.map_err(|_| Breakdown)?;
    if launch.end_time.is_finite() {
        solver
            .set_stop_time(launch.end_time)
            .map_err(|_| Breakdown)?;
    }
    Ok(run(&mut Adaptive {
        solver,
        flow,
        end_time: launch.end_time,
        problem: PhantomData,
    }))
}

#[cfg(test)]
mod tests {
    use crate::dynamics::{Control, Ending, Method, Phase, Run, SolverSettings, integrate};
    use crate::model::Problem;

    /// From 0 to t = 10 by every method of diffsol, and how many steps were seen.
    fn runs(force: &str) -> Vec<(Run, usize)> {
        let text = format!(r#"{{"field": {{"equations": {{"x": "{force}"}}}}}}"#);
        let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let run = |method| {
            let settings = SolverSettings {
                method,
                ..SolverSettings::default()
            };
            let mut moments = 0;
            let run = integrate(&phase, &[0.0], (0.0, 10.0), &settings, &mut |_| {
                moments += 1;
                Control::Continue
            });
            (run, moments - 1)
        };
        [Method::Bdf, Method::TrBdf2, Method::Esdirk34]
            .map(run)
            .into()
    }

    #[test]
    fn a_trajectory_ends_in_numbers_where_its_field_ends() {
        for (run, _) in runs("0.1 + sqrt(1 - x)") {
            assert_eq!(run.ending, Ending::Breakdown);
            assert!(run.state[0] <= 1.0 && run.time < 2.0, "{run:?}");
        }
    }

    #[test]
    fn every_step_is_counted() {
        for (run, seen) in runs("1 - x") {
            assert_eq!(run.ending, Ending::EndTime);
            assert!(seen > 3 && run.statistics.steps == seen, "{run:?} {seen}");
        }
    }
}
