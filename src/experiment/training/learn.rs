//! Learning from a batch: phases, error vectors, a step, and what is counted of them.

use std::time::Instant;

use super::tally::EndKind;
use super::trainer::Trainer;
use crate::error::{Error, Result};

/// Weights beyond this have exploded.
const EXPLODED: f32 = 1e4;
/// Batches between two looks at the size of the weights.
const WATCH: usize = 100;

impl Trainer {
    /// Learns from the next batch of the epoch, and does nothing if all are done.
    ///
    /// # Errors
    /// [`Error::TrainingDiverged`]. [`Error::InvalidInput`] cannot come from valid settings.
    pub fn learn(&mut self) -> Result<()> {
        if self.epoch_done() {
            return Ok(());
        }
        let first = self.position.batch * self.learner.settings.batch;
        let last = (first + self.learner.settings.batch).min(self.order.len());
        let samples = self.order[first..last].to_vec();
        let sign = self.signs[self.position.batch];
        let begun = Instant::now();
        let kept = Some(&self.kept);
        self.learner.free(&self.data, &samples, kept)?;
        let wrong = (self.learner).count(&self.data, &samples, &mut self.tally.set);
        self.keep(&samples, &wrong);
        let (learner, tally) = (&mut self.learner, &mut self.tally);
        let ends = &learner.batch.free_ends;
        ends.iter().for_each(|&end| tally.free.add(end));
        let nudged = Instant::now();
        let errors = learner.errors(sign)?;
        let ends = &errors.nudged_ends;
        ends.iter().for_each(|&end| tally.nudged.add(end));
        tally.skipped += errors.contributing.iter().filter(|&&yes| !yes).count();
        let updated = Instant::now();
        learner.step(&errors, self.position.epoch)?;
        self.clocks[0] += nudged - begun;
        self.clocks[1] += updated - nudged;
        self.clocks[2] += updated.elapsed();

        self.position.batch += 1;
        self.position.updates += 1;
        self.position.optimiser_steps = self.learner.optimiser.steps();
        let mut ends = self.learner.batch.free_ends.iter();
        let all_diverged = ends.all(|end| end.kind == EndKind::Diverged);
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
        let largest = self.learner.weights().largest();
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

    /// Keeps the fixed points of the batch as next starts. A state that diverged is forgotten, and so is a
    /// wrong one if it shall start again.
    fn keep(&mut self, samples: &[usize], wrong: &[bool]) {
        let (batch, settle) = (&self.learner.batch, &self.learner.settings.settle);
        for (row, (end, &sample)) in batch.free_ends.iter().zip(samples).enumerate() {
            if end.kind == EndKind::Diverged || settle.restart_wrong && wrong[row] {
                self.kept.forget(sample);
            } else {
                self.kept.keep(sample, row, &batch.free);
            }
        }
    }
}
