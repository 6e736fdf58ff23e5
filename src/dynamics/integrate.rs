//! The driver: one loop over an integrator's steps, for every method, phase and purpose.
//!
//! States held inside bounds are a hybrid system: between events some neurons are pinned and the
//! rest move smoothly. The driver locates each event (a neuron arrives at a bound, or the force on
//! a pinned one turns inward) on the interpolant and starts the integrator anew there, so bounds
//! cost no accuracy.

use super::active_set_change::first_change;
use super::adaptive;
use super::phase::Phase;
use super::settings::{SolverSettings, Statistics};
use super::spectrum::longest_stable_step;
use super::stepper::{Breakdown, Flow, Launch, Stepper};

/// A moment of a trajectory, shown to the observer at the start and after every step.
pub struct Moment<'m> {
    /// The time, in units of the time constant.
    pub time: f64,
    /// s now.
    pub state: &'m [f64],
    /// The start of the step that led here (`time` itself at the start).
    pub step_start: f64,
    /// The longest step at which the method is stable, as far as it has been looked at, or infinite
    /// for implicit methods.
    pub(super) longest_stable: f64,
    /// ds/dt now, where the integrator has evaluated it and nothing holds a neuron.
    pub(super) velocity: Option<&'m [f64]>,
    /// The length of the error that the step was estimated to make, or NaN if there is no estimate.
    pub(super) error: f64,
    interpolate: &'m dyn Fn(f64, &mut [f64]),
}

impl Moment<'_> {
    /// The state at a time between `step_start` and `time`, by the method's dense output.
    pub fn interpolate(&self, time: f64, out: &mut [f64]) {
        if time >= self.time {
            out.copy_from_slice(self.state);
        } else {
            (self.interpolate)(time, out);
        }
    }
}

/// What the observer wants next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Go on with steps no longer than this.
    CapStep(f64),
    /// Stop here.
    Stop,
}

/// Why an integration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The end time was reached.
    EndTime,
    /// The observer asked to stop.
    Observer,
    /// The largest number of steps was reached.
    StepLimit,
    /// The integrator could not go on: the state is not finite, or the step became too small.
    Breakdown,
}

/// The end of an integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Why it ended.
    pub ending: Ending,
    /// The time reached, in units of the time constant.
    pub time: f64,
    /// The state there.
    pub state: Vec<f64>,
    /// What it cost.
    pub statistics: Statistics,
}

