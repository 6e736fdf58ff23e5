//! A run of training on disk: records, checkpoints, resume.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::checkpoint::Checkpoint;
use super::config::{Clamp, OptimiserSettings, TrainingSettings};
use super::directory::{RunDirectory, lines};
use super::record::{EpochRecord, EpochTiming};
use super::report::report;
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::io::append_line;

/// Where and how a run takes place.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Directory of the run: `config.json`, `records.jsonl`, `timing.jsonl`, `checkpoint.eqprop`,
    /// `report.md`.
    pub directory: PathBuf,
    /// Directory of MNIST's files, in place of the configured one.
    pub data: Option<PathBuf>,
    /// Go on from the directory's checkpoint. Without one the run starts.
    pub resume: bool,
    /// Remove an earlier run in the directory.
    pub force: bool,
    /// Threads of the phases, at least 1. Results do not depend on them.
    pub threads: usize,
}

/// What is seen of a run while it goes on.
pub trait Watcher {
    /// Called once, before the first batch.
    fn begin(&mut self, _trainer: &Trainer) {}
    /// Called after every batch.
    fn progress(&mut self, _progress: &Progress) {}
    /// Called after every epoch, and once at the start.
    fn epoch(&mut self, _record: &EpochRecord) {}
    /// Whether to save and stop.
    fn stop(&self) -> bool {
        false
    }
}

/// A run in the middle of an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Epochs completed.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Batches of this epoch that are done.
    pub batch: usize,
    /// Batches of an epoch.
    pub batches: usize,
    /// Training error of this epoch so far, 0 … 1.
    pub error: f64,
    /// Share of the free phases of this epoch that settled, 0 … 1.
    pub settled: f64,
    /// Estimated time to the end.
    pub left: Duration,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingRun {
    /// All records, from epoch 0.
    pub records: Vec<EpochRecord>,
    /// Its timing, an entry an epoch.
    pub timing: Vec<EpochTiming>,
    /// The settings.
    pub settings: TrainingSettings,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The checkpoint.
    pub checkpoint: PathBuf,
    /// Whether the directory is locked against other processes. Some file systems have no locks.
    pub locked: bool,
}

/// Trains by `settings` (default: those of the directory's run, if it is resumed, or else the
/// embedded ones) until the end, or until the watcher stops it.
///
/// # Errors
/// [`Error::InvalidInput`], [`Error::NotFound`], [`Error::Io`] of settings, data, directory or
/// checkpoint. [`Error::TrainingDiverged`] and [`Error::NothingLearned`], the last good checkpoint kept.
pub fn train(
    settings: Option<TrainingSettings>,
    options: &RunOptions,
    watcher: &mut dyn Watcher,
) -> Result<TrainingRun> {
    let directory = RunDirectory::open(&options.directory)?;
    let checkpoint = directory.checkpoint();
    let resumed = options.resume && checkpoint.exists();
    let mut trainer = if resumed {
        let read = Checkpoint::read(&checkpoint)?;
        let settings = settings.unwrap_or_else(|| read.header.settings.clone());
        settings.validate()?;
        let data = settings.data.source.load(options.data.as_deref())?;
        let in_file = |error: Error| error.in_file(&checkpoint);
        Trainer::resume(read, settings, data, options.threads).map_err(in_file)?
    } else {
        let settings = match settings {
            Some(settings) => settings,
            None if options.resume && directory.config().exists() => {
                TrainingSettings::read(&directory.config())?
            }
            None => TrainingSettings::default(),
        };
        settings.validate()?;
        let data = settings.data.source.load(options.data.as_deref())?;
        let trainer = Trainer::new(settings, data, options.threads)?;
        if options.resume {
            directory.expect_unbegun()?;
        }
        directory.begin(trainer.settings(), options.force || options.resume)?;
        trainer
    };
    let mut run = Recorded {
        records: Vec::new(),
        saved: Instant::now(),
        begun: Instant::now(),
        batches: 0,
        resumed,
        directory,
    };
    watcher.begin(&trainer);
    let ended = if resumed {
        run.records = run.directory.rewind(trainer.position().epoch)?;
        run.directory.write_config(trainer.settings())?;
        run.epochs(&mut trainer, watcher)
    } else {
        run.record(&mut trainer, watcher)
            .and_then(|()| run.save(&trainer))
            .and_then(|()| run.epochs(&mut trainer, watcher))
    };
    let interrupted = ended.map_err(|error| with_checkpoint(error, &checkpoint))?;
    let timing = lines(&run.directory.timing())?;
    let run_record = TrainingRun {
        records: run.records,
        timing,
        settings: trainer.settings().clone(),
        interrupted,
        checkpoint,
        locked: run.directory.locked,
    };
    run.directory
        .write("report.md", &report(&run_record, &trainer))?;
    Ok(run_record)
}

