//! All fixed points: against XPPAUT, AUTO and mpmath, closed forms, proofs of completeness.

use eqprop::dynamics::{
    Degeneracy, FixedPointKind, FixedPointRecord, FixedPointSearch, Phase, SearchSettings,
    SolverSettings, find_fixed_points, settle,
};
use eqprop::model::{
    Activation, Coupling, Dynamics, Glorot, Network, Problem, Random, VectorField,
};
use nalgebra::DMatrix;
use serde_json::Value;

use crate::support::siblings;

fn network(dynamics: Dynamics, activation: Activation, weights: &[f64], bias: &[f64]) -> Network {
    let n = bias.len();
    Network {
        dynamics,
        activation,
        coupling: Coupling::Dense(DMatrix::from_row_slice(n, n, weights)),
        input_weights: DMatrix::zeros(n, 0),
        bias: bias.to_vec(),
        outputs: vec![n - 1],
    }
}

fn search(network: &Network) -> FixedPointSearch {
    let field = network.clamp(&[]);
    find_fixed_points(&Phase::free(&field), &SearchSettings::default())
}

fn states(search: &FixedPointSearch) -> Vec<Vec<f64>> {
    let state = |point: &eqprop::dynamics::FoundPoint| point.point.state().to_vec();
    search.points.iter().map(state).collect()
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}

