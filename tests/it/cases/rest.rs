//! Where trajectories rest, and what they do instead: large constants, slow passages, weak spirals and
//! cycles, chaos, steps that underflow.

use std::time::{Duration, Instant};

use eqprop::dynamics::{FixedPoint, Method, Outcome, Phase, SolverSettings, settle};
use eqprop::model::{Problem, Random, VectorField};
use serde_json::{Value, json};

use super::{case, document};
use crate::support::{eqprop, problem, siblings};

fn follow(problem: &Problem, settings: &SolverSettings) -> Outcome {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    settle(&phase, &problem.initial_state, settings)
}

fn rest(problem: &Problem, settings: &SolverSettings) -> FixedPoint {
    match follow(problem, settings) {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => point,
        other => panic!("{other:?}"),
    }
}

fn with_method(method: Method) -> SolverSettings {
    SolverSettings {
        method,
        ..SolverSettings::default()
    }
}

fn failure(arguments: &[&str]) -> Value {
    let ran = eqprop(arguments);
    assert_eq!(ran.code, 3);
    ran.document()["error"].clone()
}

/// s₁ settles by itself: the root of s = 2 tanh s + b above the fold.
#[test]
fn a_large_constant_state_hides_no_moving_one() {
    for size in [1e10, 1e11, 1e12] {
        let mut document = document("large_constant_state");
        document["network"]["bias"][0] = json!(size);
        document["initial_state"][0] = json!(size);
        let point = rest(&problem(&document), &SolverSettings::default());
        assert!((point.state()[1] - 2.507_462_555_6).abs() < 1e-9, "{size}");
    }
}

/// A neuron that nobody listens to changes nothing, whatever its size.
#[test]
fn two_neurons_rest_as_they_do_without_a_large_third() {
    let mut random = Random::new(11, 0);
    for _ in 0..siblings(200) {
        let mut draw = |scale: f64| scale * (2.0 * random.unit() - 1.0);
        let weights = [draw(1.5), draw(1.5), draw(1.5), draw(1.5)];
        let (bias, start) = ([draw(1.0), draw(1.0)], [draw(3.0), draw(3.0)]);
        let size = 10f64.powf(11.0 + draw(3.0));
        let own = json!({
            "network": {
                "type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0],
                "weights": [[weights[0], weights[1]], [weights[2], weights[3]]], "bias": bias
            },
            "target": [0.5], "initial_state": start
        });
        let beside = json!({
            "network": {
                "type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0],
                "weights": [[weights[0], weights[1], 0.0], [weights[2], weights[3], 0.0], [0.0, 0.0, 0.0]],
                "bias": [bias[0], bias[1], size]
            },
            "target": [0.5], "initial_state": [start[0], start[1], size]
        });
        let settings = SolverSettings::default();
        match (
            follow(&problem(&own), &settings),
            follow(&problem(&beside), &settings),
        ) {
            (Outcome::Settled(own), Outcome::Settled(beside)) => {
                for i in 0..2 {
                    let gap = (own.state()[i] - beside.state()[i]).abs();
                    assert!(
                        gap < 1e-10,
                        "{weights:?} {bias:?} {start:?} {size:e}: {gap:e}"
                    );
                }
            }
            (Outcome::LimitCycle(own), Outcome::LimitCycle(beside)) => {
                assert!((own.period - beside.period).abs() < 1e-6 * own.period);
            }
            (own, beside) => panic!("{own:?} {beside:?}"),
        }
    }
}

#[test]
fn an_input_that_nobody_listens_to_is_no_divergence() {
    let document = eqprop(&["gradient", &case("input_1e200"), "--json"]).document();
    let state = document["fixed_point"][0].as_f64().unwrap();
    assert!((state - 1.0 / 7.0).abs() < 1e-15, "{document}");
}

/// The right value is SciPy's (BDF, rtol 1e-10).
#[test]
fn a_slow_passage_beside_a_fast_neuron_is_passed_by_every_method() {
    let problem = Problem::read(case("slow_passage_fast_neuron").as_ref()).unwrap();
    for method in [
        Method::Tsit45,
        Method::Bdf,
        Method::TrBdf2,
        Method::Esdirk34,
    ] {
        let point = rest(&problem, &with_method(method));
        assert!(
            (point.state()[0] - 2.506_512_731_434_547).abs() < 1e-12,
            "{method:?}"
        );
        assert!((point.state()[1] - 0.3).abs() < 1e-14, "{method:?}");
    }
}

/// Past the fold of s = 2 tanh s + b there is one root, above it; how narrow the passage is, and how
/// much faster a second neuron, changes the way and not its end.
#[test]
fn slow_passages_end_at_the_one_fixed_point_behind_them() {
    let mut random = Random::new(12, 0);
    let fold = 0.532_839_975_353_552;
    for _ in 0..siblings(200) {
        let mut document = document("slow_passage_fast_neuron");
        let bias = fold + 10f64.powf(-6.0 + 3.0 * random.unit());
        document["network"]["bias"][0] = json!(bias);
        document["time_constants"][1] = json!(10f64.powf(-4.0 + 3.0 * random.unit()));
        let problem = problem(&document);
        let mut root = 2.5f64;
        for _ in 0..50 {
            root = 2.0 * root.tanh() + bias;
        }
        for method in [Method::Tsit45, Method::Bdf] {
            let point = rest(&problem, &with_method(method));
            assert!(
                (point.state()[0] - root).abs() < 1e-11,
                "{document} {method:?}"
            );
        }
    }
}

