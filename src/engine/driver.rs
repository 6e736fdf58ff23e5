//! Sweeping until every sample has settled, each judged by its own residual.

use nalgebra::DVector;

use super::elementwise::clip;
use super::linearised::Linearisation;
use super::network::Network;
use super::sweep::{Task, Workspace};
use crate::numeric::vectorised;
use crate::numeric::{EscapeLimit, Scalar};

/// When to stop, and how to get there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Control {
    /// A sample has settled when its residual, the largest projected force, is at most this; less the rounding
    /// of the computed residual, so that the exact one is below it too. f32 reaches some 1e-6.
    pub tolerance: f64,
    /// Sweeps after which a sample is given up.
    pub max_sweeps: usize,
    /// Whether samples whose plain sweeps contract are accelerated (Anderson's method).
    pub accelerate: bool,
}

impl Default for Control {
    /// Tolerance 1e-6, 500 sweeps, accelerated.
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            max_sweeps: 500,
            accelerate: true,
        }
    }
}

/// How a sample's sweeps ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The residual met the tolerance.
    Settled,
    /// The sweeps were used up, or rounding stops the residual above the tolerance.
    Stalled,
    /// The residual stopped falling, damped too. It shows nothing about the dynamics: only an integrator can.
    Oscillating,
    /// The state is not finite, or grows without limit under the sweeps.
    Diverged,
}

/// What became of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleReport {
    /// Largest projected force at the returned state, in the engine's precision; NaN if it diverged.
    pub residual: f64,
    /// Sweeps made.
    pub sweeps: usize,
    /// How it ended.
    pub end: End,
}

impl SampleReport {
    pub(super) const NONE: Self = Self {
        residual: f64::NAN,
        sweeps: 0,
        end: End::Stalled,
    };

    /// Whether the sample settled.
    pub fn settled(&self) -> bool {
        self.end == End::Settled
    }
}

/// By how much plain sweeps must bring the residual down before they are accelerated: sweeps that contract
/// have a fixed point that attracts, an extrapolation may find one that does not.
const TRUST: f64 = 0.1;
/// A rise over the lowest residual by more than this is no contraction: the residual must then stay low ...
const RELAPSE: f64 = 2.0;
/// ... for so many sweeps, which the dips on a limit cycle do not.
const CALM: usize = 8;
/// Sweeps without progress after which a sample is damped, then given up.
const PATIENCE: usize = 20;
/// What counts as progress.
const PROGRESS: f64 = 0.95;
/// An accelerated step that raises the residual by this factor is not trusted.
const SETBACK: f64 = 10.0;
/// Growth over the lowest residual that ends an undamped attempt.
const GROWTH: f64 = 1e3;
/// What a step of a linearisation must leave of the residual at most, or sweeps take over.
const GUIDANCE: f64 = 0.5;
/// The damped step.
const DAMPING: f64 = 0.5;

/// The course of one sample.
#[derive(Debug, Clone, Copy)]
struct Monitor {
    sweeps: usize,
    first: f64,
    previous: f64,
    lowest: f64,
    lowest_at: usize,
    /// Residual at which the present run of contractions began, and the lowest since.
    run_start: f64,
    run_lowest: f64,
    /// Whether it rose in between, and for how many sweeps it has been low.
    relapsed: bool,
    low: usize,
    accelerated: bool,
    damped: bool,
    /// Whether steps of a linearisation take the place of sweeps.
    guided: bool,
}

enum Verdict {
    Advance { accelerate: bool, forget: bool },
    Guide,
    Restart,
    Stop(End),
}

impl Monitor {
    const START: Self = Self {
        sweeps: 0,
        first: f64::INFINITY,
        previous: f64::INFINITY,
        lowest: f64::INFINITY,
        lowest_at: 0,
        run_start: f64::INFINITY,
        run_lowest: f64::INFINITY,
        relapsed: false,
        low: 0,
        accelerated: false,
        damped: false,
        guided: false,
    };

    /// Plain sweeps from the start, whatever was tried before.
    fn restart(&mut self, damped: bool) -> Verdict {
        *self = Self {
            sweeps: self.sweeps,
            first: self.first,
            lowest_at: self.sweeps,
            damped,
            ..Self::START
        };
        Verdict::Restart
    }

