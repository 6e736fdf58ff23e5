//! Branches: what happens on them is counted and located, and none is left for another.

use eqprop::dynamics::{
    Branch, BranchEnd, ContinuationSettings, EventKind, Family, Parameter, bifurcation_diagram,
    continue_fixed_point,
};
use eqprop::model::{Activation, Coupling, Dynamics, Network, Problem, Random};
use nalgebra::DMatrix;
use serde_json::Value;

use crate::support::siblings;

fn problem(
    dynamics: Dynamics,
    activation: Activation,
    weights: DMatrix<f64>,
    bias: &[f64],
) -> Problem {
    let n = bias.len();
    let network = Network {
        dynamics,
        activation,
        coupling: Coupling::Dense(weights),
        input_weights: DMatrix::zeros(n, 0),
        bias: bias.to_vec(),
        outputs: vec![0],
    };
    Problem::new(network, vec![], &[0.5]).unwrap()
}

fn tanh(weights: DMatrix<f64>, bias: &[f64]) -> Problem {
    problem(Dynamics::Leaky, Activation::Tanh, weights, bias)
}

fn branch(problem: &Problem, parameter: Parameter, start: &[f64], range: (f64, f64)) -> Branch {
    let family = Family::new(problem, &parameter, 0.0).unwrap();
    let (homotopy, settings) = (family.homotopy(), ContinuationSettings::default());
    let nominal = parameter.nominal(problem);
    continue_fixed_point(&homotopy, start, nominal, range, &settings).unwrap()
}

/// Counts change at events only, and by what the event says.
fn assert_consistent(branch: &Branch) {
    for (k, pair) in branch.points.windows(2).enumerate() {
        let (before, after) = (pair[0].unstable(), pair[1].unstable());
        let here = branch.event_positions.iter().zip(&branch.events);
        let moved: usize = here
            .filter(|(position, event)| {
                **position == k + 1 && (!event.turns || event.kind == EventKind::Fold)
            })
            .map(|(_, event)| event.multiplicity)
            .sum();
        let corner = branch
            .event_positions
            .iter()
            .zip(&branch.events)
            .any(|(position, event)| {
                *position == k + 1 && matches!(event.kind, EventKind::Bound | EventKind::Kink)
            });
        assert!(
            corner || before.abs_diff(after) == moved,
            "{before} {after} {:?}",
            branch.events
        );
    }
}

