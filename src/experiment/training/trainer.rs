//! One run of training in memory: batch by batch, epoch by epoch.

use std::time::Duration;

use super::checkpoint::{Checkpoint, Contents, Position};
use super::config::TrainingSettings;
use super::learner::Learner;
use super::optimiser::Optimiser;
use super::persistent::KeptStates;
use super::tally::EpochTally;
use super::weights::Weights;
use crate::data::{DataSet, Split, shuffle};
use crate::error::{Error, Result};
use crate::io::expect_length;
use crate::model::{Problem, Random, System};

/// Streams of [`Random`]: the order of epoch e is drawn from the first plus e, the signs of its
/// nudges from the second plus e.
const ORDER_STREAM: u64 = 1 << 32;
const SIGN_STREAM: u64 = 2 << 32;

/// A run of training: settings and data, and all that changes while it learns.
pub struct Trainer {
    pub(super) learner: Learner,
    pub(super) data: DataSet,
    pub(super) split: Split,
    pub(super) fingerprint: String,
    pub(super) kept: KeptStates,
    pub(super) position: Position,
    pub(super) tally: EpochTally,
    pub(super) order: Vec<usize>,
    pub(super) signs: Vec<f64>,
    /// Time of this epoch spent in free phases, nudged phases, updates.
    pub(super) clocks: [Duration; 3],
}

impl Trainer {
    /// A run at its start, with so many `threads` for the phases.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the settings have no meaning, or do not fit the data.
    pub fn new(settings: TrainingSettings, data: DataSet, threads: usize) -> Result<Self> {
        settings.validate()?;
        let settings = settings.completed();
        let field = settings.network.field_problem()?;
        match &field {
            Some(problem) => field_fits(problem, &data)?,
            None => fits(&settings, &data)?,
        }
        let split = data.split(settings.data.limit, settings.data.validation)?;
        let learner = Learner::new(settings, field, threads)?;
        let samples = split.training.clone();
        let mut trainer = Self {
            kept: KeptStates::new(&learner.settings.settle, samples, &learner.layers)?,
            learner,
            fingerprint: data.fingerprint(),
            position: Position::default(),
            tally: EpochTally::default(),
            order: Vec::new(),
            signs: Vec::new(),
            clocks: [Duration::ZERO; 3],
            data,
            split,
        };
        trainer.begin_epoch();
        Ok(trainer)
    }

    /// A run where a checkpoint left it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if settings or data are not those of the checkpoint, or if it does
    /// not fit them.
    pub fn resume(
        checkpoint: Checkpoint,
        settings: TrainingSettings,
        data: DataSet,
        threads: usize,
    ) -> Result<Self> {
        let mut trainer = Self::new(settings, data, threads)?;
        checkpoint.expect(trainer.settings(), &trainer.fingerprint)?;
        let Checkpoint {
            header,
            weights,
            moments,
            states,
            residuals: [free, nudged],
        } = checkpoint;
        let misfit = |what: &str| Error::invalid(what, "does not fit the checkpoint's settings");
        trainer.learner.optimiser = Optimiser::new(trainer.settings())
            .with_memory(moments, header.position.optimiser_steps)
            .ok_or_else(|| misfit("moments"))?;
        if !trainer.kept.restore(&states) {
            return Err(misfit("states"));
        }
        trainer.learner.set_weights(weights)?;
        trainer.position = header.position;
        trainer.begin_epoch();
        if header.position.batch > trainer.batches() {
            return Err(misfit("position"));
        }
        trainer.position.batch = header.position.batch;
        trainer.tally = header.tally;
        trainer.tally.free.residuals = free;
        trainer.tally.nudged.residuals = nudged;
        Ok(trainer)
    }

    fn begin_epoch(&mut self) {
        let epoch = self.position.epoch as u64;
        self.position.batch = 0;
        self.tally = EpochTally::default();
        self.clocks = [Duration::ZERO; 3];
        self.order = self.split.training.clone().collect();
        let mut random = Random::new(self.settings().seed, ORDER_STREAM + epoch);
        shuffle(&mut self.order, &mut random);
        let mut random = Random::new(self.settings().seed, SIGN_STREAM + epoch);
        let sign = |_| if random.unit() < 0.5 { 1.0 } else { -1.0 };
        self.signs = (0..self.batches()).map(sign).collect();
    }

    /// The settings.
    pub fn settings(&self) -> &TrainingSettings {
        &self.learner.settings
    }

    /// The data.
    pub fn data(&self) -> &DataSet {
        &self.data
    }

    /// Which samples serve for what.
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// The weights as they are.
    pub fn weights(&self) -> &Weights {
        self.learner.weights()
    }

    /// Where the run stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Counts of the epoch so far.
    pub fn tally(&self) -> &EpochTally {
        &self.tally
    }

    /// Memory of the kept fixed points in bytes.
    pub fn kept_bytes(&self) -> usize {
        self.kept.bytes()
    }

    /// Batches an epoch.
    pub fn batches(&self) -> usize {
        self.split.training.len().div_ceil(self.settings().batch)
    }

    /// Whether all batches of the epoch are done.
    pub fn epoch_done(&self) -> bool {
        self.position.batch == self.batches()
    }

    /// Moves on to the next epoch.
    pub fn next_epoch(&mut self) {
        self.position.epoch += 1;
        self.begin_epoch();
    }

    /// What a checkpoint of this moment holds.
    pub(super) fn contents(&self) -> Contents<'_> {
        Contents {
            settings: self.settings(),
            position: self.position,
            tally: &self.tally,
            data: &self.fingerprint,
            threads: self.learner.threads,
            weights: self.weights(),
            moments: self.learner.optimiser.moments(),
            states: &self.kept,
        }
    }
}

fn field_fits(problem: &Problem, data: &DataSet) -> Result<()> {
    if let System::Text(field) = &problem.system {
        let what = format!("one per value of a sample of {}", data.name);
        expect_length(
            "network.field.field.inputs",
            field.inputs(),
            data.features,
            &what,
        )?;
    }
    let (outputs, classes) = (problem.cost.outputs().len(), data.classes.len());
    if (outputs, classes) == (1, 2) {
        return Ok(());
    }
    expect_length("network.field.outputs", outputs, classes, "one per class")
}

fn fits(settings: &TrainingSettings, data: &DataSet) -> Result<()> {
    let sizes = &settings.network.sizes;
    let wanted = [
        (0, data.features, "input values"),
        (sizes.len() - 1, data.classes.len(), "classes"),
    ];
    for (k, expected, what) in wanted {
        if sizes[k] != expected {
            let message = format!(
                "expected {expected}, as many as {} has {what}, found {}",
                data.name, sizes[k]
            );
            return Err(Error::invalid(format!("network.sizes[{k}]"), message));
        }
    }
    Ok(())
}