fn reference() -> Value {
    serde_json::from_str(include_str!("../reference/xppaut/reference.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().unwrap()],
    }
}

/// One expected point among those found: state and eigenvalues, and the kind.
fn assert_found(found: &[FixedPointRecord], expected: &Value, tolerance: f64, kind: &str) {
    let state = numbers(&expected["state"]);
    let eigenvalues = numbers(&expected["eigenvalues"]);
    let hit = found.iter().find(|record| {
        record
            .state
            .iter()
            .zip(&state)
            .all(|(a, b)| close(*a, *b, tolerance))
    });
    let hit = hit.unwrap_or_else(|| panic!("{state:?} is missing in {found:?}"));
    for (value, expected) in hit.eigenvalues.as_flattened().iter().zip(&eigenvalues) {
        assert!(close(*value, *expected, tolerance), "{hit:?} {expected}");
    }
    assert_eq!(hit.kind.name(), kind);
    assert!(hit.kantorovich.holds && !hit.kantorovich.lipschitz_estimated);
}

#[test]
fn the_points_of_xppaut_auto_and_mpmath() {
    let reference = reference();
    let bistable = &reference["bistable"];
    let network_of = |system: &Value, bias: &[f64]| {
        network(
            Dynamics::Leaky,
            Activation::Tanh,
            &numbers(&system["weights"]),
            bias,
        )
    };
    let found = search(&network_of(bistable, &numbers(&bistable["bias"])));
    let records: Vec<_> = found.points.iter().map(FixedPointRecord::from).collect();
    assert_eq!(records.len(), 5);
    assert!(found.record.proven_complete && found.record.box_holds_all);
    for point in bistable["fixed_points"].as_array().unwrap() {
        let kind = point["kind"].as_str().unwrap();
        assert_found(&records, &point["mpmath"], 1e-13, kind);
        assert_found(&records, &point["auto"], 1e-9, kind);
        assert_found(&records, &point["xppaut"], 1e-12, kind);
    }
    // points of the other systems, and of this one at other biases; folds are degenerate
    let fold = &reference["fold"];
    let others = bistable["other_points_along_b1"].as_array().unwrap();
    let cases = others.iter().map(|point| (bistable, -0.05, point)).chain(
        fold["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| (fold, 0.0, point)),
    );
    for (system, second_bias, point) in cases.filter(|(_, _, p)| p["type"] == "fixed_point") {
        let b1 = point["mpmath"]["b1"].as_f64().unwrap();
        let found = search(&network_of(system, &[b1, second_bias]));
        let records: Vec<_> = found.points.iter().map(FixedPointRecord::from).collect();
        assert!(found.record.proven_complete);
        assert_found(
            &records,
            &point["mpmath"],
            1e-13,
            point["kind"].as_str().unwrap(),
        );
    }
    let cycle = &reference["limit_cycle"];
    let found = search(&network_of(cycle, &[0.0, 0.0]));
    let records: Vec<_> = found.points.iter().map(FixedPointRecord::from).collect();
    assert!(found.record.proven_complete && records.len() == 1);
    let origin = serde_json::json!({
        "state": [0.0, 0.0], "eigenvalues": cycle["origin"]["mpmath"]["eigenvalues"]
    });
    assert_found(&records, &origin, 1e-13, "unstable_focus");
}

#[test]
fn a_fold_appears_between_two_biases() {
    let weights = [2.0, -0.5, 1.0, 0.3];
    let fold = 0.177_127_906_966_020_24;
    for (b1, count) in [
        (-fold - 1e-6, 1),
        (-fold + 1e-6, 3),
        (fold - 1e-6, 3),
        (fold + 1e-6, 1),
    ] {
        let found = search(&network(
            Dynamics::Leaky,
            Activation::Tanh,
            &weights,
            &[b1, 0.0],
        ));
        assert_eq!(found.points.len(), count, "{b1}");
        assert!(found.record.proven_complete, "{b1}");
    }
    // on the fold itself the pair is one degenerate point, and nothing can be proven
    let found = search(&network(
        Dynamics::Leaky,
        Activation::Tanh,
        &weights,
        &[fold, 0.0],
    ));
    assert!(!found.record.proven_complete);
    let degenerate: Vec<_> = found
        .points
        .iter()
        .filter(|point| !point.kantorovich.holds)
        .collect();
    assert_eq!(degenerate.len(), 1);
    assert!(close(
        degenerate[0].point.state()[0],
        -0.755_321_560_603_577_5,
        1e-6
    ));
}

#[test]
fn bistable_hard_sigmoid_by_hand() {
    // s = 2 ρ(s) − 1/2 for two uncoupled neurons: −1/2 (ρ = 0), 1/2 (inside), 3/2 (ρ = 1)
    let weights = [2.0, 0.0, 0.0, 2.0];
    let found = search(&network(
        Dynamics::Leaky,
        Activation::HardSigmoid,
        &weights,
        &[-0.5; 2],
    ));
    let values = [-0.5, 0.5, 1.5];
    let expected: Vec<Vec<f64>> = values
        .iter()
        .flat_map(|&a| values.map(|b| vec![a, b]))
        .collect();
    assert_eq!(states(&found), expected);
    assert!(found.record.proven_complete && found.record.box_holds_all);
    for point in &found.points {
        let inside = point.point.state().iter().filter(|&&s| s == 0.5).count();
        let kinds = [
            FixedPointKind::StableNode,
            FixedPointKind::Saddle,
            FixedPointKind::UnstableNode,
        ];
        assert_eq!(point.kind, kinds[inside]);
        assert!(point.kantorovich.holds);
    }
}

#[test]
fn bounds_hold_neurons_on_faces() {
    // the same with states in [0, 1]: 0, 1/2 and 1; the ends are held
    let weights = [2.0, 0.0, 0.0, 2.0];
    let network = network(
        Dynamics::Leaky,
        Activation::HardSigmoid,
        &weights,
        &[-0.5; 2],
    );
    let field = network.clamp(&[]);
    let phase = Phase::free(&field).with_state_bounds(0.0, 1.0);
    let found = find_fixed_points(&phase, &SearchSettings::default());
    let values = [0.0, 0.5, 1.0];
    let expected: Vec<Vec<f64>> = values
        .iter()
        .flat_map(|&a| values.map(|b| vec![a, b]))
        .collect();
    assert_eq!(states(&found), expected);
    assert!(found.record.proven_complete);
    for point in &found.points {
        let record = FixedPointRecord::from(point);
        let free = record.state.iter().filter(|&&s| s == 0.5).count();
        assert_eq!(record.eigenvalues, vec![[1.0, 0.0]; free]);
        assert_eq!(record.held.len(), 2 - free);
        assert_eq!(record.stable, free == 0);
    }
}

#[test]
fn hopfield_networks_have_the_attractors_that_trajectories_reach() {
    for n in 3..=8 {
        // two stored patterns (Hebb), a steep tanh
        let mut random = Random::new(11, n as u64);
        let patterns: Vec<Vec<f64>> = (0..2)
            .map(|_| {
                (0..n)
                    .map(|_| if random.unit() < 0.5 { -1.0 } else { 1.0 })
                    .collect()
            })
            .collect();
        let weights = DMatrix::from_fn(n, n, |i, j| {
            let hebb: f64 = patterns.iter().map(|p| p[i] * p[j]).sum();
            3.0 * hebb / n as f64 + if i == j { 1.0 - 6.0 / n as f64 } else { 0.0 }
        });
        let network = network(
            Dynamics::Hopfield,
            Activation::Tanh,
            weights.as_slice(),
            &vec![0.02; n],
        );
        let field = network.clamp(&[]);
        let phase = Phase::free(&field);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        assert!(found.points.iter().all(|point| point.kantorovich.holds));
        // a symmetric coupling: no rotation
        assert!(found.points.iter().all(|point| {
            point
                .point
                .eigenvalues()
                .iter()
                .all(|value| value.im.abs() <= 1e-7)
        }));
        let stable: Vec<_> = found
            .points
            .iter()
            .filter(|point| point.kind.stable())
            .collect();
        assert!(stable.len() >= 2);
        for _ in 0..60 {
            let start = random.symmetric(n, 1.5);
            let end = settle(&phase, &start, &SolverSettings::default())
                .into_fixed_point()
                .unwrap();
            let reached = |point: &&eqprop::dynamics::FoundPoint| {
                let pairs = point.point.state().iter().zip(end.state());
                pairs.into_iter().all(|(a, b)| close(*a, *b, 1e-9))
            };
            assert!(
                stable.iter().any(reached),
                "n = {n}: {:?} is missing",
                end.state()
            );
        }
        if n == 3 {
            assert!(found.record.proven_complete && found.record.found_by_proof == 0);
        }
        // Poincaré and Hopf: signed counts sum to 1
        assert_eq!(found.record.index_sum, Some(1), "n = {n}");
    }
}

#[test]
fn contraction_leaves_one_fixed_point() {
    for seed in 0..12 {
        let n = 2 + seed as usize % 5;
        let activation =
            [Activation::Tanh, Activation::Relu, Activation::HardSigmoid][seed as usize % 3];
        let glorot = Glorot {
            seed,
            ..Glorot::default()
        };
        let mut network = glorot.dense(0, n, vec![0], Dynamics::Leaky, activation);
        let Coupling::Dense(weights) = &mut network.coupling else {
            unreachable!()
        };
        *weights *= 0.9 / weights.clone().svd(false, false).singular_values[0];
        network.bias = Random::new(seed, 5).symmetric(n, 2.0);
        let found = search(&network);
        assert_eq!(found.points.len(), 1);
        assert!(found.points[0].kind.stable());
        assert!(found.record.proven_complete);
        // one that is proven and alone is an ordinary point
        assert!(found.points[0].kantorovich.holds);
        assert_eq!(found.points[0].degeneracy, None);
    }
}

/// The symmetric part of W is below 1, its antisymmetric part is not. Bounded or not, every trajectory ends at the one
/// point.
#[test]
fn an_antisymmetric_part_of_any_size_leaves_one_fixed_point() {
    for seed in 0..8 {
        let n = 4 + seed as usize % 4;
        let activation = [Activation::Tanh, Activation::HardSigmoid][seed as usize % 2];
        let drawn = Random::new(seed, 6).matrix(n, n, 1.0);
        let symmetric = (&drawn + drawn.transpose()) * 0.5;
        let largest = symmetric.clone().symmetric_eigenvalues().max();
        let weights = &symmetric * (0.95 / largest) + (&drawn - &symmetric) * 4.0;
        let bias = Random::new(seed, 7).symmetric(n, 1.0);
        let network = network(
            Dynamics::Leaky,
            activation,
            weights.transpose().as_slice(),
            &bias,
        );
        let field = network.clamp(&[]);
        let free = Phase::free(&field);
        for phase in [free, free.with_state_bounds(-0.4, 0.6)] {
            let found = find_fixed_points(&phase, &SearchSettings::default());
            assert!(found.record.proven_complete, "{seed}");
            assert_eq!(found.points.len(), 1);
            for end in [-0.4, 0.6] {
                let start = vec![end; n];
                let settled = settle(&phase, &start, &SolverSettings::default());
                let settled = settled.into_fixed_point().unwrap();
                let own = found.points[0].point.state();
                for (one, other) in settled.state().iter().zip(own) {
                    assert!(close(*one, *other, 1e-9), "{seed}: {one} {other}");
                }
            }
        }
    }
}

#[test]
fn the_nudged_phase_and_time_constants_count() {
    let mut problem = Problem::new(
        network(
            Dynamics::Leaky,
            Activation::Tanh,
            &[1.5, 0.3, 0.2, 1.4],
            &[0.1, -0.05],
        ),
        vec![],
        &[0.4],
    )
    .unwrap();
    problem.time_constants = Some(vec![2.0, 5.0]);
    let field = problem.field();
    let free = find_fixed_points(
        &Phase::of_problem(&problem, &field),
        &SearchSettings::default(),
    );
    assert_eq!(free.points.len(), 5);
    for point in &free.points {
        // det(diag(1/τ) Jac) = det Jac / 10
        let product: f64 = point.point.eigenvalues().iter().map(|v| v.re).product();
        assert!(close(
            product,
            point.point.jacobian().determinant() / 10.0,
            1e-13
        ));
    }
    for beta in [0.05, -0.05, 5.0] {
        let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        assert!(
            found.record.proven_complete && found.record.box_holds_all,
            "{beta}"
        );
        assert!(found.points.iter().all(|p| p.point.residual() < 1e-14));
    }
}

#[test]
fn proofs_indices_and_starts_agree_on_random_networks() {
    let mut proven = 0;
    for seed in 0..160 {
        let n = 2 + seed as usize % 2;
        let activation = Activation::ALL[seed as usize % 7];
        let dynamics = if seed % 5 == 0 {
            Dynamics::Hopfield
        } else {
            Dynamics::Leaky
        };
        let mut random = Random::new(seed, 77);
        let (weights, bias) = (random.symmetric(n * n, 3.0), random.symmetric(n, 1.0));
        let network = network(dynamics, activation, &weights, &bias);
        let field = network.clamp(&[]);
        let mut phase = Phase::free(&field);
        if seed % 3 == 0 {
            phase = phase.with_state_bounds(-0.4, 1.3);
        }
        let found = find_fixed_points(&phase, &SearchSettings::default());
        let record = &found.record;
        assert_eq!(
            record.found_by_proof, 0,
            "seed {seed}: the starts missed some"
        );
        if record.proven_complete && record.box_holds_all {
            assert!(
                matches!(record.index_sum, None | Some(1)),
                "seed {seed}: {record:?}"
            );
        }
        proven += usize::from(record.proven_complete);
        for point in &found.points {
            assert!(
                point.point.residual() < 1e-12,
                "seed {seed} {activation:?} {dynamics:?}: {} {:?}",
                point.point.residual(),
                point.point.state()
            );
        }
    }
    // a Hopfield network's force jumps on kinks: there is no proof there
    assert!(proven >= 140, "{proven}");
}

/// The same field without its structure: no box, no proof, but the same points.
struct Opaque<'a>(eqprop::model::Clamped<'a>);

impl VectorField for Opaque<'_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }
    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.0.velocity(state, out);
    }
    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.0.jacobian_vector(state, vector, out);
    }
}

