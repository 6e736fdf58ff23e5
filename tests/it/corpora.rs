//! Every reader on damaged files: an answer or an error, never a panic and never a hang.
//!
//! The seeds are small files of each kind; each is read as it stands, and then with slips of a
//! stated seed: bytes flipped, pieces left out, doubled or exchanged for what trips parsers.

use std::path::Path;
use std::time::{Duration, Instant};

use eqprop::data::{DataSet, Header};
use eqprop::experiment::sweep::SweepConfig;
use eqprop::experiment::sweep::aggregate::read_records;
use eqprop::experiment::training::{Checkpoint, SavedRun, TrainingSettings};
use eqprop::experiment::{ContinuationRecord, Simulation, SpectrumRecord, Validation};
use eqprop::model::{Problem, Random};

/// Slips a seed.
const SLIPS: usize = 200;
/// No file as small as these takes longer.
const LONGEST: Duration = Duration::from_secs(5);

const PIECES: [&[u8]; 16] = [
    b"1e999",
    b"-1e308",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b"\"",
    b"\\u",
    b",",
    b"\n",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"18446744073709551616",
    "\u{feff}".as_bytes(),
    b"\"file\"",
    b"[[[[[[[[",
];

fn slipped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + random.uniform(0.0, 3.0) as usize {
        let place =
            |random: &mut Random, end: usize| random.uniform(0.0, end as f64 + 1.0) as usize;
        let from = place(random, out.len()).min(out.len());
        let to = (from + place(random, 12)).min(out.len());
        match random.uniform(0.0, 4.0) as usize {
            0 if from < out.len() => out[from] ^= 1 << (random.uniform(0.0, 8.0) as u8),
            1 => drop(out.drain(from..to)),
            2 => {
                let piece = out[from..to].to_vec();
                out.splice(from..from, piece);
            }
            _ => {
                let piece = PIECES[place(random, PIECES.len() - 1).min(PIECES.len() - 1)];
                out.splice(from..to, piece.iter().copied());
            }
        }
    }
    out
}

/// Reads a seed and its slips; `read` must come back from each.
fn survives(name: &str, seeds: &[Vec<u8>], read: &dyn Fn(&[u8])) {
    let mut random = Random::new(14, 0);
    for seed in seeds {
        for k in 0..SLIPS {
            let bytes = if k == 0 {
                seed.clone()
            } else {
                slipped(seed, &mut random)
            };
            let begun = Instant::now();
            read(&bytes);
            assert!(
                begun.elapsed() < LONGEST,
                "{name}: {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

fn case(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cases")
            .join(name),
    )
    .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn problems_and_configurations_are_read_or_refused() {
    let layered = br#"{"network": {"type": "layered", "dynamics": "leaky", "activation": "tanh", "sizes": [1, 2, 1],
        "init": {"scheme": "glorot_uniform", "seed": 1, "gain": 0.5}}, "input": [1], "target": [1], "state_bounds": [0, 1]}"#;
    let problems = [case("problem_with_bom.json"), layered.to_vec()];
    survives("problem", &problems, &|bytes| {
        drop(Problem::from_json(&text(bytes)))
    });
    let sweep = br#"{"neurons": {"from": 2, "to": 4, "count": 3}, "gain": [0.5, 1], "seeds": {"first": 0, "count": 9},
        "estimator": ["centred"], "beta": [0.1], "activation": ["tanh"], "target": [-1, 1]}"#;
    survives("sweep", &[sweep.to_vec()], &|bytes| {
        drop(SweepConfig::from_json(&text(bytes)))
    });
    let training = [case("table_permuted.config.json"), br#"{"nudge": {"beta": 0.5, "scheme": "centred"}, "optimiser":
        {"method": {"name": "adam"}, "rates": [0.1]}, "settle": {"persistent": "u8"}, "observe": {"every": 2}}"#.to_vec()];
    survives("training", &training, &|bytes| {
        drop(TrainingSettings::from_json(&text(bytes)))
    });
}

#[test]
fn records_are_read_or_refused() {
    let kinds = [
        r#"{"kind": "spectrum", "spectra": []}"#,
        r#"{"kind": "continuation", "branches": [], "range": [0, 1]}"#,
    ];
    survives(
        "records",
        &kinds.map(|text| text.as_bytes().to_vec()),
        &|bytes| {
            let text = text(bytes);
            drop(SpectrumRecord::from_json(&text));
            drop(ContinuationRecord::from_json(&text));
            drop(Simulation::from_json(&text));
            drop(Validation::from_json(&text));
        },
    );
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("records.jsonl");
    std::fs::write(place.path().join("config.json"), "{}").unwrap();
    let epoch = br#"{"epoch": 0, "updates": 0, "rates": [], "skipped": 0, "weights": []}
{"epoch": 1, "updates": 9, "rates": [0.5], "skipped": 0, "weights": []}
"#;
    survives("lines", &[epoch.to_vec()], &|bytes| {
        std::fs::write(&path, bytes).unwrap();
        drop(SavedRun::read(place.path()));
        drop(read_records(&path));
    });
}

#[test]
fn tables_images_checkpoints_and_arrays_are_read_or_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    let table = case("table_train.csv")[..200].to_vec();
    survives(
        "table",
        &[table, b"a,\"b\",c\r\n1,2,x\r\n\r\n3,4,y\r\n".to_vec()],
        &|bytes| {
            std::fs::write(path("table.csv"), bytes).unwrap();
            drop(DataSet::csv(
                &path("table.csv"),
                None,
                None,
                Header::default(),
            ));
        },
    );
    let images = [
        &[0, 0, 8, 3][..],
        &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9],
    ]
    .concat();
    for name in ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"] {
        std::fs::write(path(name), [0, 0, 8, 1, 0, 0, 0, 1, 3]).unwrap();
    }
    std::fs::write(path("t10k-images-idx3-ubyte"), &images).unwrap();
    survives("IDX", &[images], &|bytes| {
        std::fs::write(path("train-images-idx3-ubyte"), bytes).unwrap();
        drop(DataSet::mnist(place.path(), false));
    });
    let checkpoint =
        b"eqprop checkpoint\n\x01\0\0\0\x02\0\0\0\0\0\0\0{}01234567890123456789012345678901";
    survives("checkpoint", &[checkpoint.to_vec()], &|bytes| {
        std::fs::write(path("checkpoint.eqprop"), bytes).unwrap();
        drop(Checkpoint::read(&path("checkpoint.eqprop")));
    });
    for name in [
        "weights.npy",
        "weights.npz",
        "weights_compressed.npz",
        "weights.safetensors",
    ] {
        let problem = format!(
            r#"{{"network": {{"type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0],
            "weights": {{"file": "{name}"{}}}}}, "target": [1]}}"#,
            if name.ends_with("npy") {
                ""
            } else {
                r#", "array": "W""#
            }
        );
        std::fs::write(path("problem.json"), problem).unwrap();
        survives(name, &[case(name)], &|bytes| {
            std::fs::write(path(name), bytes).unwrap();
            drop(Problem::read(&path("problem.json")));
        });
    }
}
