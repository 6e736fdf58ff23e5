//! Learning from a batch: phases, error vectors, a step.

use std::time::Instant;

use super::config::TrainingSettings;
use super::config::{NudgeScheme, TrainingEstimator, Unsettled};
use super::field::with_parameters;
use super::field_learning;
use super::measure::count_set;
use super::solver::{Batch, NudgeStrength};
use super::tally::{EndKind, PhaseEnd};
use super::trainer::Trainer;
use super::update::{Terms, rates_in_place, row, tie_update};
use crate::engine::States;
use crate::error::{Error, Result};

/// Weights beyond this have exploded.
const EXPLODED: f32 = 1e4;
/// Batches between two looks at the size of the weights.
const WATCH: usize = 100;

/// The error vectors of a batch, and which samples contribute.
pub(super) struct Errors {
    pub vectors: States<f32>,
    pub contributing: Vec<bool>,
}

impl Trainer {
    /// Learns from the next batch of the epoch; does nothing if all are done.
    ///
    /// # Errors
    /// [`Error::TrainingDiverged`]; [`Error::InvalidInput`] cannot come from valid settings.
    pub fn learn(&mut self) -> Result<()> {
        if self.epoch_done() {
            return Ok(());
        }
        let first = self.position.batch * self.settings.batch;
        let last = (first + self.settings.batch).min(self.order.len());
        let samples = self.order[first..last].to_vec();
        let sign = self.signs[self.position.batch];
        self.gather(&samples, true);

        let begun = Instant::now();
        self.solver.free(&mut self.batch)?;
        self.keep(&samples);
        self.count(&samples);
        let nudged = Instant::now();
        let errors = self.errors(sign, true)?;
        let updated = Instant::now();
        self.step(&errors)?;
        self.clocks[0] += nudged - begun;
        self.clocks[1] += updated - nudged;
        self.clocks[2] += updated.elapsed();

        self.position.batch += 1;
        self.position.updates += 1;
        let all_diverged = self
            .batch
            .free_ends
            .iter()
            .all(|end| end.kind == EndKind::Diverged);
        if all_diverged || self.position.batch.is_multiple_of(WATCH) {
            self.check(all_diverged)?;
        }
        Ok(())
    }

    /// Refuses weights that are no numbers, or have exploded.
    ///
    /// # Errors
    /// [`Error::TrainingDiverged`].
    pub(super) fn check(&self, states_diverged: bool) -> Result<()> {
        let largest = self.weights.largest();
        if states_diverged || largest > EXPLODED || largest.is_nan() {
            return Err(Error::TrainingDiverged {
                epoch: self.position.epoch + 1,
                updates: self.position.updates,
                largest: f64::from(largest),
                checkpoint: None,
            });
        }
        Ok(())
    }

    /// Fills the batch with samples. They start at their kept states, or at 0.
    pub(super) fn gather(&mut self, samples: &[usize], kept: bool) {
        let batch = &mut self.batch;
        let outputs = match &batch.outputs {
            Some(outputs) => outputs.len(),
            None => self.data.classes.len(),
        };
        batch.count = samples.len();
        batch.inputs.clear();
        batch.targets.clear();
        batch.targets.resize(samples.len() * outputs, 0.0);
        batch.free = States::zeros(&self.layers, samples.len());
        for (row, &sample) in samples.iter().enumerate() {
            batch.inputs.extend_from_slice(self.data.input(sample));
            let label = self.data.label(sample);
            if outputs == 1 {
                batch.targets[row] = label as f32;
            } else {
                batch.targets[row * outputs + label] = 1.0;
            }
            if kept {
                let place = sample - self.split.training.start;
                self.kept.start(place, row, &mut batch.free);
            }
        }
        batch.rates.clone_from(&batch.inputs);
        rates_in_place(&self.settings.network, &mut batch.rates);
    }

    /// Keeps the fixed points of the batch as next starts; a state that diverged is forgotten.
    fn keep(&mut self, samples: &[usize]) {
        for (row, (end, &sample)) in self.batch.free_ends.iter().zip(samples).enumerate() {
            let place = sample - self.split.training.start;
            if end.kind == EndKind::Diverged {
                self.kept.forget(place);
            } else {
                self.kept.keep(place, row, &self.batch.free);
            }
        }
    }

    fn count(&mut self, samples: &[usize]) {
        count_set(
            &self.settings,
            &self.data,
            &self.batch,
            samples,
            &mut self.tally.set,
        );
        for &end in &self.batch.free_ends {
            self.tally.free.add(end);
        }
    }

