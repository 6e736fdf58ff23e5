//! Velocities of many samples for an integrator, from the engine's packed weights: zeros are skipped.

use super::elementwise;
use super::kernel::Rows;
use super::lists::Lists;
use super::network::Network;
use super::sweep::collect;
use crate::model::{self, Coupling};
use crate::numeric::Scalar;
use crate::numeric::vectorised;

/// The coupling of a leaky network, packed.
#[derive(Debug)]
pub(crate) struct PackedCoupling<T> {
    network: Network<T>,
    /// n.
    dimension: usize,
}

/// What the products of some samples need; kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Room<T> {
    rates: Vec<T>,
    sums: Vec<T>,
    lists: Lists<T>,
    /// All samples' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> PackedCoupling<T> {
    pub fn of(network: &model::Network) -> Self {
        let dimension = network.dimension();
        let (sizes, dense) = match &network.coupling {
            Coupling::Dense(_) => (vec![dimension], true),
            Coupling::Layered(layers) => (layers.sizes().to_vec(), false),
        };
        let mut packed = Network::new(network.activation, &sizes, 0, dense, Vec::new(), &[]);
        packed.set(network, false);
        Self {
            network: packed,
            dimension,
        }
    }

    /// `out = drives + W ρ(s) − s` of samples that lie one after the other, n numbers each.
    pub fn velocities(&self, drives: &[T], states: &[T], out: &mut [T], room: &mut Room<T>) {
        let (network, n) = (&self.network, self.dimension);
        let (count, stride) = (states.len() / n, network.stride);
        if room.rates.len() < count * stride {
            room.rates.resize(count * stride, T::ZERO);
            room.sums.resize(count * stride, T::ZERO);
        }
        if network.blocks > 0 {
            room.lists.reserve(count, network.blocks);
        }
        room.samples.clear();
        room.samples.extend(0..count);
        for (sample, mut state) in states.chunks_exact(n).enumerate() {
            for layer in &network.layers {
                let own;
                (own, state) = state.split_at(layer.size);
                let start = sample * stride + layer.offset;
                let rates = &mut room.rates[start..start + layer.size];
                vectorised(
                    #[inline(always)]
                    || elementwise::rates(network.activation, own, rates),
                );
                if layer.listed {
                    room.lists.fill(sample, layer.first_block, rates);
                }
            }
        }
        let zeros = Rows::same(&network.zeros);
        for layer in &network.layers {
            collect(
                network,
                &layer.incoming,
                (&room.rates, &room.lists),
                (zeros, &mut room.sums),
                layer,
                &room.samples,
            );
        }
        let samples = drives.chunks_exact(n).zip(states.chunks_exact(n));
        for (sample, (out, (drives, states))) in out.chunks_exact_mut(n).zip(samples).enumerate() {
            let mut first = 0;
            for layer in &network.layers {
                let own = first..first + layer.size;
                first = own.end;
                let sums = &room.sums[sample * stride + layer.offset..];
                let terms = drives[own.clone()].iter().zip(&states[own.clone()]);
                let out = out[own].iter_mut();
                vectorised(
                    #[inline(always)]
                    || {
                        for ((out, (&drive, &s)), &sum) in out.zip(terms).zip(sums) {
                            *out = drive - s + sum;
                        }
                    },
                );
            }
        }
    }
}
