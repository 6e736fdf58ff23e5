//! Runs of training as a user meets them: killed, resumed, stopped, refused, exported.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use assert_cmd::Command;
use eqprop::experiment::training::Checkpoint;
use serde_json::{Value, json};

/// A directory with a configuration of a run of a few seconds.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(settings: &Value) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("given.json"), settings.to_string()).unwrap();
        Self { directory }
    }

    fn config(&self) -> PathBuf {
        self.directory.path().join("given.json")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn train(&self, out: &str, more: &[&str]) -> Command {
        let mut command = Command::cargo_bin("eqprop").unwrap();
        command.arg("train").arg(self.config());
        command.arg("--out").arg(self.path(out)).args(more);
        command
    }

    fn spawn(&self, out: &str, more: &[&str]) -> Child {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("eqprop"));
        command.arg("train").arg(self.config());
        command.arg("--out").arg(self.path(out)).args(more);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }
}

/// A few seconds of training, with momentum, so that there is an optimiser's memory to save.
fn some_seconds() -> Value {
    json!({
        "epochs": 40,
        "network": {"sizes": [64, 128, 96, 10]},
        "optimiser": {"method": {"name": "momentum", "momentum": 0.5}, "rates": [0.1, 0.05, 0.005]},
        "observe": {"every": 20, "probe": 8},
        "checkpoint_minutes": 0.001
    })
}

fn short() -> Value {
    json!({"epochs": 2, "network": {"sizes": [64, 16, 10]}, "data": {"limit": 200}})
}

fn same_run(one: &Path, other: &Path) {
    let [first, second] = [one, other].map(|directory| {
        let checkpoint = Checkpoint::read(&directory.join("checkpoint.eqprop")).unwrap();
        let records = std::fs::read(directory.join("records.jsonl")).unwrap();
        (checkpoint, records)
    });
    // bit by bit: NaN would compare unequal
    let bits = |checkpoint: &Checkpoint| -> Vec<u32> {
        let sets = std::iter::once(&checkpoint.weights).chain(&checkpoint.moments);
        sets.flat_map(|weights| weights.blocks().concat())
            .map(f32::to_bits)
            .collect()
    };
    assert_eq!(bits(&first.0), bits(&second.0));
    assert_eq!(first.0.states, second.0.states);
    assert_eq!(first.0.header.position, second.0.header.position);
    assert!(first.1 == second.1, "the records differ");
}

#[test]
fn a_run_killed_again_and_again_ends_in_the_same_bits() {
    let place = Place::new(&some_seconds());
    place.train("whole", &["--threads", "1"]).assert().success();
    let mut kills = 0;
    let mut first = place.spawn("killed", &["--threads", "2"]);
    // the waits differ, so that the kills meet training, checkpoints and measurements
    for wait in [300, 170, 230, 410, 290] {
        std::thread::sleep(Duration::from_millis(wait));
        if first.try_wait().unwrap().is_none() {
            kills += 1;
        }
        first.kill().unwrap();
        first.wait().unwrap();
        first = place.spawn("killed", &["--resume", "--threads", "2"]);
    }
    assert!(first.wait().unwrap().success());
    assert!(kills >= 3, "the run is too short to be killed: {kills}");
    same_run(&place.path("whole"), &place.path("killed"));
}

