//! Many trajectories in step: one lane per sample, one step size for all of them.

use std::marker::PhantomData;

use diffsol::{
    ConstantOp, NalgebraMat, NalgebraScalar, NalgebraVec, NonLinearOp, OdeBuilder, OdeEquations,
    OdeEquationsRef, OdeSolverMethod, OdeSolverState, Op, ParameterisedOp, RkState, Tableau,
    TableauMat, TableauVec, UnitCallable, Vector, VectorCommon,
};

use super::C;
use crate::dynamics::settings::Statistics;
use crate::dynamics::stepper::Breakdown;
use crate::engine::Scalar;

/// A precision of trajectories, f32 or f64.
pub(in crate::dynamics) trait Lane: Scalar {
    /// Builds a 3(2) solver around `flow`, one lane per sample, and hands it to `run`.
    fn with_lanes<R>(
        flow: &dyn LaneFlow<Self>,
        launch: &LaneLaunch<'_, Self>,
        run: impl FnOnce(&mut dyn LaneStepper<Self>) -> R,
    ) -> Result<R, Breakdown>;
}

impl<T: Scalar + NalgebraScalar> Lane for T {
    fn with_lanes<R>(
        flow: &dyn LaneFlow<Self>,
        launch: &LaneLaunch<'_, Self>,
        run: impl FnOnce(&mut dyn LaneStepper<Self>) -> R,
    ) -> Result<R, Breakdown> {
        with_lanes(flow, launch, run)
    }
}

/// The velocities of many samples at once. States and velocities are n × lanes, one lane per
/// column.
pub(in crate::dynamics) trait LaneFlow<T> {
    fn velocity(&self, states: &[T], out: &mut [T]);
}

/// An integrator in the middle of many trajectories. The step size is one for all lanes, chosen by
/// the lane with the largest error. Nothing else passes between lanes, so a lane that is no number
/// leaves the others alone.
pub(in crate::dynamics) trait LaneStepper<T> {
    fn time(&self) -> f64;
    fn states(&self) -> &[T];
    /// The velocities at `states`.
    fn velocities(&self) -> &[T];
    fn step(&mut self) -> Result<(), Breakdown>;
    fn limit_step(&mut self, longest: f64);
    /// The step that will be tried next.
    fn step_size(&self) -> f64;
    fn statistics(&self) -> Statistics;
}

/// Where the lanes start, and the tolerances of a step.
pub(in crate::dynamics) struct LaneLaunch<'a, T> {
    pub time: f64,
    pub states: &'a [T],
    pub lanes: usize,
    pub first_step: f64,
    pub rtol: f64,
    pub atol: f64,
}

struct Lanes<'a, T> {
    flow: &'a dyn LaneFlow<T>,
    launch: &'a LaneLaunch<'a, T>,
    context: C,
}

struct LaneRhs<'b, 'a, T>(&'b Lanes<'a, T>);
struct LaneStart<'b, 'a, T>(&'b Lanes<'a, T>);

