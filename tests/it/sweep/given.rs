//! Sweeps over the values of a problem: the records are the gradients of `--set`, and the same bytes
//! however the work was divided.

use eqprop::experiment::sweep::aggregate::read_records;
use eqprop::experiment::sweep::{SweepOutcome, SweepRecord};
use serde_json::Value;

use super::{Place, read};

/// FitzHugh and Nagumo's cell, which oscillates where I is about 0.33 to 1.42.
const CELL: &str = r#"{"field": {"equations": {"v": "v - v^3/3 - w + I", "w": "v + a - b*w"},
    "parameters": {"I": 0.2, "a": 0.7, "b": 0.8}, "time_constants": {"w": 12.5}},
    "outputs": ["v"], "target": [-0.8], "initial_state": {"v": -1.0, "w": -0.4}}"#;
const CONFIG: &str = r#"{"problem": "cell.json", "vary": {"a": [0.7, 0.8],
    "I": {"from": 0, "to": 2, "points": 21}}, "estimator": ["linear_response", "centred"]}"#;

fn place(config: &str) -> Place {
    let place = Place::new(config);
    std::fs::write(place.path("cell.json"), CELL).unwrap();
    place
}

fn records(place: &Place, out: &str) -> Vec<SweepRecord> {
    read_records(&place.path(out)).unwrap()
}

#[test]
fn every_record_is_the_gradient_at_its_values() {
    let place = place(CONFIG);
    place.sweep("whole", &[]);
    let records = records(&place, "whole");
    assert_eq!(records.len(), 2 * 21 * 2);
    let mut outcomes = Vec::new();
    for record in records.iter().step_by(2 * 3) {
        let [(a, at_a), (i, at_i)] = record.point.varied() else {
            panic!("{record:?}");
        };
        let set = [format!("{a}={at_a}"), format!("{i}={at_i}")];
        let output = place.run(&[
            "gradient",
            "cell.json",
            "--json",
            "--set",
            &set[0],
            "--set",
            &set[1],
        ]);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        outcomes.push(record.outcome);
        let rest = record.rest.as_ref().unwrap();
        if record.outcome != SweepOutcome::Settled {
            assert_eq!(answer["error"]["kind"], record.outcome.name());
            assert!(rest.fixed_point.is_none() && rest.stable.is_none());
            continue;
        }
        let measured = record.measured;
        for (name, value) in [
            ("angle_degrees", measured.angle_degrees),
            ("relative_error", measured.relative_error),
            ("error_bound", measured.error_bound),
            ("descent_certificate", measured.descent_certificate),
            ("jacobian_asymmetry", measured.jacobian_asymmetry),
        ] {
            assert_eq!(answer[name].as_f64(), value, "{name} {record:?}");
        }
        assert_eq!(answer["stable"].as_bool(), rest.stable);
        let leading = rest.leading_eigenvalue.unwrap();
        assert_eq!(answer["eigenvalues"][0][0].as_f64(), Some(leading[0]));
        let names = &rest.fixed_point.as_ref().unwrap().0;
        assert_eq!(names[1].0, "w");
        assert_eq!(answer["fixed_point"][1].as_f64(), Some(names[1].1));
    }
    assert!(outcomes.contains(&SweepOutcome::LimitCycle));
    assert!(outcomes.contains(&SweepOutcome::Settled));
}

#[test]
fn threads_parts_and_restarts_do_not_change_a_byte() {
    let place = place(CONFIG);
    place.sweep("whole", &["--threads", "1"]);
    let whole = place.result("whole");
    for (out, part) in [("one", "0/2"), ("two", "1/2")] {
        place.sweep(out, &["--shard", part, "--threads", "2"]);
    }
    place.succeed(&["merge", "one", "two", "--out", "joined"]);
    assert!(place.result("joined") == whole);
    let half = whole[1].len() / 2;
    std::fs::create_dir(place.path("torn")).unwrap();
    std::fs::write(place.path("torn/sweep.json"), &whole[0]).unwrap();
    std::fs::write(place.path("torn/records.jsonl"), &whole[1][..half]).unwrap();
    place.sweep("torn", &["--resume"]);
    assert!(place.result("torn") == whole);
    // another model is another sweep
    std::fs::write(place.path("cell.json"), CELL.replace("0.2", "0.3")).unwrap();
    place.refused(
        &["sweep", "config.json", "--out", "torn", "--resume"],
        &["another configuration"],
    );
}