#[test]
fn a_field_of_ones_own_is_searched_without_proof() {
    let network = network(
        Dynamics::Leaky,
        Activation::Tanh,
        &[1.5, 0.3, 0.2, 1.4],
        &[0.1, -0.05],
    );
    let opaque = Opaque(network.clamp(&[]));
    let found = find_fixed_points(&Phase::free(&opaque), &SearchSettings::default());
    assert_eq!(found.points.len(), 5);
    assert!(!found.record.proven_complete && !found.record.box_holds_all);
    assert!(
        found
            .points
            .iter()
            .all(|p| p.kantorovich.holds && p.kantorovich.lipschitz_estimated)
    );
    for (a, b) in states(&found)
        .iter()
        .flatten()
        .zip(states(&search(&network)).iter().flatten())
    {
        assert!(close(*a, *b, 1e-14));
    }
}

#[test]
fn degenerate_cases_are_said_to_be_so() {
    // W = 1: every state is a fixed point of s' = s − s
    let line = search(&network(
        Dynamics::Leaky,
        Activation::Identity,
        &[1.0],
        &[0.0],
    ));
    assert!(!line.record.proven_complete && !line.points.is_empty());
    assert!(
        line.points
            .iter()
            .all(|p| p.kind == FixedPointKind::Degenerate)
    );
    // a pitchfork at its branching point
    let fork = search(&network(Dynamics::Leaky, Activation::Tanh, &[1.0], &[0.0]));
    assert_eq!(fork.points.len(), 1);
    assert_eq!(fork.points[0].kind, FixedPointKind::Degenerate);
    // singular, but alone
    assert_eq!(fork.points[0].degeneracy, Some(Degeneracy::NearlyDouble));
    assert!(!fork.points[0].kantorovich.holds);
    // s' = 2 relu(s) − s has a fixed point on its kink
    let kink = search(&network(Dynamics::Leaky, Activation::Relu, &[2.0], &[0.0]));
    assert_eq!(states(&kink), [[0.0]]);
    assert_eq!(kink.points[0].kind, FixedPointKind::Degenerate);
    // no fixed point at all: s' = relu(s) + 1 − s has none above 0, 1 < 0 none below
    let none = search(&network(Dynamics::Leaky, Activation::Relu, &[1.0], &[1.0]));
    assert!(none.points.is_empty());
}

