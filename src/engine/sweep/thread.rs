//! What one thread does with its share of a batch: rows in, sweeps, reports out.

use super::control::{SampleReport, SweepControl};
use super::driver::Driver;
use super::exchange::Member;
use super::linearisation::BatchLinearisation;
use super::nudge::{Nudge, OutputCost, PaddedNudge, Pull};
use super::workspace::{Task, Workspace};
use crate::engine::elementwise::slopes;
use crate::engine::settings::States;
use crate::engine::weights::{PackedLayer, PackedNetwork};
use crate::numeric::Scalar;
use crate::numeric::vectorised;

/// What one thread owns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thread<T> {
    pub workspace: Workspace<T>,
    driver: Driver,
    nudge: PaddedNudge<T>,
    /// The samples of the last batch, if their states and drives are as its last sweeps left them: none once the
    /// weights are others.
    kept: usize,
    /// Samples that begin there: the nudged phase of a batch that has just settled freely.
    swept: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Relax,
    Adjoint,
    Asymmetric,
}

/// What is asked of a batch.
pub(crate) struct Request<'a, T: Scalar> {
    pub mode: Mode,
    pub drive: Option<&'a [T]>,
    pub free: Option<&'a States<T>>,
    pub nudge: Option<&'a Nudge<'a, T>>,
    pub near: Option<&'a BatchLinearisation>,
    pub control: &'a SweepControl,
}

/// A batch to be solved, as the caller gave it.
pub(crate) struct Batch<'a, T: Scalar> {
    pub network: &'a PackedNetwork<T>,
    pub states: &'a States<T>,
    pub request: &'a Request<'a, T>,
}

impl<T: Scalar> Thread<T> {
    /// Nothing of the last batch is of use.
    pub fn forget(&mut self) {
        self.kept = 0;
    }

    /// Solves the samples `first..first + reports.len()` of a batch, as a `member` of those that divide its neurons or
    /// alone.
    pub fn solve(
        &mut self,
        batch: &Batch<'_, T>,
        first: usize,
        member: Option<Member<'_, T>>,
        reports: &mut [SampleReport],
    ) {
        let count = reports.len();
        let Batch {
            network, request, ..
        } = *batch;
        let _present = member.map(|member| member.enter(network));
        let mode = request.mode;
        let kept = if mode == Mode::Relax {
            std::mem::replace(&mut self.kept, count)
        } else {
            std::mem::take(&mut self.kept)
        };
        self.swept.clear();
        let workspace = &mut self.workspace;
        workspace.reserve(network, count, mode != Mode::Relax);
        workspace.join(network, member, request.drive);
        let load = |row: &mut [T], states: &States<T>, sample: usize| {
            for (layer, values) in network.layers.iter().zip(&states.layers) {
                let from = (first + sample) * layer.size;
                row[layer.offset..layer.offset + layer.size]
                    .copy_from_slice(&values[from..from + layer.size]);
            }
            // a solved layer's start is not used: not even a NaN in it may pass unseen
            let (measured, solved) = row.split_at_mut(network.measured_length);
            if !all_finite(solved) {
                measured[0] = T::from_f64(f64::NAN);
            }
        };
        let first_layer = &network.layers[0];
        let stands = |row: &[T], constant: &[T], sample: usize| {
            let own = |layer: &PackedLayer<T>, row: &[T], values: &[T]| {
                let from = (first + sample) * layer.size;
                row[layer.offset..layer.offset + layer.size] == values[from..from + layer.size]
            };
            let mut layers = network.layers.iter().zip(&batch.states.layers);
            request
                .drive
                .is_some_and(|drive| own(first_layer, constant, drive))
                && layers.all(|(layer, values)| own(layer, row, values))
        };
        let last = network.last();
        if let Some(nudge) = request.nudge {
            self.nudge
                .load(nudge, (first, count), last.padded, &network.outputs);
        }
        for sample in 0..count {
            let row = sample * network.stride..(sample + 1) * network.stride;
            let swept = mode == Mode::Relax && sample < kept && {
                let (state, constant) = (&workspace.state, &workspace.constant);
                stands(&state[row.clone()], &constant[row.clone()], sample)
            };
            self.swept.push(swept);
            if swept {
                continue;
            }
            workspace.state[row.clone()].fill(T::ZERO);
            load(&mut workspace.state[row.clone()], batch.states, sample);
            if let Some(free) = request.free {
                let anchor = &mut workspace.anchor[row.clone()];
                load(anchor, free, sample);
                for layer in &network.layers {
                    slopes(
                        network.activation,
                        layer.bounds,
                        &anchor[layer.range()],
                        &mut workspace.slopes[row.clone()][layer.range()],
                    );
                }
            }
            let constant = &mut workspace.constant[row.clone()];
            if let Some(drive) = request.drive {
                let layer = &network.layers[0];
                let from = (first + sample) * layer.size;
                constant[layer.range()].fill(T::ZERO);
                constant[layer.offset..layer.offset + layer.size]
                    .copy_from_slice(&drive[from..from + layer.size]);
            } else {
                constant.fill(T::ZERO);
                constant[last.range()].copy_from_slice(self.nudge.targets(sample));
                release_held(network, &workspace.anchor[row], constant);
            }
        }
        let pull = match request.nudge {
            None => Pull::None,
            Some(nudge) => match nudge.cost {
                OutputCost::SquaredError => Pull::Squared(&self.nudge),
                OutputCost::SoftmaxCrossEntropy => Pull::Softmax(&self.nudge),
            },
        };
        let task = match mode {
            Mode::Relax => Task::Relax(pull),
            Mode::Adjoint => Task::Adjoint,
            Mode::Asymmetric => Task::Asymmetric(pull),
        };
        self.driver.run(
            network,
            workspace,
            (task, member),
            (request.control, request.near.map(|near| (near, first))),
            (reports, &self.swept),
            |row, sample| load(row, batch.states, sample),
        );
    }
}

fn all_finite<T: Scalar>(values: &[T]) -> bool {
    vectorised(
        #[inline(always)]
        || {
            let finite = |&value: &T| value * T::ZERO == T::ZERO;
            values.iter().fold(true, |all, value| all & finite(value))
        },
    )
}

/// Takes the cost's gradient off the neurons that rest on a bound: nothing moves them.
fn release_held<T: Scalar>(network: &PackedNetwork<T>, states: &[T], costs: &mut [T]) {
    for layer in &network.layers {
        let Some((low, high)) = layer.bounds else {
            continue;
        };
        for i in layer.range() {
            if states[i] <= low || states[i] >= high {
                costs[i] = T::ZERO;
            }
        }
    }
}