#[test]
fn files_of_xppaut_and_networks_are_varied_by_the_names_of_set() {
    let config = r#"{"problem": "cell.ode", "vary": {"iapp": [0, 0.1]}}"#;
    let place = place(config);
    let ode = "v' = v - v^3/3 - w + iapp\nw' = (v + 0.7 - 0.8*w)/12.5\npar iapp=0\ndone\n";
    std::fs::write(place.path("cell.ode"), ode).unwrap();
    place.sweep("rests", &[]);
    for record in records(&place, "rests") {
        assert_eq!(record.outcome, SweepOutcome::Settled);
        assert_eq!(record.rest.unwrap().stable, Some(true));
        assert_eq!(record.measured.angle_degrees, None);
    }
    let asked = config.replace(
        "}}",
        r#"}, "changes": {"cost": "(v + 0.8)^2/2", "learn": ["iapp"]}}"#,
    );
    std::fs::write(place.path("config.json"), asked).unwrap();
    place.sweep("learns", &[]);
    // one parameter that acts on the only output: the two updates are parallel
    for record in records(&place, "learns") {
        assert!(record.measured.angle_degrees.unwrap() < 1e-9);
    }
    let network = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
        "weights": [[0, 0.5], [-0.5, 0]], "outputs": [1]}, "target": [0.2]}"#;
    std::fs::write(place.path("network.json"), network).unwrap();
    let config = r#"{"problem": "network.json", "vary": {"network.weights.0.1": [0.5, -0.5]}}"#;
    std::fs::write(place.path("config.json"), config).unwrap();
    place.sweep("network", &[]);
    let asymmetry = |record: &SweepRecord| record.measured.weight_asymmetry;
    let records = records(&place, "network");
    assert_eq!(asymmetry(&records[1]), Some(0.0));
}

#[test]
fn what_does_not_belong_to_a_problem_is_refused() {
    for (config, texts) in [
        (r#"{"vary": {"I": [1]}}"#, &["vary", "`problem`"][..]),
        (
            r#"{"problem": "cell.json", "neurons": [4]}"#,
            &["neurons", "random networks"],
        ),
        (
            r#"{"problem": "cell.json", "vary": {"J": [1]}}"#,
            &["cell.json", "J"],
        ),
        (r#"{"problem": "other.json"}"#, &["other.json"]),
        (
            r#"{"problem": "cell.json", "vary": {"I": [1, 1]}}"#,
            &["vary.I[1]", "twice"],
        ),
        (
            r#"{"problem": "cell.json", "vary": {"I": {"from": 0, "to": 1, "points": 0}}}"#,
            &["vary.I.count"],
        ),
        (
            r#"{"problem": "cell.json", "problem_sha256": "0"}"#,
            &["problem_sha256"],
        ),
    ] {
        place(config).refused(&["sweep", "config.json", "--out", "out"], texts);
    }
}

#[test]
fn such_a_sweep_is_drawn_and_grouped_by_its_own_names() {
    let place = place(CONFIG);
    place.sweep("whole", &[]);
    for (figure, axes) in [("varied", "against a."), ("heat_map", "over a and I.")] {
        let out = format!("{figure}.svg");
        place.succeed(&["plot", "whole", "--figure", figure, "--out", &out]);
        let picture = String::from_utf8(read(&place.path(&out))).unwrap();
        assert!(picture.contains(axes), "{figure}");
    }
    let output = place.run(&["aggregate", "whole", "--by", "I,estimator"]);
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.starts_with("I,estimator,points,settled"), "{table}");
    assert_eq!(table.lines().count(), 1 + 21 * 2);
    place.refused(
        &["aggregate", "whole", "--by", "gain"],
        &["expected one of a, I, rtol, estimator, beta"],
    );
}
