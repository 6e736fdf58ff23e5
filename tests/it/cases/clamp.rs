//! The classical clamp: continuous Hopfield networks with hard sigmoid, their states held in [0, 1].

use eqprop::dynamics::{Outcome, Phase, SearchSettings, SolverSettings, find_fixed_points, settle};
use eqprop::model::{Activation, Problem, Random};
use serde_json::{Value, json};

use super::document;
use crate::support::{eqprop_gradient, gap, numbers, problem, siblings};

#[test]
fn a_start_on_the_lower_bound_is_not_pinned() {
    let document = document("hopfield_hard_sigmoid_zero_start");
    for start in [0.0, 0.1, 0.9, 1.0] {
        let mut document = document.clone();
        document["initial_state"] = json!([start]);
        let ran = eqprop_gradient(&document, &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let answer = ran.document();
        assert!((answer["fixed_point"][0].as_f64().unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(answer["stable"], true);
        // J = (0.6 − 0.2)²/2, s = b: −∂J/∂b = −0.4
        let slope = answer["negative_gradient"]["bias"][0].as_f64().unwrap();
        assert!((slope + 0.4).abs() < 1e-12);
    }
}

#[test]
fn two_neurons_reach_the_minimum_in_the_box_from_everywhere() {
    let document = document("hopfield_hard_sigmoid_two_neurons");
    let settings = SolverSettings::default();
    for start in [
        [0.5, 0.5],
        [0.0, 0.5],
        [1.0, 1.0],
        [0.2, 0.9],
        [0.5, 0.0],
        [0.0, 0.0],
    ] {
        let mut problem = problem(&document);
        problem.initial_state = start.to_vec();
        let field = problem.field();
        let point = settle(&Phase::of_problem(&problem, &field), &start, &settings)
            .into_fixed_point()
            .unwrap_or_else(|error| panic!("{start:?}: {error}"));
        assert!(point.statistics().steps < 200, "{start:?}");
        assert!(gap(point.state(), &[0.9, 1.0]) < 1e-12, "{start:?}");
        assert!(point.stable());
        assert_eq!(point.active(), [0]);
    }
}

#[test]
fn the_search_knows_the_rest_of_the_clamped_network_and_nothing_else() {
    for (name, expected) in [
        ("hopfield_hard_sigmoid_two_neurons", vec![0.9, 1.0]),
        ("hopfield_hard_sigmoid_zero_start", vec![0.6]),
        ("bound_edge_exact", vec![1.0]),
    ] {
        let problem = problem(&document(name));
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        assert_eq!(found.points.len(), 1, "{name}");
        assert!(
            gap(found.points[0].point.state(), &expected) < 1e-12,
            "{name}"
        );
        assert!(found.points[0].point.stable(), "{name}");
    }
}

#[test]
fn a_rest_exactly_on_the_bound_has_one_answer_and_a_warning() {
    let document = document("bound_edge_exact");
    for start in [0.3, 1.0] {
        let mut document = document.clone();
        document["initial_state"] = json!([start]);
        let ran = eqprop_gradient(&document, &[]);
        assert!(ran.stderr.contains("exactly on a bound"), "{}", ran.stderr);
        let answer = ran.document();
        assert_eq!(numbers(&answer["error_vector"]["ep"]), [-0.5], "{start}");
        assert_eq!(numbers(&answer["one_sided"]["positive"]), [-0.5], "{start}");
        assert_eq!(
            numbers(&answer["one_sided"]["negative"])[0].abs(),
            0.0,
            "{start}"
        );
        assert_eq!(answer["on_edge"], json!([0]), "{start}");
        assert_eq!(answer["pinned"], json!([]), "{start}");
    }
}

/// A network of one neuron without bounds.
fn free(bias: f64, start: f64) -> Value {
    json!({
        "network": {"type": "dense", "dynamics": "hopfield", "activation": "hard_sigmoid",
                    "weights": [[0.0]], "bias": [bias], "outputs": [0]},
        "target": [0.2], "initial_state": [start]
    })
}

#[test]
fn without_bounds_sliding_is_named_and_a_kink_that_may_be_left_is_no_rest() {
    // drive 1.5: above the kink at 1 the state falls, below it rises
    for start in [0.5, 1.0, 1.7] {
        let ran = eqprop_gradient(&free(1.5, start), &[]);
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        let error = &ran.document()["error"];
        assert_eq!(error["kind"], "sliding", "{error}");
        assert_eq!(error["neurons"], json!([0]));
        assert!((error["state"][0].as_f64().unwrap() - 1.0).abs() < 1e-12);
    }
    // at 0 it may stay or leave
    let ran = eqprop_gradient(&free(0.6, 0.0), &[]);
    assert_eq!(ran.document()["error"]["kind"], "sliding");
    let ran = eqprop_gradient(&free(0.6, 1e-9), &[]);
    assert!((ran.document()["fixed_point"][0].as_f64().unwrap() - 0.6).abs() < 1e-12);
    // with the drive downward, 0 holds what comes from above and what comes from below
    for start in [0.5, 0.0, -0.5] {
        let ran = eqprop_gradient(&free(-0.4, start), &[]);
        assert_eq!(ran.code, 0, "{start}: {}", ran.stdout);
        assert!(ran.document()["fixed_point"][0].as_f64().unwrap().abs() < 1e-9);
    }
    let problem = problem(&free(0.6, 0.0));
    let field = problem.field();
    let found = find_fixed_points(&Phase::free(&field), &SearchSettings::default());
    let states: Vec<_> = found
        .points
        .iter()
        .map(|point| point.point.state()[0])
        .collect();
    assert_eq!(states.len(), 1, "{states:?}");
    assert!((states[0] - 0.6).abs() < 1e-12);
}

/// A random clamped Hopfield network, dense or layered, with weights of asymmetry λ.
fn clamped(seed: u64, activation: Activation, asymmetry: f64) -> Problem {
    let shape = if seed.is_multiple_of(2) {
        json!({"type": "dense", "sizes": [2, 2 + seed % 7], "outputs": [0]})
    } else {
        json!({"type": "layered", "sizes": [2, 3 + seed % 4, 2 + seed % 3, 2]})
    };
    let mut network = shape;
    network["dynamics"] = json!("hopfield");
    network["activation"] = json!(activation);
    network["init"] = json!({"scheme": "glorot_uniform", "seed": seed,
        "gain": 0.5 + 0.5 * ((seed % 5) as f64), "asymmetry": asymmetry});
    let outputs = if seed.is_multiple_of(2) {
        vec![0.5]
    } else {
        vec![0.5, 0.5]
    };
    // relu has its kink on the lower bound, and nothing on the upper one
    let high = if activation == Activation::Relu {
        3.0
    } else {
        1.0
    };
    let mut problem = problem(&json!({"network": network, "input": [0.3, 0.9],
        "target": outputs, "state_bounds": [0.0, high]}));
    let mut random = Random::new(seed, 77);
    for bias in &mut problem.network_mut().unwrap().bias {
        *bias = random.uniform(-1.0, 2.0);
    }
    problem
}

/// By how much a state violates the complementarity conditions: `W s + U x + b − s` must be 0
/// strictly inside, at most 0 at the lower bound, at least 0 at the upper one.
fn violation(problem: &Problem, state: &[f64]) -> f64 {
    let network = problem.network().unwrap();
    let (low, high) = problem.state_bounds.unwrap();
    let weights = network.coupling.to_matrix();
    let inputs = &network.input_weights * nalgebra::DVector::from_column_slice(&problem.input);
    let mut worst: f64 = 0.0;
    for i in 0..state.len() {
        let recurrent: f64 = (0..state.len()).map(|j| weights[(i, j)] * state[j]).sum();
        let outside = inputs.get(i).copied().unwrap_or(0.0);
        let force = recurrent + outside + network.bias[i] - state[i];
        worst = worst.max(match state[i] {
            s if s <= low => (low - s).max(force),
            s if s >= high => (s - high).max(-force),
            _ => force.abs(),
        });
    }
    worst
}

/// Settles random clamped networks from 0 and from a random start; how many did not come to rest.
fn restless(activation: Activation, asymmetry: f64) -> u64 {
    let settings = SolverSettings::default();
    let mut restless = 0;
    for seed in 0..siblings(200) {
        let problem = clamped(seed, activation, asymmetry);
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let n = problem.network().unwrap().dimension();
        let mut random = Random::new(seed, 78);
        let start: Vec<f64> = (0..n).map(|_| random.uniform(0.0, 1.0)).collect();
        for start in [vec![0.0; n], start] {
            match settle(&phase, &start, &settings) {
                Outcome::Settled(point) | Outcome::AlreadySettled(point) => {
                    let violation = violation(&problem, point.state());
                    assert!(violation < 1e-10, "seed {seed}: {violation:e}");
                }
                Outcome::LimitCycle(_) | Outcome::Chaotic { .. } if asymmetry > 0.0 => {
                    restless += 1
                }
                other => panic!("seed {seed} from {start:?}: {other:?}"),
            }
        }
    }
    restless
}

#[test]
fn symmetric_networks_rest_where_the_energy_is_stationary_in_the_box() {
    assert_eq!(restless(Activation::HardSigmoid, 0.0), 0);
    assert_eq!(restless(Activation::Relu, 0.0), 0);
}

#[test]
fn asymmetric_networks_rest_where_the_complementarity_problem_is_solved() {
    for activation in [Activation::HardSigmoid, Activation::Relu] {
        let restless = restless(activation, 1.0);
        assert!(restless <= siblings(200) / 5, "{activation:?}: {restless}");
    }
}

/// Without bounds, the neurons of a Hopfield network whose drive is above 1 slide at the kink there;
/// the others rest at their drives.
#[test]
fn several_neurons_slide_at_once_and_are_all_named() {
    let settings = SolverSettings::default();
    for seed in 0..siblings(200) {
        let mut random = Random::new(seed, 79);
        let n = 2 + random.index(4);
        let sliding: Vec<usize> = (0..n).filter(|i| *i < 2 || random.unit() < 0.5).collect();
        let weights = random.matrix(n, n, 0.2 / n as f64);
        let state: Vec<f64> = (0..n)
            .map(|i| {
                if sliding.contains(&i) {
                    1.0
                } else {
                    random.uniform(0.2, 0.8)
                }
            })
            .collect();
        let bias: Vec<f64> = (0..n)
            .map(|i| {
                let recurrent: f64 = (0..n).map(|j| weights[(i, j)] * state[j]).sum();
                let excess = if sliding.contains(&i) {
                    random.uniform(0.1, 1.0)
                } else {
                    0.0
                };
                state[i] + excess - recurrent
            })
            .collect();
        let rows: Vec<Vec<f64>> = (0..n)
            .map(|i| weights.row(i).iter().copied().collect())
            .collect();
        let start: Vec<f64> = state
            .iter()
            .map(|s| s + random.uniform(-0.05, 0.05))
            .collect();
        let problem = problem(&json!({
            "network": {"type": "dense", "dynamics": "hopfield", "activation": "hard_sigmoid",
                        "weights": rows, "bias": bias, "outputs": [0]},
            "target": [0.2], "initial_state": start
        }));
        let field = problem.field();
        match settle(&Phase::free(&field), &start, &settings) {
            Outcome::Sliding {
                state: found,
                neurons,
                ..
            } => {
                assert_eq!(neurons, sliding, "{seed}");
                // seen at a residual of 1e-9 (|s| + 1), in a contraction by 0.2
                let gap = gap(&found, &state);
                assert!(gap < 2e-9 / 0.8, "{seed}: {found:?} {state:?}");
            }
            other => panic!("{seed}: {other:?}"),
        }
    }
}
