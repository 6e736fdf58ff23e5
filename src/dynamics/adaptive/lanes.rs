//! Many trajectories in step: one lane a sample, one step size for all of them.

use std::marker::PhantomData;

use diffsol::{
    ConstantOp, NonLinearOp, OdeBuilder, OdeEquations, OdeEquationsRef, OdeSolverMethod,
    OdeSolverState, Op, ParameterisedOp, Tableau, TableauMat, TableauVec, UnitCallable, Vector,
    VectorCommon,
};

use super::{C, M, V};
use crate::dynamics::settings::Statistics;
use crate::dynamics::stepper::Breakdown;

/// The velocities of many samples at once; states and velocities are n × lanes, one lane a column.
pub(in crate::dynamics) trait LaneFlow {
    fn velocity(&self, states: &[f64], out: &mut [f64]);
}

/// An integrator in the middle of many trajectories. The step size is one for all lanes, chosen by
/// the lane with the largest error; nothing else passes between lanes, so a lane that is no number
/// leaves the others alone.
pub(in crate::dynamics) trait LaneStepper {
    fn time(&self) -> f64;
    fn states(&self) -> &[f64];
    /// The velocities at `states`.
    fn velocities(&self) -> &[f64];
    fn step(&mut self) -> Result<(), Breakdown>;
    fn limit_step(&mut self, longest: f64);
    /// The step that will be tried next.
    fn step_size(&self) -> f64;
    fn statistics(&self) -> Statistics;
}

/// Where the lanes start, and the tolerances of a step.
pub(in crate::dynamics) struct LaneLaunch<'a> {
    pub time: f64,
    pub states: &'a [f64],
    pub lanes: usize,
    pub first_step: f64,
    pub rtol: f64,
    pub atol: f64,
}

struct Lanes<'a> {
    flow: &'a dyn LaneFlow,
    launch: &'a LaneLaunch<'a>,
    context: C,
}

struct LaneRhs<'b, 'a>(&'b Lanes<'a>);
struct LaneStart<'b, 'a>(&'b Lanes<'a>);

macro_rules! operator {
    ($name:ty, $operator:ident, $lanes:expr) => {
        impl Op for $name {
            type T = f64;
            type V = V;
            type M = M;
            type C = C;

            fn context(&self) -> &C {
                let $operator = self;
                &$lanes.context
            }
            fn nstates(&self) -> usize {
                let $operator = self;
                $lanes.launch.states.len() / $lanes.launch.lanes
            }
            fn nout(&self) -> usize {
                self.nstates()
            }
            fn nparams(&self) -> usize {
                0
            }
        }
    };
}

operator!(Lanes<'_>, lanes, lanes);
operator!(LaneRhs<'_, '_>, rhs, rhs.0);
operator!(LaneStart<'_, '_>, start, start.0);

impl NonLinearOp for LaneRhs<'_, '_> {
    fn call_inplace(&self, x: &V, _t: f64, y: &mut V) {
        self.0
            .flow
            .velocity(x.inner().as_slice(), y.inner_mut().as_mut_slice());
    }
}

impl ConstantOp for LaneStart<'_, '_> {
    fn call_inplace(&self, _t: f64, y: &mut V) {
        y.inner_mut()
            .as_mut_slice()
            .copy_from_slice(self.0.launch.states);
    }
}

impl<'b, 'a> OdeEquationsRef<'b> for Lanes<'a> {
    type Rhs = LaneRhs<'b, 'a>;
    type Init = LaneStart<'b, 'a>;
    type Mass = ParameterisedOp<'b, UnitCallable<M>>;
    type Root = ParameterisedOp<'b, UnitCallable<M>>;
    type Out = ParameterisedOp<'b, UnitCallable<M>>;
    type Reset = ParameterisedOp<'b, UnitCallable<M>>;
}

impl<'a> OdeEquations for Lanes<'a> {
    fn rhs(&self) -> LaneRhs<'_, 'a> {
        LaneRhs(self)
    }
    fn init(&self) -> LaneStart<'_, 'a> {
        LaneStart(self)
    }
    fn mass(&self) -> Option<<Self as OdeEquationsRef<'_>>::Mass> {
        None
    }
    fn set_params(&mut self, _p: &V) {}
    fn get_params(&self, _p: &mut V) {}
}

