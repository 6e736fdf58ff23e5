//! Phases that do not rest, diverge, or need to be seen closely.

use eqprop::dynamics::SolverSettings;
use eqprop::experiment::{Simulation, SimulationSettings, simulate};
use serde_json::{Value, json};

use crate::support::{Ran, eqprop, problem};

/// One linear neuron that the free phase brings to 0.2; rate −1 + w − β.
fn linear_neuron() -> Value {
    json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0.5]], "bias": [0.1], "outputs": [0]},
        "target": [1.0]
    })
}

/// A tanh oscillator.
fn oscillator() -> Value {
    json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[2.0, -2.0], [2.0, 2.0]], "outputs": [0]},
        "target": [0.0], "initial_state": [0.1, 0.0]
    })
}

fn run(document: &Value, more: &[&str]) -> Ran {
    let desk = tempfile::tempdir().unwrap();
    let path = |name: &str| desk.path().join(name).display().to_string();
    std::fs::write(path("problem.json"), document.to_string()).unwrap();
    let (problem, out) = (path("problem.json"), path("run.csv"));
    eqprop(&[&["simulate", &problem, "--out", &out, "--json"], more].concat())
}

#[test]
fn a_nudge_beyond_the_fold_diverges_and_says_so() {
    // the nudged rate is −0.5 + 0.6 > 0
    for length in [&[][..], &["--t-nudged", "50"]] {
        let ran = run(&linear_neuron(), &[&["--beta=-0.6"], length].concat());
        assert_eq!(ran.code, 3, "{ran:?}");
        let error = &ran.document()["error"];
        assert_eq!(
            (&error["kind"], &error["phase"]),
            (&json!("diverged"), &json!("nudged"))
        );
    }
    let inside = run(&linear_neuron(), &["--beta=-0.4"]);
    assert_eq!(inside.code, 0, "{inside:?}");
    // (1 − w + β) s = b + β y
    let state = inside.document()["nudged"]["state"][0].as_f64().unwrap();
    assert!((state - (0.1 - 0.4) / 0.1).abs() < 1e-6, "{state}");
}

#[test]
fn a_phase_of_automatic_length_that_never_rests_has_no_answer_one_of_given_length_warns() {
    let automatic = run(&oscillator(), &[]);
    assert_eq!(automatic.code, 3, "{automatic:?}");
    assert_eq!(automatic.document()["error"]["kind"], "limit_cycle");
    let given = run(
        &oscillator(),
        &["--t-free", "20", "--t-nudged", "0", "--beta", "0"],
    );
    assert_eq!(given.code, 0, "{given:?}");
    assert!(
        given.stderr.contains("the free phase does not rest"),
        "{given:?}"
    );
}

#[test]
fn the_rows_of_an_oscillator_show_the_oscillator() {
    // μ = −s + W s with W = [[1, −ω], [ω, 1]]: a centre, s₀ = cos ωt
    let centre = json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[1.0, -7.0], [7.0, 1.0]], "outputs": [0]},
        "target": [0.0], "initial_state": [1.0, 0.0]
    });
    let settings = SimulationSettings {
        t_free: Some(40.0),
        t_nudged: Some(0.0),
        beta: 0.0,
        solver: SolverSettings::default(),
        ..SimulationSettings::default()
    };
    let simulation: Simulation = simulate(&problem(&centre), &settings).unwrap();
    let (time, state) = (&simulation.free.time, &simulation.free.state);
    for k in 1..time.len() {
        let middle = 0.5 * (time[k - 1] + time[k]);
        let line = 0.5 * (state[k - 1][0] + state[k][0]);
        assert!((line - (7.0 * middle).cos()).abs() < 0.04, "at {middle}");
    }
    // and what was asked for is not added to
    let sparse = SimulationSettings {
        dt_out: Some(0.2),
        ..settings
    };
    let simulation = simulate(&problem(&centre), &sparse).unwrap();
    assert_eq!(simulation.free.time.len(), 201);
}

#[test]
fn layers_are_seen_to_start_as_powers_of_time() {
    // the output is pulled at once, the hidden layers k connections away as t^k
    let layered = json!({
        "network": {"type": "layered", "dynamics": "leaky", "activation": "tanh",
            "sizes": [2, 3, 3, 2], "init": {"scheme": "glorot_uniform", "seed": 1}},
        "input": [0.5, -0.3], "target": [1.0, 0.0]
    });
    let simulation = simulate(&problem(&layered), &SimulationSettings::default()).unwrap();
    let (time, speed) = (&simulation.nudged.time, &simulation.nudged.speed);
    let first_after = |from: f64| time.iter().position(|t| t - time[0] > from).unwrap();
    assert!(time[1] - time[0] < 1e-3);
    // what is left of the free phase hides the second power for longer
    for (layer, power, from, to) in [
        (2, 0.0, 2e-4, 2e-3),
        (1, 1.0, 2e-4, 2e-3),
        (0, 2.0, 1e-2, 4e-2),
    ] {
        let (early, later) = (first_after(from), first_after(to));
        let slope = (speed[layer][later] / speed[layer][early]).ln()
            / ((time[later] - time[0]) / (time[early] - time[0])).ln();
        assert!((slope - power).abs() < 0.05, "layer {layer}: {slope}");
    }
}