fn command(problem: &str, arguments: &[&str]) -> (i32, Value) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("problem.json");
    std::fs::write(&path, problem).unwrap();
    let output = assert_cmd::Command::cargo_bin("eqprop")
        .unwrap()
        .arg("fixed-points")
        .arg(&path)
        .arg("--json")
        .args(arguments)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), document)
}

#[test]
fn the_command_keeps_the_contract() {
    let problem = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
        "weights": [[1.5, 0.3], [0.2, 1.4]], "bias": [0.1, -0.05], "outputs": [1]}, "target": [0.4]}"#;
    let (code, document) = command(problem, &[]);
    assert_eq!(code, 0);
    let points = document["fixed_points"].as_array().unwrap();
    assert_eq!(points.len(), 5);
    for key in ["state", "stable", "kind", "eigenvalues", "residual"] {
        assert!(!points[0][key].is_null(), "{key}");
    }
    assert_eq!(document["search"]["proven_complete"], true);
    let (code, document) = command(problem, &["--box", "0,3", "--beta", "-0.1"]);
    assert_eq!(code, 0);
    assert_eq!(document["search"]["proven_complete"], true);
    assert_eq!(document["search"]["box_holds_all"], false);
    for bad in [
        ["--box", "3,0"],
        ["--box", "1"],
        ["--box", "x,y"],
        ["--beta", "nan"],
    ] {
        let (code, document) = command(problem, &bad);
        assert_eq!(code, 2, "{bad:?}");
        assert_eq!(document["error"]["kind"], "invalid_input", "{bad:?}");
    }
}

