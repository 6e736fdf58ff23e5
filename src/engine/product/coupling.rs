//! Velocities of many samples for an integrator, from the engine's packed weights: zeros are skipped.

use super::collect::collect;
use super::rows::Rows;
use super::sparse::SparseRates;
use crate::engine::elementwise;
use crate::engine::weights::PackedNetwork;
use crate::model::{self, Coupling};
use crate::numeric::Scalar;
use crate::numeric::vectorised;

/// The coupling of a leaky network, packed.
#[derive(Debug)]
pub(crate) struct PackedCoupling<T> {
    network: PackedNetwork<T>,
    /// n.
    dimension: usize,
}

/// What the products of some samples need; kept between calls.
#[derive(Debug, Default)]
pub(crate) struct CouplingWorkspace<T> {
    rates: Vec<T>,
    sums: Vec<T>,
    lists: SparseRates<T>,
    /// All samples' numbers in their order.
    samples: Vec<usize>,
}

impl<T: Scalar> PackedCoupling<T> {
    pub fn of(network: &model::Network) -> Self {
        let dimension = network.dimension();
        let (sizes, dense) = match &network.coupling {
            Coupling::Dense(_) | Coupling::Sparse(_) => (vec![dimension], true),
            Coupling::Layered(layers) => (layers.sizes().to_vec(), false),
        };
        let mut packed = PackedNetwork::new(network.activation, &sizes, dense, Vec::new(), &[]);
        packed.set(network);
        Self {
            network: packed,
            dimension,
        }
    }

    /// `out = drives + W ρ(s) − s` of samples that lie one after the other, n numbers each.
    pub fn velocities(
        &self,
        drives: &[T],
        states: &[T],
        out: &mut [T],
        workspace: &mut CouplingWorkspace<T>,
    ) {
        let (network, n) = (&self.network, self.dimension);
        let (count, stride) = (states.len() / n, network.stride);
        if workspace.rates.len() < count * stride {
            workspace.rates.resize(count * stride, T::ZERO);
            workspace.sums.resize(count * stride, T::ZERO);
        }
        if network.blocks > 0 {
            workspace.lists.reserve(count, network.blocks);
        }
        workspace.samples.clear();
        workspace.samples.extend(0..count);
        for (sample, mut state) in states.chunks_exact(n).enumerate() {
            for layer in &network.layers {
                let own;
                (own, state) = state.split_at(layer.size);
                let start = sample * stride + layer.offset;
                let rates = &mut workspace.rates[start..start + layer.size];
                vectorised(
                    #[inline(always)]
                    || elementwise::rates(network.activation, own, rates),
                );
                if layer.listed {
                    workspace.lists.fill(sample, layer.first_block, rates);
                }
            }
        }
        let zeros = Rows::same(&network.zeros);
        for layer in &network.layers {
            collect(
                network,
                &layer.incoming,
                (&workspace.rates, &workspace.lists),
                (zeros, &mut workspace.sums),
                layer,
                &workspace.samples,
            );
        }
        let samples = drives.chunks_exact(n).zip(states.chunks_exact(n));
        for (sample, (out, (drives, states))) in out.chunks_exact_mut(n).zip(samples).enumerate() {
            let mut first = 0;
            for layer in &network.layers {
                let own = first..first + layer.size;
                first = own.end;
                let sums = &workspace.sums[sample * stride + layer.offset..];
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
