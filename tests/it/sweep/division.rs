//! The same bytes for any number of threads and parts.

use super::{CONFIG, Place};

#[test]
fn threads_do_not_change_a_byte() {
    let place = Place::new(CONFIG);
    place.sweep("one", &["--threads", "1"]);
    let one = place.result("one");
    assert_eq!(one[1].iter().filter(|&&byte| byte == b'\n').count(), 240);
    for threads in ["2", "3"] {
        place.sweep(threads, &["--threads", threads]);
        assert!(place.result(threads) == one, "{threads} threads");
    }
}

#[test]
fn parts_join_to_what_one_process_writes() {
    let place = Place::new(CONFIG);
    place.sweep("whole", &[]);
    // parts counted from 0, and from 1; the second time all in one directory
    for (of, first) in [(1, 0), (3, 0), (3, 1), (64, 1)] {
        let name = |part: u64| format!("part-{of}-{first}-{part}");
        let parts: Vec<String> = (first..first + of).map(name).collect();
        let together = format!("together-{of}-{first}");
        for (part, out) in parts.iter().enumerate() {
            let shard = format!("{}/{of}", first as usize + part);
            let out = if of == 64 { &together } else { out };
            place.sweep(out, &["--shard", &shard, "--threads", "1"]);
        }
        let joined = format!("joined-{of}-{first}");
        let mut arguments = vec!["merge", "--out", &joined];
        if of == 64 {
            arguments.push(&together);
        } else {
            arguments.extend(parts.iter().map(String::as_str));
        }
        place.succeed(&arguments);
        assert!(place.result(&joined) == place.result("whole"), "{of} parts");
    }
}

#[test]
fn a_slurm_job_array_divides_by_itself() {
    let place = Place::new(CONFIG);
    place.sweep("whole", &[]);
    for task in ["11", "12", "13"] {
        let output = place
            .command(&["sweep", "config.json", "--out", "array"])
            .env("SLURM_ARRAY_TASK_ID", task)
            .env("SLURM_ARRAY_TASK_COUNT", "3")
            .env("SLURM_ARRAY_TASK_MIN", "11")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    place.succeed(&["merge", "array", "--out", "joined"]);
    assert!(place.result("joined") == place.result("whole"));
    let output = place
        .command(&["sweep", "config.json", "--out", "other"])
        .env("SLURM_ARRAY_TASK_ID", "one")
        .env("SLURM_ARRAY_TASK_COUNT", "3")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn missing_and_doubled_points_are_told() {
    let place = Place::new(CONFIG);
    for part in ["0", "1", "2"] {
        place.sweep(part, &["--shard", &format!("{part}/3")]);
    }
    place.refused(
        &["merge", "0", "2", "--out", "joined"],
        &["80 of 240 points have no record (2–3, 8–9", "partial"],
    );
    assert!(!place.path("joined/records.jsonl").exists());
    place.succeed(&["merge", "0", "2", "--partial", "--out", "joined"]);
    assert_eq!(
        place.result("joined")[1]
            .iter()
            .filter(|&&b| b == b'\n')
            .count(),
        160
    );
    // what was joined in part can be joined again
    place.succeed(&["merge", "joined", "1", "--out", "all"]);
    place.sweep("whole", &[]);
    assert!(place.result("all") == place.result("whole"));

    place.refused(
        &["merge", "0", "1", "2", "0", "--out", "twice"],
        &["point 0 is in", "every part once"],
    );
    place.refused(&["merge", "0", "--out", "all"], &["--force"]);
    place.refused(&["merge", "nowhere", "--out", "x"], &["nowhere/sweep.json"]);
    let other = CONFIG.replace("30", "31");
    std::fs::write(place.path("config.json"), other).unwrap();
    place.sweep("other", &[]);
    place.refused(
        &["merge", "0", "other", "--out", "x"],
        &["another configuration"],
    );
}
