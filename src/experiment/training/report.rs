//! The report of a run: what was asked, what came out, how long it took.

use std::fmt::Write;

use super::record::{EpochRecord, SetRecord};
use super::run::TrainingRun;
use super::trainer::Trainer;
use crate::experiment::Provenance;

/// Rows of the table between the first and the last.
const ROWS: usize = 20;

/// The report in Markdown.
pub(super) fn report(run: &TrainingRun, trainer: &Trainer) -> String {
    let mut text = String::new();
    let settings = &run.settings;
    let sizes: Vec<String> = settings
        .network
        .sizes
        .iter()
        .map(usize::to_string)
        .collect();
    let provenance = Provenance::current();
    let split = trainer.split();
    let _ = writeln!(
        text,
        "# Training: {}, {}\n\n{} training, {} validation, {} test samples, seed {}. The configuration is in `config.json`.\n\
         Made by `eqprop train config.json --out DIR`, version {}, commit {}.\n",
        trainer.data().name,
        sizes.join("-"),
        split.training.len(),
        split.validation.len(),
        split.test.len(),
        settings.seed,
        provenance.version,
        provenance.commit.as_deref().unwrap_or("unknown"),
    );
    if run.interrupted {
        let _ = writeln!(text, "**Interrupted**: `eqprop train --resume` goes on.\n");
    }
    for warning in run.warnings() {
        let _ = writeln!(text, "**Warning**: {warning}.\n");
    }
    let seconds: f64 = run.timing.iter().map(|epoch| epoch.training_seconds).sum();
    let measuring: f64 = run.timing.iter().map(|epoch| epoch.measuring_seconds).sum();
    let epochs = run.timing.len().max(1) as f64;
    let _ = writeln!(
        text,
        "{:.1} s of training ({:.2} s an epoch) and {:.1} s of measuring. Kept fixed points take {:.1} MiB.\n",
        seconds,
        seconds / epochs,
        measuring,
        trainer.kept_bytes() as f64 / f64::from(1 << 20),
    );
    let _ = writeln!(
        text,
        "| epoch | cost | training error % | validation error % | test error % | settled % (free) | settled % (nudged) | residual p99.9 | sweeps free / nudged |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    let every = run.records.len().div_ceil(ROWS).max(1);
    let last = run.records.len().saturating_sub(1);
    let shown = run.records.iter().enumerate();
    for (_, record) in shown.filter(|(k, _)| k % every == 0 || *k == last) {
        text.push_str(&row(record));
    }
    text
}

fn row(record: &EpochRecord) -> String {
    let percent = |set: Option<SetRecord>| number(set.map(|set| 100.0 * set.error), 2);
    let (free, nudged) = (record.free.as_ref(), record.nudged.as_ref());
    let residual = free.and_then(|free| free.residual.p999);
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} / {} |\n",
        record.epoch,
        number(record.training.map(|set| set.cost), 5),
        percent(record.training),
        percent(record.validation),
        percent(record.test),
        number(free.map(|free| 100.0 * free.settled), 3),
        number(nudged.map(|nudged| 100.0 * nudged.settled), 3),
        residual.map_or("–".into(), |residual| format!("{residual:.1e}")),
        number(free.and_then(|free| free.mean_sweeps), 1),
        number(nudged.and_then(|nudged| nudged.mean_sweeps), 1),
    )
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".into(), |value| format!("{value:.digits$}"))
}
