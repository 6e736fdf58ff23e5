//! Nudged states that do not continue the free one: every estimator with a finite β says so.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{Estimator, EstimatorOptions, FreePhase, NudgeOptions};
use eqprop::model::{Activation, Coupling, Dynamics, Network, Problem, Random};

use super::{case, gradient_of};
use crate::support::{Shape, eqprop, random_problem, relative_gap, siblings};

#[test]
fn the_branch_of_centred_jump_ends_in_a_fold() {
    // it ends at β = 0.43689
    for (beta, jumps) in [
        ("0.43", false),
        ("0.4368", false),
        ("0.437", true),
        ("0.9", true),
    ] {
        for estimator in [
            "one_sided",
            "centred",
            "plasticity",
            "continual",
            "asymmetric",
        ] {
            // the moving weights of continual bring their own fold a little nearer
            if estimator == "continual" && beta == "0.4368" {
                continue;
            }
            let found = gradient_of("centred_jump", &["--estimator", estimator, "--beta", beta]);
            let jumped = found["jumped"].as_array().unwrap();
            assert_eq!(!jumped.is_empty(), jumps, "{estimator} {beta}: {jumped:?}");
        }
    }
    let path = case("centred_jump");
    let ran = eqprop(&[
        "gradient",
        &path,
        "--estimator",
        "one_sided",
        "--beta",
        "0.9",
    ]);
    assert!(ran.stderr.contains("another branch"), "{}", ran.stderr);
}

#[test]
fn a_circle_is_inside_only_with_a_margin_whatever_its_points() {
    let holomorphic = |problem: &str, beta: &str, points: usize| {
        let points = points.to_string();
        let options = ["gradient", problem, "--estimator", "holomorphic", "--json"];
        let ran = eqprop(&[&options[..], &["--beta", beta, "--points", &points]].concat());
        (ran.document()["convergence"]["inside"].clone(), ran.stderr)
    };
    let saddle_node = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/plots/portrait/saddle_node.json"
    );
    for points in 2..=9 {
        for (problem, beta) in [
            (case("holomorphic_four_points").as_str(), "0.201"),
            (saddle_node, "0.1"),
        ] {
            let (inside, warnings) = holomorphic(problem, beta, points);
            assert_eq!(inside, false, "{problem} {points}");
            assert!(warnings.contains("radius of convergence"), "{warnings}");
        }
        let (inside, warnings) = holomorphic(&case("holomorphic_four_points"), "0.001", points);
        assert_eq!(inside, true, "{points}: {warnings}");
    }
}

/// One leaky neuron, its weight, bias, target and start drawn so that many nudges jump.
fn one_neuron(seed: u64) -> (Problem, f64) {
    let mut random = Random::new(seed, 0);
    let (activation, slope) = [
        (Activation::Tanh, 1.0),
        (Activation::Logistic, 0.25),
        (Activation::SteepLogistic, 1.0),
    ][random.index(3)];
    let weight = random.uniform(0.5, 6.0) / slope;
    let network = Network {
        dynamics: Dynamics::Leaky,
        activation,
        coupling: Coupling::Dense(nalgebra::DMatrix::from_element(1, 1, weight)),
        input_weights: nalgebra::DMatrix::zeros(1, 0),
        bias: vec![random.uniform(-1.0, 1.0) - 0.5 * weight * activation.rate(0.0)],
        outputs: vec![0],
    };
    let target = random.uniform(-2.0, 2.0);
    let mut problem = Problem::new(network, Vec::new(), &[target]).unwrap();
    problem.initial_state = vec![random.uniform(-1.0, 1.0)];
    let beta = 10f64.powf(random.uniform(-2.0, 0.5));
    (problem, beta * if random.unit() < 0.3 { -1.0 } else { 1.0 })
}

/// Whether the branch of one neuron leads from s⁰ to s^β. Its fixed points at β obey
/// β = μ(s)/(s − y), a function of s, so that the branch goes on as long as that is monotonic.
fn leads_on(problem: &Problem, start: f64, end: f64, beta: f64) -> bool {
    const POINTS: usize = 20_000;
    let (network, target) = (problem.network().unwrap(), problem.cost.target()[0]);
    let weight = network.coupling.to_matrix()[(0, 0)];
    let nudge = |s: f64| (weight * network.activation.rate(s) + network.bias[0] - s) / (s - target);
    let way = |k: usize| start + (end - start) * k as f64 / POINTS as f64;
    if (start - target) * (end - target) <= 0.0 {
        return false;
    }
    (1..=POINTS).all(|k| (nudge(way(k)) - nudge(way(k - 1))) * beta.signum() >= -1e-13)
}

