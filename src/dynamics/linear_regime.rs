//! Whether a trajectory near a stable point is in its linear regime, now and all the way to rest.

use nalgebra::DMatrix;

use super::fixed_point::FixedPoint;
use super::jacobian::WHOLE;
use super::linear::LinearDynamics;
use super::phase::{Phase, largest};
use super::residual::rounding_floor;
use crate::numeric::linear_algebra as la;
use crate::numeric::with_room;

/// The nonlinear part of the velocity, `$\lVert \dot s - A (s - s^*) \rVert$` with A the linearised
/// dynamics, over the slowest damping `$|\sigma|\,\lVert s - s^*\rVert$` (σ the spectral abscissa):
/// while it is small, nothing can keep a stable linear part from winning.
///
/// The largest value along the way from `state` to rest that the linear part predicts, because a
/// stable point does not hold a trajectory that swings out before it comes back. Infinite if that
/// way meets a bound, or lets a pinned neuron go. The way is looked at only if the value at
/// `state` itself is at most `limit`.
pub(super) fn nonlinear_remainder(
    phase: &Phase<'_>,
    point: &FixedPoint,
    state: &[f64],
    limit: f64,
) -> f64 {
    let way = Way::new(phase, point);
    let mut deviation: Vec<f64> = way
        .active
        .iter()
        .map(|&i| state[i] - point.state()[i])
        .collect();
    let mut velocity = vec![0.0; deviation.len()];
    let mut worst = way.remainder(&deviation, &mut velocity);
    let end = END / way.damping();
    if way.is_cheaper_explicitly(end) {
        let step = STEP / way.fastest();
        let mut time = 0.0;
        while worst <= limit && time < end {
            way.runge_kutta(step, &mut deviation, &velocity);
            worst = worse(worst, way.remainder(&deviation, &mut velocity));
            time += step;
        }
        return worst;
    }
    if worst > limit {
        return worst;
    }
    if way.linear.is_too_large() {
        return f64::INFINITY;
    }
    // steps that double, from the fastest mode's pace to the slowest's: of a small matrix by what one does,
    // which is squared, of a large one by the trapezoidal rule
    let (mut time, mut step) = (0.0, 0.25 / way.fastest());
    let mut propagator = (deviation.len() <= WHOLE).then(|| way.propagator(step));
    let mut moved = deviation.clone();
    let mut stages = 0;
    while worst <= limit && time < end {
        stages += 1;
        if stages > STAGES {
            return f64::INFINITY;
        }
        let implicit = (propagator.is_none()).then(|| way.linear.implicit(0.5 * step));
        for _ in 0..STEPS_A_STAGE {
            if let Some(propagator) = &propagator {
                la::multiply_vector(propagator, &deviation, &mut moved, false);
                std::mem::swap(&mut deviation, &mut moved);
            } else if let Some(implicit) = &implicit {
                for (y, velocity) in deviation.iter_mut().zip(&velocity) {
                    *y += 0.5 * step * velocity;
                }
                deviation = implicit.solve(&deviation);
            }
            worst = worse(worst, way.remainder(&deviation, &mut velocity));
        }
        time += STEPS_A_STAGE as f64 * step;
        step *= 2.0;
        propagator = propagator.map(|propagator| la::multiply(&propagator, &propagator));
    }
    worst
}

/// The larger of two remainders, or NaN if the new one is.
fn worse(worst: f64, here: f64) -> f64 {
    if here > worst || here.is_nan() {
        here
    } else {
        worst
    }
}

/// Of an explicit step along the way, in units of the fastest mode's pace: that mode then loses at most 6 % a step
/// by the method, and where the way leads is wanted to no more.
const STEP: f64 = 1.5;
/// How far the way is looked at, in units of the slowest damping.
const END: f64 = 6.0;
/// Doublings of the step after which the paces of the modes are too far apart for a double.
const STAGES: usize = 100;
/// Steps of one length before it is doubled.
const STEPS_A_STAGE: usize = 4;

/// The linearised dynamics around a fixed point.
struct Way<'a> {
    phase: &'a Phase<'a>,
    point: &'a FixedPoint,
    active: &'a [usize],
    /// Over the active neurons.
    linear: &'a LinearDynamics,
    /// The size of rounding in each force.
    floor: Vec<f64>,
}

