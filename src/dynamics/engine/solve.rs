//! The engine: built once for a shape, given weights, and asked for the fixed points of batches.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::driver::{Control, Driver, SampleReport};
use super::elementwise::slopes;
use super::forerunner::Forerunner;
use super::network::Network;
use super::nudge::{Nudge, OutputCost, PaddedNudge, Pull};
use super::product::Products;
use super::scalar::Scalar;
use super::sweep::{Task, Workspace};
use crate::error::{Error, Result};
use crate::model::Activation;

/// The shape of a network and how it is computed. Leaky dynamics.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineSettings {
    /// The firing rate ρ.
    pub activation: Activation,
    /// Values of the input; 0 if the caller computes the input drive.
    pub inputs: usize,
    /// Neurons of every layer, input side first; one number for a dense network.
    pub sizes: Vec<usize>,
    /// Whether the (only) layer is coupled to itself.
    pub dense: bool,
    /// Output neurons, counted within the last layer.
    pub outputs: Vec<usize>,
    /// Bounds that hold the states of each layer; layers beyond the end of the list have none.
    pub bounds: Vec<Option<(f64, f64)>>,
    /// Threads among which the samples are divided.
    pub threads: usize,
}

impl EngineSettings {
    /// A layered network, `sizes` input side first and without the input; every neuron of the last layer is an output.
    pub fn layered(activation: Activation, inputs: usize, sizes: &[usize]) -> Self {
        Self {
            activation,
            inputs,
            sizes: sizes.to_vec(),
            dense: false,
            outputs: (0..sizes.last().copied().unwrap_or(0)).collect(),
            bounds: Vec::new(),
            threads: 1,
        }
    }

    /// A dense network of n neurons.
    pub fn dense(activation: Activation, inputs: usize, neurons: usize, outputs: &[usize]) -> Self {
        Self {
            dense: true,
            outputs: outputs.to_vec(),
            ..Self::layered(activation, inputs, &[neurons])
        }
    }

    /// The same with all states held inside [low, high].
    #[must_use]
    pub fn with_state_bounds(mut self, low: f64, high: f64) -> Self {
        self.bounds = vec![Some((low, high)); self.sizes.len()];
        self
    }

    fn check(&self) -> Result<()> {
        let wrong = |field: &str, message: String| Err(Error::invalid(field, message));
        if self.sizes.is_empty() || self.sizes.contains(&0) {
            return wrong(
                "sizes",
                "expected at least one layer, none of them empty".into(),
            );
        }
        if self.dense && self.sizes.len() != 1 {
            return wrong("sizes", "a dense network has one layer".into());
        }
        let last = self.sizes[self.sizes.len() - 1];
        if let Some(output) = self.outputs.iter().find(|&&output| output >= last) {
            return wrong(
                "outputs",
                format!("output {output} is not in the last layer, which has {last} neurons"),
            );
        }
        for (low, high) in self.bounds.iter().flatten() {
            if low.is_nan() || high.is_nan() || low >= high {
                return wrong(
                    "bounds",
                    format!("expected low < high, found [{low}, {high}]"),
                );
            }
        }
        if self.threads == 0 {
            return wrong("threads", "expected at least 1".into());
        }
        Ok(())
    }
}

/// Weights row by row, `matrix[i * columns + j]` acting from neuron j on neuron i.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a, T> {
    /// Matrices between neighbouring layers of neurons, input side first, without the input's.
    Layered {
        /// `forward[k]`, n_{k+1} × n_k, from layer k to layer k + 1.
        forward: &'a [&'a [T]],
        /// `feedback[k]`, n_k × n_{k+1}, from layer k + 1 to layer k.
        feedback: &'a [&'a [T]],
    },
    /// One n × n matrix.
    Dense(&'a [T]),
}

/// The states of a batch: for every layer, input side first, one row of its neurons a sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct States<T> {
    /// `layers[k][sample * n_k + i]`.
    pub layers: Vec<Vec<T>>,
}

impl<T: Scalar> States<T> {
    /// Zeros for `samples` samples of layers of the given sizes.
    pub fn zeros(sizes: &[usize], samples: usize) -> Self {
        Self {
            layers: sizes
                .iter()
                .map(|&size| vec![T::ZERO; size * samples])
                .collect(),
        }
    }
}

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