/// Where ρ is unbounded the box comes from |s| ≤ (K − |W|)⁻¹(|W||ρ(0)| + |d| + |c|): it holds what the
/// nudge alone moves, however far.
#[test]
fn the_box_of_an_unbounded_network_holds_what_the_nudge_moves() {
    // ‖W‖₂ = 3, so that no contraction proves it, while |W| has the spectral radius 0.55
    let weights = [0.0, 3.0, 0.1, 0.0];
    for activation in [Activation::Identity, Activation::Relu, Activation::Softplus] {
        for (target, beta) in [(-40.0, 1.0), (7.0, 0.5), (1e3, 1.0)] {
            let network = network(Dynamics::Leaky, activation, &weights, &[0.0, 0.0]);
            let problem = Problem::new(network, vec![], &[target]).unwrap();
            let field = problem.field();
            let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
            let found = find_fixed_points(&phase, &SearchSettings::default());
            let seen = (found.points.len(), found.record.box_holds_all);
            assert_eq!(seen, (1, true), "{activation:?} {target}");
            let point = found.points[0].point.state();
            let limits = found.record.region.iter().zip(point);
            assert!(
                limits
                    .clone()
                    .all(|([low, high], s)| (low..=high).contains(&s))
            );
            if activation == Activation::Identity {
                // s₀ = 3 s₁ and (1 + β) s₁ = 0.1 s₀ + β y
                let output = beta * target / (0.7 + beta);
                assert!(
                    close(point[1], output, 1e-12 * (1.0 + output.abs())),
                    "{point:?}"
                );
                assert!(close(point[0], 3.0 * output, 1e-11 * (1.0 + output.abs())));
            }
        }
    }
}

