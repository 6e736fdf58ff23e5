//! One run of training in memory: batch by batch, epoch by epoch.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::adaptive_solver::AdaptiveSolver;
use super::checkpoint::{Checkpoint, Contents, Position};
use super::config::{NudgeScheme, SettleMethod, TrainingEstimator, TrainingSettings, Unsettled};
use super::engine_solver::EngineSolver;
use super::optimiser::Optimiser;
use super::persistent::KeptStates;
use super::record::{BlockValue, EpochRecord, SetRecord};
use super::solver::{Batch, Nudge, Solver};
use super::tally::{EndKind, EpochTally, PhaseEnd, SetTally};
use super::update::{Terms, rates_in_place, row, tie_update};
use super::weights::Weights;
use crate::dynamics::engine::{OutputCost, States};
use crate::error::{Error, Result};
use crate::experiment::data_set::{DataSet, Split, shuffle};
use crate::model::Random;

/// Streams of [`Random`]: the order of epoch e is drawn from the first plus e, the signs of its
/// nudges from the second plus e.
const ORDER_STREAM: u64 = 1 << 32;
const SIGN_STREAM: u64 = 2 << 32;
/// Samples settled together where nothing is learned.
const EVALUATION_BATCH: usize = 100;
/// Weights beyond this have exploded.
const EXPLODED: f32 = 1e4;
/// Batches between two looks at the size of the weights.
const WATCH: usize = 100;

/// A run of training: settings and data, and all that changes while it learns.
pub struct Trainer {
    settings: TrainingSettings,
    data: DataSet,
    split: Split,
    fingerprint: String,
    threads: usize,
    weights: Weights,
    optimiser: Optimiser,
    kept: KeptStates,
    position: Position,
    tally: EpochTally,
    order: Vec<usize>,
    signs: Vec<f64>,
    solver: Box<dyn Solver>,
    batch: Batch,
    update: Weights,
    /// Time of this epoch spent in free phases, nudged phases, updates.
    pub(super) clocks: [Duration; 3],
}

/// The error vectors of a batch, and which samples contribute.
struct Errors {
    vectors: States<f32>,
    contributing: Vec<bool>,
}

