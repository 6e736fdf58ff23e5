//! What is refused, and in which words.

use super::{CONFIG, Place, read};

#[test]
fn malformed_configurations_are_refused_by_their_field() {
    let cases = [
        ("", "(file)"),
        ("[]", "(file)"),
        ("{", "(file)"),
        ("{} x", "(file)"),
        (r#"{"neuron": [3]}"#, "neuron"),
        (r#"{"neurons": 3}"#, "neurons"),
        (r#"{"neurons": []}"#, "neurons"),
        (r#"{"neurons": [0]}"#, "neurons[0]"),
        (r#"{"neurons": [3, 2.5]}"#, "neurons[1]"),
        (r#"{"neurons": [3, -1]}"#, "neurons[1]"),
        (r#"{"neurons": [6000]}"#, "neurons[0]"),
        (
            r#"{"neurons": {"from": 2, "to": 4, "count": 9}}"#,
            "neurons.count",
        ),
        (
            r#"{"neurons": {"from": 1, "to": 20, "count": 9, "scale": "log"}}"#,
            "neurons.count",
        ),
        (
            r#"{"depth": {"from": -3, "to": 0, "count": 2}}"#,
            "depth.from",
        ),
        (r#"{"depth": [2000]}"#, "depth[0]"),
        (r#"{"depth": [3], "neurons": [2000]}"#, "depth"),
        (r#"{"gain": [1, "2"]}"#, "gain[1]"),
        (r#"{"gain": [-1]}"#, "gain[0]"),
        (r#"{"gain": [1e999]}"#, "gain[0]"),
        (r#"{"asymmetry": {"from": 0, "to": 1}}"#, "asymmetry"),
        (
            r#"{"asymmetry": {"from": 0, "to": 1, "count": 0}}"#,
            "asymmetry.count",
        ),
        (
            r#"{"asymmetry": {"from": 0, "to": 1, "cuont": 2}}"#,
            "asymmetry.cuont",
        ),
        (
            r#"{"asymmetry": {"from": 0, "to": 1, "count": 2, "scale": "sqrt"}}"#,
            "asymmetry.scale",
        ),
        (
            r#"{"asymmetry": {"from": 0, "to": 1, "count": 2, "scale": "log"}}"#,
            "asymmetry.scale",
        ),
        (r#"{"asymmetry": [0.5, 1, 0.5]}"#, "asymmetry[2]"),
        (
            r#"{"seeds": {"first": 18446744073709551615, "count": 2}}"#,
            "seeds.first",
        ),
        (r#"{"seeds": {"first": -1, "count": 2}}"#, "seeds.first"),
        (
            r#"{"seeds": {"from": 0, "to": 2, "count": 2}}"#,
            "seeds.from",
        ),
        (r#"{"rtol": [0]}"#, "rtol[0]"),
        (r#"{"beta": [0.1, 0]}"#, "beta[1]"),
        (r#"{"beta": {"from": -1, "to": 1, "count": 3}}"#, "beta"),
        (r#"{"estimator": ["centered"]}"#, "estimator[0]"),
        (r#"{"estimator": ["centred", "centred"]}"#, "estimator[1]"),
        (r#"{"activation": []}"#, "activation"),
        (r#"{"activation": ["Tanh"]}"#, "activation[0]"),
        (r#"{"dynamics": "leaky"}"#, "dynamics"),
        (r#"{"outputs": 0}"#, "outputs"),
        (r#"{"outputs": 11}"#, "outputs"),
        (r#"{"inputs": 1000000}"#, "inputs"),
        (r#"{"bias": [1, -1]}"#, "bias"),
        (r#"{"bias": [1]}"#, "bias"),
        (r#"{"state_bounds": [1, 1]}"#, "state_bounds"),
        (r#"{"max_time": 0}"#, "max_time"),
        (r#"{"method": "rk4"}"#, "method"),
        (
            r#"{"seeds": {"first": 0, "count": 1000000000}, "rtol": [1e-6, 1e-9]}"#,
            "(file)",
        ),
    ];
    let place = Place::new("");
    for (config, field) in cases {
        std::fs::write(place.path("config.json"), config).unwrap();
        let output = place.run(&["sweep", "config.json", "--out", "out", "--json"]);
        assert_eq!(output.status.code(), Some(2), "{config}: {output:?}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["kind"], "invalid_input", "{config}");
        assert_eq!(document["error"]["field"], field, "{config}: {document}");
        assert_eq!(document["error"]["file"], "config.json", "{config}");
        assert!(!place.path("out").exists(), "{config}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let place = Place::new(CONFIG);
    for shard in ["4/3", "0/0", "x", "1", "-1/3"] {
        place.refused(
            &["sweep", "config.json", "--out", "out", "--shard", shard],
            &["shard", "I/N"],
        );
    }
    for wrong in [["--threads", "0"], ["--threads", "x"]] {
        place.refused(
            &[&["sweep", "config.json", "--out", "out"], &wrong[..]].concat(),
            &[],
        );
    }
    place.refused(
        &[
            "sweep",
            "config.json",
            "--out",
            "out",
            "--force",
            "--resume",
        ],
        &["cannot be used with"],
    );
    place.refused(
        &["sweep", "nothing.json", "--out", "out"],
        &["nothing.json"],
    );
    place.refused(&["merge", "--out", "out"], &["DIR"]);
    assert!(!place.path("out").exists());
}

#[test]
fn results_and_other_sweeps_are_not_touched() {
    let place = Place::new(CONFIG);
    place.sweep("out", &[]);
    let before = place.result("out");
    place.refused(
        &["sweep", "config.json", "--out", "out"],
        &["records.jsonl", "--resume", "--force"],
    );
    place.sweep("out", &["--resume"]);
    assert!(place.result("out") == before);
    place.sweep("out", &["--force"]);
    assert!(place.result("out") == before);

    std::fs::write(
        place.path("config.json"),
        CONFIG.replace("\"to\": 2", "\"to\": 1"),
    )
    .unwrap();
    for more in [
        &["--resume"][..],
        &["--resume", "--shard", "1/2"],
        &["--shard", "1/2"],
        &["--shard", "1/2", "--force"],
    ] {
        place.refused(
            &[&["sweep", "config.json", "--out", "out"], more].concat(),
            &["another configuration"],
        );
    }
    assert!(place.result("out") == before);
    // the whole of another sweep may replace it, when asked
    place.sweep("out", &["--force"]);
    assert!(place.result("out") != before);
}

#[test]
fn files_that_were_changed_are_refused_and_left_alone() {
    let place = Place::new(CONFIG);
    place.sweep("out", &[]);
    let [description, records] = place.result("out");
    let lines: Vec<&[u8]> = records.split_inclusive(|&byte| byte == b'\n').collect();
    let resume = ["sweep", "config.json", "--out", "out", "--resume"];
    let swapped = [lines[1], lines[0], lines[2]].concat();
    let doubled = [lines[0], lines[0], lines[1]].concat();
    let damaged = [lines[0], b"{\"index\": 1}\n", lines[2]].concat();
    for (wrong, line) in [
        (swapped, "line 1"),
        (doubled, "line 2"),
        (damaged, "line 2"),
    ] {
        std::fs::write(place.path("out/records.jsonl"), &wrong).unwrap();
        place.refused(&resume, &["records.jsonl", line]);
        assert!(place.result("out")[1] == wrong);
    }
    std::fs::write(place.path("out/records.jsonl"), &records).unwrap();
    let edited = String::from_utf8(description)
        .unwrap()
        .replace("0.6", "0.7");
    std::fs::write(place.path("out/sweep.json"), edited).unwrap();
    place.refused(&resume, &["sweep.json", "config_hash"]);
    std::fs::remove_file(place.path("out/sweep.json")).unwrap();
    place.refused(&resume, &["sweep.json"]);
    assert!(read(&place.path("out/records.jsonl")) == records);
}

#[test]
fn a_second_process_is_refused() {
    let place = Place::new(&CONFIG.replace("30", "20000"));
    let mut first = place
        .command(&["sweep", "config.json", "--out", "out", "--threads", "1"])
        .spawn()
        .unwrap();
    while !std::fs::metadata(place.path("out/records.jsonl")).is_ok_and(|file| file.len() > 0) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    for more in [&[][..], &["--resume"], &["--force"]] {
        place.refused(
            &[&["sweep", "config.json", "--out", "out"], more].concat(),
            &["another process"],
        );
    }
    place.refused(&["merge", "out", "--out", "joined"], &["another process"]);
    first.kill().unwrap();
    first.wait().unwrap();
    let kept = read(&place.path("out/records.jsonl"));
    place.refused(
        &["sweep", "config.json", "--out", "out"],
        &["exists already"],
    );
    assert!(!kept.is_empty() && read(&place.path("out/records.jsonl")) == kept);
}
