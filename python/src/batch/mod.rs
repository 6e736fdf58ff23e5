//! Whole batches by the engine: where they rest, and the mean updates that follow.

use std::sync::{Mutex, PoisonError};

use eqprop::Result;
use eqprop::engine::{
    End, Engine, EngineSettings, InputDrive, Nudge, OuterProducts, OutputCost, SampleReport,
    Scalar, States, SweepControl,
};
use eqprop::model;

mod blocks;
mod gradient;
mod update;

pub use blocks::{Block, blocks_of, with_blocks};
pub use gradient::transposed;
pub use update::{Method, Update};

/// What an engine is built for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// States are held inside.
    pub bounds: Option<(f64, f64)>,
    /// Threads among which samples are divided.
    pub threads: usize,
}

/// An engine that holds the weights of one network, with what it needs beside.
pub struct Batches<T: Scalar> {
    shape: Shape,
    engine: Engine<T>,
    drive: InputDrive<T>,
    products: OuterProducts<T>,
}

/// Engines of one network that are not in use. Threads that share a network each take their own.
pub struct Idle<T: Scalar>(Mutex<Vec<Batches<T>>>);

impl<T: Scalar> Default for Idle<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

/// Engines of a network that are kept.
const KEPT: usize = 4;

impl<T: Scalar> Idle<T> {
    /// Does `work` with an engine that is idle, or else with a `new` one.
    pub fn with<R>(
        &self,
        shape: Shape,
        new: impl FnOnce() -> Result<Batches<T>>,
        work: impl FnOnce(&mut Batches<T>) -> Result<R>,
    ) -> Result<R> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = {
            let mut idle = lock();
            let found = idle.iter().position(|batches| batches.shape == shape);
            found.map(|position| idle.swap_remove(position))
        };
        let mut batches = match taken {
            Some(batches) => batches,
            None => new()?,
        };
        let result = work(&mut batches);
        let mut idle = lock();
        if idle.len() < KEPT {
            idle.push(batches);
        }
        result
    }
}

/// A settled batch.
pub struct Rest<T> {
    states: States<T>,
    sizes: Vec<usize>,
    /// What became of each sample.
    pub reports: Vec<SampleReport>,
}

/// A batch as it is asked about: rows of numbers.
pub struct Samples<T> {
    /// How many.
    pub count: usize,
    /// x, row by row.
    pub inputs: Vec<T>,
    /// y, row by row.
    pub targets: Vec<T>,
    /// Where the states start, neuron by neuron, row by row; zeros if none.
    pub start: Option<Vec<T>>,
}

impl<T: Scalar> Batches<T> {
    /// An engine that holds the weights of `network`.
    ///
    /// # Errors
    /// What the engine says of networks that it does not know.
    pub fn new(network: &model::Network, shape: Shape) -> Result<Self> {
        let mut settings = EngineSettings::of(network)?;
        settings.threads = shape.threads;
        if let Some((low, high)) = shape.bounds {
            settings = settings.with_state_bounds(low, high);
        }
        let mut engine = Engine::new(settings)?;
        engine.set_network(network)?;
        let mut drive = engine.input_drive(network.input_weights.ncols());
        drive.set_network(network)?;
        Ok(Self {
            shape,
            drive,
            products: engine.outer_products(),
            engine,
        })
    }

    fn sizes(&self) -> Vec<usize> {
        self.engine.settings().sizes.clone()
    }

    /// U ρ(x) + b of the first layer, and ρ(x).
    fn drives(&mut self, samples: &Samples<T>) -> Result<(Vec<T>, Vec<T>)> {
        let mut rates = vec![T::ZERO; samples.inputs.len()];
        self.engine.rates(&samples.inputs, &mut rates);
        let mut drives = vec![T::ZERO; samples.count * self.sizes()[0]];
        self.drive.drives(&rates, &mut drives)?;
        Ok((drives, rates))
    }

    /// The states at which a batch starts: those given, or zeros (the nearest bound).
    fn start(&self, samples: &Samples<T>) -> States<T> {
        let sizes = self.sizes();
        let mut states = States::zeros(&sizes, samples.count);
        match &samples.start {
            Some(rows) => {
                let width: usize = sizes.iter().sum();
                let mut offset = 0;
                for (layer, &size) in states.layers.iter_mut().zip(&sizes) {
                    for (row, given) in layer.chunks_exact_mut(size).zip(rows.chunks_exact(width)) {
                        row.copy_from_slice(&given[offset..offset + size]);
                    }
                    offset += size;
                }
            }
            None => {
                let nearest = self
                    .shape
                    .bounds
                    .map_or(0.0, |(low, high)| 0f64.clamp(low, high));
                for layer in &mut states.layers {
                    layer.fill(T::from_f64(nearest));
                }
            }
        }
        states
    }

    /// Lets the batch settle, nudged if β is not 0.
    pub fn settle(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        control: &SweepControl,
    ) -> Result<Rest<T>> {
        let (drives, _) = self.drives(samples)?;
        let mut states = self.start(samples);
        let nudge = nudge(&samples.targets, beta);
        let nudge = (beta != 0.0).then_some(&nudge);
        let reports = self.engine.settle(&drives, &mut states, nudge, control)?;
        Ok(Rest {
            reports: reports.to_vec(),
            sizes: self.sizes(),
            states,
        })
    }
}

fn nudge<T: Scalar>(targets: &[T], beta: f64) -> Nudge<'_, T> {
    Nudge {
        cost: OutputCost::SquaredError,
        beta,
        signs: None,
        targets,
    }
}

/// The states of one sample, layer by layer.
fn row<'a, T: Scalar>(
    states: &'a States<T>,
    sizes: &'a [usize],
    sample: usize,
) -> impl Iterator<Item = T> + 'a {
    let layers = states.layers.iter().zip(sizes);
    layers.flat_map(move |(layer, &size)| layer[sample * size..][..size].iter().copied())
}

impl<T: Scalar> Rest<T> {
    /// All states, one row a sample.
    pub fn rows(&self) -> Vec<T> {
        let samples = 0..self.reports.len();
        samples
            .flat_map(|sample| row(&self.states, &self.sizes, sample))
            .collect()
    }
}

/// The number by which Python knows how a sample ended.
pub fn code(report: &SampleReport) -> i64 {
    match report.end {
        End::Settled => 0,
        End::Stalled => 1,
        End::Oscillating => 2,
        End::Diverged => 3,
    }
}