macro_rules! operator {
    ($name:ty, $operator:ident, $lanes:expr) => {
        impl<T: NalgebraScalar> Op for $name {
            type T = T;
            type V = NalgebraVec<T>;
            type M = NalgebraMat<T>;
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

operator!(Lanes<'_, T>, lanes, lanes);
operator!(LaneRhs<'_, '_, T>, rhs, rhs.0);
operator!(LaneStart<'_, '_, T>, start, start.0);

impl<T: NalgebraScalar> NonLinearOp for LaneRhs<'_, '_, T> {
    fn call_inplace(&self, x: &NalgebraVec<T>, _t: T, y: &mut NalgebraVec<T>) {
        self.0
            .flow
            .velocity(x.inner().as_slice(), y.inner_mut().as_mut_slice());
    }
}

impl<T: NalgebraScalar> ConstantOp for LaneStart<'_, '_, T> {
    fn call_inplace(&self, _t: T, y: &mut NalgebraVec<T>) {
        y.inner_mut()
            .as_mut_slice()
            .copy_from_slice(self.0.launch.states);
    }
}

type Nothing<'b, T> = ParameterisedOp<'b, UnitCallable<NalgebraMat<T>>>;

impl<'b, 'a, T: NalgebraScalar> OdeEquationsRef<'b> for Lanes<'a, T> {
    type Rhs = LaneRhs<'b, 'a, T>;
    type Init = LaneStart<'b, 'a, T>;
    type Mass = Nothing<'b, T>;
    type Root = Nothing<'b, T>;
    type Out = Nothing<'b, T>;
    type Reset = Nothing<'b, T>;
}

impl<'a, T: NalgebraScalar> OdeEquations for Lanes<'a, T> {
    fn rhs(&self) -> LaneRhs<'_, 'a, T> {
        LaneRhs(self)
    }
    fn init(&self) -> LaneStart<'_, 'a, T> {
        LaneStart(self)
    }
    fn mass(&self) -> Option<Nothing<'_, T>> {
        None
    }
    fn set_params(&mut self, _p: &NalgebraVec<T>) {}
    fn get_params(&self, _p: &mut NalgebraVec<T>) {}
}

struct Stepping<'p, 'a, T, S> {
    solver: S,
    problem: PhantomData<(&'p (), &'a (), T)>,
}

impl<'p, 'a: 'p, T, S> LaneStepper<T> for Stepping<'p, 'a, T, S>
where
    T: NalgebraScalar,
    S: OdeSolverMethod<'p, Lanes<'a, T>>,
{
    fn time(&self) -> f64 {
        wide(self.solver.state().t)
    }
    fn states(&self) -> &[T] {
        self.solver.state().y.inner().as_slice()
    }
    fn velocities(&self) -> &[T] {
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
        if self.step_size() > longest {
            *self.solver.state_mut().h = narrow(longest);
        }
    }
    fn step_size(&self) -> f64 {
        wide(self.solver.state().h)
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

fn wide<T: NalgebraScalar>(value: T) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

fn narrow<T: NalgebraScalar>(value: f64) -> T {
    T::from_f64(value).unwrap_or(<T as diffsol::Scalar>::NAN)
}

/// The 3(2) pair of P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2 (1989). On the way to rest
/// what counts is the decay an evaluation buys at the longest stable step, of which this method of
/// three has 1.4 to 1.9 times that of Tsit5's six.
fn bogacki_shampine<T: NalgebraScalar>() -> Tableau<T> {
    let weights: [f64; 4] = [2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0];
    let embedded = [7.0 / 24.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 8.0];
    let mut stages = TableauMat::zeros(4, 4);
    stages[(1, 0)] = narrow(0.5);
    stages[(2, 1)] = narrow(0.75);
    let mut difference = TableauVec::zeros(4);
    for i in 0..4 {
        stages[(3, i)] = narrow(weights[i]);
        difference[i] = narrow(weights[i] - embedded[i]);
    }
    let times = TableauVec::from_slice(&[0.0, 0.5, 0.75, 1.0].map(narrow));
    let order = 2; // of the error estimate, which the step is chosen by
    Tableau::new(
        stages,
        TableauVec::from_slice(&weights.map(narrow)),
        times,
        difference,
        order,
        None,
    )
}

fn with_lanes<'a, T: NalgebraScalar, R>(
    flow: &'a dyn LaneFlow<T>,
    launch: &'a LaneLaunch<'a, T>,
    run: impl FnOnce(&mut dyn LaneStepper<T>) -> R,
) -> Result<R, Breakdown> {
    let problem = OdeBuilder::<NalgebraMat<T>>::new()
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
    // its first step is as given, not estimated
    let state = RkState::<_>::new_without_initialise(&problem).map_err(|_| Breakdown)?;
    let solver = problem
        .explicit_rk_solver(state, bogacki_shampine())
        .map_err(|_| Breakdown)?;
    Ok(run(&mut Stepping {
        solver,
        problem: PhantomData,
    }))
}
