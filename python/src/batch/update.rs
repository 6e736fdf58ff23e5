//! Mean updates of a batch: by nudged phases, and by the two solves of the theorem.

use eqprop::engine::{OuterProduct, OutputCost, SampleReport, Scalar, States, SweepControl};
use eqprop::{Error, Result};

use super::{Batches, Block, Samples, nudge};

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
    /// Blocks in the order of the library's parameters.
    pub blocks: Vec<Block<T>>,
    /// What became of each sample, the worst of its phases.
    pub reports: Vec<SampleReport>,
    /// The mean cost of the free phases that contribute.
    pub cost: f64,
}

/// What an update is made of: free fixed points, error vectors, and which samples count.
pub struct Errors<T> {
    pub(super) inputs: Vec<T>,
    pub(super) free: States<T>,
    pub(super) errors: States<T>,
    /// What became of each sample, the worst of its phases.
    pub reports: Vec<SampleReport>,
    /// The mean cost of the free phases that contribute.
    pub cost: f64,
}

impl<T: Scalar> Batches<T> {
    /// The mean update by nudged phases.
    pub fn update(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        method: Method,
        control: &SweepControl,
    ) -> Result<Update<T>> {
        let errors = self.errors(samples, beta, method, control)?;
        self.collect(errors)
    }

    /// The error vectors by nudged phases that start at the free fixed points.
    pub fn errors(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        method: Method,
        control: &SweepControl,
    ) -> Result<Errors<T>> {
        let (drives, inputs) = self.drives(samples)?;
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
        Ok(Errors {
            cost: self.cost(samples, &free, &reports),
            inputs,
            free,
            errors,
            reports,
        })
    }

    pub(super) fn cost(
        &self,
        samples: &Samples<T>,
        free: &States<T>,
        reports: &[SampleReport],
    ) -> f64 {
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

    pub(super) fn collect(&mut self, errors: Errors<T>) -> Result<Update<T>> {
        let inputs = errors.inputs.len() / errors.reports.len().max(1);
        let mut blocks = self.zeros(inputs);
        let ones = vec![1.0; blocks.len()];
        let (reports, cost) = (errors.reports.clone(), errors.cost);
        self.add(errors, &ones, &mut blocks)?;
        Ok(Update {
            blocks,
            reports,
            cost,
        })
    }

    /// Adds the mean of (∂μ/∂θ)ᵀe over the samples of which every phase settled, each block times its factor.
    pub fn add(
        &mut self,
        given: Errors<T>,
        factors: &[f64],
        blocks: &mut [Block<T>],
    ) -> Result<()> {
        let Errors {
            inputs,
            mut free,
            mut errors,
            reports,
            ..
        } = given;
        let dense = self.engine.settings().dense;
        let (sizes, samples) = (self.sizes(), reports.len());
        for (free, (errors, &size)) in
            (free.layers.iter_mut()).zip(errors.layers.iter_mut().zip(&sizes))
        {
            let states = free.clone();
            self.engine.rates(&states, free);
            let rows = free
                .chunks_exact_mut(size)
                .zip(errors.chunks_exact_mut(size));
            for ((rates, errors), report) in rows.zip(&reports) {
                if !report.settled() {
                    rates.fill(T::ZERO);
                    errors.fill(T::ZERO);
                }
            }
        }
        let (rates, errors) = (free.layers, errors.layers);
        // whose errors and whose rates make each matrix
        let last = sizes.len() - 1;
        let mut factors_of: Vec<(usize, &[T])> = Vec::new();
        if dense {
            factors_of.extend([(0, rates[0].as_slice()), (0, inputs.as_slice())]);
        } else {
            let below = std::iter::once(&inputs).chain(&rates);
            factors_of.extend(below.take(last + 1).map(Vec::as_slice).enumerate());
            factors_of.extend(rates[1..].iter().map(Vec::as_slice).enumerate());
        }
        let share = 1.0 / contributing(&reports).max(1) as f64;
        let (matrices, vectors) = blocks.split_at_mut(factors_of.len());
        let (of_matrices, of_vectors) = factors.split_at(matrices.len());
        let products = (matrices.iter_mut().zip(factors_of).zip(of_matrices))
            .filter(|((block, _), _)| block.columns != Some(0))
            .map(|((block, (layer, rates)), factor)| OuterProduct {
                scale: T::from_f64(share * factor),
                delta: &errors[layer],
                rates,
                out: &mut block.values,
            })
            .collect();
        self.products.add_all(products, samples)?;
        for ((block, errors), factor) in vectors.iter_mut().zip(&errors).zip(of_vectors) {
            let scale = T::from_f64(share * factor);
            for row in errors.chunks_exact(block.rows) {
                for (sum, &error) in block.values.iter_mut().zip(row) {
                    *sum += scale * error;
                }
            }
        }
        Ok(())
    }
}

/// How many samples contribute.
fn contributing(reports: &[SampleReport]) -> usize {
    reports.iter().filter(|report| report.settled()).count()
}

/// Keeps of each sample the worse of two phases.
pub(super) fn worst(reports: &mut [SampleReport], others: &[SampleReport]) {
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
