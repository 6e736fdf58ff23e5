//! `eqprop train`.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use eqprop::Error;
use eqprop::experiment::training::{
    EpochRecord, Progress, RunOptions, Trainer, TrainingRun, TrainingSettings, Watcher, train,
};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use serde_json::json;

use super::Command;
use crate::cli::ThreadsArgument;
use crate::interrupt;
use crate::report::{Verdict, print_json, print_text};

/// Train a layered network by equilibrium propagation: records, checkpoints, resume
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop train training.json --out trained
  eqprop train --print-config")]
pub struct TrainArguments {
    /// Configuration file (JSON) [default: the embedded digits, 64-64-10]
    pub config: Option<PathBuf>,
    /// Directory for config.json, records.jsonl, timing.jsonl, checkpoint.eqprop and report.md
    #[arg(long, required_unless_present_any = ["schema", "print_config"])]
    pub out: Option<PathBuf>,
    /// Go on from the directory's checkpoint
    #[arg(long)]
    pub resume: bool,
    /// Directory of MNIST's IDX files
    #[arg(long)]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub threads: ThreadsArgument,
    /// Replace an earlier run in the directory
    #[arg(long, conflicts_with = "resume")]
    pub force: bool,
    /// Print the last record as one JSON document
    #[arg(long)]
    pub json: bool,
    /// Print the JSON schema of configurations, with every field's meaning, and exit
    #[arg(long, exclusive = true)]
    pub schema: bool,
    /// Print the configuration in full, defaults filled in, and exit
    #[arg(long)]
    pub print_config: bool,
}

impl Command for TrainArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &TrainArguments) -> eqprop::Result<Verdict> {
    if arguments.schema {
        print_json(&TrainingSettings::schema())?;
        return Ok(Verdict::Done);
    }
    let settings = arguments.config.as_deref().map(TrainingSettings::read);
    let settings = settings.transpose()?;
    let Some(directory) = arguments.out.clone().filter(|_| !arguments.print_config) else {
        print_json(&settings.unwrap_or_default().completed())?;
        return Ok(Verdict::Done);
    };
    let options = RunOptions {
        directory,
        data: arguments.data.clone(),
        resume: arguments.resume,
        force: arguments.force,
        threads: arguments.threads.count(),
    };
    let mut terminal = Terminal::new()?;
    let run = train(settings, &options, &mut terminal);
    terminal.bar.finish_and_clear();
    let run = run.map_err(|error| match (&error, &arguments.config) {
        // a field without a file is one of the configuration
        (Error::InvalidInput { file: None, .. }, Some(config)) => error.in_file(config),
        _ => error,
    })?;
    for warning in run.warnings() {
        eprintln!("warning: {warning}");
    }
    if arguments.json {
        print_json(&json!({
            "epochs": run.records.last().map(|record| record.epoch),
            "interrupted": run.interrupted,
            "checkpoint": run.checkpoint,
            "record": run.records.last(),
        }))?;
    } else {
        print_text(&summary(&run))?;
    }
    Ok(if run.interrupted {
        interrupt::said()
    } else {
        Verdict::Done
    })
}

/// The progress line, and the wish to stop.
struct Terminal {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Terminal {
    fn new() -> eqprop::Result<Self> {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        Ok(Self {
            bar,
            stop: interrupt::flag()?,
        })
    }
}

impl Watcher for Terminal {
    fn begin(&mut self, trainer: &Trainer) {
        let kept = trainer.kept_bytes() as f64 / f64::from(1 << 20);
        self.bar
            .println(format!("kept fixed points take {kept:.1} MiB"));
    }

    fn progress(&mut self, progress: &Progress) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length(progress.batches as u64);
        self.bar.set_position(progress.batch as u64);
        self.bar.set_message(format!(
            "epoch {}/{}, error {:.2} %, settled {:.2} %, {} left",
            progress.epoch + 1,
            progress.epochs,
            100.0 * progress.error,
            100.0 * progress.settled,
            HumanDuration(progress.left),
        ));
    }

    fn epoch(&mut self, record: &EpochRecord) {
        self.bar.println(line(record));
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

fn line(record: &EpochRecord) -> String {
    let mut text = format!("epoch {:>4}", record.epoch);
    let sets = [
        ("training", record.training),
        ("validation", record.validation),
        ("test", record.test),
    ];
    for (name, set) in sets {
        if let Some(set) = set {
            let _ = write!(text, "  {name} error {:.2} %", 100.0 * set.error);
        }
    }
    if let Some(free) = &record.free {
        let _ = write!(text, "  settled {:.3} %", 100.0 * free.settled);
    }
    text
}

fn summary(run: &TrainingRun) -> String {
    let mut text = run.records.last().map(line).unwrap_or_default();
    let seconds: f64 = run.timing.iter().map(|epoch| epoch.training_seconds).sum();
    let _ = writeln!(text, "\n{seconds:.1} s of training");
    let _ = writeln!(text, "checkpoint {}", run.checkpoint.display());
    text
}