impl TrainingRun {
    /// What a user should know of how the last epoch went, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.locked {
            out.push("the file system has no locks. See to it that no other process trains in the same directory".into());
        }
        let last = self.records.last().filter(|record| record.epoch > 0);
        let Some((record, set)) = last.and_then(|record| Some((record, record.training?))) else {
            return out;
        };
        let skipped = record.skipped as f64 / set.samples as f64;
        if skipped > 0.01 {
            out.push(format!(
                "{:.1} % of the samples of the last epoch taught nothing, because a phase did not settle. Raise `settle.free_sweeps` and `settle.nudged_sweeps`, or lower `network.gain`",
                100.0 * skipped
            ));
        }
        let classes = self.settings.network.sizes.last().copied().unwrap_or(1);
        let is_network = self.settings.network.field.is_none();
        if is_network && set.error > 1.0 - 1.0 / classes as f64 {
            out.push(format!(
                "a training error of {:.1} % is no better than chance. {}",
                100.0 * set.error,
                self.advice()
            ));
        }
        out
    }

    /// What may help a run that learns nothing.
    fn advice(&self) -> String {
        let clamped = self.settings.clamp() == Clamp::All;
        if clamped && self.settings.nudge.beta < 1.0 {
            return "Outputs that the bounds hold at 0 are not lifted by so small a `nudge.beta`: set \
                    `network.clamp` to `hidden`, or raise β to 1 or more"
                .into();
        }
        let usual = TrainingSettings {
            optimiser: OptimiserSettings::default(),
            ..self.settings.clone()
        };
        format!(
            "Outputs that all rest at 0 count as errors. Lower the learning rates (at this β `optimiser.rates` \
             are {:?} by default)",
            usual.rates()
        )
    }
}

struct Recorded {
    directory: RunDirectory,
    records: Vec<EpochRecord>,
    /// When the last checkpoint was written.
    saved: Instant,
    /// When this process began to learn, and its batches since.
    begun: Instant,
    batches: u32,
    /// Whether the epoch at hand was begun by another process.
    resumed: bool,
}

impl Recorded {
    /// All epochs that are left; whether it was stopped.
    fn epochs(&mut self, trainer: &mut Trainer, watcher: &mut dyn Watcher) -> Result<bool> {
        let minutes = trainer.settings().checkpoint_minutes;
        self.resumed &= trainer.position().batch > 0;
        self.begun = Instant::now();
        while trainer.position().epoch < trainer.settings().epochs {
            let begun = Instant::now();
            while !trainer.epoch_done() {
                trainer.learn()?;
                self.batches += 1;
                watcher.progress(&self.progress(trainer));
                let stop = watcher.stop();
                if stop || self.saved.elapsed().as_secs_f64() > 60.0 * minutes {
                    self.save(trainer)?;
                }
                if stop {
                    return Ok(true);
                }
            }
            let learned = begun.elapsed();
            let begun = Instant::now();
            self.record(trainer, watcher)?;
            trainer.expect_learning()?;
            let clocks = trainer.clocks.map(|clock| clock.as_secs_f64());
            let timing = EpochTiming {
                epoch: trainer.position().epoch + 1,
                training_seconds: learned.as_secs_f64(),
                measuring_seconds: begun.elapsed().as_secs_f64(),
                free_seconds: clocks[0],
                nudged_seconds: clocks[1],
                update_seconds: clocks[2],
                resumed: std::mem::take(&mut self.resumed),
            };
            append_line(&self.directory.timing(), &timing)?;
            trainer.next_epoch();
        }
        self.save(trainer)?;
        Ok(false)
    }

    fn record(&mut self, trainer: &mut Trainer, watcher: &mut dyn Watcher) -> Result<()> {
        let record = trainer.record()?;
        append_line(&self.directory.records(), &record)?;
        watcher.epoch(&record);
        self.records.push(record);
        Ok(())
    }

    /// Writes a checkpoint, unless the weights are not worth it.
    fn save(&mut self, trainer: &Trainer) -> Result<()> {
        trainer.check(false)?;
        trainer.contents().write(&self.directory.checkpoint())?;
        self.saved = Instant::now();
        Ok(())
    }

    fn progress(&self, trainer: &Trainer) -> Progress {
        let (position, tally) = (trainer.position(), trainer.tally());
        let epochs = trainer.settings().epochs;
        let left = (epochs - position.epoch) * trainer.batches() - position.batch;
        Progress {
            epoch: position.epoch,
            epochs,
            batch: position.batch,
            batches: trainer.batches(),
            error: tally.set.error().unwrap_or(0.0),
            settled: tally.free.settled_share().unwrap_or(0.0),
            left: self.begun.elapsed() / self.batches.max(1)
                * u32::try_from(left).unwrap_or(u32::MAX),
        }
    }
}

fn with_checkpoint(error: Error, path: &Path) -> Error {
    match error {
        Error::TrainingDiverged {
            epoch,
            updates,
            largest,
            ..
        } => Error::TrainingDiverged {
            epoch,
            updates,
            largest,
            checkpoint: path.exists().then(|| path.to_owned()),
        },
        other => other,
    }
}
