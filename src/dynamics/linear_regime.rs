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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Coupling, Dynamics, Network, Problem};

    fn remainder(way: &Way<'_>, deviation: &[f64]) -> f64 {
        way.remainder(deviation, &mut vec![0.0; deviation.len()])
    }

    fn with_point<T>(text: &str, see: impl Fn(&Phase<'_>, &FixedPoint) -> T) -> T {
        let problem = Problem::from_json(text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let origin = vec![0.0; phase.dimension()];
        see(&phase, &FixedPoint::refine(&phase, &origin).unwrap())
    }

    /// ẋ = r(−x + cx²): at a distance y the remainder is |c y|, whatever the rate r is.
    #[test]
    fn the_remainder_of_a_quadratic_is_its_share_of_the_damping() {
        for (rate, c) in [(1.0, 1.0), (0.1, 2.0), (30.0, -1.0)] {
            let text = format!(r#"{{"field": {{"equations": {{"x": "{rate}*(-x + {c}*x^2)"}}}}}}"#);
            with_point(&text, |phase, point| {
                for y in [0.05, -0.01, 1e-4, -1e-7] {
                    let found = remainder(&Way::new(phase, point), &[y]);
                    let expected = (c * y).abs();
                    assert!(
                        (found - expected).abs() < 1e-6 * expected + 2e-7,
                        "{found} {expected}"
                    );
                    // the way to rest leads through smaller ones
                    let worst = nonlinear_remainder(phase, point, &[y], 1.0);
                    assert_eq!(worst, found);
                }
            });
        }
    }

    /// ẋ = r(−x + 50y + x²), ẏ = −ry: from (0, 0.01) the linear part swings out along
    /// x = te^{−t}/2, to 1/(2e), before it comes back. The remainder there is x.
    #[test]
    fn the_remainder_is_that_of_the_whole_way_to_rest() {
        for rate in [1.0, 4.0, 0.01] {
            let text = format!(
                r#"{{"field": {{"equations": {{"x": "{rate}*(-x + 50*y + x^2)", "y": "-{rate}*y"}}}}}}"#
            );
            with_point(&text, |phase, point| {
                let start = [0.0, 0.01];
                assert!(remainder(&Way::new(phase, point), &start) < 1e-12);
                let worst = nonlinear_remainder(phase, point, &start, 1.0);
                let expected = 0.5 * (-1f64).exp();
                assert!(
                    (0.95 * expected..=1.001 * expected).contains(&worst),
                    "{rate}: {worst}"
                );
                // where that is too much, the way is not followed any farther
                assert!(nonlinear_remainder(phase, point, &start, 0.1) > 0.1);
            });
        }
    }

    /// A spiral: e^{Ah} is e^{−h/2} times a turn by 3h. The series to order 4 misses it by |λh|⁵/5!.
    #[test]
    fn the_propagator_is_the_exponential_to_order_four() {
        let text = r#"{"field": {"equations": {"x": "-x/2 - 3*y", "y": "3*x - y/2"}}}"#;
        with_point(text, |phase, point| {
            let way = Way::new(phase, point);
            for step in [0.02f64, 0.1, 0.3] {
                let (shrink, angle) = ((-0.5 * step).exp(), 3.0 * step);
                let expected = DMatrix::from_row_slice(
                    2,
                    2,
                    &[angle.cos(), -angle.sin(), angle.sin(), angle.cos()],
                ) * shrink;
                let limit = 1.2 * (9.25f64.sqrt() * step).powi(5) / 120.0 + 1e-15;
                let gap = (way.propagator(step) - &expected).amax();
                assert!(
                    gap <= limit && gap >= 0.1 * limit,
                    "{step}: {gap:e} {limit:e}"
                );
                let mut moved = vec![1.0, 0.0];
                way.runge_kutta(step, &mut moved, &[-0.5, 3.0]);
                let column = way.propagator(step).column(0).clone_owned();
                assert!((moved[0] - column[0]).abs() + (moved[1] - column[1]).abs() < 1e-15);
            }
        });
    }

    /// ẋ = −x + tanh(x)/2 + 50 tanh(y), ẏ = −y from (0, 0.01): x = e^{−t/2} − e^{−t} swings out to
    /// 1/4. Beside neurons that rest, one of them as slow as `slowest`, the way of a large network is
    /// followed by other means.
    #[test]
    fn small_and_large_networks_have_the_same_remainder() {
        let share = 1.0 - 0.25f64.tanh() / 0.25;
        // explicit steps and the trapezoidal rule know the way to some percent
        for (neurons, slowest, least) in [(2, 0.5, 0.9), (310, 0.5, 0.6), (310, 0.01, 0.9)] {
            let mut weights = DMatrix::zeros(neurons, neurons);
            (weights[(0, 0)], weights[(0, 1)]) = (0.5, 50.0);
            if neurons > 2 {
                weights[(2, 2)] = 1.0 - slowest;
            }
            let network = Network {
                dynamics: Dynamics::Leaky,
                activation: Activation::Tanh,
                coupling: Coupling::Dense(weights),
                input_weights: DMatrix::zeros(neurons, 0),
                bias: vec![0.0; neurons],
                outputs: vec![0],
            };
            let field = network.clamp(&[]);
            let phase = Phase::free(&field);
            let point = FixedPoint::refine(&phase, &vec![0.0; neurons]).unwrap();
            let mut state = vec![0.0; neurons];
            state[1] = 0.01;
            let worst = nonlinear_remainder(&phase, &point, &state, 2.0);
            let expected = share * 0.5 / slowest;
            assert!(
                (least * expected..=1.03 * expected).contains(&worst),
                "{neurons} {slowest}: {worst} {expected}"
            );
        }
    }
}
