//! What threads tell each other that divide the neurons: each computes some rows of every product, for all samples
//! of the batch, so that each reads its part of the weights only.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::engine::product::{Rows, RowsMut, SparseRates, collect_groups};
use crate::engine::weights::{PackedLayer, PackedNetwork};
use crate::numeric::Scalar;

/// Turns of waiting after which a thread lets others have the processor.
const SPINS: usize = 2000;

/// The threads' meeting point.
#[derive(Debug)]
pub(crate) struct Exchange<T> {
    parts: Vec<RwLock<Part<T>>>,
    arrived: AtomicUsize,
    round: AtomicUsize,
    abandoned: AtomicBool,
}

/// What one thread shows the others.
#[derive(Debug, Default)]
struct Part<T> {
    /// Samples of its own that are on their way, by their number in the batch.
    active: Vec<usize>,
    /// What they send.
    lists: SparseRates<T>,
    /// Rows of the state for all samples, of which it computes some neurons.
    sums: Vec<T>,
}

impl<T: Scalar> Exchange<T> {
    /// For so many threads.
    pub fn new(threads: usize) -> Self {
        Self {
            parts: (0..threads).map(|_| RwLock::default()).collect(),
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            abandoned: AtomicBool::new(false),
        }
    }

    fn read(&self, part: usize) -> RwLockReadGuard<'_, Part<T>> {
        (self.parts[part].read()).unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, part: usize) -> RwLockWriteGuard<'_, Part<T>> {
        (self.parts[part].write()).unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until all threads are here; whether they are.
    fn meet(&self) -> bool {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.parts.len() {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
        }
        let mut spins = 0;
        while self.round.load(Ordering::Acquire) == round {
            if self.abandoned.load(Ordering::Relaxed) {
                return false;
            }
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        true
    }
}

/// One of the threads that share the neurons of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a, T> {
    pub exchange: &'a Exchange<T>,
    /// Which of them.
    pub index: usize,
    /// Samples of the batch, and the number of its own first one.
    pub total: usize,
    pub first: usize,
}

/// Lets the others go if a thread ends before its time.
impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.abandoned.store(true, Ordering::Relaxed);
        }
    }
}

/// Held by a thread for as long as others count on it.
pub(crate) struct Leaving<'a, T>(&'a Exchange<T>);

impl<'a, T: Scalar> Member<'a, T> {
    /// Makes room, and is held for as long as others count on this thread.
    pub fn enter(&self, network: &PackedNetwork<T>) -> Leaving<'a, T> {
        let mut own = self.exchange.write(self.index);
        own.lists.reserve(self.total, network.blocks);
        let size = self.total * network.stride;
        if own.sums.len() < size {
            own.sums.resize(size, T::ZERO);
        }
        Leaving(self.exchange)
    }

    /// Shows what the samples of its own send in the layers, and takes what those of others do: `lists` and `active`
    /// hold all then. `false` if no sample is on its way any more.
    pub fn share(
        &self,
        network: &PackedNetwork<T>,
        layers: &[usize],
        samples: &[usize],
        (lists, active): (&mut SparseRates<T>, &mut Vec<usize>),
    ) -> bool {
        let blocks = || {
            let layers = layers.iter().map(|&k| &network.layers[k]);
            layers.flat_map(PackedLayer::blocks)
        };
        let mut own = self.exchange.write(self.index);
        let Part {
            active: shown,
            lists: room,
            ..
        } = &mut *own;
        shown.clear();
        shown.extend(samples.iter().map(|sample| self.first + sample));
        room.copy(lists, shown, blocks());
        drop(own);
        if !self.exchange.meet() {
            return false;
        }
        active.clear();
        for k in 0..self.exchange.parts.len() {
            let part = self.exchange.read(k);
            active.extend_from_slice(&part.active);
            if k != self.index {
                lists.copy(&part.lists, &part.active, blocks());
            }
        }
        if active.is_empty() {
            // all have seen it before anything new is shown; where products follow, they meet after those
            self.exchange.meet();
            return false;
        }
        true
    }

    /// Computes the drives of its own neurons in a layer, for all samples on their way.
    pub fn multiply(
        &self,
        network: &PackedNetwork<T>,
        k: usize,
        (lists, active): (&SparseRates<T>, &[usize]),
        base: Rows<'_, T>,
    ) {
        let layer = &network.layers[k];
        let mut own = self.exchange.write(self.index);
        let out = RowsMut {
            values: &mut own.sums,
            stride: network.stride,
            offset: layer.offset,
        };
        let groups = self.groups(layer, k, self.index);
        collect_groups(network, layer, lists, (base, out), active, groups);
    }

    /// Takes the drives of its own samples in some layers from all threads, once they are done. `false` if one is lost.
    pub fn gather(
        &self,
        network: &PackedNetwork<T>,
        layers: impl Iterator<Item = usize> + Clone,
        samples: &[usize],
        out: &mut [T],
    ) -> bool {
        if !self.exchange.meet() {
            return false;
        }
        for part in 0..self.exchange.parts.len() {
            let sums = &self.exchange.read(part).sums;
            for k in layers.clone() {
                let layer = &network.layers[k];
                let groups = self.groups(layer, k, part);
                let rows = layer.group_start(groups.start)..layer.group_start(groups.end);
                for &sample in samples {
                    let from = (self.first + sample) * network.stride + layer.offset;
                    let to = sample * network.stride + layer.offset;
                    out[to + rows.start..to + rows.end]
                        .copy_from_slice(&sums[from + rows.start..from + rows.end]);
                }
            }
        }
        true
    }

    /// The groups of rows that a thread computes. Where they do not come out even and two layers are computed together,
    /// the thread with more of one has less of the other.
    fn groups(&self, layer: &PackedLayer<T>, k: usize, part: usize) -> Range<usize> {
        let (threads, groups) = (self.exchange.parts.len(), layer.groups());
        let place = if (k / 2).is_multiple_of(2) {
            part
        } else {
            threads - 1 - part
        };
        (place * groups).div_ceil(threads)..((place + 1) * groups).div_ceil(threads)
    }
}