    fn judge(&mut self, residual: f64, control: &Control, (floor, margin): (f64, f64)) -> Verdict {
        if self.sweeps == 0 {
            self.first = residual;
        }
        if !residual.is_finite() || EscapeLimit::of(1.0 + self.first).is_exceeded_by(residual) {
            return Verdict::Stop(End::Diverged);
        }
        if residual <= control.tolerance - margin {
            return Verdict::Stop(End::Settled);
        }
        if self.sweeps >= control.max_sweeps {
            return Verdict::Stop(End::Stalled);
        }
        if residual < PROGRESS * self.lowest {
            self.lowest = residual;
            self.lowest_at = self.sweeps;
        }
        let waited = self.sweeps - self.lowest_at;
        self.sweeps += 1;
        if self.guided {
            if residual > GUIDANCE * self.previous {
                return self.restart(false);
            }
            self.previous = residual;
            return Verdict::Guide;
        }
        if waited > PATIENCE || residual > GROWTH * self.lowest {
            return if self.lowest <= floor {
                Verdict::Stop(End::Stalled)
            } else if self.damped {
                Verdict::Stop(End::Oscillating)
            } else {
                self.restart(true)
            };
        }
        let setback = self.accelerated && residual > SETBACK * self.previous;
        if setback
            || self.run_start.is_infinite()
            || (!self.accelerated && residual >= self.run_start)
        {
            self.accelerated = false;
            (self.run_start, self.run_lowest) = (residual, residual);
            (self.relapsed, self.low) = (setback, 0);
        }
        self.relapsed |= residual > RELAPSE * self.run_lowest;
        self.run_lowest = self.run_lowest.min(residual);
        self.low = if residual <= TRUST * self.run_start {
            self.low + 1
        } else {
            0
        };
        let needed = if self.relapsed { CALM } else { 1 };
        self.accelerated |= control.accelerate && self.low >= needed;
        self.previous = residual;
        Verdict::Advance {
            accelerate: self.accelerated,
            forget: setback,
        }
    }
}

/// The samples of one thread on their way.
#[derive(Debug, Clone, Default)]
pub(super) struct Driver {
    active: Vec<usize>,
    monitors: Vec<Monitor>,
    scratch: DVector<f64>,
}

impl Driver {
    /// Sweeps the samples `0..reports.len()` of the workspace until each has an end. `restart(state, sample)`
    /// gives a sample its starting state back; `near` is a linearisation, and where in its batch the samples begin.
    pub fn run<T: Scalar>(
        &mut self,
        network: &Network<T>,
        workspace: &mut Workspace<T>,
        task: Task<'_, T>,
        (control, near): (&Control, Option<(&Linearisation, usize)>),
        reports: &mut [SampleReport],
        restart: impl Fn(&mut [T], usize),
    ) {
        let (stride, measured) = (network.stride, network.measured_length);
        // of sums of terms of order 1: where a residual may stop falling, and by how much the exact one
        // may lie above the one computed
        let rounding = (
            30.0 * T::EPSILON,
            (2.0 * T::EPSILON).min(0.5 * control.tolerance),
        );
        let bounded = !matches!(task, Task::Adjoint);
        self.active.clear();
        self.active.extend(0..reports.len());
        self.monitors.clear();
        let start = Monitor {
            guided: near.is_some(),
            ..Monitor::START
        };
        self.monitors.resize(reports.len(), start);
        for sample in 0..reports.len() {
            workspace.history.reset(sample);
        }
        while !self.active.is_empty() {
            workspace.sweep(network, task, &self.active);
            let Workspace {
                state,
                drive,
                history,
                residual,
                ..
            } = &mut *workspace;
            let monitors = &mut self.monitors;
            self.active.retain(|&sample| {
                let start = sample * stride;
                let row = &mut state[start..start + stride];
                let answer = &mut drive[start..start + measured];
                let monitor = &mut monitors[sample];
                match monitor.judge(residual[sample], control, rounding) {
                    Verdict::Stop(end) => {
                        reports[sample] = SampleReport {
                            residual: residual[sample],
                            sweeps: monitor.sweeps,
                            end,
                        };
                        return false;
                    }
                    Verdict::Restart => {
                        restart(row, sample);
                        history.reset(sample);
                        return true;
                    }
                    Verdict::Guide => {
                        let state = &mut row[..measured];
                        let (beta, scratch) = (task.beta(sample), &mut self.scratch);
                        if let Some((near, first)) = near {
                            near.step(first + sample, beta, state, answer, scratch);
                        }
                    }
                    Verdict::Advance { accelerate, forget } => {
                        if forget {
                            history.reset(sample);
                        }
                        if monitor.damped {
                            damp(&row[..measured], answer);
                        }
                        history.advance(sample, &mut row[..measured], answer, accelerate);
                    }
                }
                for &k in &network.measured {
                    let layer = &network.layers[k];
                    if let (Some(bounds), true) = (layer.bounds, bounded) {
                        hold(bounds, &answer[layer.range()], &mut row[layer.range()]);
                    }
                }
                true
            });
        }
    }
}

/// Keeps extrapolated states inside the bounds, and on them where the answer is.
fn hold<T: Scalar>((low, high): (T, T), answer: &[T], state: &mut [T]) {
    vectorised(
        #[inline(always)]
        || {
            for (state, &answer) in state.iter_mut().zip(answer) {
                let inside = clip(*state, low, high);
                let held = answer <= low || answer >= high;
                *state = if held { answer } else { inside };
            }
        },
    );
}

/// Moves the answer half-way back to the state.
fn damp<T: Scalar>(state: &[T], answer: &mut [T]) {
    let step = T::from_f64(DAMPING);
    vectorised(
        #[inline(always)]
        || {
            for (answer, &state) in answer.iter_mut().zip(state) {
                *answer = step.fused(*answer - state, state);
            }
        },
    );
}
