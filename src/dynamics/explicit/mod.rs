//! Explicit embedded pairs of Runge–Kutta: one control of the step for all of them. A step allocates nothing.

mod step;
mod tsitouras;
mod verner;

use std::cell::RefCell;
use std::marker::PhantomData;

use super::settings::{SolverSettings, Statistics};
use super::stepper::{Breakdown, Flow, Launch, Stepper};
use step::{Block, Step, WIDTH, combine};
pub(super) use tsitouras::Tsitouras;
pub(super) use verner::Verner;

/// Rejections in a row after which there is no step.
const REJECTIONS: usize = 40;
/// The shortest step.
const SHORTEST: f64 = 1e-13;

/// What differs from pair to pair.
pub(super) trait Pair {
    /// Velocities of a step. The first is that of its start, the last that of its end.
    const STAGES: usize;
    /// Velocities that only the dense output needs.
    const INSIDE: usize;
    /// The order of the method that moves the state.
    const ORDER: f64;

    /// Evaluates the stages after the first, and the state at the end.
    fn attempt(step: &mut Step<'_>, h: f64);
    /// What the estimated error is h times of, of one block: weights less those of the embedded method.
    fn difference(step: &Step<'_>, block: usize) -> Block;
    /// Completes the stages of a step that is accepted.
    fn complete(_step: &mut Step<'_>) {}
    /// Evaluates the velocities that only the dense output needs.
    fn fill(_step: &Step<'_>, _h: f64, _inside: &mut [Vec<f64>]) {}
    /// The state at a part of the step, 0 … 1.
    fn within(step: &Step<'_>, h: f64, part: f64, inside: &[Vec<f64>], out: &mut [f64]);
}

/// A pair in the middle of a trajectory.
pub(super) struct Explicit<'a, P> {
    step: Step<'a>,
    rtol: f64,
    atol: f64,
    end_time: f64,
    time: f64,
    /// Time at the start of the last step.
    before: f64,
    /// The velocities that only the dense output of the last step needs, once it is asked for.
    inside: RefCell<(bool, Vec<Vec<f64>>)>,
    next_step: f64,
    error: f64,
    steps: usize,
    rejected: usize,
    pair: PhantomData<P>,
}

impl<'a, P: Pair> Explicit<'a, P> {
    pub fn new(flow: &'a Flow<'a>, launch: &Launch<'_>, settings: &SolverSettings) -> Self {
        let state = launch.state;
        let mut step = Step::new(flow, state, P::STAGES);
        step.evaluate(P::STAGES - 1);
        Self {
            step,
            rtol: settings.rtol,
            atol: settings.atol,
            end_time: launch.end_time,
            time: launch.time,
            before: launch.time,
            inside: RefCell::new((false, vec![vec![0.0; state.len()]; P::INSIDE])),
            next_step: launch.first_step,
            error: 0.0,
            steps: 0,
            rejected: 0,
            pair: PhantomData,
        }
    }

    /// Makes an attempt at a step of length h. Returns the mean square of its error in units of the
    /// tolerance.
    fn attempt(&mut self, h: f64) -> f64 {
        P::attempt(&mut self.step, h);
        let (mut square, mut sum) = (0.0, 0.0);
        for (block, from) in self.step.from().chunks(WIDTH).enumerate() {
            let slopes = P::difference(&self.step, block);
            for (slope, s) in slopes.iter().zip(from) {
                let error = h * slope;
                let relative = error / (self.atol + self.rtol * s.abs());
                square += error * error;
                sum += relative * relative;
            }
        }
        self.error = square.sqrt();
        sum / self.step.dimension as f64
    }
}

impl<P: Pair> Stepper for Explicit<'_, P> {
    fn time(&self) -> f64 {
        self.time
    }

    fn state(&self) -> &[f64] {
        self.step.state()
    }

    fn velocity(&self) -> Option<&[f64]> {
        Some(self.step.stage(P::STAGES - 1))
    }

    fn error(&self) -> f64 {
        self.error
    }

    fn step(&mut self) -> Result<(), Breakdown> {
        // the end of the last step is the start of this one
        self.step.go_on();
        self.before = self.time;
        self.inside.get_mut().0 = false;
        let mut h = self.next_step;
        let rounding = 100.0 * f64::EPSILON * (self.time.abs() + h.abs());
        let mut last = self.time + h > self.end_time - rounding;
        if last {
            h = self.end_time - self.time;
        }
        for _ in 0..REJECTIONS {
            let error = self.attempt(h);
            let factor = (0.9 * error.powf(-0.5 / P::ORDER)).clamp(0.5, 2.0);
            if error < 1.0 {
                self.time = if last { self.end_time } else { self.time + h };
                self.next_step = h * factor;
                self.steps += 1;
                P::complete(&mut self.step);
                let is_finite = self.step.state().iter().all(|s| s.is_finite());
                let moves = self.time > self.before;
                return if is_finite && moves {
                    Ok(())
                } else {
                    Err(Breakdown)
                };
            }
            self.rejected += 1;
            h *= factor;
            last = false;
            if h.is_nan() || h < SHORTEST {
                break;
            }
        }
        Err(Breakdown)
    }

    fn interpolate(&self, time: f64, out: &mut [f64]) {
        let h = self.time - self.before;
        let part = if h == 0.0 {
            1.0
        } else {
            (time - self.before) / h
        };
        let (filled, inside) = &mut *self.inside.borrow_mut();
        if !*filled {
            P::fill(&self.step, h, inside);
            *filled = true;
        }
        P::within(&self.step, h, part, inside, out);
    }

    fn step_size(&self) -> f64 {
        self.next_step
    }

    fn limit_step(&mut self, longest: f64) {
        self.next_step = self.next_step.min(longest);
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            steps: self.steps,
            rejected: self.rejected,
            rhs_evaluations: self.step.flow.rhs_evaluations.get(),
            ..Statistics::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::phase::Phase;
    use crate::model::VectorField;

    /// A turn about the origin.
    struct Turn;

    impl VectorField for Turn {
        fn dimension(&self) -> usize {
            2
        }
        fn velocity(&self, state: &[f64], out: &mut [f64]) {
            out.copy_from_slice(&[-state[1], state[0]]);
        }
        fn jacobian_vector(&self, _state: &[f64], vector: &[f64], out: &mut [f64]) {
            self.velocity(vector, out);
        }
    }

    /// The errors of one step of length h: at its end, as it estimates it, and inside.
    fn errors<P: Pair>(h: f64) -> [f64; 3] {
        let phase = Phase::free(&Turn);
        let flow = Flow::new(&phase, &[false, false]);
        let loose = SolverSettings {
            rtol: 1.0,
            atol: 1.0,
            ..SolverSettings::default()
        };
        let launch = Launch {
            time: 0.0,
            state: &[1.0, 0.0],
            first_step: h,
            end_time: f64::INFINITY,
        };
        let mut turn = Explicit::<P>::new(&flow, &launch, &loose);
        turn.step().unwrap();
        assert_eq!(flow.rhs_evaluations.get(), P::STAGES);
        let off = |time: f64, state: &[f64]| (state[0] - time.cos()).hypot(state[1] - time.sin());
        let inside = (1..8).map(|k| {
            let (time, mut middle) = (h * f64::from(k) / 8.0, [0.0; 2]);
            turn.interpolate(time, &mut middle);
            off(time, &middle)
        });
        let largest = inside.fold(0.0, f64::max);
        assert_eq!(flow.rhs_evaluations.get(), P::STAGES + P::INSIDE);
        [off(h, turn.state()), turn.error(), largest]
    }

    /// By which powers of h the same errors fall.
    fn orders<P: Pair>(h: f64) -> [f64; 3] {
        let (whole, half) = (errors::<P>(h), errors::<P>(0.5 * h));
        std::array::from_fn(|k| (whole[k] / half[k]).log2())
    }

    #[test]
    fn steps_their_estimates_and_their_inside_have_the_orders_of_their_methods() {
        for (found, expected) in [
            (orders::<Tsitouras>(0.4), [6.0, 5.0, 5.0]),
            (orders::<Verner>(1.0), [9.0, 8.0, 9.0]),
        ] {
            for (found, expected) in found.iter().zip(expected) {
                assert!(*found > expected - 0.3, "{found} {expected}");
            }
        }
    }

    #[test]
    fn a_step_inside_begins_and_ends_where_the_step_does() {
        let phase = Phase::free(&Turn);
        let flow = Flow::new(&phase, &[false, false]);
        let launch = Launch {
            time: 2.0,
            state: &[1.0, 0.5],
            first_step: 0.3,
            end_time: f64::INFINITY,
        };
        let mut turn = Explicit::<Verner>::new(&flow, &launch, &SolverSettings::default());
        for _ in 0..3 {
            let from = turn.state().to_vec();
            let start = turn.time();
            turn.step().unwrap();
            for (time, expected) in [(start, &from[..]), (turn.time(), turn.state())] {
                let mut found = [0.0; 2];
                turn.interpolate(time, &mut found);
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-13, "{found} {expected}");
                }
            }
        }
    }
}