/// Integrates `phase` from `start` over `span` (the end may be infinite), calling `observer` at
/// the start and after each step.
pub fn integrate(
    phase: &Phase<'_>,
    start: &[f64],
    span: (f64, f64),
    settings: &SolverSettings,
    observer: &mut dyn FnMut(&Moment<'_>) -> Control,
) -> Run {
    integrate_keeping(phase, start, span, (settings, true), observer)
}

/// The same, its explicit steps kept stable or not: then the error test alone keeps small what they err. It costs
/// less where the way is short and does not end at rest.
pub(super) fn integrate_keeping(
    phase: &Phase<'_>,
    start: &[f64],
    span: (f64, f64),
    (settings, keeps_stable): (&SolverSettings, bool),
    observer: &mut dyn FnMut(&Moment<'_>) -> Control,
) -> Run {
    let mut run = Run {
        ending: Ending::EndTime,
        time: span.0,
        state: start.to_vec(),
        statistics: Statistics::default(),
    };
    let mut velocity = vec![0.0; start.len()];
    phase.velocity(start, &mut velocity);
    if !start.iter().chain(&velocity).all(|value| value.is_finite()) {
        run.ending = Ending::Breakdown;
        return run;
    }
    let mut longest = f64::INFINITY;
    match observer(&Moment {
        time: span.0,
        state: start,
        step_start: span.0,
        longest_stable: f64::INFINITY,
        velocity: None,
        error: 0.0,
        interpolate: &|_, out| out.copy_from_slice(start),
    }) {
        Control::Stop => {
            run.ending = Ending::Observer;
            return run;
        }
        Control::CapStep(cap) => longest = cap,
        Control::Continue => {}
    }
    let mut segment = Segment {
        phase,
        settings,
        end_time: span.1,
        observer,
        longest,
        keeps_stable: keeps_stable && settings.method.is_explicit_pair(),
        stable: f64::INFINITY,
        steps: 0,
        next_step: settings.initial_step * phase.time_scales().0,
        pinned: phase.pinned(start),
        rooms: phase.rooms(start),
    };
    segment.keep_stable(start);
    while run.time < span.1 {
        match segment.advance(&mut run) {
            Ok(None) => {}
            Ok(Some(ending)) => {
                run.ending = ending;
                return run;
            }
            Err(Breakdown) => {
                run.ending = Ending::Breakdown;
                return run;
            }
        }
    }
    run
}

/// The smooth piece of a trajectory between two events.
struct Segment<'a, 'o> {
    phase: &'a Phase<'a>,
    settings: &'a SolverSettings,
    end_time: f64,
    observer: &'o mut dyn FnMut(&Moment<'_>) -> Control,
    longest: f64,
    /// Whether steps are kept as short as the explicit method is stable at.
    keeps_stable: bool,
    /// The longest of them.
    stable: f64,
    steps: usize,
    next_step: f64,
    pinned: Vec<bool>,
    /// Between which bounds and kinks each neuron moves, empty without any.
    rooms: Vec<(f64, f64)>,
}

impl Segment<'_, '_> {
    /// Runs until an ending, or (`Ok(None)`) until an event has changed who is pinned.
    fn advance(&mut self, run: &mut Run) -> Result<Option<Ending>, Breakdown> {
        let pinned = self.pinned.clone();
        let rooms = self.rooms.clone();
        let flow = Flow::new(self.phase, &pinned).within(&rooms);
        let start = run.state.clone();
        let launch = Launch {
            time: run.time,
            state: &start,
            first_step: self.next_step.min(self.longest).min(self.stable),
            end_time: self.end_time,
        };
        adaptive::with_stepper(&flow, &launch, self.settings, |stepper| {
            self.walk(stepper, run)
        })?
    }

    /// Looks at the stability limit now and then.
    fn keep_stable(&mut self, state: &[f64]) {
        const EVERY: usize = 32;
        if self.keeps_stable && self.steps.is_multiple_of(EVERY) {
            self.stable = longest_stable_step(self.phase, state, self.settings.method);
        }
    }

    fn walk(
        &mut self,
        stepper: &mut dyn Stepper,
        run: &mut Run,
    ) -> Result<Option<Ending>, Breakdown> {
        let before = run.statistics;
        let outcome = loop {
            let step_start = run.time;
            if let Err(breakdown) = stepper.step() {
                break Err(breakdown);
            }
            let event = first_change(
                self.phase,
                &self.pinned,
                &self.rooms,
                stepper,
                step_start,
                &run.state,
            );
            run.time = stepper.time();
            run.state.copy_from_slice(stepper.state());
            if let Some(event) = &event {
                run.time = event.time;
                run.state.copy_from_slice(&event.state);
            }
            if !run.state.iter().all(|s| s.is_finite()) {
                break Err(Breakdown);
            }
            let control = (self.observer)(&Moment {
                time: run.time,
                state: &run.state,
                step_start,
                longest_stable: self.stable,
                velocity: stepper.velocity().filter(|_| self.rooms.is_empty()),
                error: stepper.error(),
                interpolate: &|time, out| stepper.interpolate(time, out),
            });
            match control {
                Control::Stop => break Ok(Some(Ending::Observer)),
                Control::CapStep(cap) => self.longest = cap,
                Control::Continue => {}
            }
            if run.time >= self.end_time {
                break Ok(Some(Ending::EndTime));
            }
            if before.steps + stepper.statistics().steps >= self.settings.max_steps {
                break Ok(Some(Ending::StepLimit));
            }
            self.next_step = stepper.step_size();
            if let Some(event) = event {
                self.pinned = event.pinned;
                self.rooms = self.phase.rooms(&run.state);
                break Ok(None);
            }
            self.steps += 1;
            self.keep_stable(&run.state);
            stepper.limit_step(self.longest.min(self.stable));
        };
        run.statistics = before;
        run.statistics += stepper.statistics();
        outcome
    }
}
