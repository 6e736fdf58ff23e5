//! What layers receive in a sweep: products of one thread for its samples, or of all threads for all.

use super::exchange::Member;
use super::workspace::{Task, Workspace};
use crate::engine::product::{Rows, collect, fill_rest, row};
use crate::engine::weights::PackedNetwork;
use crate::numeric::Scalar;

impl<T: Scalar> Workspace<T> {
    /// Makes known what was sent; `false` if no sample is on its way any more.
    pub(super) fn share(
        &mut self,
        network: &PackedNetwork<T>,
        member: Option<Member<'_, T>>,
        layers: &[usize],
        samples: &[usize],
    ) -> bool {
        match member {
            None => !samples.is_empty(),
            Some(member) => {
                let all = (&mut self.rate_lists, &mut self.active);
                member.share(network, layers, samples, all)
            }
        }
    }

    /// Writes the drives of some layers to `drives`, with the other members if there are any; `false` if one of them
    /// is lost.
    pub(super) fn receive_all(
        &mut self,
        network: &PackedNetwork<T>,
        task: Task<'_, T>,
        member: Option<Member<'_, T>>,
        layers: &[usize],
        samples: &[usize],
        drives: &mut [T],
    ) -> bool {
        let Some(member) = member else {
            for &k in layers {
                self.receive(network, task, k, samples, drives);
            }
            return true;
        };
        let is_divided = |k: &usize| network.layers[*k].reads_lists();
        let divided = layers.iter().copied().filter(is_divided);
        for &k in layers.iter().filter(|k| !is_divided(k)) {
            self.receive(network, task, k, samples, drives);
        }
        for k in divided.clone() {
            let layer = &network.layers[k];
            let (base, all_base) = match k {
                0 => {
                    let all = Rows {
                        values: &self.all_constant,
                        stride: layer.padded,
                        offset: 0,
                    };
                    (
                        Rows {
                            values: &self.constant,
                            stride: network.stride,
                            offset: layer.offset,
                        },
                        all,
                    )
                }
                _ => (Rows::same(&layer.bias), Rows::same(&layer.bias)),
            };
            fill_rest(network, layer, base, drives, samples);
            member.multiply(network, k, (&self.rate_lists, &self.active), all_base);
        }
        member.gather(network, divided, samples, drives)
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
}