/// What one thread owns.
#[derive(Debug, Clone, Default)]
struct Thread<T> {
    workspace: Workspace<T>,
    driver: Driver,
    nudge: PaddedNudge<T>,
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
            .map(|(_, matrix)| {
                DMatrix::from_fn(matrix.rows, matrix.columns, |i, j| {
                    matrix.entry(i, j).to_f64()
                })
            })
            .next()
            .unwrap_or_default()
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
    /// of m numbers, r as many rows of n, out is m × n.
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
        expect_length(
            "out",
            out.len(),
            (delta.len() / samples) * (rates.len() / samples),
        )?;
        self.products.outer_add(scale, delta, rates, samples, out);
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
        let samples = self.check_batch(drive, states, nudge)?;
        let mut forerunner = self.forerunner.take();
        let ahead = match &mut forerunner {
            Some(forerunner) => forerunner.run(drive, states, nudge, control),
            None => Ok(&[][..]),
        };
        self.solve(
            Mode::Relax,
            samples,
            Some(drive),
            states,
            None,
            nudge,
            control,
        );
        for (report, ahead) in self.reports.iter_mut().zip(ahead?) {
            report.sweeps += ahead.sweeps;
        }
        self.forerunner = forerunner;
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
        let nudge = Some(nudge);
        self.solve(
            Mode::Asymmetric,
            samples,
            Some(drive),
            states,
            Some(free),
            nudge,
            control,
        );
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
        self.solve(
            Mode::Adjoint,
            samples,
            None,
            errors,
            Some(free),
            Some(&cost),
            control,
        );
        Ok(&self.reports)
    }

    fn check_states(&self, name: &str, states: &States<T>, samples: usize) -> Result<()> {
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
            let largest = nudge
                .signs
                .unwrap_or_default()
                .iter()
                .fold(1.0_f64, |largest, sign| largest.max(sign.to_f64().abs()));
            if !(nudge.beta.abs() * largest).is_finite() {
                return Err(Error::invalid("beta", "expected a finite number"));
            }
        }
        Ok(samples)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "private; the three public solves in one place"
    )]
    fn solve(
        &mut self,
        mode: Mode,
        samples: usize,
        drive: Option<&[T]>,
        states: &mut States<T>,
        free: Option<&States<T>>,
        nudge: Option<&Nudge<'_, T>>,
        control: &Control,
    ) {
        let network = &self.network;
        self.reports.clear();
        self.reports.resize(samples, SampleReport::NONE);
        let share = samples.div_ceil(self.threads.len()).max(1);
        let batch = Batch {
            mode,
            network,
            drive,
            states,
            free,
            nudge,
            control,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Relax,
    Adjoint,
    Asymmetric,
}

/// A batch to be solved, as the caller gave it.
struct Batch<'a, T: Scalar> {
    mode: Mode,
    network: &'a Network<T>,
    drive: Option<&'a [T]>,
    states: &'a States<T>,
    free: Option<&'a States<T>>,
    nudge: Option<&'a Nudge<'a, T>>,
    control: &'a Control,
}

impl<T: Scalar> Thread<T> {
    /// Solves the samples `first..first + reports.len()` of a batch.
    fn solve(&mut self, batch: &Batch<'_, T>, first: usize, reports: &mut [SampleReport]) {
        let count = reports.len();
        let Batch { network, mode, .. } = *batch;
        let workspace = &mut self.workspace;
        workspace.reserve(network, count, mode != Mode::Relax);
        let load = |row: &mut [T], states: &States<T>, sample: usize| {
            for (layer, values) in network.layers.iter().zip(&states.layers) {
                let from = (first + sample) * layer.size;
                row[layer.offset..layer.offset + layer.size]
                    .copy_from_slice(&values[from..from + layer.size]);
            }
            // a solved layer's start is not used: not even a NaN in it may pass unseen
            let (measured, solved) = row.split_at_mut(network.measured_length);
            measured[0] += solved.iter().fold(T::ZERO, |sum, &s| sum + s * T::ZERO);
        };
        let last = &network.layers[network.layers.len() - 1];
        if let Some(nudge) = batch.nudge {
            self.nudge
                .load(nudge, (first, count), last.padded, &network.outputs);
        }
        for sample in 0..count {
            let row = sample * network.stride..(sample + 1) * network.stride;
            workspace.state[row.clone()].fill(T::ZERO);
            load(&mut workspace.state[row.clone()], batch.states, sample);
            if let Some(free) = batch.free {
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
            if let Some(drive) = batch.drive {
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
        let pull = match batch.nudge {
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
            task,
            batch.control,
            reports,
            |row, sample| load(row, batch.states, sample),
        );
    }
}

/// Takes the cost's gradient off the neurons that rest on a bound: nothing moves them.
fn release_held<T: Scalar>(network: &Network<T>, states: &[T], costs: &mut [T]) {
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