/// Averaging: tanh acts as its amplitude's gain 1/(1 + ε), so that the period is 2π(1 + ε)/ω up to
/// O(ε²); at ε = 1e-3, 6.289469541 (30 digits, shooting).
#[test]
fn weakly_attracting_cycles_are_found_with_their_periods() {
    let oscillator = |epsilon: f64, omega: f64, start: [f64; 2]| {
        let mut document = document("weak_hopf_cycle");
        let gain = 1.0 + epsilon;
        document["network"]["weights"] = json!([[gain, -omega], [omega, gain]]);
        document["initial_state"] = json!(start);
        match follow(&problem(&document), &SolverSettings::default()) {
            Outcome::LimitCycle(cycle) => cycle.period,
            other => panic!("{document}: {other:?}"),
        }
    };
    assert!((oscillator(1e-4, 1.0, [0.3, 0.1]) - 6.283_813_6).abs() < 1e-6);
    assert!((oscillator(1e-3, 1.0, [0.3, 0.1]) - 6.289_469_541).abs() < 2e-8);
    let mut random = Random::new(13, 0);
    for _ in 0..siblings(200) {
        let epsilon = 10f64.powf(-5.0 + 2.5 * random.unit());
        let omega = 0.5 + 1.5 * random.unit();
        let start = [0.5 * random.unit(), 0.01 + 0.5 * random.unit()];
        let period = oscillator(epsilon, omega, start);
        let averaged = std::f64::consts::TAU * (1.0 + epsilon) / omega;
        let gap = (period / averaged - 1.0).abs();
        assert!(
            gap < 4.0 * epsilon * epsilon / (omega * omega) + 1e-8,
            "{epsilon:e} {omega}: {gap:e}"
        );
    }
}

#[test]
fn weak_spirals_settle_however_slowly_they_do() {
    let problem_ = Problem::read(case("weak_spiral_identity").as_ref()).unwrap();
    let point = rest(&problem_, &SolverSettings::default());
    // (I − W) s = b
    let (damping, bias) = (1e-4, [0.1, 0.2]);
    let determinant = damping * damping + 1.0;
    let exact = [
        (damping * bias[0] + bias[1]) / determinant,
        (damping * bias[1] - bias[0]) / determinant,
    ];
    for (s, exact) in point.state().iter().zip(exact) {
        assert!((s - exact).abs() < 1e-12);
    }
    let mut random = Random::new(14, 0);
    for round in 0..siblings(200) {
        let mut document = document("weak_spiral_identity");
        let activation = if round % 2 == 0 { "identity" } else { "tanh" };
        let gain = 1.0 - 10f64.powf(-6.0 + 4.0 * random.unit());
        let omega = 0.3 + 2.0 * random.unit();
        document["network"]["activation"] = json!(activation);
        document["network"]["bias"] = json!([0.0, 0.0]);
        document["network"]["weights"] = json!([[gain, omega], [-omega, gain]]);
        document["initial_state"] = json!([random.unit(), random.unit() - 0.5]);
        let point = rest(&problem(&document), &SolverSettings::default());
        assert!(
            point.stable() && point.state().iter().all(|s| s.abs() < 1e-9),
            "{document}"
        );
    }
}

/// The Lorenz system at its classical parameters, exponent 0.9056 (Sprott 2003).
struct Lorenz;

impl VectorField for Lorenz {
    fn dimension(&self) -> usize {
        3
    }
    fn velocity(&self, s: &[f64], out: &mut [f64]) {
        out[0] = 10.0 * (s[1] - s[0]);
        out[1] = s[0] * (28.0 - s[2]) - s[1];
        out[2] = s[0] * s[1] - 8.0 / 3.0 * s[2];
    }
    fn jacobian_vector(&self, s: &[f64], v: &[f64], out: &mut [f64]) {
        out[0] = 10.0 * (v[1] - v[0]);
        out[1] = v[0] * (28.0 - s[2]) - s[0] * v[2] - v[1];
        out[2] = v[0] * s[1] + s[0] * v[1] - 8.0 / 3.0 * v[2];
    }
}

#[test]
fn chaos_is_named_with_its_exponent() {
    let settings = SolverSettings {
        max_steps: 20_000,
        ..SolverSettings::default()
    };
    match settle(&Phase::free(&Lorenz), &[1.0, 2.0, 20.0], &settings) {
        Outcome::Chaotic {
            lyapunov_exponent, ..
        } => assert!(
            (lyapunov_exponent - 0.9056).abs() < 0.1,
            "{lyapunov_exponent}"
        ),
        other => panic!("{other:?}"),
    }
}

/// A large network answers in seconds: its trajectory is asked for chaos before its time is up.
#[test]
fn a_large_chaotic_network_is_answered_soon() {
    let (n, mut random) = (200, Random::new(15, 0));
    // of standard deviation 3/√n
    let limit = 3.0 * (3.0 / n as f64).sqrt();
    let weights: Vec<Vec<f64>> = (0..n).map(|_| random.symmetric(n, limit)).collect();
    let start = random.symmetric(n, 1.5);
    let document = json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0], "weights": weights
        },
        "target": [0.5], "initial_state": start
    });
    let begun = Instant::now();
    match follow(&problem(&document), &SolverSettings::default()) {
        Outcome::Chaotic {
            lyapunov_exponent, ..
        } => assert!(lyapunov_exponent > 0.02, "{lyapunov_exponent}"),
        other => panic!("{other:?}"),
    }
    // beside other tests on two cores
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_step_that_underflows_is_named() {
    let path = case("w1e12_no_step");
    let error = failure(&["gradient", &path, "--json"]);
    assert_eq!(error["kind"], "step_underflow");
    let path = case("weak_spiral_identity");
    let path = &path;
    let error = failure(&[
        "gradient", path, "--method", "bdf", "--atol", "1e-300", "--json",
    ]);
    assert_eq!(error["kind"], "step_underflow");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("Raise `rtol` and `atol`"), "{message}");
}
