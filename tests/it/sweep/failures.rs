//! Killed, interrupted, torn, full, read-only: nothing lost, nothing doubled.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use eqprop::model::Random;

use super::{CONFIG, Place, read};

const RESUME: [&str; 5] = ["sweep", "config.json", "--out", "out", "--resume"];

#[test]
fn killed_at_any_moment_and_resumed_the_bytes_are_the_same() {
    let place = Place::new(&CONFIG.replace("30", "120"));
    place.sweep("whole", &[]);
    let whole = place.result("whole");
    let mut random = Random::new(2018, 0);
    let mut kills = 0;
    while kills < 20 {
        let mut child = place
            .command(&RESUME)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(random.uniform(1e3, 6e4) as u64));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        if status.code().is_none() {
            kills += 1;
        } else {
            // it was ready before: once more from the beginning
            assert!(status.success() && place.result("out") == whole);
            std::fs::remove_dir_all(place.path("out")).unwrap();
        }
    }
    place.succeed(&RESUME);
    assert!(place.result("out") == whole);
}

#[test]
fn a_termination_signal_ends_cleanly() {
    let place = Place::new(&CONFIG.replace("30", "20000"));
    let child = place
        .command(&[&RESUME[..4], &["--json"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let signal = ["-TERM", &child.id().to_string()];
    assert!(
        Command::new("kill")
            .args(signal)
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["complete"], false);
    let records = read(&place.path("out/records.jsonl"));
    let count = records.iter().filter(|&&byte| byte == b'\n').count();
    assert!(count > 0 && records.ends_with(b"\n"));
    assert_eq!(summary["records"], count);
}

#[test]
fn a_torn_end_is_repaired_wherever_it_was_torn() {
    let place = Place::new(r#"{"neurons": [2], "seeds": {"first": 0, "count": 4}}"#);
    place.sweep("whole", &["--threads", "1"]);
    let [description, records] = place.result("whole");
    std::fs::create_dir(place.path("out")).unwrap();
    std::fs::write(place.path("out/sweep.json"), &description).unwrap();
    let lines: Vec<usize> = (0..records.len())
        .filter(|&k| records[k] == b'\n')
        .collect();
    // every byte of the last line, and here and there before it
    let last = lines[lines.len() - 2];
    for length in (0..last).step_by(61).chain(last..=records.len()) {
        std::fs::write(place.path("out/records.jsonl"), &records[..length]).unwrap();
        place.succeed(&RESUME);
        assert!(
            place.result("out") == [&description[..], &records[..]],
            "cut at {length}"
        );
    }
    // what a power failure may leave
    let mut torn = records[..=lines[1]].to_vec();
    torn.extend([0; 500]);
    std::fs::write(place.path("out/records.jsonl"), torn).unwrap();
    place.succeed(&RESUME);
    assert!(place.result("out") == [description, records]);
}

/// A small file system in memory, if this user may have one.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    fn new(path: &'a Path, options: &str) -> Option<Self> {
        std::fs::create_dir(path).unwrap();
        let mounted = mount(&["-t", "tmpfs", "-o", options, "tmpfs"], path);
        if !mounted {
            eprintln!("skipped: this user cannot mount a file system");
        }
        mounted.then_some(Self(path))
    }

    fn change(&self, options: &str) {
        assert!(mount(&["-o", &format!("remount,{options}")], self.0));
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    let mut command = Command::new("mount");
    let status = command
        .args(arguments)
        .arg(path)
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_and_a_read_only_one_cost_nothing_but_time() {
    let place = Place::new(CONFIG);
    place.sweep("whole", &[]);
    let [_, records] = place.result("whole");
    let path = place.path("out");
    let Some(disk) = Mount::new(&path, "size=64k") else {
        return;
    };
    place.refused(&RESUME, &["No space left", "--resume"]);
    let kept = read(&path.join("records.jsonl"));
    assert!(kept.len() > 20_000 && kept.ends_with(b"\n") && records.starts_with(&kept));
    disk.change("ro");
    place.refused(&RESUME, &["out/records.jsonl", "Read-only"]);
    place.refused(
        &["sweep", "config.json", "--out", "out/new"],
        &["Read-only"],
    );
    disk.change("rw,size=8m");
    place.succeed(&RESUME);
    assert!(place.result("out") == place.result("whole"));

    place.sweep("parts", &["--shard", "0/2"]);
    place.sweep("parts", &["--shard", "1/2"]);
    disk.change("size=256k");
    place.refused(
        &["merge", "parts", "--out", "out/joined"],
        &["No space left"],
    );
    assert_eq!(std::fs::read_dir(path.join("joined")).unwrap().count(), 0);
}