#[test]
fn no_jump_of_one_neuron_goes_unflagged() {
    let cases = siblings(400);
    let settings = SolverSettings::default();
    let (mut jumps, mut settled) = (0, 0);
    let (mut unflagged, mut false_alarms) = (Vec::new(), Vec::new());
    for seed in 0..cases {
        let (problem, beta) = one_neuron(seed);
        let field = problem.field();
        let Ok(free) = FreePhase::of_problem(&problem, &field, &settings) else {
            continue;
        };
        let Ok(estimate) = free.estimate(Estimator::OneSided, Some(beta)) else {
            continue;
        };
        settled += 1;
        let start = free.fixed_point.state()[0];
        let end = start + beta * estimate.error_vector[0];
        let goes_on = leads_on(&problem, start, end, beta);
        jumps += usize::from(!goes_on);
        match (goes_on, estimate.jumped.is_empty()) {
            (false, true) => unflagged.push(format!("{seed} {beta} {start} {end} {problem:?}")),
            (true, false) => false_alarms.push((seed, beta, start, end)),
            _ => {}
        }
    }
    println!("{settled} settled, {jumps} jumps; unflagged {unflagged:?}; false {false_alarms:?}");
    assert!(unflagged.is_empty(), "{unflagged:?}");
    assert!(false_alarms.is_empty(), "{false_alarms:?}");
    assert!(
        settled > cases as usize * 9 / 10 && jumps > cases as usize / 25,
        "{settled} {jumps}"
    );
}

#[test]
fn networks_with_corners_do_not_raise_false_alarms() {
    let settings = SolverSettings::default();
    let mut looked_at = 0;
    for seed in 0..siblings(200) {
        // contracting: one fixed point at every β > 0, so that nothing can jump
        let mut problem = random_problem(
            seed,
            Shape::Dense(6),
            Dynamics::Leaky,
            Activation::HardSigmoid,
            0.5,
        );
        problem.state_bounds = (seed % 2 == 0).then_some((0.0, 1.0));
        let mut random = Random::new(seed, 9);
        problem.initial_state = (0..6).map(|_| random.unit()).collect();
        let field = problem.field();
        let Ok(free) = FreePhase::of_problem(&problem, &field, &settings) else {
            continue;
        };
        for beta in [1e-3, 0.1, 1.0] {
            let estimate = free.estimate(Estimator::OneSided, Some(beta)).unwrap();
            assert!(estimate.jumped.is_empty(), "{seed} {beta}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn circles_that_claim_to_be_inside_converge() {
    let settings = SolverSettings::default();
    let (mut inside, mut outside, mut elsewhere) = (0, 0, 0);
    for seed in 0..siblings(200) {
        let problem = random_problem(
            seed,
            Shape::Dense(2),
            Dynamics::Leaky,
            Activation::Tanh,
            1.6,
        );
        let field = problem.field();
        let Ok(free) = FreePhase::of_problem(&problem, &field, &settings) else {
            continue;
        };
        let mut random = Random::new(seed, 3);
        let beta = 10f64.powf(random.uniform(-1.5, 0.3));
        let estimate = |points: usize| {
            let options = EstimatorOptions {
                beta: Some(beta),
                points: Some(points),
                ..EstimatorOptions::default()
            };
            let estimator = Estimator::Holomorphic.with(&options).unwrap();
            estimator.estimate(&free, &NudgeOptions::new(&settings))
        };
        let points = 2 + random.index(7);
        match estimate(points).map(|found| found.convergence.unwrap().inside) {
            Ok(Some(true)) => {
                inside += 1;
                let Ok(many) = estimate(64) else {
                    elsewhere += 1;
                    continue;
                };
                // among more points there may be one whose trajectory leaves the branch: it says so
                if many.convergence.as_ref().unwrap().inside == Some(false) {
                    elsewhere += 1;
                    continue;
                }
                let exact = free.linearisation.ep_error_vector(&free.cost_gradient());
                let error = relative_gap(&many.error_vector, &exact);
                assert!(error <= 0.02, "{seed} {points} {beta}: {error:.1e}");
            }
            Ok(_) => outside += 1,
            Err(_) => {}
        }
    }
    println!("{inside} inside, {outside} not, {elsewhere} with more points elsewhere");
    assert!(inside > 15 && outside > 5, "{inside} {outside}");
    assert!(elsewhere <= siblings(200) / 200, "{elsewhere}");
}