#[cfg(unix)]
#[test]
fn a_signal_saves_and_ends_cleanly() {
    let place = Place::new(&some_seconds());
    place.train("whole", &[]).assert().success();
    let child = place.spawn("stopped", &[]);
    // in the middle, however fast the machine is
    let begun = || std::fs::read_to_string(place.path("stopped/records.jsonl")).unwrap_or_default();
    for _ in 0..3000 {
        if begun().lines().count() >= 3 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = std::process::Command::new("kill")
        .arg(child.id().to_string())
        .status();
    assert!(kill.unwrap().success());
    let mut child = child;
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report = std::fs::read_to_string(place.path("stopped/report.md")).unwrap();
    assert!(report.contains("Interrupted"), "{report}");
    place.train("stopped", &["--resume"]).assert().success();
    same_run(&place.path("whole"), &place.path("stopped"));
}

#[test]
fn more_epochs_go_on_where_fewer_ended() {
    let place = Place::new(&short());
    place.train("long", &[]).assert().success();
    let mut shorter = short();
    shorter["epochs"] = json!(1);
    let other = Place::new(&shorter);
    other.train("long", &[]).assert().success();
    // the same directory, asked for two epochs
    let mut command = Command::cargo_bin("eqprop").unwrap();
    command.arg("train").arg(place.config()).arg("--resume");
    command
        .arg("--out")
        .arg(other.path("long"))
        .assert()
        .success();
    same_run(&place.path("long"), &other.path("long"));
}

#[test]
fn a_last_stage_goes_on_for_longer_and_not_otherwise() {
    let config = |epochs: usize, last: usize| {
        let mut settings = short();
        settings["epochs"] = json!(epochs);
        settings["optimiser"] = json!({
            "schedule": {"name": "cosine", "end": 0.5},
            "last_stage": {"epochs": last, "outputs": 2, "others": 0.1}
        });
        Place::new(&settings)
    };
    let (begun, whole) = (config(3, 1), config(5, 3));
    begun.train("run", &[]).assert().success();
    whole.train("run", &[]).assert().success();
    let resumed = |place: &Place| {
        let mut command = Command::cargo_bin("eqprop").unwrap();
        command.arg("train").arg(place.config()).arg("--resume");
        command.arg("--out").arg(begun.path("run"));
        command
    };
    let field = "optimiser.last_stage.epochs";
    refused(&mut resumed(&config(5, 2)), 2, &[field]);
    resumed(&whole).assert().success();
    same_run(&begun.path("run"), &whole.path("run"));
}

#[test]
fn wrong_samples_alone_start_again_from_zero_if_they_shall() {
    for restarts in [true, false] {
        let mut settings = short();
        settings["settle"] = json!({"restart_wrong": restarts});
        let place = Place::new(&settings);
        place.train("run", &[]).assert().success();
        let checkpoint = Checkpoint::read(&place.path("run/checkpoint.eqprop")).unwrap();
        let states = checkpoint.states.chunks_exact(4 * 26);
        let at_zero = states.filter(|state| state.iter().all(|&byte| byte == 0));
        let records = std::fs::read_to_string(place.path("run/records.jsonl")).unwrap();
        let last: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
        let training = &last["training"];
        let wrong = training["error"].as_f64().unwrap() * training["samples"].as_f64().unwrap();
        assert!(wrong > 0.5, "nothing to see: {training}");
        let expected = if restarts { wrong.round() as usize } else { 0 };
        assert_eq!(at_zero.count(), expected);
    }
}

fn refused(command: &mut Command, code: i32, expected: &[&str]) {
    let output = command.output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for expected in expected {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_refused_with_its_reason() {
    let place = Place::new(&short());
    place.train("run", &[]).assert().success();
    let path = place.path("run/checkpoint.eqprop");
    let whole = std::fs::read(&path).unwrap();
    let flip = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    for (bytes, reason) in [
        (whole[..whole.len() - 7].to_vec(), "damaged"),
        (whole[..100].to_vec(), "damaged"),
        (flip(whole.len() / 2), "damaged"),
        (flip(60), "damaged"),
        (b"PK\x03\x04 another program's".to_vec(), "not a checkpoint"),
        (Vec::new(), "not a checkpoint"),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let expected = [reason, "checkpoint.eqprop"];
        refused(&mut place.train("run", &["--resume"]), 2, &expected);
        let mut evaluate = Command::cargo_bin("eqprop").unwrap();
        refused(evaluate.arg("evaluate").arg(&path), 2, &expected);
        assert_eq!(
            std::fs::read(&path).unwrap(),
            bytes,
            "it must not be touched"
        );
    }
    std::fs::write(&path, &whole).unwrap();
    let mut other = short();
    other["nudge"] = json!({"beta": 0.25});
    std::fs::write(place.config(), other.to_string()).unwrap();
    refused(&mut place.train("run", &["--resume"]), 2, &["nudge.beta"]);
    std::fs::write(place.config(), short().to_string()).unwrap();
    std::fs::write(place.path("run/records.jsonl"), "").unwrap();
    refused(
        &mut place.train("run", &["--resume"]),
        2,
        &["records.jsonl"],
    );
}

#[test]
fn a_run_without_its_checkpoint_is_not_begun_again_by_resume() {
    let place = Place::new(&short());
    place.train("run", &[]).assert().success();
    let records = std::fs::read(place.path("run/records.jsonl")).unwrap();
    std::fs::remove_file(place.path("run/checkpoint.eqprop")).unwrap();
    let expected = ["records of 2 epochs", "replaced"];
    refused(&mut place.train("run", &["--resume"]), 2, &expected);
    assert_eq!(
        std::fs::read(place.path("run/records.jsonl")).unwrap(),
        records
    );
    place.train("run", &["--force"]).assert().success();
    let mut fewer = short();
    fewer["epochs"] = json!(1);
    std::fs::write(place.config(), fewer.to_string()).unwrap();
    let expected = ["epochs", "after epoch 2"];
    refused(&mut place.train("run", &["--resume"]), 2, &expected);
}

#[test]
fn an_epoch_that_teaches_nothing_ends_the_run() {
    for (settings, kind) in [
        (
            json!({
                "network": {"clamp": "none", "activation": "identity"},
                "optimiser": {"rates": [3.0, 0.8]}
            }),
            "diverged",
        ),
        (
            json!({"settle": {"free_sweeps": 1, "nudged_sweeps": 1, "tolerance": 1e-7}}),
            "timed_out",
        ),
    ] {
        let place = Place::new(&settings);
        let output = place.train("run", &["--json"]).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["kind"], kind, "{document}");
        assert!(document["error"]["epoch"].as_u64() <= Some(2));
        Checkpoint::read(&place.path("run/checkpoint.eqprop")).unwrap();
    }
}

#[test]
fn a_run_that_is_no_better_than_chance_says_so() {
    let mut settings = short();
    settings["optimiser"] = json!({"rates": [100.0]});
    let output = Place::new(&settings).train("run", &[]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("warning") && text.contains("chance"),
        "{text}"
    );
}

#[test]
fn an_exported_problem_needs_the_checkpoints_own_data() {
    let directory = tempfile::tempdir().unwrap();
    let table = directory.path().join("table.csv");
    let rows = |shift: usize| -> String {
        let row = |k: usize| format!("0.{},0.{},{}\n", k % 7, (k + shift) % 5, k % 2);
        (0..40).map(row).collect()
    };
    std::fs::write(&table, rows(0)).unwrap();
    let place = Place::new(&json!({
        "epochs": 1,
        "network": {"sizes": [2, 4, 2]},
        "data": {"source": {"name": "csv", "train": table}},
    }));
    place.train("run", &[]).assert().success();
    let export = |name: &str| {
        let mut command = Command::cargo_bin("eqprop").unwrap();
        command
            .arg("export")
            .arg(place.path("run/checkpoint.eqprop"));
        command.arg("--out").arg(place.path(name));
        command
    };
    export("problem.json").assert().success();
    std::fs::write(&table, rows(1)).unwrap();
    refused(&mut export("other.json"), 2, &["data", "SHA-256"]);
    assert!(!place.path("other.json").exists());
}

#[test]
fn earlier_runs_and_other_processes_are_respected() {
    let place = Place::new(&short());
    place.train("run", &[]).assert().success();
    refused(&mut place.train("run", &[]), 2, &["--force"]);
    place.train("run", &["--force"]).assert().success();
    let long = Place::new(&some_seconds());
    let mut child = long.spawn("run", &[]);
    std::thread::sleep(Duration::from_millis(400));
    refused(
        &mut long.train("run", &["--resume"]),
        2,
        &["another process"],
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn refusals_name_file_and_field() {
    for (settings, code, expected) in [
        (json!({"epoch": 3}), 2, vec!["given.json", "epoch"]),
        (
            json!({"network": {"sizes": [64, 32, 9]}}),
            2,
            vec!["network.sizes[2]", "classes"],
        ),
        (
            json!({"network": {"sizes": [63, 32, 10]}}),
            2,
            vec!["network.sizes[0]", "64"],
        ),
        (json!({"data": {"limit": 5000}}), 2, vec!["data.limit"]),
        (
            json!({"settle": {"persistent_limit_mib": 0}}),
            2,
            vec!["settle.persistent", "MiB"],
        ),
        (
            json!({"data": {"source": {"name": "mnist", "directory": "/nowhere"}}}),
            2,
            vec!["MNIST", "`data`"],
        ),
        (
            json!({"network": {"clamp": "none"}, "optimiser": {"rates": [50.0]}}),
            3,
            vec!["diverged", "checkpoint.eqprop"],
        ),
    ] {
        refused(
            &mut Place::new(&settings).train("run", &[]),
            code,
            &expected,
        );
    }
}

#[test]
fn a_checkpoint_is_evaluated_and_exported() {
    let mut settings = short();
    settings["network"]["clamp"] = json!("all");
    let place = Place::new(&settings);
    place.train("run", &[]).assert().success();
    let checkpoint = place.path("run/checkpoint.eqprop");
    let eqprop = || Command::cargo_bin("eqprop").unwrap();
    let output = eqprop()
        .arg("evaluate")
        .arg(&checkpoint)
        .arg("--json")
        .output()
        .unwrap();
    let evaluation: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(evaluation["training"]["samples"], 200);
    let records = std::fs::read_to_string(place.path("run/records.jsonl")).unwrap();
    let last: Value = serde_json::from_str(records.lines().last().unwrap()).unwrap();
    assert_eq!(evaluation["test"], last["test"]);

    let problem = place.path("problem.json");
    let export = |out: &Path| {
        let mut command = eqprop();
        command.arg("export").arg(&checkpoint).arg("--out").arg(out);
        command
    };
    export(&problem).assert().success();
    refused(&mut export(&problem), 2, &["--force"]);
    refused(&mut export(&place.path("x.txt")), 2, &[".npz"]);
    let output = eqprop()
        .arg("gradient")
        .arg(&problem)
        .arg("--json")
        .output()
        .unwrap();
    let gradient: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(gradient["angle_degrees"].as_f64().unwrap() < 90.0);
    export(&place.path("weights.npz")).assert().success();
    let archive = std::fs::read(place.path("weights.npz")).unwrap();
    let names = String::from_utf8_lossy(&archive);
    assert!(names.contains("forward_1.npy") && names.contains("feedback_0.npy"));
}
