//! The engine: built once for a shape, given weights, and asked for the fixed points of batches.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::mixed_precision::MixedPrecision;
use crate::engine::product::{ColumnLists, InputDrive, OuterProducts};
use crate::engine::settings::{EngineSettings, States};
use crate::engine::sweep::{
    Batch, BatchLinearisation, Exchange, Member, Mode, Nudge, OutputCost, Request, SampleReport,
    SweepControl, Thread,
};
use crate::engine::threads::{Pool, thread_pool};
use crate::engine::weights::PackedNetwork;
use crate::error::{Error, Result};
use crate::numeric::Scalar;

/// From so many weights on, which no second cache holds, threads divide the neurons of a batch instead of its
/// samples: each reads its part of the weights only ...
const WORTH_SHARING: usize = 1 << 18;
/// ... if the samples are no more than these. Of many each thread has enough to do with a weight when it is there.
const MOST_DIVIDED: usize = 64;

/// Finds the fixed points of batches (see the [module](crate::engine)).
#[derive(Debug)]
pub struct Engine<T: Scalar> {
    pub(super) settings: EngineSettings,
    pub(super) network: PackedNetwork<T>,
    pub(super) threads: Vec<Thread<T>>,
    pub(super) pool: Pool,
    reports: Vec<SampleReport>,
    /// Where the threads meet if they divide the neurons.
    exchange: Option<Exchange<T>>,
    /// What the matrices read in a step of learning.
    pub(super) lists: Vec<ColumnLists<T>>,
    pub(super) mixed: Option<Box<MixedPrecision>>,
}

impl<T: Scalar> Engine<T> {
    /// An engine with all weights zero.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names the setting that cannot be.
    pub fn new(settings: EngineSettings) -> Result<Self> {
        settings.check()?;
        let network = PackedNetwork::new(
            settings.activation,
            &settings.sizes,
            settings.dense,
            settings.outputs.clone(),
            &settings.bounds,
        );
        let pool = thread_pool(settings.threads)?;
        let few =
            std::thread::available_parallelism().is_ok_and(|most| settings.threads <= most.get());
        let divided = few && pool.is_some() && network.listed_weights() >= WORTH_SHARING;
        Ok(Self {
            exchange: divided.then(|| Exchange::new(settings.threads)),
            threads: (0..settings.threads).map(|_| Thread::default()).collect(),
            network,
            pool,
            reports: Vec::new(),
            lists: Vec::new(),
            mixed: MixedPrecision::of::<T>(&settings)?,
            settings,
        })
    }

    /// The settings it was built with.
    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// Drives of the first layer from so many inputs, all weights zero, which the engine's threads compute.
    pub fn input_drive(&self, inputs: usize) -> InputDrive<T> {
        let EngineSettings { sizes, threads, .. } = &self.settings;
        InputDrive::with_pool(inputs, sizes[0], *threads, self.pool.clone())
    }

    /// Sums of outer products by the engine's threads.
    pub fn outer_products(&self) -> OuterProducts<T> {
        OuterProducts::with_pool(self.settings.threads, self.pool.clone())
    }

    /// Rates ρ(s) of a slice of states.
    pub fn rates(&self, states: &[T], rates: &mut [T]) {
        crate::numeric::vectorised(
            #[inline(always)]
            || crate::engine::elementwise::rates(self.settings.activation, states, rates),
        );
    }

    /// Lets a batch settle from the given `states`, which are replaced: `drive` holds U x + b of the first
    /// layer, one row a sample. Without a nudge this is the free phase.
    ///
    /// A report a sample. Those that did not settle keep their last state, with the residual there.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit, or β ≤ −1.
    pub fn settle(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        control: &SweepControl,
    ) -> Result<&[SampleReport]> {
        self.check_batch(drive, states, nudge)?;
        let mut mixed = self.mixed.take();
        let ahead = match &mut mixed {
            Some(mixed) => mixed.run(drive, states, nudge, control),
            None => Ok(&[][..]),
        };
        self.relax(drive, states, nudge, None, control)?;
        for (report, ahead) in self.reports.iter_mut().zip(ahead?) {
            report.sweeps += ahead.sweeps;
        }
        self.mixed = mixed;
        Ok(&self.reports)
    }

    /// The phase in the engine's own precision, by sweeps or by the steps of a linearisation.
    pub(super) fn relax(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        near: Option<&BatchLinearisation>,
        control: &SweepControl,
    ) -> Result<&[SampleReport]> {
        let samples = self.check_batch(drive, states, nudge)?;
        let request = Request {
            mode: Mode::Relax,
            drive: Some(drive),
            free: None,
            nudge,
            near,
            control,
        };
        self.solve(samples, states, &request);
        Ok(&self.reports)
    }

    /// The nudged phase of the asymmetric method: the force gains
    /// `(Jac(s⁰)ᵀ − Jac(s⁰))(s − s⁰)`, which makes its response the true gradient's error vector.
    /// `free` holds the fixed points s⁰.
    ///
    /// # Errors
    /// As [`Engine::settle`].
    pub fn settle_asymmetric(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        free: &States<T>,
        nudge: &Nudge<'_, T>,
        control: &SweepControl,
    ) -> Result<&[SampleReport]> {
        let samples = self.check_batch(drive, states, Some(nudge))?;
        self.check_states("free", free, samples)?;
        self.network.prepare_transposes();
        let request = Request {
            mode: Mode::Asymmetric,
            drive: Some(drive),
            free: Some(free),
            nudge: Some(nudge),
            near: None,
            control,
        };
        self.solve(samples, states, &request);
        Ok(&self.reports)
    }

