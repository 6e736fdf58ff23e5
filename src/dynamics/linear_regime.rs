//! Whether a trajectory near a stable point is in its linear regime, now and all the way to rest.

use nalgebra::DMatrix;

use super::fixed_point::FixedPoint;
use super::phase::{Phase, largest};
use super::residual::rounding_floor;
use super::spectrum::spectral_abscissa;
use crate::numeric::linear_algebra::{self as la, Factorisation};

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
    let mut worst = way.remainder(&deviation);
    // the trapezoidal rule with doubling steps, from the fastest mode's pace to the slowest's
    let end = 6.0 / way.damping;
    let (mut time, mut step) = (0.0, 0.25 / way.fastest());
    while worst <= limit && time < end {
        let identity = DMatrix::<f64>::identity(deviation.len(), deviation.len());
        let implicit = Factorisation::new(&(&identity - &way.matrix * (0.5 * step)));
        for _ in 0..STEPS_A_STAGE {
            let mut velocity = vec![0.0; deviation.len()];
            la::multiply_vector(&way.matrix, &deviation, &mut velocity, false);
            for (y, velocity) in deviation.iter_mut().zip(velocity) {
                *y += 0.5 * step * velocity;
            }
            deviation = implicit.solve(&deviation);
            let here = way.remainder(&deviation);
            worst = if here > worst || here.is_nan() {
                here
            } else {
                worst
            };
        }
        time += STEPS_A_STAGE as f64 * step;
        step *= 2.0;
    }
    worst
}

/// Steps of one length before it is doubled.
const STEPS_A_STAGE: usize = 8;

/// The linearised dynamics around a fixed point.
struct Way<'a> {
    phase: &'a Phase<'a>,
    point: &'a FixedPoint,
    active: &'a [usize],
    /// A, over the active neurons.
    matrix: DMatrix<f64>,
    /// |σ|.
    damping: f64,
    /// The size of rounding in each force.
    floor: Vec<f64>,
}

impl<'a> Way<'a> {
    fn new(phase: &'a Phase<'a>, point: &'a FixedPoint) -> Self {
        let active = point.active();
        let mut matrix = point.jacobian().clone();
        for (mut row, &i) in matrix.row_iter_mut().zip(active) {
            row /= phase.time_constant(i);
        }
        Self {
            phase,
            point,
            active,
            matrix,
            floor: rounding_floor(phase, point.state()),
            damping: spectral_abscissa(point.eigenvalues()).abs().min(f64::MAX),
        }
    }

    /// The largest modulus of an eigenvalue.
    fn fastest(&self) -> f64 {
        let moduli = self.point.eigenvalues().iter().map(|value| value.norm());
        moduli.fold(self.damping, f64::max)
    }

    fn remainder(&self, deviation: &[f64]) -> f64 {
        let mut state = self.point.state().to_vec();
        for (&i, y) in self.active.iter().zip(deviation) {
            state[i] += y;
        }
        if !self.holds(&state) {
            return f64::INFINITY;
        }
        let mut force = vec![0.0; state.len()];
        self.phase.velocity(&state, &mut force);
        let mut predicted = vec![0.0; deviation.len()];
        la::multiply_vector(&self.matrix, deviation, &mut predicted, false);
        // rounding of the velocities is no nonlinearity
        let rounding = |i: usize| {
            (self.floor[i] + 64.0 * f64::EPSILON * (1.0 + state[i].abs()))
                / self.phase.time_constant(i).min(1.0)
        };
        let remainder = largest(self.active.iter().zip(&predicted).map(|(&i, predicted)| {
            let gap = (force[i] - predicted).abs() - rounding(i);
            if gap < 0.0 { 0.0 } else { gap }
        }));
        let size = largest(deviation.iter().copied());
        remainder / (self.damping * size).max(f64::MIN_POSITIVE)
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