/// All rest points of a neuron between `low` and `high`: where its force changes sign, and the ends
/// that it is pushed against. `None` where two are too near to be told apart by a scan.
fn scanned(force: impl Fn(f64) -> f64, low: f64, high: f64, held: bool) -> Option<Vec<f64>> {
    const STEPS: usize = 20_000;
    let at = |k: usize| low + (high - low) * k as f64 / STEPS as f64;
    let mut found = Vec::new();
    if held && force(low) < 0.0 {
        found.push(low);
    }
    for k in 0..STEPS {
        let (mut a, mut b) = (at(k), at(k + 1));
        if (force(a) < 0.0) != (force(b) < 0.0) {
            for _ in 0..60 {
                let middle = 0.5 * (a + b);
                if (force(middle) < 0.0) == (force(a) < 0.0) {
                    a = middle;
                } else {
                    b = middle;
                }
            }
            found.push(0.5 * (a + b));
        }
    }
    if held && force(high) > 0.0 {
        found.push(high);
    }
    let near_a_fold = (0..=STEPS).any(|k| {
        let slope = (force(at(k) + 1e-6) - force(at(k) - 1e-6)) / 2e-6;
        force(at(k)).abs() < 0.02 && slope.abs() < 0.05
    });
    let on_an_end = held && (force(low).abs() < 0.02 || force(high).abs() < 0.02);
    (!near_a_fold && !on_an_end).then_some(found)
}

fn assert_all_found(found: &FixedPointSearch, expected: &[f64], case: &str) {
    let states: Vec<f64> = states(found).into_iter().map(|state| state[0]).collect();
    assert_eq!(
        states.len(),
        expected.len(),
        "{case}: {states:?} {expected:?}"
    );
    for (one, other) in states.iter().zip(expected) {
        assert!(close(*one, *other, 1e-9), "{case}: {states:?} {expected:?}");
    }
}

