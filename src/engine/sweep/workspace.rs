//! One sweep over a set of samples: solve every second layer, then measure the rest.

use super::anderson::History;
use super::nudge::{Pull, answer_softmax};
use crate::engine::elementwise::{self, Answer, clip_all};
use crate::engine::product::{Rows, SparseRates, collect, row};
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
    rates: Vec<T>,
    /// Drives; after [`Workspace::sweep`] the answers of the measured layers.
    pub drive: Vec<T>,
    /// Input drive of the first layer, `U x + b`; in the adjoint the cost's gradient c (all layers).
    pub constant: Vec<T>,
    /// D = ρ′(s⁰), 0 on held neurons; adjoint and asymmetric tasks only.
    pub slopes: Vec<T>,
    /// s⁰; asymmetric task only.
    pub anchor: Vec<T>,
    displacement: Vec<T>,
    returned: Vec<T>,
    /// Rates and displacements as lists, in networks where many are 0.
    rate_lists: SparseRates<T>,
    displacement_lists: SparseRates<T>,
    pub history: History<T>,
    /// Residual of every sample at the state before the sweep.
    pub residual: Vec<f64>,
    /// What a nudge acts on, as the last sweep left it: drives of the last layer, rows of its padded length, and
    /// the largest force on the other layers.
    last_drive: Vec<T>,
    other_force: Vec<f64>,
    logits: Vec<f64>,
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

    /// Sets every layer of `solved` at rest given the measured layers, then writes into `drive` what the
    /// measured layers would be at rest, and into `residual` the largest projected force of the whole state.
    pub fn sweep(&mut self, network: &PackedNetwork<T>, task: Task<'_, T>, samples: &[usize]) {
        if samples.is_empty() {
            return;
        }
        self.send(network, task, &network.measured, samples);
        for &k in &network.solved {
            // its drive is its state
            let mut state = std::mem::take(&mut self.state);
            self.receive(network, task, k, samples, &mut state);
            self.state = state;
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
        for &sample in samples {
            self.other_force[sample] = 0.0;
        }
        let last = network.layers.len() - 1;
        for &k in &network.measured {
            let mut drive = std::mem::take(&mut self.drive);
            self.receive(network, task, k, samples, &mut drive);
            self.drive = drive;
            for &sample in samples {
                if k == last {
                    let drive = &self.drive[row(network, network.last(), sample)];
                    self.last_drive[place(network, sample)].copy_from_slice(drive);
                } else {
                    let force = self.answer(network, task, k, sample);
                    let other = &mut self.other_force[sample];
                    *other = larger(*other, force);
                }
            }
        }
        for &sample in samples {
            self.answer_last(network, task, sample);
        }
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
                        sample,
                        layer.first_block,
                        &self.rates[range][..layer.size],
                    );
                }
            }
        }
    }

    /// Writes the drive of layer k, from what its neighbours sent, to `drives`.
    fn receive(
        &mut self,
        network: &PackedNetwork<T>,
        task: Task<'_, T>,
        k: usize,
        samples: &[usize],
        drives: &mut [T],
    ) {
        let layer = &network.layers[k];
        let adjoint = matches!(task, Task::Adjoint);
        let base = match (adjoint, k) {
            (true, _) => Rows::same(&network.zeros),
            (false, 0) => Rows {
                values: &self.constant,
                stride: network.stride,
                offset: layer.offset,
            },
            (false, _) => Rows::same(&layer.bias),
        };
        let matrices = if adjoint {
            &layer.outgoing
        } else {
            &layer.incoming
        };
        collect(
            network,
            matrices,
            (&self.rates, &self.rate_lists),
            (base, drives),
            layer,
            samples,
        );
        if let Task::Asymmetric(_) = task {
            let none = Rows::same(&network.zeros);
            collect(
                network,
                &layer.outgoing,
                (&self.displacement, &self.displacement_lists),
                (none, &mut self.returned),
                layer,
                samples,
            );
            for &sample in samples {
                let range = row(network, layer, sample);
                let (slopes, returned) =
                    (&self.slopes[range.clone()], &self.returned[range.clone()]);
                for (i, drive) in drives[range].iter_mut().enumerate() {
                    *drive += slopes[i] * returned[i];
                }
            }
        }
        if adjoint {
            for &sample in samples {
                let range = row(network, layer, sample);
                let (slopes, costs) = (&self.slopes[range.clone()], &self.constant[range.clone()]);
                for (i, drive) in drives[range].iter_mut().enumerate() {
                    *drive = slopes[i] * *drive - costs[i];
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
