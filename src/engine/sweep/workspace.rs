//! One sweep over a set of samples: solve every second layer, then measure the rest.

use super::anderson::History;
use super::exchange::Member;
use super::nudge::{Pull, answer_softmax};
use crate::engine::elementwise::{self, Answer, clip_all};
use crate::engine::product::{SparseRates, row};
use crate::engine::weights::PackedNetwork;
use crate::numeric::Scalar;
use crate::numeric::vectorised;

/// What is solved for.
#[derive(Clone, Copy)]
pub(crate) enum Task<'a, T> {
    /// The rest of the (nudged) dynamics.
    Relax(Pull<'a, T>),
    /// The true gradient's error vector, `g = D Wᵀ g − c`.
    Adjoint,
    /// The rest of the nudged dynamics with the asymmetric part of the Jacobian at s⁰ turned round.
    Asymmetric(Pull<'a, T>),
}

impl<T: Scalar> Task<'_, T> {
    /// β of a sample that the squared error nudges, else 0.
    pub fn beta(&self, sample: usize) -> T {
        match self {
            Self::Relax(Pull::Squared(nudge)) => nudge.beta(sample),
            _ => T::ZERO,
        }
    }
}

/// All that a thread needs for its samples; rows of `stride` numbers, one a sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workspace<T> {
    pub state: Vec<T>,
    pub(super) rates: Vec<T>,
    /// Drives; after [`Workspace::sweep`] the answers of the measured layers.
    pub drive: Vec<T>,
    /// Input drive of the first layer, `U x + b`; in the adjoint the cost's gradient c (all layers).
    pub constant: Vec<T>,
    /// D = ρ′(s⁰), 0 on held neurons; adjoint and asymmetric tasks only.
    pub slopes: Vec<T>,
    /// s⁰; asymmetric task only.
    pub anchor: Vec<T>,
    pub(super) displacement: Vec<T>,
    pub(super) returned: Vec<T>,
    /// Rates and displacements as lists, in networks where many are 0.
    pub(super) rate_lists: SparseRates<T>,
    pub(super) displacement_lists: SparseRates<T>,
    pub history: History<T>,
    /// Residual of every sample at the state before the sweep.
    pub residual: Vec<f64>,
    /// What a nudge acts on, as the last sweep left it: drives of the last layer, rows of its padded length, and
    /// the largest force on the other layers.
    last_drive: Vec<T>,
    other_force: Vec<f64>,
    logits: Vec<f64>,
    /// Where neurons are divided among threads: the number of the first sample in the batch, the samples of all
    /// that are on their way, and the constant drives of all, rows of the first layer's padded length.
    first: usize,
    pub(super) active: Vec<usize>,
    pub(super) all_constant: Vec<T>,
}

impl<T: Scalar> Workspace<T> {
    /// Room for `samples` rows, and keeps what is large enough.
    pub fn reserve(&mut self, network: &PackedNetwork<T>, samples: usize, linearised: bool) {
        let size = samples * network.stride;
        let grow = |values: &mut Vec<T>| {
            if values.len() < size {
                values.resize(size, T::ZERO);
            }
        };
        [
            &mut self.state,
            &mut self.rates,
            &mut self.drive,
            &mut self.constant,
        ]
        .into_iter()
        .for_each(grow);
        if linearised {
            [
                &mut self.slopes,
                &mut self.anchor,
                &mut self.displacement,
                &mut self.returned,
            ]
            .into_iter()
            .for_each(grow);
        }
        if network.blocks > 0 {
            self.rate_lists.reserve(samples, network.blocks);
            if linearised {
                self.displacement_lists.reserve(samples, network.blocks);
            }
        }
        if self.residual.len() < samples {
            self.residual.resize(samples, 0.0);
            self.other_force.resize(samples, 0.0);
        }
        let last = samples * network.last().padded;
        if self.last_drive.len() < last {
            self.last_drive.resize(last, T::ZERO);
        }
        self.history.reserve(samples, network.measured_length);
    }

    /// Prepares for dividing the neurons, or for doing without: `drive` is that of the whole batch.
    pub fn join(
        &mut self,
        network: &PackedNetwork<T>,
        member: Option<Member<'_, T>>,
        drive: Option<&[T]>,
    ) {
        let Some(Member { total, first, .. }) = member else {
            self.first = 0;
            return;
        };
        self.first = first;
        self.rate_lists.reserve(total, network.blocks);
        let layer = &network.layers[0];
        self.all_constant.clear();
        self.all_constant.resize(total * layer.padded, T::ZERO);
        let rows = self.all_constant.chunks_exact_mut(layer.padded);
        let drives = drive.unwrap_or_default().chunks_exact(layer.size);
        for (row, drive) in rows.zip(drives) {
            row[..layer.size].copy_from_slice(drive);
        }
    }

