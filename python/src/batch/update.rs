//! Mean updates of a batch: by nudged phases, and by the two solves of the theorem.

use eqprop::engine::{OutputCost, SampleReport, Scalar, States, SweepControl};
use eqprop::model::{self, Coupling, Layers};
use eqprop::{Error, Result};

use super::{Batches, Samples, nudge, row};

/// How an update is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// (s^β − s⁰)/β
    OneSided,
    /// (s^β − s^−β)/2β
    Centred,
    /// The same with (Jacᵀ − Jac)(s − s⁰) added to the nudged field: the true gradient.
    Asymmetric,
}

/// The mean of an update over the samples that contribute.
pub struct Update<T> {
    /// Blocks in the order of the library's parameters: name, rows, columns (none for a vector), values.
    pub blocks: Vec<(&'static str, usize, Option<usize>, Vec<T>)>,
    /// What became of each sample, the worst of its phases.
    pub reports: Vec<SampleReport>,
    /// The mean cost of the free phases that contribute.
    pub cost: f64,
}

impl<T: Scalar> Batches<T> {
    /// The mean update by nudged phases that start at the free fixed points.
    pub fn update(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        method: Method,
        control: &SweepControl,
    ) -> Result<Update<T>> {
        let (drives, rates) = self.drives(samples)?;
        let mut free = self.start(samples);
        let mut reports = self
            .engine
            .settle(&drives, &mut free, None, control)?
            .to_vec();
        let mut nudged = |beta: f64, reports: &mut Vec<SampleReport>| {
            let mut states = free.clone();
            let nudge = nudge(&samples.targets, beta);
            let own = if method == Method::Asymmetric {
                self.engine
                    .settle_asymmetric(&drives, &mut states, &free, &nudge, control)?
            } else {
                self.engine
                    .settle(&drives, &mut states, Some(&nudge), control)?
            };
            worst(reports, own);
            Ok::<_, Error>(states)
        };
        let mut errors = nudged(beta, &mut reports)?;
        let (opposite, factor) = if method == Method::OneSided {
            (free.clone(), 1.0 / beta)
        } else {
            (nudged(-beta, &mut reports)?, 0.5 / beta)
        };
        let factor = T::from_f64(factor);
        for (layer, other) in errors.layers.iter_mut().zip(&opposite.layers) {
            for (value, other) in layer.iter_mut().zip(other) {
                *value = (*value - *other) * factor;
            }
        }
        let blocks = self.mean(&rates, &free, errors, &reports)?;
        let cost = self.cost(samples, &free, &reports);
        Ok(Update {
            blocks,
            reports,
            cost,
        })
    }

    /// The mean of −∂J/∂θ, and of ν in the limit of weak nudges, which takes an engine of the transposed
    /// network: with Jac = W D − I, g = D Wᵀ g − c, and h = D a obeys h = D W h − D c.
    pub fn gradient(
        &mut self,
        network: &model::Network,
        transposed: &mut Self,
        samples: &Samples<T>,
        control: &SweepControl,
    ) -> Result<[Update<T>; 2]> {
        let (drives, rates) = self.drives(samples)?;
        let mut free = self.start(samples);
        let mut reports = self
            .engine
            .settle(&drives, &mut free, None, control)?
            .to_vec();
        let settings = self.engine.settings().clone();
        let (sizes, last) = (&settings.sizes, settings.sizes.len() - 1);
        let n: usize = sizes.iter().sum();
        let held = |s: T| {
            let s = s.to_f64();
            self.shape
                .bounds
                .is_some_and(|(low, high)| s <= low || s >= high)
        };
        let slope = |s: T| match held(s) {
            true => 0.0,
            false => settings.activation.slope(s.to_f64()),
        };
        let of_outputs = |value: &dyn Fn(T, T) -> f64| -> Vec<T> {
            let outputs = settings.outputs.len();
            let states = free.layers[last].chunks_exact(sizes[last]);
            let rows = states.zip(samples.targets.chunks_exact(outputs));
            rows.flat_map(|(state, target)| {
                let pairs = settings.outputs.iter().zip(target);
                pairs.map(|(&at, &y)| T::from_f64(value(state[at], y)))
            })
            .collect()
        };
        let c = of_outputs(&|s, y| s.to_f64() - y.to_f64());
        let scaled = of_outputs(&|s, y| (s.to_f64() - y.to_f64()) * slope(s));
        let mut truth = States::zeros(sizes, samples.count);
        let own = self.engine.error_vectors(&free, &c, &mut truth, control)?;
        worst(&mut reports, own);
        let mut response = States::zeros(sizes, samples.count);
        let own = transposed
            .engine
            .error_vectors(&free, &scaled, &mut response, control)?;
        worst(&mut reports, own);
        // a = W h − c where no bound holds
        let offset: usize = sizes[..last].iter().sum();
        for sample in 0..samples.count {
            let h: Vec<f64> = row(&response, sizes, sample).map(|v| v.to_f64()).collect();
            let mut a = vec![0.0; n];
            network.coupling.multiply_add(&h, &mut a);
            for (k, &output) in settings.outputs.iter().enumerate() {
                a[offset + output] -= c[sample * settings.outputs.len() + k].to_f64();
            }
            let mut values = a.into_iter();
            for (k, &size) in sizes.iter().enumerate() {
                let states = &free.layers[k][sample * size..][..size];
                let out = &mut response.layers[k][sample * size..][..size];
                for ((out, &state), a) in out.iter_mut().zip(states).zip(&mut values) {
                    *out = if held(state) { T::ZERO } else { T::from_f64(a) };
                }
            }
        }
        let cost = self.cost(samples, &free, &reports);
        let mut update = |errors: States<T>| -> Result<Update<T>> {
            Ok(Update {
                blocks: self.mean(&rates, &free, errors, &reports)?,
                reports: reports.clone(),
                cost,
            })
        };
        Ok([update(truth)?, update(response)?])
    }