impl<'a> Way<'a> {
    fn new(phase: &'a Phase<'a>, point: &'a FixedPoint) -> Self {
        Self {
            phase,
            point,
            active: point.active(),
            linear: point.linear(),
            floor: rounding_floor(phase, point.state()),
        }
    }

    /// |σ|.
    fn damping(&self) -> f64 {
        self.linear.abscissa().abs().min(f64::MAX)
    }

    /// The largest modulus of an eigenvalue.
    fn fastest(&self) -> f64 {
        self.linear.radius().max(self.damping())
    }

    /// Whether a large network is followed to the end with fewer operations by products (five a step) than
    /// by factorising once a stage.
    fn is_cheaper_explicitly(&self, end: f64) -> bool {
        let neurons = self.active.len();
        neurons > WHOLE && 5.0 * end * self.fastest() / STEP < neurons as f64
    }

    /// The exponential series of a step to order 4, `$1 + x + x^2 (1/2 + x/6 + x^2/24)$`.
    fn propagator(&self, step: f64) -> DMatrix<f64> {
        let x = &*self.linear.matrix() * step;
        let square = la::multiply(&x, &x);
        let mut inner = &square * (1.0 / 24.0) + &x * (1.0 / 6.0);
        (0..x.nrows()).for_each(|i| inner[(i, i)] += 0.5);
        let mut out = la::multiply(&square, &inner) + x;
        (0..out.nrows()).for_each(|i| out[(i, i)] += 1.0);
        out
    }

    /// One step of the classical method of order 4 (of a linear equation: the exponential series), from a
    /// deviation and its velocity.
    fn runge_kutta(&self, step: f64, deviation: &mut [f64], velocity: &[f64]) {
        let mut next = velocity.to_vec();
        let mut term = vec![0.0; deviation.len()];
        for order in 1..=4 {
            if order > 1 {
                self.linear.multiply(&term, &mut next);
            }
            let parts = term.iter_mut().zip(&next).zip(&mut *deviation);
            for ((term, next), y) in parts {
                *term = next * step / f64::from(order);
                *y += *term;
            }
        }
    }

    /// The remainder at a deviation, whose velocity in the linearised dynamics is written to `predicted`.
    fn remainder(&self, deviation: &[f64], predicted: &mut [f64]) -> f64 {
        let n = self.point.state().len();
        with_room(2 * n, |room| {
            let (state, force) = room.split_at_mut(n);
            self.remainder_in(deviation, (state, force, predicted))
        })
    }

    fn remainder_in(
        &self,
        deviation: &[f64],
        (state, force, predicted): (&mut [f64], &mut [f64], &mut [f64]),
    ) -> f64 {
        state.copy_from_slice(self.point.state());
        for (&i, y) in self.active.iter().zip(deviation) {
            state[i] += y;
        }
        if !self.holds(state) {
            return f64::INFINITY;
        }
        self.phase.velocity(state, force);
        self.linear.multiply(deviation, predicted);
        // rounding of the velocities is no nonlinearity
        let rounding = |i: usize| {
            (self.floor[i] + 64.0 * f64::EPSILON * (1.0 + state[i].abs()))
                / self.phase.time_constant(i).min(1.0)
        };
        let remainder = largest(self.active.iter().zip(&*predicted).map(|(&i, predicted)| {
            let gap = (force[i] - predicted).abs() - rounding(i);
            if gap < 0.0 { 0.0 } else { gap }
        }));
        let size = largest(deviation.iter().copied());
        remainder / (self.damping() * size).max(f64::MIN_POSITIVE)
    }

    /// Every active neuron is inside the bounds, and every other one still held.
    fn holds(&self, state: &[f64]) -> bool {
        let Some((low, high)) = self.phase.bounds() else {
            return true;
        };
        let pinned = self.phase.pinned(state);
        let inside = self
            .active
            .iter()
            .all(|&i| (low..=high).contains(&state[i]));
        let held = pinned.iter().filter(|&&pinned| pinned).count();
        inside && held >= state.len() - self.active.len()
    }
}
