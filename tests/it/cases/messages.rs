//! What is said of texts that are nearly right.

use std::fmt::Write;

use eqprop::experiment::sweep::SweepConfig;
use eqprop::experiment::training::TrainingSettings;
use eqprop::model::Problem;

use super::file as case;

const PROBLEM: &str = r#"{
  "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
              "weights": [[0.5]], "outputs": [0]},
  "target": [0.4]
}"#;

#[test]
fn a_byte_order_mark_at_the_beginning_is_read_over() {
    Problem::read(&case("problem_with_bom.json")).unwrap();
}

#[test]
fn slips_are_told_in_words_with_their_place() {
    let mut text = String::new();
    for (from, to) in [
        ("[[0.5]],", "[[0.5]]"),
        ("[0.4]", "[0.4,]"),
        ("[0.4]\n", "[0.4],\n"),
        ("[0.4]", "[0.4] // why"),
        ("[0.4]", "[NaN]"),
        ("[0.4]", "[-Infinity]"),
        ("[0.4]", "[1e999]"),
        ("[0.4]", "[.5]"),
        ("[0.4]", "['a']"),
        ("[0.4]\n}", "[0.4]\n"),
        ("[0.4]", "[\"0.4\"]"),
        ("[0.4]", "0.4"),
        ("[0.4]", "[0.4, 0.5]"),
        ("target", "targets"),
        ("tanh", "sigmoid"),
        ("\"outputs\": [0]", "\"outputs\": [0.5]"),
        ("\"outputs\": [0]", "\"outputs\": [1e300]"),
        ("\"target\"", "\"input\": [0.3], \"target\""),
        ("\"target\"", "\"target\": [1], \"target\""),
        ("\"target\"", "\"state_bounds\": [1e300, 0], \"target\""),
    ] {
        let wrong = PROBLEM.replacen(from, to, 1);
        assert_ne!(wrong, PROBLEM);
        let message = Problem::from_json(&wrong).unwrap_err();
        let _ = writeln!(text, "{}\n    {message}", to.escape_debug());
    }
    let xavier = r#"{"network": {"type": "layered", "dynamics": "leaky", "activation": "tanh",
        "sizes": [1, 1], "init": {"scheme": "xavier", "seed": 1}}, "input": [1], "target": [1]}"#;
    let _ = writeln!(
        text,
        "xavier\n    {}",
        Problem::from_json(xavier).unwrap_err()
    );
    let _ = writeln!(
        text,
        "a problem to train\n    {}",
        TrainingSettings::from_json(PROBLEM).unwrap_err()
    );
    let _ = writeln!(
        text,
        "a problem to sweep\n    {}",
        SweepConfig::from_json(PROBLEM).unwrap_err()
    );
    let _ = writeln!(
        text,
        "training as a problem\n    {}",
        Problem::from_json(r#"{"epochs": 3}"#).unwrap_err()
    );
    let _ = writeln!(
        text,
        "a sweep to train\n    {}",
        TrainingSettings::from_json(r#"{"neurons": [3]}"#).unwrap_err()
    );
    let _ = writeln!(
        text,
        "a list to train\n    {}",
        TrainingSettings::from_json(r#"{"settle": []}"#).unwrap_err()
    );
    let _ = writeln!(
        text,
        "an estimator\n    {}",
        SweepConfig::from_json(r#"{"estimator": ["centered"]}"#).unwrap_err()
    );
    insta::assert_snapshot!(text);
}