    /// The true gradient's error vector of every sample, `g = Jac⁻ᵀ c` with `Jac = W D − I` at the fixed
    /// points `free`, solved as `g = D Wᵀ g − c`. `cost_gradient` holds c = ∂C/∂s of the output neurons,
    /// one row a sample. Neurons that rest on a bound have g = 0. `errors` is the first guess and the result.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn error_vectors(
        &mut self,
        free: &States<T>,
        cost_gradient: &[T],
        errors: &mut States<T>,
        control: &SweepControl,
    ) -> Result<&[SampleReport]> {
        let outputs = self.settings.outputs.len();
        let samples = cost_gradient.len() / outputs.max(1);
        expect_length("cost_gradient", cost_gradient.len(), samples * outputs)?;
        self.check_states("free", free, samples)?;
        self.check_states("errors", errors, samples)?;
        self.network.prepare_transposes();
        let cost = Nudge {
            cost: OutputCost::SquaredError,
            beta: 0.0,
            signs: None,
            targets: cost_gradient,
        };
        let request = Request {
            mode: Mode::Adjoint,
            drive: None,
            free: Some(free),
            nudge: Some(&cost),
            near: None,
            control,
        };
        self.solve(samples, errors, &request);
        Ok(&self.reports)
    }

    pub(super) fn check_states(
        &self,
        name: &str,
        states: &States<T>,
        samples: usize,
    ) -> Result<()> {
        let fits = states.layers.len() == self.settings.sizes.len()
            && states
                .layers
                .iter()
                .zip(&self.settings.sizes)
                .all(|(layer, &size)| layer.len() == samples * size);
        if fits {
            return Ok(());
        }
        Err(Error::invalid(
            name,
            format!(
                "expected {samples} rows for each layer of {:?}",
                self.settings.sizes
            ),
        ))
    }

    fn check_batch(
        &self,
        drive: &[T],
        states: &States<T>,
        nudge: Option<&Nudge<'_, T>>,
    ) -> Result<usize> {
        let first = self.settings.sizes[0];
        let samples = drive.len() / first;
        expect_length("drive", drive.len(), samples * first)?;
        self.check_states("states", states, samples)?;
        if let Some(nudge) = nudge {
            let outputs = self.settings.outputs.len();
            expect_length("targets", nudge.targets.len(), samples * outputs)?;
            if let Some(signs) = nudge.signs {
                expect_length("signs", signs.len(), samples)?;
            }
            let one = [T::ONE];
            let signs = nudge.signs.unwrap_or(&one);
            let betas = signs.iter().map(|sign| nudge.beta * sign.to_f64());
            for beta in betas {
                if !beta.is_finite() || beta <= -1.0 {
                    let message = format!("expected a finite number above -1, found {beta}");
                    return Err(Error::invalid("beta", message));
                }
            }
        }
        Ok(samples)
    }

    fn solve(&mut self, samples: usize, states: &mut States<T>, request: &Request<'_, T>) {
        let network = &self.network;
        self.reports.clear();
        self.reports.resize(samples, SampleReport::NONE);
        let share = samples.div_ceil(self.threads.len()).max(1);
        let batch = Batch {
            network,
            states,
            request,
        };
        let exchange = self.exchange.as_ref().filter(|_| {
            request.mode == Mode::Relax && request.near.is_none() && samples <= MOST_DIVIDED
        });
        // those that divide the neurons need every thread, with samples of its own or without
        let members = exchange.map_or(0, |_| self.threads.len());
        let none = std::iter::repeat_with(|| &mut [][..]).take(members);
        let parts = (self.threads.iter_mut())
            .zip(self.reports.chunks_mut(share).chain(none))
            .enumerate();
        match (&self.pool, exchange) {
            (None, _) => parts.for_each(|(index, (thread, reports))| {
                thread.solve(&batch, index * share, None, reports);
            }),
            (Some(pool), None) => pool.install(|| {
                let parts: Vec<_> = parts.collect();
                parts
                    .into_par_iter()
                    .for_each(|(index, (thread, reports))| {
                        thread.solve(&batch, index * share, None, reports);
                    });
            }),
            (Some(pool), Some(exchange)) => {
                let parts: Vec<_> = parts.map(Mutex::new).collect();
                // each thread of the pool at the same time: they wait for each other
                pool.broadcast(|context| {
                    let part = parts[context.index()].lock();
                    let mut part = part.unwrap_or_else(PoisonError::into_inner);
                    let (index, (thread, reports)) = &mut *part;
                    let member = Member {
                        exchange,
                        index: *index,
                        total: samples,
                        first: samples.min(*index * share),
                    };
                    thread.solve(&batch, member.first, Some(member), reports);
                });
            }
        }
        for (index, (thread, reports)) in self
            .threads
            .iter()
            .zip(self.reports.chunks(share))
            .enumerate()
        {
            for (layer, values) in network.layers.iter().zip(&mut states.layers) {
                let rows = values[index * share * layer.size..].chunks_exact_mut(layer.size);
                for (sample, row) in (0..reports.len()).zip(rows) {
                    let start = sample * network.stride + layer.offset;
                    row.copy_from_slice(&thread.workspace.state[start..start + layer.size]);
                }
            }
        }
    }
}

pub(super) fn expect_length(name: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::invalid(
        name,
        format!("expected {expected} numbers, found {found}"),
    ))
}