/// The root of a growing or falling function, by bisection.
fn bisect(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let rising = function(high) > 0.0;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if (function(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

fn continued(case: &str, arguments: &[&str]) -> Value {
    let path = format!("{}/tests/cases/{case}.json", env!("CARGO_MANIFEST_DIR"));
    let output = assert_cmd::Command::cargo_bin("eqprop")
        .unwrap()
        .args(["continue", &path, "--json"])
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn three_alike_neurons_lose_stability_in_two_real_eigenvalues() {
    let record = continued(
        "symmetric_triple_beta",
        &["--parameter", "beta", "--range", "-0.9", "1"],
    );
    let events = record["branches"][0]["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["kind"], "branch_point");
    assert_eq!(events[0]["multiplicity"], 2);
    // β = 0.84/cosh² s − 1 and 0.2 − 1.68 tanh s − s = β (s − 0.5)
    assert!((number(&events[0]["parameter"]) + 0.1618769499089695).abs() < 1e-9);
    for state in events[0]["state"].as_array().unwrap() {
        assert!((number(state) - 0.04730537436020593).abs() < 1e-9);
    }
    let counts = record["branches"][0]["unstable"].as_array().unwrap();
    assert_eq!((&counts[0], counts.last().unwrap()), (&2.into(), &0.into()));
}

#[test]
fn a_stiff_hopf_point_is_seen() {
    let record = continued("stiff_hopf", &["--parameter", "gain", "--range", "0,8"]);
    let events = record["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["kind"]), (1, &"hopf".into()));
    assert!((number(&events[0]["parameter"]) - 1.8107295393).abs() < 1e-9);
}

#[test]
fn an_imperfect_pitchfork_is_no_event() {
    let record = continued(
        "imperfect_pitchfork",
        &["--parameter", "gain", "--range", "0,3"],
    );
    assert!(record["events"].as_array().unwrap().is_empty());
    let last = record["branches"][0]["state"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert!((number(&last[0]) - 2.357_373_905_583_36).abs() < 1e-12);
}

#[test]
fn a_pitchfork_switches_to_both_sides() {
    let record = continued(
        "pitchfork_gain",
        &["--parameter", "gain", "--range", "0,3", "--all"],
    );
    let branches = record["branches"].as_array().unwrap();
    assert_eq!(branches.len(), 3);
    let events = record["events"].as_array().unwrap();
    assert_eq!(
        (events.len(), &events[0]["kind"]),
        (1, &"branch_point".into())
    );
    assert!((number(&events[0]["parameter"]) - 1.25).abs() < 1e-9);
    // s = 2.4 tanh s
    let s = bisect(|s| s - 2.4 * s.tanh(), 1.0, 3.0);
    let mut ends: Vec<f64> = branches
        .iter()
        .map(|branch| number(&branch["state"].as_array().unwrap().last().unwrap()[0]))
        .collect();
    ends.sort_by(f64::total_cmp);
    for (end, expected) in ends.iter().zip([-s, 0.0, s]) {
        assert!((end - expected).abs() < 1e-10, "{ends:?}");
    }
    for branch in &branches[1..] {
        let counts = branch["unstable"].as_array().unwrap();
        assert!(counts.iter().all(|count| *count == 0));
    }
}

#[test]
fn two_neurons_that_do_not_act_on_each_other_cross_together() {
    let problem = tanh(DMatrix::from_diagonal_element(2, 2, 0.8), &[0.0, 0.0]);
    let found = branch(&problem, Parameter::Gain, &[0.0, 0.0], (0.0, 3.0));
    assert_consistent(&found);
    let [event] = found.events.as_slice() else {
        panic!("{:?}", found.events)
    };
    assert_eq!(
        (event.kind, event.multiplicity),
        (EventKind::BranchPoint, 2)
    );
    assert!((event.parameter - 1.25).abs() < 1e-9);
    // each neuron is at 0, s or −s: eight more branches, all alive at gain 3
    let family = Family::new(&problem, &Parameter::Gain, 0.0).unwrap();
    let settings = ContinuationSettings::default();
    let start = [vec![0.0, 0.0]];
    let diagram =
        bifurcation_diagram(&family.homotopy(), &start, 1.0, (0.0, 3.0), &settings).unwrap();
    assert_eq!(diagram.branches.len(), 9);
    let unstable = |branch: &Branch| branch.points.last().unwrap().unstable();
    let mut counts: Vec<usize> = diagram.branches.iter().map(unstable).collect();
    counts.sort_unstable();
    assert_eq!(counts, [0, 0, 0, 0, 1, 1, 1, 1, 2]);
}

#[test]
fn alike_neurons_cross_all_but_one_together() {
    for seed in 0..siblings(200) {
        let mut random = Random::new(seed, 70);
        let n = 2 + (seed % 5) as usize;
        let others = n as f64 - 1.0;
        // gain g: differences between neurons cross where g (a − b)/cosh² s = 1, their mean never
        let b = -0.3 - 0.3 * (1.0 + random.symmetric(1, 1.0)[0]);
        let mean = -0.5 * (1.0 + random.symmetric(1, 1.0)[0]);
        let a = mean - others * b;
        let bias = random.symmetric(1, 0.3)[0];
        let weights = DMatrix::from_fn(n, n, |i, j| if i == j { a } else { b });
        let at = |gain: f64| bisect(|s| s - gain * mean * s.tanh() - bias, -2.0, 2.0);
        let cross = |gain: f64| gain * (a - b) / at(gain).cosh().powi(2) - 1.0;
        let expected = bisect(cross, 0.0, 6.0);
        let problem = tanh(weights, &vec![bias; n]);
        let found = branch(&problem, Parameter::Gain, &vec![at(1.0); n], (0.0, 6.0));
        assert_eq!(found.ends, [BranchEnd::RangeEnd; 2], "{seed}");
        assert_consistent(&found);
        if cross(6.0) < 0.0 {
            assert!(found.events.is_empty(), "{seed}: {:?}", found.events);
            continue;
        }
        let [event] = found.events.as_slice() else {
            panic!("{seed}: {:?}", found.events)
        };
        assert_eq!(event.kind, EventKind::BranchPoint);
        assert_eq!(event.multiplicity, n - 1);
        assert!(
            (event.parameter - expected).abs() < 1e-8,
            "{seed}: {} {expected}",
            event.parameter
        );
    }
}

#[test]
fn stiff_pairs_oscillate_where_the_trace_vanishes() {
    for seed in 0..siblings(200) {
        let mut random = Random::new(seed, 71);
        let [x, y, z] = random.symmetric(3, 1.0)[..] else {
            panic!()
        };
        let (a, d) = (1.0 + 0.4 * x, 0.4 * y);
        let slow = 10f64.powf(2.5 * (z + 1.0));
        // (ga − 1) + (gd − 1)/τ = 0; strong opposite weights keep the determinant positive
        let expected = (1.0 + 1.0 / slow) / (a + d / slow);
        let twice = seed % 4 == 0;
        let n = if twice { 4 } else { 2 };
        let mut weights = DMatrix::zeros(n, n);
        for k in (0..n).step_by(2) {
            let block = DMatrix::from_row_slice(2, 2, &[a, -1.5, 1.5, d]);
            weights.view_mut((k, k), (2, 2)).copy_from(&block);
        }
        let mut problem = tanh(weights, &vec![0.0; n]);
        problem.time_constants = Some([1.0, slow].into_iter().cycle().take(n).collect());
        let found = branch(&problem, Parameter::Gain, &vec![0.0; n], (0.0, 4.0));
        assert_consistent(&found);
        if expected > 4.0 {
            // weak cells of nearly equal pace oscillate beyond the range
            assert!(found.events.is_empty(), "{seed}: {:?}", found.events);
            continue;
        }
        let [event] = found.events.as_slice() else {
            panic!("{seed}: {:?}", found.events)
        };
        let kind = if twice {
            EventKind::DoubleHopf
        } else {
            EventKind::Hopf
        };
        assert_eq!((event.kind, event.multiplicity), (kind, n), "{seed}");
        assert!((event.parameter - expected).abs() < 1e-10, "{seed}");
    }
}

#[test]
fn imperfect_pitchforks_are_followed_round_the_bend() {
    for seed in 0..siblings(200) {
        let mut random = Random::new(seed, 72);
        let [x, y, z] = random.symmetric(3, 1.0)[..] else {
            panic!()
        };
        let w = 0.7 + 0.2 * x;
        let bias = 10f64.powf(-5.0 + 2.5 * y).copysign(z);
        let start = bisect(|s| s - w * s.tanh() - bias, -3.0, 3.0);
        let found = branch(
            &tanh(DMatrix::from_element(1, 1, w), &[bias]),
            Parameter::Gain,
            &[start],
            (0.0, 3.0),
        );
        assert!(
            found.events.is_empty(),
            "{seed}: bias {bias}, {:?}",
            found.events
        );
        let (low, high) = if bias > 0.0 { (0.7, 4.0) } else { (-4.0, -0.7) };
        let expected = bisect(|s| s - 3.0 * w * s.tanh() - bias, low, high);
        let last = found.points.last().unwrap();
        assert_eq!(last.parameter, 3.0);
        assert!(
            (last.state[0] - expected).abs() < 1e-10,
            "{seed}: bias {bias}"
        );
    }
}

#[test]
fn bounds_hold_and_let_go() {
    for seed in 0..siblings(200) {
        let mut random = Random::new(seed, 73);
        let n = 3;
        let weights = DMatrix::from_vec(n, n, random.symmetric(n * n, 0.4));
        let bias = random.symmetric(n, 1.0);
        let mut problem = problem(
            Dynamics::Leaky,
            Activation::HardSigmoid,
            weights.clone(),
            &bias,
        );
        problem.state_bounds = (seed % 2 == 0).then_some((0.0, 1.0));
        // a contraction: its only rest, by iteration
        let rest = |b0: f64| {
            let mut state = vec![0.5; n];
            for _ in 0..400 {
                let rates: Vec<f64> = state.iter().map(|s: &f64| s.clamp(0.0, 1.0)).collect();
                for i in 0..n {
                    let drive = if i == 0 { b0 } else { bias[i] };
                    let drive = drive + (0..n).map(|j| weights[(i, j)] * rates[j]).sum::<f64>();
                    state[i] = match problem.state_bounds {
                        Some((low, high)) => drive.clamp(low, high),
                        None => drive,
                    };
                }
            }
            state
        };
        let found = branch(&problem, Parameter::Bias(0), &rest(bias[0]), (-2.5, 2.5));
        assert_eq!(found.ends, [BranchEnd::RangeEnd; 2], "{seed}");
        let kind = if seed % 2 == 0 {
            EventKind::Bound
        } else {
            EventKind::Kink
        };
        assert!(found.events.len() >= 2);
        assert!(
            found
                .events
                .iter()
                .all(|event| event.kind == kind && !event.turns)
        );
        for point in &found.points {
            let expected = rest(point.parameter);
            for (s, expected) in point.state.iter().zip(&expected) {
                assert!((s - expected).abs() < 1e-9, "{seed} {point:?} {expected}");
            }
        }
    }
}

#[test]
fn a_steep_neuron_folds_at_its_kinks() {
    // s = 2ρ(s) + b: turns at s = 0 (b = 0) and at s = 1 (b = −1)
    let problem = problem(
        Dynamics::Leaky,
        Activation::HardSigmoid,
        DMatrix::from_element(1, 1, 2.0),
        &[0.5],
    );
    let found = branch(&problem, Parameter::Bias(0), &[2.5], (-3.0, 1.0));
    let kinds: Vec<_> = found
        .events
        .iter()
        .map(|event| (event.kind, event.turns))
        .collect();
    assert_eq!(kinds, [(EventKind::Kink, true); 2]);
    let mut places: Vec<[f64; 2]> = found
        .events
        .iter()
        .map(|e| [e.parameter, e.state[0]])
        .collect();
    places.sort_by(|a, b| a[0].total_cmp(&b[0]));
    for (found, expected) in places.as_flattened().iter().zip([-1.0, 1.0, 0.0, 0.0]) {
        assert!((found - expected).abs() < 1e-12);
    }
    assert_eq!(
        found
            .points
            .iter()
            .filter(|point| !point.stable())
            .map(|p| p.unstable())
            .max(),
        Some(1)
    );
    assert_eq!(
        found
            .points
            .iter()
            .map(|point| point.parameter)
            .fold(f64::INFINITY, f64::min),
        -3.0
    );
}

#[test]
fn the_classical_clamp_is_followed_along_its_bounds() {
    // Hopfield, hard sigmoid, states in [0, 1]: s₀ = 0.6 + 0.3 s₁, s₁ = 1 while its drive is above 1
    let weights = DMatrix::from_row_slice(2, 2, &[0.0, 0.3, 0.3, 0.0]);
    let mut problem = problem(
        Dynamics::Hopfield,
        Activation::HardSigmoid,
        weights,
        &[0.6, 1.5],
    );
    problem.state_bounds = Some((0.0, 1.0));
    let found = branch(&problem, Parameter::Bias(1), &[0.9, 1.0], (-1.0, 2.0));
    for point in &found.points {
        // s₁ = b + 0.3 s₀ inside
        let inside = (point.parameter + 0.18) / 0.91;
        let s1 = inside.clamp(0.0, 1.0);
        let s0 = 0.6 + 0.3 * s1;
        assert!(
            (point.state[0] - s0).abs() < 1e-11 && (point.state[1] - s1).abs() < 1e-11,
            "{point:?}"
        );
    }
    let at: Vec<f64> = found.events.iter().map(|event| event.parameter).collect();
    assert_eq!(at.len(), 2, "{:?}", found.events);
    assert!(
        (at[0] + 0.18).abs() < 1e-10 && (at[1] - 0.73).abs() < 1e-10,
        "{at:?}"
    );
}