struct Stepping<'p, 'a, S> {
    solver: S,
    problem: PhantomData<(&'p (), &'a ())>,
}

impl<'p, 'a: 'p, S: OdeSolverMethod<'p, Lanes<'a>>> LaneStepper for Stepping<'p, 'a, S> {
    fn time(&self) -> f64 {
        self.solver.state().t
    }
    fn states(&self) -> &[f64] {
        self.solver.state().y.inner().as_slice()
    }
    fn velocities(&self) -> &[f64] {
        self.solver.state().dy.inner().as_slice()
    }
    fn step(&mut self) -> Result<(), Breakdown> {
        let before = self.time();
        self.solver.step().map_err(|_| Breakdown)?;
        if self.time() > before {
            Ok(())
        } else {
            Err(Breakdown)
        }
    }
    fn limit_step(&mut self, longest: f64) {
        if self.solver.state().h > longest {
            *self.solver.state_mut().h = longest;
        }
    }
    fn step_size(&self) -> f64 {
        self.solver.state().h
    }
    fn statistics(&self) -> Statistics {
        let counts = self.solver.get_statistics();
        Statistics {
            steps: counts.number_of_steps,
            rejected: counts.number_of_error_test_failures,
            // the first velocity, and three new stages an attempt
            rhs_evaluations: 1 + 3
                * (counts.number_of_steps + counts.number_of_error_test_failures),
            ..Statistics::default()
        }
    }
}

/// The 3(2) pair of P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2 (1989). On the way to rest what
/// counts is the decay an evaluation buys at the longest stable step, of which this method of three has
/// 1.4 to 1.9 times that of Tsit5's six.
fn bogacki_shampine() -> Tableau<f64> {
    let weights = [2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0];
    let embedded = [7.0 / 24.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 8.0];
    let mut stages = TableauMat::zeros(4, 4);
    stages[(1, 0)] = 0.5;
    stages[(2, 1)] = 0.75;
    let mut difference = TableauVec::zeros(4);
    for i in 0..4 {
        stages[(3, i)] = weights[i];
        difference[i] = weights[i] - embedded[i];
    }
    let times = TableauVec::from_slice(&[0.0, 0.5, 0.75, 1.0]);
    let order = 2; // of the error estimate, which the step is chosen by
    Tableau::new(
        stages,
        TableauVec::from_slice(&weights),
        times,
        difference,
        order,
        None,
    )
}

/// Builds a 3(2) solver around `flow`, one lane a sample, and hands it to `run`.
pub(in crate::dynamics) fn with_lanes<'a, R>(
    flow: &'a dyn LaneFlow,
    launch: &'a LaneLaunch<'a>,
    run: impl FnOnce(&mut dyn LaneStepper) -> R,
) -> Result<R, Breakdown> {
    let problem = OdeBuilder::<M>::new()
        .context(C::with_nbatch(launch.lanes))
        .t0(launch.time)
        .h0(launch.first_step)
        .rtol(launch.rtol)
        .atol([launch.atol])
        .build_from_eqn(Lanes {
            flow,
            launch,
            context: C::with_nbatch(launch.lanes),
        })
        .map_err(|_| Breakdown)?;
    let tableau = bogacki_shampine();
    let mut state = problem.rk_state(&tableau).map_err(|_| Breakdown)?;
    *state.as_mut().h = launch.first_step;
    let solver = problem
        .explicit_rk_solver(state, tableau)
        .map_err(|_| Breakdown)?;
    Ok(run(&mut Stepping {
        solver,
        problem: PhantomData,
    }))
}