#[test]
fn a_nudged_neuron_between_bounds_has_the_points_of_a_scan() {
    let mut random = Random::new(29, 0);
    let mut counts = [0; 6];
    for _ in 0..siblings(200) {
        let draw = random.symmetric(4, 1.0);
        let (dynamics, activation) = [
            (Dynamics::Leaky, Activation::Tanh),
            (Dynamics::Leaky, Activation::Logistic),
            (Dynamics::Hopfield, Activation::Tanh),
            (Dynamics::Hopfield, Activation::HardSigmoid),
        ][random.index(4)];
        let (weight, bias, target, beta) =
            (6.0 * draw[0], 2.0 * draw[1], 3.0 * draw[2], draw[3].abs());
        let network = network(dynamics, activation, &[weight], &[bias]);
        let mut problem = Problem::new(network, vec![], &[target]).unwrap();
        problem.state_bounds = Some((0.0, 1.0));
        let gate = |s: f64| match (dynamics, activation) {
            (Dynamics::Hopfield, Activation::Tanh) => 1.0 - s.tanh().powi(2),
            _ => 1.0,
        };
        let force = |s: f64| {
            let drive = weight * activation.rate(s) + bias;
            gate(s) * drive - s + beta * (target - s)
        };
        // a straight line along the bottom has no isolated points
        let Some(expected) = scanned(force, 0.0, 1.0, true) else {
            continue;
        };
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        let case = format!("{dynamics:?} {activation:?} {weight} {bias} {target} {beta}");
        assert_all_found(&found, &expected, &case);
        assert!(
            found.record.proven_complete && found.record.box_holds_all,
            "{case}"
        );
        counts[expected.len()] += 1;
    }
    assert!(counts[1] > 20 && counts[3] > 2, "{counts:?}");
}

/// s′ = a s − s³ − β (s − y), written as text: as many rest points as the cubic has real roots.
#[test]
fn a_nudged_field_in_text_has_the_roots_of_its_cubic() {
    let mut random = Random::new(30, 0);
    let (mut counts, mut proven) = ([0; 4], 0);
    for _ in 0..siblings(200) {
        let draw = random.symmetric(3, 1.0);
        let (a, target, beta) = (3.0 * draw[0], 4.0 * draw[1], draw[2].abs());
        let text = format!(
            r#"{{"field": {{"equations": {{"s": "a*s - s^3"}}, "parameters": {{"a": {a:?}}}}},
            "outputs": ["s"], "target": [{target:?}], "initial_state": [0.1]}}"#
        );
        let problem = Problem::from_json(&text).unwrap();
        let force = |s: f64| a * s - s.powi(3) - beta * (s - target);
        let Some(expected) = scanned(force, -5.0, 5.0, false) else {
            continue;
        };
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        assert_all_found(&found, &expected, &format!("{a} {target} {beta}"));
        proven += usize::from(found.record.proven_complete && found.record.box_holds_all);
        counts[expected.len()] += 1;
    }
    assert!(counts[1] > 20 && counts[3] > 10, "{counts:?}");
    assert!(4 * proven > counts.iter().sum::<usize>(), "{proven}");
}

#[test]
fn a_proof_takes_the_boxes_that_it_says_and_fewer_do_not_do() {
    let network = network(
        Dynamics::Leaky,
        Activation::Tanh,
        &[2.0, -0.5, 1.0, 0.3],
        &[0.0, 0.0],
    );
    let field = network.clamp(&[]);
    let within = |proof_boxes: usize| {
        let settings = SearchSettings {
            proof_boxes,
            ..SearchSettings::default()
        };
        find_fixed_points(&Phase::free(&field), &settings)
    };
    let whole = within(100_000);
    assert!(whole.record.proven_complete && whole.points.len() == 3);
    let needed = whole.record.proof_boxes;
    assert!(needed > 1);
    let just = within(needed);
    assert!(just.record.proven_complete && just.record.proof_boxes == needed);
    let short = within(needed - 1);
    assert!(!short.record.proven_complete && short.points.len() == 3);
}
