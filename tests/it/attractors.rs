//! Which fixed point: the one that the trajectory from the given start reaches, and no other.

use eqprop::dynamics::{Outcome, Phase, SolverSettings, settle};
use eqprop::model::{Activation, Dynamics, Random};
use serde_json::{Value, json};

use crate::support::{Shape, eqprop_gradient, gap, problem, random_problem};

/// A dense tanh network without input or bias.
fn network(weights: Value, start: Value) -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": weights, "outputs": [0]
        },
        "target": [0.3], "initial_state": start
    })
}

fn outcome(document: &Value) -> Outcome {
    let problem = problem(document);
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    settle(&phase, &problem.initial_state, &SolverSettings::default())
}

/// The state in which the network settles.
fn rest(document: &Value) -> Vec<f64> {
    match outcome(document) {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => point.state().to_vec(),
        other => panic!("{document}: {other:?}"),
    }
}

/// The document of a computation that succeeds, and what it says on standard error.
fn succeeds(document: &Value) -> (Value, String) {
    let ran = eqprop_gradient(document, &[]);
    assert_eq!(ran.code, 0, "{document}: {ran:?}");
    (ran.document(), ran.stderr)
}

#[test]
fn a_start_at_rest_is_told_from_one_that_settles() {
    // s = 2 tanh s holds at 0 (unstable) and at ±1.915 (stable)
    let start = |s: f64| network(json!([[2.0]]), json!([s]));
    let stable = (0..200).fold(1.0f64, |s, _| 2.0 * s.tanh());
    match outcome(&start(stable)) {
        Outcome::AlreadySettled(point) => {
            assert!(point.stable() && gap(point.state(), &[stable]) < 1e-13)
        }
        other => panic!("{other:?}"),
    }
    match outcome(&start(0.0)) {
        Outcome::AlreadySettled(point) => assert!(!point.stable() && point.state() == [0.0]),
        other => panic!("{other:?}"),
    }
    match outcome(&start(0.5)) {
        Outcome::Settled(point) => {
            assert!(point.settling_time() > 0.0 && gap(point.state(), &[stable]) < 1e-13)
        }
        other => panic!("{other:?}"),
    }
    let (document, stderr) = succeeds(&start(0.0));
    assert_eq!(document["stable"], false);
    assert!(
        stderr.contains("warning") && stderr.contains("not stable"),
        "{stderr}"
    );
    let (document, stderr) = succeeds(&start(stable));
    assert_eq!(document["stable"], true);
    assert!(stderr.is_empty(), "{stderr}");
}

/// A saddle at the origin, a stable node at (1.2878…, 0).
fn saddle(start: [f64; 2]) -> Value {
    network(json!([[1.5, 0], [0, 0.5]]), json!(start))
}

const NODE: [f64; 2] = [1.287_839_454_960_165_6, 0.0];

#[test]
fn a_start_on_a_saddle_stays_there_and_one_beside_it_leaves() {
    for on_it in [[0.0, 0.0], [0.0, 1.0], [0.0, -0.3]] {
        let (document, stderr) = succeeds(&saddle(on_it));
        assert_eq!(document["stable"], false, "{on_it:?}");
        assert!(stderr.contains("not stable"), "{stderr}");
        assert_eq!(rest(&saddle(on_it))[0], 0.0);
    }
    for offset in [1e-3, 1e-6, 1e-9, 1e-10] {
        let found = rest(&saddle([offset, 0.0]));
        assert!(gap(&found, &NODE) <= 1e-12, "start {offset:e}: {found:?}");
    }
}

#[test]
fn a_start_just_above_round_off_from_a_saddle_leaves_it() {
    for offset in [3e-11, 1e-11, 1e-12] {
        let found = rest(&saddle([offset, 0.0]));
        assert!(gap(&found, &NODE) <= 1e-12, "start {offset:e}: {found:?}");
    }
}

#[test]
fn passing_near_a_saddle_is_not_arriving() {
    for offset in [1e-3, 1e-6, 1e-9, 1e-12, 1e-16] {
        let found = rest(&saddle([offset, 1.0]));
        assert!(gap(&found, &NODE) <= 1e-12, "start {offset:e}: {found:?}");
    }
}

#[test]
fn of_two_attractors_the_trajectory_s_own_is_found() {
    let start = |s: f64| network(json!([[1.5]]), json!([s]));
    for s in [1e-6, 0.1, 5.0] {
        let (right, left) = (rest(&start(s)), rest(&start(-s)));
        assert!(gap(&right, &NODE[..1]) <= 1e-12, "{right:?}");
        assert!(gap(&left, &[-NODE[0]]) <= 1e-12, "{left:?}");
    }
}

#[test]
fn newton_s_method_ends_where_the_trajectory_does() {
    // networks of several attractors, followed to the end without Newton's method
    let mut settled = 0;
    let mut failures = Vec::new();
    for seed in 0..400 {
        let n = 2 + seed as usize % 5;
        let mut problem = random_problem(
            seed,
            Shape::Dense(n),
            Dynamics::Leaky,
            Activation::Tanh,
            2.5,
        );
        let mut random = Random::new(seed, 8);
        // strong couplings of a neuron to itself make many attractors, weak biases near folds
        problem.network_mut().unwrap().bias = random.symmetric(n, 0.6);
        problem.initial_state = random.symmetric(n, 3.0);
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let by = |polish: bool| {
            let settings = SolverSettings {
                polish,
                max_steps: 20_000,
                ..SolverSettings::default()
            };
            settle(&phase, &problem.initial_state, &settings)
        };
        if let (Outcome::Settled(fast), Outcome::Settled(slow)) = (by(true), by(false)) {
            settled += 1;
            let gap = gap(fast.state(), slow.state());
            let agree = gap <= 1e-6;
            if !agree {
                failures.push(format!(
                    "seed {seed}: {:?} {:?}",
                    fast.state(),
                    slow.state()
                ));
            }
        }
    }
    println!("{settled} of 400 settle");
    assert!(settled >= 200, "only {settled} settle");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