    /// Sets every layer of `solved` at rest given the measured layers, then writes into `drive` what the
    /// measured layers would be at rest, and into `residual` the largest projected force of the whole state.
    /// `false`, and nothing is done, if there are no samples, nor any of the other members.
    pub fn sweep(
        &mut self,
        network: &PackedNetwork<T>,
        task: Task<'_, T>,
        member: Option<Member<'_, T>>,
        samples: &[usize],
    ) -> bool {
        self.send(network, task, &network.measured, samples);
        if !self.share(network, member, &network.measured, samples) {
            return false;
        }
        // the drives of solved layers are their states
        let mut state = std::mem::take(&mut self.state);
        let done = self.receive_all(network, task, member, &network.solved, samples, &mut state);
        self.state = state;
        if !done {
            return false;
        }
        for &k in &network.solved {
            let layer = &network.layers[k];
            if layer.bounds.is_some() && !matches!(task, Task::Adjoint) {
                for &sample in samples {
                    let state = &mut self.state[row(network, layer, sample)];
                    vectorised(
                        #[inline(always)]
                        || clip_all(layer.bounds, state),
                    );
                }
            }
        }
        self.send(network, task, &network.solved, samples);
        if !self.share(network, member, &network.solved, samples) {
            return false;
        }
        let mut drive = std::mem::take(&mut self.drive);
        let done = self.receive_all(
            network,
            task,
            member,
            &network.measured,
            samples,
            &mut drive,
        );
        self.drive = drive;
        if !done {
            return false;
        }
        let last = network.layers.len() - 1;
        for &sample in samples {
            let drive = &self.drive[row(network, network.last(), sample)];
            self.last_drive[place(network, sample)].copy_from_slice(drive);
            let mut other = 0.0;
            for &k in network.measured.iter().filter(|&&k| k != last) {
                other = larger(other, self.answer(network, task, k, sample));
            }
            self.other_force[sample] = other;
            self.answer_last(network, task, sample);
        }
        true
    }

    /// What [`Workspace::sweep`] writes of a sample that it has swept in this state, for another nudge.
    pub fn nudge_again(&mut self, network: &PackedNetwork<T>, task: Task<'_, T>, sample: usize) {
        let drive = &self.last_drive[place(network, sample)];
        self.drive[row(network, network.last(), sample)].copy_from_slice(drive);
        self.answer_last(network, task, sample);
    }

    fn answer_last(&mut self, network: &PackedNetwork<T>, task: Task<'_, T>, sample: usize) {
        let force = self.answer(network, task, network.layers.len() - 1, sample);
        self.residual[sample] = larger(self.other_force[sample], force);
    }

    /// Computes what the layers send to others: rates, or the vector itself in the adjoint.
    fn send(
        &mut self,
        network: &PackedNetwork<T>,
        task: Task<'_, T>,
        layers: &[usize],
        samples: &[usize],
    ) {
        for &k in layers {
            let layer = &network.layers[k];
            for &sample in samples {
                let range = row(network, layer, sample);
                let (state, rates) = (&self.state[range.clone()], &mut self.rates[range.clone()]);
                if matches!(task, Task::Adjoint) {
                    rates.copy_from_slice(state);
                } else {
                    vectorised(
                        #[inline(always)]
                        || elementwise::rates(network.activation, state, rates),
                    );
                }
                if matches!(task, Task::Asymmetric(_)) {
                    let displacement = &mut self.displacement[range.clone()];
                    let anchor = &self.anchor[range.clone()];
                    let slopes = &self.slopes[range.clone()];
                    for (i, displacement) in displacement.iter_mut().enumerate() {
                        *displacement = state[i] - anchor[i];
                        rates[i] -= slopes[i] * *displacement;
                    }
                    if layer.listed {
                        self.displacement_lists.fill(
                            sample,
                            layer.first_block,
                            &displacement[..layer.size],
                        );
                    }
                }
                if layer.listed {
                    self.rate_lists.fill(
                        self.first + sample,
                        layer.first_block,
                        &self.rates[range][..layer.size],
                    );
                }
            }
        }
    }

    /// Turns the drive of a measured layer into its state at rest and returns the largest projected force.
    fn answer(
        &mut self,
        network: &PackedNetwork<T>,
        task: Task<'_, T>,
        k: usize,
        sample: usize,
    ) -> f64 {
        let layer = &network.layers[k];
        let range = row(network, layer, sample);
        let (state, drive) = (&self.state[range.clone()], &mut self.drive[range]);
        let pull = match task {
            Task::Relax(pull) | Task::Asymmetric(pull) if k + 1 == network.layers.len() => pull,
            Task::Adjoint => {
                return elementwise::answer(Answer::Free, None, state, drive).to_f64();
            }
            _ => Pull::None,
        };
        let answer = match pull {
            Pull::None => Answer::Free,
            Pull::Squared(nudge) => Answer::Pulled {
                beta: nudge.beta(sample),
                mask: &network.output_mask,
                targets: nudge.targets(sample),
            },
            Pull::Softmax(nudge) => {
                return answer_softmax(
                    &network.outputs,
                    nudge.beta(sample).to_f64(),
                    nudge.targets(sample),
                    layer.bounds,
                    state,
                    drive,
                    &mut self.logits,
                );
            }
        };
        elementwise::answer(answer, layer.bounds, state, drive).to_f64()
    }
}

/// Where the drives of the last layer of a sample are kept.
fn place<T: Scalar>(network: &PackedNetwork<T>, sample: usize) -> std::ops::Range<usize> {
    let padded = network.last().padded;
    sample * padded..(sample + 1) * padded
}

/// The larger of two forces, NaN if either is.
fn larger(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}