impl Trainer {
    /// A run at its start; `threads` for the phases.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the settings have no meaning, or do not fit the data.
    pub fn new(settings: TrainingSettings, data: DataSet, threads: usize) -> Result<Self> {
        settings.validate()?;
        fits(&settings, &data)?;
        let split = data.split(settings.data.limit, settings.data.validation)?;
        let weights = Weights::initial(&settings.network, settings.seed)?;
        let sizes = &settings.network.sizes;
        let kept = KeptStates::new(&settings.settle, split.training.len(), &sizes[1..])?;
        let mut solver: Box<dyn Solver> = match settings.settle.method {
            SettleMethod::Engine => Box::new(EngineSolver::new(&settings, threads)?),
            SettleMethod::Adaptive => Box::new(AdaptiveSolver::new(&settings, &weights)?),
        };
        solver.set_weights(&weights)?;
        let mut trainer = Self {
            optimiser: Optimiser::new(&settings.optimiser, sizes),
            update: Weights::zeros(sizes),
            fingerprint: data.fingerprint(),
            position: Position::default(),
            tally: EpochTally::default(),
            order: Vec::new(),
            signs: Vec::new(),
            batch: Batch::default(),
            clocks: [Duration::ZERO; 3],
            settings,
            data,
            split,
            threads,
            weights,
            kept,
            solver,
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
        checkpoint.expect(&trainer.settings, &trainer.fingerprint)?;
        let Checkpoint {
            header,
            weights,
            moments,
            states,
            residuals: [free, nudged],
        } = checkpoint;
        let misfit = |what: &str| Error::invalid(what, "does not fit the checkpoint's settings");
        let sizes = &trainer.settings.network.sizes;
        trainer.optimiser = Optimiser::new(&trainer.settings.optimiser, sizes)
            .with_memory(moments, header.position.optimiser_steps)
            .ok_or_else(|| misfit("moments"))?;
        if !trainer.kept.restore(&states) {
            return Err(misfit("states"));
        }
        trainer.weights = weights;
        trainer.solver.set_weights(&trainer.weights)?;
        trainer.position = header.position;
        trainer.begin_epoch();
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
        let mut random = Random::new(self.settings.seed, ORDER_STREAM + epoch);
        shuffle(&mut self.order, &mut random);
        let mut random = Random::new(self.settings.seed, SIGN_STREAM + epoch);
        let sign = |_| if random.unit() < 0.5 { 1.0 } else { -1.0 };
        self.signs = (0..self.batches()).map(sign).collect();
    }

    /// The settings.
    pub fn settings(&self) -> &TrainingSettings {
        &self.settings
    }

    /// The data.
    pub fn data(&self) -> &DataSet {
        &self.data
    }

    /// Which samples serve for what.
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Threads of the phases.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The weights as they are.
    pub fn weights(&self) -> &Weights {
        &self.weights
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
        self.split.training.len().div_ceil(self.settings.batch)
    }

    /// Whether all batches of the epoch are done.
    pub fn epoch_done(&self) -> bool {
        self.position.batch == self.batches()
    }

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

    /// Fills the batch with samples; they start at their kept states, or at 0.
    fn gather(&mut self, samples: &[usize], kept: bool) {
        let batch = &mut self.batch;
        let outputs = self.data.classes.len();
        batch.count = samples.len();
        batch.inputs.clear();
        batch.targets.clear();
        batch.targets.resize(samples.len() * outputs, 0.0);
        batch.free = States::zeros(&self.settings.network.sizes[1..], samples.len());
        for (row, &sample) in samples.iter().enumerate() {
            batch.inputs.extend_from_slice(self.data.input(sample));
            batch.targets[row * outputs + self.data.label(sample)] = 1.0;
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
    fn errors(&mut self, sign: f64, counted: bool) -> Result<Errors> {
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
            let nudge = |beta| Nudge { beta, asymmetric };
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
        let plain = self.settings.homeostasis == 0.0 && !self.settings.network.tied;
        let factors = plain
            .then(|| self.optimiser.direct_step(epoch, epochs))
            .flatten();
        self.position.optimiser_steps += 1;
        if let Some(factors) = factors {
            let terms = terms(&self.settings, &self.batch, errors);
            let moved = terms.add(&factors, self.solver.as_mut(), &mut self.weights)?;
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
    fn write_update(&mut self, errors: &Errors) -> Result<()> {
        let terms = terms(&self.settings, &self.batch, errors);
        let solver = self.solver.as_mut();
        self.update.clear();
        let ones = vec![1.0; self.update.blocks().len()];
        terms.add(&ones, solver, &mut self.update)?;
        if self.settings.homeostasis > 0.0 {
            let weight = self.settings.homeostasis;
            terms.subtract_homeostasis(weight, &self.weights, solver, &mut self.update)?;
        }
        if self.settings.network.tied {
            tie_update(&mut self.update);
        }
        Ok(())
    }

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

    /// Whether an epoch is measured: every n-th, the start and the last.
    pub(super) fn is_observed(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.settings.observe.every) || epoch == self.settings.epochs
    }

    /// Moves on to the next epoch.
    pub fn next_epoch(&mut self) {
        self.position.epoch += 1;
        self.begin_epoch();
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

    /// What a checkpoint of this moment holds.
    pub(super) fn contents(&self) -> Contents<'_> {
        Contents {
            settings: &self.settings,
            position: self.position,
            tally: &self.tally,
            data: &self.fingerprint,
            threads: self.threads,
            weights: &self.weights,
            moments: self.optimiser.moments(),
            states: &self.kept,
        }
    }
}

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

fn count_set(
    settings: &TrainingSettings,
    data: &DataSet,
    batch: &Batch,
    samples: &[usize],
    tally: &mut SetTally,
) {
    let cost = OutputCost::from(settings.cost);
    let outputs = &batch.free.layers[batch.free.layers.len() - 1];
    for (place, &sample) in samples.iter().enumerate() {
        let [output, target] = [outputs, &batch.targets].map(|rows| row(rows, place, batch.count));
        let settled = batch.free_ends[place].kind == EndKind::Settled;
        tally.add(
            cost.value(output, target),
            data.is_wrong(sample, output),
            settled,
        );
    }
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
