//! Sweeping until every sample has settled, each judged by its own residual.

use nalgebra::DVector;

use super::control::{SampleReport, SweepControl};
use super::exchange::Member;
use super::linearisation::BatchLinearisation;
use super::monitor::{Monitor, Next};
use super::workspace::{Task, Workspace};
use crate::engine::elementwise::clip;
use crate::engine::weights::PackedNetwork;
use crate::numeric::{Scalar, vectorised};

/// The damped step.
const DAMPING: f64 = 0.5;

/// The samples of one thread on their way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Driver {
    active: Vec<usize>,
    /// Samples that are to be swept at their start.
    fresh: Vec<usize>,
    monitors: Vec<Monitor>,
    scratch: DVector<f64>,
}

impl Driver {
    /// Sweeps the samples `0..reports.len()` of the workspace until each has an end. `restart(state, sample)`
    /// gives a sample its starting state back. `near` is a linearisation, and where in its batch the samples begin.
    /// `swept` says which samples stand where the last sweep left them.
    pub fn run<T: Scalar>(
        &mut self,
        network: &PackedNetwork<T>,
        workspace: &mut Workspace<T>,
        (task, member): (Task<'_, T>, Option<Member<'_, T>>),
        (control, near): (&SweepControl, Option<(&BatchLinearisation, usize)>),
        (reports, swept): (&mut [SampleReport], &[bool]),
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
        self.monitors
            .resize(reports.len(), Monitor::new(near.is_some()));
        for sample in 0..reports.len() {
            workspace.history.reset(sample);
        }
        self.fresh.clear();
        self.fresh
            .extend((0..reports.len()).filter(|&sample| !swept[sample]));
        workspace.sweep(network, task, member, &self.fresh);
        for sample in (0..reports.len()).filter(|&sample| swept[sample]) {
            workspace.nudge_again(network, task, sample);
        }
        loop {
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
                    Next::Stop(end) => {
                        reports[sample] = SampleReport {
                            residual: residual[sample],
                            sweeps: monitor.sweeps,
                            end,
                        };
                        return false;
                    }
                    Next::Restart => {
                        restart(row, sample);
                        history.reset(sample);
                        return true;
                    }
                    Next::Guide => {
                        let state = &mut row[..measured];
                        let (beta, scratch) = (task.beta(sample), &mut self.scratch);
                        if let Some((near, first)) = near {
                            near.step(first + sample, beta, state, answer, scratch);
                        }
                    }
                    Next::Advance { accelerate, forget } => {
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
            if !workspace.sweep(network, task, member, &self.active) {
                break;
            }
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
