// Every reader of the program as a function of bytes: for the fuzz targets beside this file, and for
// tests/it/corpora.rs, which replays their corpora and mutates them.

use std::path::Path;

use eqprop::data::{DataSet, Header};
use eqprop::experiment::sweep::SweepConfig;
use eqprop::experiment::sweep::aggregate::read_records;
use eqprop::experiment::training::{Checkpoint, SavedRun, TrainingSettings};
use eqprop::experiment::{ContinuationRecord, Simulation, SpectrumRecord, Validation};
use eqprop::model::{Parametrised, Problem, VectorField};

/// Reads bytes, in a directory for files that must stand on disk; the answer does not matter.
pub type Reader = fn(&[u8], &Path);

/// All readers by name, which is that of the fuzz target and of the corpus.
pub const READERS: [(&str, Reader); 14] = [
    ("problem", |bytes, _| drop(Problem::from_json(&text(bytes)))),
    ("expression", expression),
    ("ode", |bytes, place| {
        drop(Problem::read(&write(place, "fuzzed.ode", bytes)));
    }),
    ("sweep", |bytes, _| {
        drop(SweepConfig::from_json(&text(bytes)))
    }),
    ("training", |bytes, _| {
        drop(TrainingSettings::from_json(&text(bytes)))
    }),
    ("record", record),
    ("training_records", training_records),
    ("sweep_records", sweep_records),
    ("table", table),
    ("idx", idx),
    ("checkpoint", checkpoint),
    ("npy", |bytes, place| array("npy", "", bytes, place)),
    ("npz", |bytes, place| {
        array("npz", r#", "array": "W""#, bytes, place)
    }),
    ("safetensors", |bytes, place| {
        array("safetensors", r#", "array": "W""#, bytes, place)
    }),
];

/// A right-hand side, and all that is derived from it.
fn expression(bytes: &[u8], _: &Path) {
    let plain: String = text(bytes).chars().filter(|c| !c.is_control()).collect();
    let quoted = plain.replace('\\', "\\\\").replace('"', "\\\"");
    let document = format!(
        r#"{{"field": {{"equations": {{"x": "{quoted}", "y": "x"}}, "parameters": {{"k": 2}}}},
        "initial_state": {{"x": 0.3, "y": -0.2}}}}"#
    );
    if let Ok(problem) = Problem::from_json(&document) {
        let field = problem.field();
        let mut velocity = [0.0; 2];
        field.velocity(&problem.initial_state, &mut velocity);
        drop(field.jacobian(&problem.initial_state));
        drop(field.parameter_pullback(&problem.initial_state, &[1.0, 1.0]));
        drop(field.on_kink(&problem.initial_state));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(place: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = place.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn record(bytes: &[u8], _: &Path) {
    let text = text(bytes);
    drop(SpectrumRecord::from_json(&text));
    drop(ContinuationRecord::from_json(&text));
    drop(Simulation::from_json(&text));
    drop(Validation::from_json(&text));
}

fn training_records(bytes: &[u8], place: &Path) {
    write(place, "config.json", b"{}");
    write(place, "records.jsonl", bytes);
    drop(SavedRun::read(place));
}

fn sweep_records(bytes: &[u8], place: &Path) {
    drop(read_records(&write(place, "sweep.jsonl", bytes)));
}

fn table(bytes: &[u8], place: &Path) {
    let path = write(place, "table.csv", bytes);
    drop(DataSet::csv(&path, None, None, Header::default()));
}

fn idx(bytes: &[u8], place: &Path) {
    let image: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9];
    for name in ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"] {
        write(place, name, &[0, 0, 8, 1, 0, 0, 0, 1, 3]);
    }
    write(place, "t10k-images-idx3-ubyte", image);
    write(place, "train-images-idx3-ubyte", bytes);
    drop(DataSet::mnist(place, false));
}

fn checkpoint(bytes: &[u8], place: &Path) {
    drop(Checkpoint::read(&write(place, "checkpoint.eqprop", bytes)));
}

fn array(kind: &str, more: &str, bytes: &[u8], place: &Path) {
    let name = format!("weights.{kind}");
    write(place, &name, bytes);
    let problem = format!(
        r#"{{"network": {{"type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0],
        "weights": {{"file": "{name}"{more}}}}}, "target": [1]}}"#
    );
    drop(Problem::read(&write(
        place,
        "problem.json",
        problem.as_bytes(),
    )));
}
