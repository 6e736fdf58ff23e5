//! The engine: built once for a shape, given weights, and asked for the fixed points of batches.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::driver::{Control, SampleReport};
use super::forerunner::Forerunner;
use super::linearised::Linearisation;
use super::network::Network;
use super::nudge::{Nudge, OutputCost};
use super::product::Products;
use super::scalar::Scalar;
use super::shape::{EngineSettings, States, Weights};
use super::thread::{Batch, Mode, Request, Thread};
use crate::error::{Error, Result};
use crate::model;

/// Multiplications below which threads cost more than they save.
const WORTH_DIVIDING: usize = 100_000;

/// Finds the fixed points of batches; see the [module](super).
#[derive(Debug)]
pub struct Engine<T: Scalar> {
    settings: EngineSettings,
    network: Network<T>,
    threads: Vec<Thread<T>>,
    pool: Option<rayon::ThreadPool>,
    reports: Vec<SampleReport>,
    products: Products<T>,
    forerunner: Option<Box<Forerunner>>,
}

impl<T: Scalar> Engine<T> {
    /// An engine with all weights zero.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names the setting that cannot be.
    pub fn new(settings: EngineSettings) -> Result<Self> {
        settings.check()?;
        let network = Network::new(
            settings.activation,
            &settings.sizes,
            settings.inputs,
            settings.dense,
            settings.outputs.clone(),
            &settings.bounds,
        );
        let pool = (settings.threads > 1)
            .then(|| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(settings.threads)
                    .build()
            })
            .transpose()
            .map_err(|error| Error::invalid("threads", error.to_string()))?;
        Ok(Self {
            threads: (0..settings.threads).map(|_| Thread::default()).collect(),
            network,
            pool,
            reports: Vec::new(),
            products: Products::default(),
            forerunner: Forerunner::of::<T>(&settings)?,
            settings,
        })
    }

    /// The matrix from layer `from` to layer `to`; empty if there is none.
    pub(super) fn matrix(&self, to: usize, from: usize) -> DMatrix<f64> {
        let incoming = self.network.layers[to].incoming.iter();
        incoming
            .filter(|(source, _)| *source == from)
            .map(|(_, matrix)| matrix.to_matrix())
            .next()
            .unwrap_or_default()
    }

    /// The bounds of a layer.
    pub(super) fn bounds(&self, layer: usize) -> Option<(T, T)> {
        self.network.layers[layer].bounds
    }

    /// All biases, layer by layer.
    pub(super) fn biases(&self) -> Vec<f64> {
        let layers = self.network.layers.iter();
        layers
            .flat_map(|layer| &layer.bias[..layer.size])
            .map(|value| value.to_f64())
            .collect()
    }

    /// The settings it was built with.
    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// Takes weights and biases (one slice a layer). They are packed once and used until the next call.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if a slice has another length than the shape asks for.
    pub fn set_weights(&mut self, weights: Weights<'_, T>, bias: &[&[T]]) -> Result<()> {
        let sizes = &self.settings.sizes;
        let pairs = sizes.len() - 1;
        let fits = match weights {
            Weights::Dense(matrix) => self.settings.dense && matrix.len() == sizes[0] * sizes[0],
            Weights::Layered { forward, feedback } => {
                !self.settings.dense
                    && forward.len() == pairs
                    && feedback.len() == pairs
                    && (0..pairs).all(|k| {
                        let size = sizes[k] * sizes[k + 1];
                        forward[k].len() == size && feedback[k].len() == size
                    })
            }
        };
        if !fits {
            return Err(Error::invalid(
                "weights",
                format!("expected the matrices of a network of sizes {sizes:?}"),
            ));
        }
        if bias.len() != sizes.len() || bias.iter().zip(sizes).any(|(b, &n)| b.len() != n) {
            return Err(Error::invalid(
                "bias",
                format!("expected one number a neuron, layers of {sizes:?}"),
            ));
        }
        match weights {
            Weights::Dense(matrix) => self.network.set_matrix(0, 0, matrix),
            Weights::Layered { forward, feedback } => {
                for k in 0..pairs {
                    self.network.set_matrix(k + 1, k, forward[k]);
                    self.network.set_matrix(k, k + 1, feedback[k]);
                }
            }
        }
        for (k, bias) in bias.iter().enumerate() {
            self.network.set_bias(k, bias);
        }
        if let Some(forerunner) = &mut self.forerunner {
            forerunner.set_weights(weights, bias)?;
        }
        Ok(())
    }

    /// Takes weights, biases and input weights of a network of the engine's shape.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if it has another shape or activation, or is not leaky.
    pub fn set_network(&mut self, network: &model::Network) -> Result<()> {
        let shape = EngineSettings::of(network)?;
        let own = &self.settings;
        let inputs = own.inputs != 0;
        if (shape.activation, shape.dense) != (own.activation, own.dense)
            || shape.sizes != own.sizes
            || shape.outputs != own.outputs
            || (inputs && shape.inputs != own.inputs)
        {
            let message = format!("expected the network the engine was built for, {own:?}");
            return Err(Error::invalid("network", message));
        }
        self.network.set(network, inputs);
        if let Some(forerunner) = &mut self.forerunner {
            forerunner.set_network(network)?;
        }
        Ok(())
    }

    /// Takes the input weights U of the first layer, n₁ × inputs, row by row.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the length is not n₁ · inputs.
    pub fn set_input_weights(&mut self, matrix: &[T]) -> Result<()> {
        expect_length(
            "input_weights",
            matrix.len(),
            self.settings.sizes[0] * self.settings.inputs,
        )?;
        self.network.input.set(matrix);
        Ok(())
    }

    /// The input drive `drive = x Uᵀ + b₁` of a batch: x holds one row of inputs a sample (already as
    /// rates), `drive` one row of n₁ numbers. Inputs that are 0 cost nothing.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn drive(&mut self, inputs: &[T], drive: &mut [T]) -> Result<()> {
        let first = self.settings.sizes[0];
        let samples = drive.len() / first;
        expect_length("drive", drive.len(), samples * first)?;
        expect_length("inputs", inputs.len(), samples * self.settings.inputs)?;
        let bias = &self.network.layers[0].bias[..first];
        for row in drive.chunks_exact_mut(first) {
            row.copy_from_slice(bias);
        }
        self.products
            .multiply_sparse_add(&self.network.input, inputs, drive);
        Ok(())
    }

    /// `out += a · Bᵀ` for row-major a (m × k) and b (n × k); out is m × n.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn multiply_add(&mut self, a: &[T], b: &[T], inner: usize, out: &mut [T]) -> Result<()> {
        if inner == 0 || !a.len().is_multiple_of(inner) || !b.len().is_multiple_of(inner) {
            return Err(Error::invalid(
                "inner",
                "the lengths of a and b are not multiples",
            ));
        }
        expect_length("out", out.len(), (a.len() / inner) * (b.len() / inner))?;
        self.products.multiply_add(a, b, inner, out);
        Ok(())
    }

    /// The sum of outer products that a weight update is, `out += scale · δᵀ r`: δ holds `samples` rows
    /// of m numbers, r as many rows of n, out is m × n. The rows of a large one are divided among the threads,
    /// each computed alike whatever their number.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn outer_add(
        &mut self,
        scale: T,
        delta: &[T],
        rates: &[T],
        samples: usize,
        out: &mut [T],
    ) -> Result<()> {
        if samples == 0
            || !delta.len().is_multiple_of(samples)
            || !rates.len().is_multiple_of(samples)
        {
            return Err(Error::invalid(
                "samples",
                "the lengths of delta and rates are not multiples",
            ));
        }
        let (rows, columns) = (delta.len() / samples, rates.len() / samples);
        expect_length("out", out.len(), rows * columns)?;
        let large = rows * rates.len() >= WORTH_DIVIDING;
        let Some(pool) = self.pool.as_ref().filter(|_| large) else {
            let all = (delta, 0..rows);
            self.products.outer_add(scale, all, rates, samples, out);
            return Ok(());
        };
        let share = rows.div_ceil(self.threads.len());
        let parts = self.threads.par_iter_mut();
        let parts = parts.zip(out.par_chunks_mut(share * columns)).enumerate();
        pool.install(|| {
            parts.for_each(|(k, (thread, out))| {
                let own = (delta, k * share..rows.min((k + 1) * share));
                let products = &mut thread.products;
                products.outer_add(scale, own, rates, samples, out);
            });
        });
        Ok(())
    }

    /// Rates ρ(s) of a slice of states.
    pub fn rates(&self, states: &[T], rates: &mut [T]) {
        super::elementwise::vectorised(
            #[inline(always)]
            || super::elementwise::rates(self.settings.activation, states, rates),
        );
    }

    /// Lets a batch settle from the given `states`, which are replaced: `drive` holds U x + b of the first
    /// layer, one row a sample. Without a nudge this is the free phase.
    ///
    /// A report a sample; those that did not settle keep their last state, with the residual there.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit, or β ≤ −1.
    pub fn settle(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        control: &Control,
    ) -> Result<&[SampleReport]> {
        self.check_batch(drive, states, nudge)?;
        let mut forerunner = self.forerunner.take();
        let ahead = match &mut forerunner {
            Some(forerunner) => forerunner.run(drive, states, nudge, control),
            None => Ok(&[][..]),
        };
        self.relax(drive, states, nudge, None, control)?;
        for (report, ahead) in self.reports.iter_mut().zip(ahead?) {
            report.sweeps += ahead.sweeps;
        }
        self.forerunner = forerunner;
        Ok(&self.reports)
    }

    /// The phase in the engine's own precision, by sweeps or by the steps of a linearisation.
    pub(super) fn relax(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        near: Option<&Linearisation>,
        control: &Control,
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
        control: &Control,
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
    /// points `free`, solved as `g = D Wᵀ g − c`; `cost_gradient` holds c = ∂C/∂s of the output neurons,
    /// one row a sample. Neurons that rest on a bound have g = 0. `errors` is the first guess and the result.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit.
    pub fn error_vectors(
        &mut self,
        free: &States<T>,
        cost_gradient: &[T],
        errors: &mut States<T>,
        control: &Control,
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
        let parts = self
            .threads
            .iter_mut()
            .zip(self.reports.chunks_mut(share))
            .enumerate();
        match &self.pool {
            None => parts.for_each(|(index, (thread, reports))| {
                thread.solve(&batch, index * share, reports);
            }),
            Some(pool) => pool.install(|| {
                let parts: Vec<_> = parts.collect();
                parts
                    .into_par_iter()
                    .for_each(|(index, (thread, reports))| {
                        thread.solve(&batch, index * share, reports);
                    });
            }),
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

fn expect_length(name: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::invalid(
        name,
        format!("expected {expected} numbers, found {found}"),
    ))
}
