//! What is measured while nothing is learned: cost and error of a set, the update of a probe, an epoch's record.

use std::ops::Range;

use super::learner::{Learner, Probe};
use super::record::{BlockValue, EpochRecord, Observables, SetRecord};
use super::tally::{PhaseTally, SetTally};
use super::trainer::Trainer;
use crate::data::DataSet;
use crate::error::{Error, Result};

/// Samples settled together where nothing is learned.
const EVALUATION_BATCH: usize = 100;

impl Learner {
    /// See [`Trainer::evaluate`].
    fn evaluate(&mut self, data: &DataSet, samples: Range<usize>) -> Result<Option<SetRecord>> {
        let samples: Vec<usize> = samples.collect();
        let mut tally = SetTally::default();
        for samples in samples.chunks(EVALUATION_BATCH) {
            self.free(data, samples, None)?;
            self.count(data, samples, &mut tally);
        }
        Ok(tally.record())
    }
}

impl Trainer {
    /// The update that these samples would cause as one batch from states at 0, nudged by +β (both
    /// ways if centred); with their free fixed points and which of them contribute. Nothing is
    /// learned or counted.
    ///
    /// # Errors
    /// None with valid settings.
    pub fn probe(&mut self, samples: &[usize]) -> Result<Probe> {
        self.learner.probe(&self.data, samples)
    }

    /// Cost and error of samples, each from a state at 0.
    ///
    /// # Errors
    /// None with valid settings.
    pub fn evaluate(&mut self, samples: Range<usize>) -> Result<Option<SetRecord>> {
        self.learner.evaluate(&self.data, samples)
    }

    /// Measures the weights, and the update and the true gradient over the probe set.
    ///
    /// The error vectors are those that training forms of these samples from states at 0, with
    /// settling errors and finite β and without homeostasis. The true gradient is taken at the
    /// free fixed points, settled on in double precision to 1e-9. Samples that do not settle in
    /// either way are left out.
    ///
    /// # Errors
    /// None with valid settings.
    pub fn observables(&mut self) -> Result<Observables> {
        let training = self.split.training.clone();
        let samples: Vec<usize> = training.take(self.settings().observe.probe).collect();
        self.learner.observables(&self.data, &samples)
    }

    /// Ends an epoch whose batches are all done, or records the start: validation, test and what
    /// the tallies hold.
    ///
    /// # Errors
    /// [`Error::TrainingDiverged`].
    pub fn record(&mut self) -> Result<EpochRecord> {
        self.check(false)?;
        let layers = self.weights().layers();
        let epoch = self.position.epoch;
        let done = epoch + usize::from(self.position.updates > 0);
        let validation = self.evaluate(self.split.validation.clone())?;
        let wanted = self.settings().observe.test && self.is_observed(done);
        let test = if wanted {
            self.evaluate(self.split.test.clone())?
        } else {
            None
        };
        Ok(EpochRecord {
            epoch: done,
            updates: self.position.updates,
            rates: self
                .learner
                .optimiser
                .forward_rates(layers, epoch, self.settings().epochs),
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
        epoch.is_multiple_of(self.settings().observe.every) || epoch == self.settings().epochs
    }

    fn sizes_of_weights(&self) -> Vec<BlockValue> {
        let blocks = self.weights().kinds().zip(self.weights().blocks());
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
