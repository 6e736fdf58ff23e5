//! One step at a time: what the driver needs of an integrator, and the fixed-step Euler baseline.

use std::borrow::Cow;
use std::cell::Cell;

use nalgebra::DMatrix;

use super::kink::strictly_between;
use super::phase::Phase;
use super::settings::Statistics;

/// A phase with some neurons held at their bounds: the smooth system that a solver sees.
pub(super) struct Flow<'a> {
    pub phase: &'a Phase<'a>,
    pub pinned: &'a [bool],
    /// Whether any of them is.
    holds: bool,
    /// Between which kinks each neuron moves, where there are any: beyond them its velocity goes on
    /// as on this side, so that a step sees no jump.
    rooms: &'a [(f64, f64)],
    pub rhs_evaluations: Cell<usize>,
    pub jacobian_evaluations: Cell<usize>,
}

impl<'a> Flow<'a> {
    pub fn new(phase: &'a Phase<'a>, pinned: &'a [bool]) -> Self {
        Self {
            phase,
            pinned,
            holds: pinned.contains(&true),
            rooms: &[],
            rhs_evaluations: Cell::new(0),
            jacobian_evaluations: Cell::new(0),
        }
    }

    /// The same on one side of every kink at which a velocity jumps.
    pub fn within(self, rooms: &'a [(f64, f64)]) -> Self {
        let rooms = if self.phase.walls().next().is_some() {
            rooms
        } else {
            &[]
        };
        Self { rooms, ..self }
    }

    fn on_this_side<'s>(&self, state: &'s [f64]) -> Cow<'s, [f64]> {
        if self.rooms.is_empty() {
            return Cow::Borrowed(state);
        }
        let pairs = state.iter().zip(self.rooms);
        pairs.map(|(&s, &room)| strictly_between(s, room)).collect()
    }

    pub fn count_evaluation(&self) {
        self.rhs_evaluations.set(self.rhs_evaluations.get() + 1);
    }

    pub fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.count_evaluation();
        self.phase.velocity(&self.on_this_side(state), out);
        self.hold(out);
    }

    pub fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let state = self.on_this_side(state);
        self.phase.velocity_jacobian_vector(&state, vector, out);
        self.hold(out);
    }

    /// `∂(ds/dt)/∂β`.
    pub fn velocity_by_beta(&self, state: &[f64], out: &mut [f64]) {
        self.phase.velocity_by_beta(state, out);
        self.hold(out);
    }

    pub fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        self.jacobian_evaluations
            .set(self.jacobian_evaluations.get() + 1);
        let mut matrix = self.phase.force_jacobian(&self.on_this_side(state));
        // a held neuron acts on nobody: its column would leave rounding in its own place
        for (i, _) in self.pinned.iter().enumerate().filter(|(_, held)| **held) {
            matrix.column_mut(i).fill(0.0);
        }
        for (i, mut row) in matrix.row_iter_mut().enumerate() {
            row *= if self.pinned[i] {
                0.0
            } else {
                1.0 / self.phase.time_constant(i)
            };
        }
        matrix
    }

    fn hold(&self, out: &mut [f64]) {
        if !self.holds {
            return;
        }
        for (out, &pinned) in out.iter_mut().zip(self.pinned) {
            if pinned {
                *out = 0.0;
            }
        }
    }
}

/// The integrator could not make a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Breakdown;

/// An integrator in the middle of a trajectory.
pub(super) trait Stepper {
    fn time(&self) -> f64;
    fn state(&self) -> &[f64];
    /// The velocity at the state, where the method has evaluated it.
    fn velocity(&self) -> Option<&[f64]> {
        None
    }
    /// The length of the error that the last step was estimated to make, or NaN if there is no
    /// estimate.
    fn error(&self) -> f64 {
        f64::NAN
    }
    fn step(&mut self) -> Result<(), Breakdown>;
    /// The state at a time within the last step.
    fn interpolate(&self, time: f64, out: &mut [f64]);
    /// The step that will be tried next.
    fn step_size(&self) -> f64;
    /// Makes the next step no longer than `longest`. Call it after interpolating.
    fn limit_step(&mut self, longest: f64);
    fn statistics(&self) -> Statistics;
}

/// Where a stepper starts and how far it may go.
pub(super) struct Launch<'a> {
    pub time: f64,
    pub state: &'a [f64],
    pub first_step: f64,
    /// Infinite if the observer decides when to stop.
    pub end_time: f64,
}

/// Euler's method with a fixed step. Its dense output is the polygon that it walks.
pub(super) struct Euler<'a> {
    flow: &'a Flow<'a>,
    dt: f64,
    end_time: f64,
    /// Time, state and velocity at the start of the last step.
    previous: (f64, Vec<f64>),
    time: f64,
    state: Vec<f64>,
    steps: usize,
}

impl<'a> Euler<'a> {
    pub fn new(flow: &'a Flow<'a>, dt: f64, launch: &Launch<'_>) -> Self {
        Self {
            flow,
            dt,
            end_time: launch.end_time,
            previous: (launch.time, launch.state.to_vec()),
            time: launch.time,
            state: launch.state.to_vec(),
            steps: 0,
        }
    }
}

impl Stepper for Euler<'_> {
    fn time(&self) -> f64 {
        self.time
    }

    fn state(&self) -> &[f64] {
        &self.state
    }

    fn step(&mut self) -> Result<(), Breakdown> {
        let mut velocity = vec![0.0; self.state.len()];
        self.flow.velocity(&self.state, &mut velocity);
        // a remainder of rounding errors is not worth a step of its own
        let remaining = self.end_time - self.time;
        let last = remaining <= self.dt * (1.0 + 1e-9);
        let step = if last { remaining } else { self.dt };
        self.previous = (self.time, self.state.clone());
        for (s, velocity) in self.state.iter_mut().zip(velocity) {
            *s += step * velocity;
        }
        self.time = if last {
            self.end_time
        } else {
            self.time + step
        };
        self.steps += 1;
        Ok(())
    }

    fn interpolate(&self, time: f64, out: &mut [f64]) {
        let (start, from) = &self.previous;
        let width = self.time - start;
        let weight = if width > 0.0 {
            (time - start) / width
        } else {
            1.0
        };
        for ((out, from), to) in out.iter_mut().zip(from).zip(&self.state) {
            *out = from + weight * (to - from);
        }
    }

    fn step_size(&self) -> f64 {
        self.dt
    }

    fn limit_step(&mut self, _longest: f64) {}

    fn statistics(&self) -> Statistics {
        Statistics {
            steps: self.steps,
            rhs_evaluations: self.flow.rhs_evaluations.get(),
            ..Statistics::default()
        }
    }
}