    fn cost(&self, samples: &Samples<T>, free: &States<T>, reports: &[SampleReport]) -> f64 {
        let settings = self.engine.settings();
        let last = settings.sizes.len() - 1;
        let states = free.layers[last].chunks_exact(settings.sizes[last]);
        let targets = samples.targets.chunks_exact(settings.outputs.len());
        let mut sum = 0.0;
        for ((state, target), report) in states.zip(targets).zip(reports) {
            if report.settled() {
                let outputs: Vec<T> = settings.outputs.iter().map(|&at| state[at]).collect();
                sum += OutputCost::SquaredError.value(&outputs, target);
            }
        }
        sum / contributing(reports).max(1) as f64
    }

    /// The mean of (∂μ/∂θ)ᵀe over the samples of which every phase settled.
    fn mean(
        &mut self,
        inputs: &[T],
        free: &States<T>,
        mut errors: States<T>,
        reports: &[SampleReport],
    ) -> Result<Vec<(&'static str, usize, Option<usize>, Vec<T>)>> {
        let settings = self.engine.settings().clone();
        let (sizes, samples) = (&settings.sizes, reports.len());
        for (layer, &size) in errors.layers.iter_mut().zip(sizes) {
            for (row, report) in layer.chunks_exact_mut(size).zip(reports) {
                if !report.settled() {
                    row.fill(T::ZERO);
                }
            }
        }
        let scale = T::from_f64(1.0 / contributing(reports).max(1) as f64);
        let rates: Vec<Vec<T>> = free
            .layers
            .iter()
            .zip(sizes)
            .map(|(layer, &size)| {
                let mut rates = vec![T::ZERO; layer.len()];
                self.engine.rates(layer, &mut rates);
                for (row, report) in rates.chunks_exact_mut(size).zip(reports) {
                    if !report.settled() {
                        row.fill(T::ZERO);
                    }
                }
                rates
            })
            .collect();
        let mut outer = |delta: &[T], rates: &[T], rows: usize| -> Result<(usize, Vec<T>)> {
            let columns = rates.len() / samples;
            let mut out = vec![T::ZERO; rows * columns];
            if columns > 0 {
                self.products.add(scale, delta, rates, samples, &mut out)?;
            }
            Ok((columns, out))
        };
        let mut blocks = Vec::new();
        let mut matrix = |name, delta: &[T], rates: &[T], rows: usize| -> Result<()> {
            let (columns, values) = outer(delta, rates, rows)?;
            blocks.push((name, rows, Some(columns), values));
            Ok(())
        };
        let e = &errors.layers;
        if settings.dense {
            matrix("weights", &e[0], &rates[0], sizes[0])?;
            matrix("input_weights", &e[0], inputs, sizes[0])?;
        } else {
            for k in 0..sizes.len() {
                let below = if k == 0 { inputs } else { &rates[k - 1] };
                matrix("forward", &e[k], below, sizes[k])?;
            }
            for k in 0..sizes.len() - 1 {
                matrix("feedback", &e[k], &rates[k + 1], sizes[k])?;
            }
        }
        for (layer, &size) in e.iter().zip(sizes) {
            let mut bias = vec![T::ZERO; size];
            for row in layer.chunks_exact(size) {
                for (sum, &error) in bias.iter_mut().zip(row) {
                    *sum += scale * error;
                }
            }
            blocks.push(("bias", size, None, bias));
        }
        Ok(blocks)
    }
}

/// The transpose of a network's weights; its input and biases mean nothing.
pub fn transposed(network: &model::Network) -> model::Network {
    let coupling = match &network.coupling {
        Coupling::Dense(weights) => Coupling::Dense(weights.transpose()),
        Coupling::Layered(layers) => {
            let transposes = |matrices: &[nalgebra::DMatrix<f64>]| {
                matrices.iter().map(|matrix| matrix.transpose()).collect()
            };
            let (forward, feedback) = (layers.feedback(), layers.forward());
            let swapped = Layers::new(layers.sizes(), transposes(forward), transposes(feedback));
            swapped.map_or_else(|| network.coupling.clone(), Coupling::Layered)
        }
    };
    model::Network {
        coupling,
        ..network.clone()
    }
}

/// How many samples contribute.
fn contributing(reports: &[SampleReport]) -> usize {
    reports.iter().filter(|report| report.settled()).count()
}

/// Keeps of each sample the worse of two phases.
fn worst(reports: &mut [SampleReport], others: &[SampleReport]) {
    for (report, other) in reports.iter_mut().zip(others) {
        let sweeps = report.sweeps + other.sweeps;
        if report.settled() {
            let residual = report.residual.max(other.residual);
            *report = SampleReport {
                residual: if other.settled() {
                    residual
                } else {
                    other.residual
                },
                ..*other
            };
        }
        report.sweeps = sweeps;
    }
}
