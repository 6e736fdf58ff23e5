//! What is measured while nothing is learned: cost and error of a set, the update of a probe, an epoch's record.

use std::ops::Range;

use super::config::TrainingSettings;
use super::record::{BlockValue, EpochRecord, SetRecord};
use super::solver::Batch;
use super::tally::{EndKind, PhaseTally, SetTally};
use super::trainer::Trainer;
use super::update::row;
use super::weights::Weights;
use crate::data::DataSet;
use crate::engine::{OutputCost, States};
use crate::error::{Error, Result};

/// Samples settled together where nothing is learned.
const EVALUATION_BATCH: usize = 100;

/// What a probe set would teach.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The mean update over the samples that contribute.
    pub update: Weights,
    /// Error vectors.
    pub errors: States<f32>,
    /// Free fixed points.
    pub free: States<f32>,
    /// Whether each sample contributes: both of its phases settled.
    pub contributing: Vec<bool>,
}

impl Trainer {
    /// The update that these samples would cause as one batch from states at 0, nudged by +β (both
    /// ways if centred); with their free fixed points and which of them contribute. Nothing is
    /// learned or counted.
    ///
    /// # Errors
    /// None with valid settings.
    pub fn probe(&mut self, samples: &[usize]) -> Result<Probe> {
        self.gather(samples, false);
        self.solver.free(&mut self.batch)?;
        let errors = self.errors(1.0, false)?;
        self.write_update(&errors)?;
        Ok(Probe {
            update: self.update.clone(),
            errors: errors.vectors,
            free: self.batch.free.clone(),
            contributing: errors.contributing,
        })
    }

    /// Cost and error of samples, each from a state at 0.
    ///
    /// # Errors
    /// None with valid settings.
    pub fn evaluate(&mut self, samples: Range<usize>) -> Result<Option<SetRecord>> {
        let samples: Vec<usize> = samples.collect();
        let mut tally = SetTally::default();
        for samples in samples.chunks(EVALUATION_BATCH) {
            self.gather(samples, false);
            self.solver.free(&mut self.batch)?;
            count_set(&self.settings, &self.data, &self.batch, samples, &mut tally);
        }
        Ok(tally.record())
    }

    /// Ends an epoch whose batches are all done, or records the start: validation, test and what
    /// the tallies hold.
    ///
    /// # Errors
    /// [`Error::TrainingDiverged`].
    pub fn record(&mut self) -> Result<EpochRecord> {
        self.check(false)?;
        let layers = self.weights.layers();
        let epoch = self.position.epoch;
        let done = epoch + usize::from(self.position.updates > 0);
        let validation = self.evaluate(self.split.validation.clone())?;
        let wanted = self.settings.observe.test && self.is_observed(done);
        let test = if wanted {
            self.evaluate(self.split.test.clone())?
        } else {
            None
        };
        Ok(EpochRecord {
            epoch: done,
            updates: self.position.updates,
            rates: self
                .optimiser
                .forward_rates(layers, epoch, self.settings.epochs),
            training: self.tally.set.record(),
            validation,
            test,
            free: self.tally.free.record(),
            nudged: self.tally.nudged.record(),
            skipped: self.tally.skipped,
            weights: self.sizes_of_weights(),
            observables: self
                .is_observed(done)
                .then(|| self.observables())
                .transpose()?,
        })
    }

    /// Refuses to go on after an epoch in which no sample contributed to an update.
    ///
    /// # Errors
    /// [`Error::NothingLearned`].
    pub(super) fn expect_learning(&self) -> Result<()> {
        let tally = &self.tally;
        if tally.skipped < self.split.training.len() {
            return Ok(());
        }
        let median = |phases: &PhaseTally| {
            let record = phases.record();
            record.and_then(|record| record.residual.median)
        };
        Err(Error::NothingLearned {
            epoch: self.position.epoch + 1,
            free: median(&tally.free).unwrap_or(f64::INFINITY),
            nudged: median(&tally.nudged).unwrap_or(f64::INFINITY),
        })
    }

    /// Whether an epoch is measured: every n-th, the start and the last.
    pub(super) fn is_observed(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.settings.observe.every) || epoch == self.settings.epochs
    }

    fn sizes_of_weights(&self) -> Vec<BlockValue> {
        let blocks = self.weights.kinds().zip(self.weights.blocks());
        blocks
            .map(|(kind, block)| {
                let power: f64 = block.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
                BlockValue {
                    block: kind.name(),
                    value: Some((power / block.len() as f64).sqrt()),
                }
            })
            .collect()
    }
}

pub(super) fn count_set(
    settings: &TrainingSettings,
    data: &DataSet,
    batch: &Batch,
    samples: &[usize],
    tally: &mut SetTally,
) {
    let cost = OutputCost::from(settings.cost);
    let last = &batch.free.layers[batch.free.layers.len() - 1];
    for (place, &sample) in samples.iter().enumerate() {
        let [states, target] = [last, &batch.targets].map(|rows| row(rows, place, batch.count));
        let picked: Vec<f32>;
        let output = match &batch.outputs {
            Some(outputs) => {
                picked = outputs.iter().map(|&i| states[i]).collect();
                &picked
            }
            None => states,
        };
        let settled = batch.free_ends[place].kind == EndKind::Settled;
        tally.add(
            cost.value(output, target),
            data.is_wrong(sample, output),
            settled,
        );
    }
}
