//! Full disks, kills and places that cannot be written: earlier results stay as they were.

use std::path::Path;
use std::process::{Command, Output};

use super::case;
use crate::support::reference;

/// Runs the program with files limited to 1 KiB: a longer one is a full disk, or kills it.
fn limited(kills: bool, directory: &Path, arguments: &[&str]) -> Output {
    // a signal that is ignored becomes an error of writing
    let ignore = if kills { "" } else { "trap '' XFSZ; " };
    Command::new("bash")
        .args(["-c", &format!("{ignore}ulimit -f 1; exec \"$0\" \"$@\"")])
        .arg(assert_cmd::cargo::cargo_bin!("eqprop"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("eqprop"))
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

#[test]
fn earlier_results_survive_full_disks_and_kills() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path();
    let one = case("two_wells");
    let two = reference("problems/strong_rotation.json")
        .display()
        .to_string();
    let portrait = [
        "portrait",
        &two,
        "--out",
        "plane.svg",
        "--record",
        "plane.json",
        "--no-basins",
        "--no-streamlines",
        "--force",
    ];
    for (arguments, files) in [
        (
            &["simulate", &one, "--out", "run.csv", "--force"][..],
            &["run.csv", "run.json"][..],
        ),
        (&portrait, &["plane.svg", "plane.json"]),
        (
            &["plot", "run.json", "--out", "run.svg", "--force"],
            &["run.svg"],
        ),
    ] {
        let done = run(place, arguments);
        assert!(done.status.success(), "{arguments:?} {done:?}");
        let read = || {
            files
                .iter()
                .map(|name| std::fs::read(place.join(name)).unwrap())
        };
        let before: Vec<Vec<u8>> = read().collect();
        assert!(
            before.iter().any(|bytes| bytes.len() > 1024),
            "{arguments:?}"
        );
        for kills in [false, true] {
            let failed = limited(kills, place, arguments);
            let said = String::from_utf8_lossy(&failed.stderr);
            if kills {
                assert_eq!(failed.status.code(), None, "{arguments:?} {said}");
            } else {
                assert_eq!(failed.status.code(), Some(2), "{arguments:?} {said}");
                assert!(files.iter().any(|name| said.contains(name)), "{said}");
                let left = std::fs::read_dir(place).unwrap();
                let mut left = left.map(|entry| entry.unwrap().file_name());
                assert!(!left.any(|name| name.to_string_lossy().ends_with(".partial")));
            }
            assert!(read().eq(before.iter().cloned()), "{arguments:?} {kills}");
        }
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".partial") {
                std::fs::remove_file(path).unwrap();
            }
        }
        // what a kill left behind does not stop the next run
        assert!(run(place, arguments).status.success(), "{arguments:?}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = tempfile::tempdir().unwrap();
    let failed = run(
        place.path(),
        &["simulate", &case("two_wells"), "--out", "/proc/run.csv"],
    );
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(2), "{said}");
    assert!(said.contains("/proc/run"), "{said}");
}