    /// The error vectors at the batch's free fixed points.
    pub(super) fn errors(&mut self, sign: f64, counted: bool) -> Result<Errors> {
        let mut ends: Vec<PhaseEnd> = Vec::new();
        let mut vectors = States::default();
        let batch = &self.batch;
        if self.settings.estimator == TrainingEstimator::TrueGradient {
            self.solver.true_error(batch, &mut vectors, &mut ends)?;
        } else {
            let beta = self.settings.nudge.beta;
            let asymmetric = self.settings.estimator == TrainingEstimator::Asymmetric;
            let (beta, other) = match self.settings.nudge.scheme {
                NudgeScheme::OneSided => (beta, None),
                NudgeScheme::RandomSign => (sign * beta, None),
                NudgeScheme::Centred => (beta, Some(-beta)),
            };
            let nudge = |beta| NudgeStrength { beta, asymmetric };
            self.solver
                .nudged(batch, nudge(beta), &mut vectors, &mut ends)?;
            if let Some(other) = other {
                let mut states = States::default();
                self.solver
                    .nudged(batch, nudge(other), &mut states, &mut ends)?;
                subtract(&mut vectors, &states, 0.5 / beta);
            } else {
                subtract(&mut vectors, &batch.free, 1.0 / beta);
            }
            if counted {
                ends.iter().for_each(|&end| self.tally.nudged.add(end));
            }
        }
        let use_unsettled = self.settings.settle.unsettled == Unsettled::Use;
        let mut contributing = vec![true; batch.count];
        for (sample, contributes) in contributing.iter_mut().enumerate() {
            let phases = ends.iter().skip(sample).step_by(batch.count);
            let settled = phases
                .chain([&batch.free_ends[sample]])
                .all(|end| end.kind == EndKind::Settled);
            let finite = || {
                let mut layers = vectors.layers.iter().chain(&batch.free.layers);
                layers.all(|layer| {
                    row(layer, sample, batch.count)
                        .iter()
                        .all(|s| s.is_finite())
                })
            };
            *contributes = (settled || use_unsettled) && finite();
        }
        if counted {
            self.tally.skipped += contributing.iter().filter(|&&yes| !yes).count();
        }
        Ok(Errors {
            vectors,
            contributing,
        })
    }

    fn step(&mut self, errors: &Errors) -> Result<()> {
        if !errors.contributing.contains(&true) {
            return Ok(());
        }
        let (epoch, epochs) = (self.position.epoch, self.settings.epochs);
        let network = &self.settings.network;
        let plain = self.settings.homeostasis == 0.0 && !network.tied && network.field.is_none();
        let factors = plain
            .then(|| self.optimiser.direct_step(epoch, epochs))
            .flatten();
        self.position.optimiser_steps += 1;
        if let Some(factors) = factors {
            let terms = terms(&self.settings, &self.batch, errors);
            let moved = terms.add(&factors, &mut self.products, &mut self.weights)?;
            if !moved {
                return Ok(());
            }
        } else {
            self.write_update(errors)?;
            self.optimiser
                .step(&mut self.weights, &self.update, epoch, epochs);
        }
        if self.settings.network.tied {
            self.weights.tie();
        }
        self.solver.set_weights(&self.weights)
    }

    /// Writes the update of the batch to `self.update`, homeostasis and tying included.
    pub(super) fn write_update(&mut self, errors: &Errors) -> Result<()> {
        if let Some(problem) = &self.field {
            let problem = with_parameters(problem, self.weights.parameters());
            let own = (&errors.vectors, &errors.contributing[..]);
            return field_learning::write_update(&problem, &self.batch, own, &mut self.update);
        }
        let terms = terms(&self.settings, &self.batch, errors);
        self.update.clear();
        let ones = vec![1.0; self.update.blocks().len()];
        terms.add(&ones, &mut self.products, &mut self.update)?;
        if self.settings.homeostasis > 0.0 {
            let weight = self.settings.homeostasis;
            terms.subtract_homeostasis(
                weight,
                &self.weights,
                &mut self.products,
                &mut self.update,
            )?;
        }
        if self.settings.network.tied {
            tie_update(&mut self.update);
        }
        Ok(())
    }
}

fn terms<'a>(settings: &'a TrainingSettings, batch: &'a Batch, errors: &'a Errors) -> Terms<'a> {
    Terms {
        network: &settings.network,
        inputs: &batch.rates,
        free: &batch.free,
        errors: &errors.vectors,
        contributing: &errors.contributing,
    }
}

/// values ← factor · (values − others).
fn subtract(values: &mut States<f32>, others: &States<f32>, factor: f64) {
    let factor = factor as f32;
    for (values, others) in values.layers.iter_mut().zip(&others.layers) {
        for (value, other) in values.iter_mut().zip(others) {
            *value = factor * (*value - other);
        }
    }
}
