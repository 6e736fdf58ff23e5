//! All fixed points and no others: beside folds, with large weights, in many uncoupled neurons, on
//! lines.

use eqprop::dynamics::{Degeneracy, FixedPointSearch, Phase, SearchSettings, find_fixed_points};
use eqprop::model::{Problem, Random};
use serde_json::{Value, json};

use super::{case, document};
use crate::support::{eqprop, problem, siblings};

fn search(problem: &Problem) -> FixedPointSearch {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    find_fixed_points(&phase, &SearchSettings::for_dimension(phase.dimension()))
}

fn tanh(weights: Value, bias: Value) -> Problem {
    let n = bias.as_array().unwrap().len();
    problem(&json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [0],
            "weights": weights, "bias": bias
        },
        "target": [0.5], "initial_state": vec![0.0; n]
    }))
}

#[test]
fn a_fold_that_was_missed_leaves_no_ghosts() {
    let found = search(&Problem::read(case("fold_ghost_points").as_ref()).unwrap());
    assert_eq!(found.points.len(), 1);
    assert!((found.points[0].point.state()[0] - 2.506_407_189_340).abs() < 1e-10);
    assert!(found.points[0].kantorovich.holds);
}

/// s = w tanh s + b has its folds at tanh²s = 1 − 1/w: as many roots as b's place between them says,
/// and where it is on a fold to rounding, a root that is named nearly double.
#[test]
fn one_neuron_has_one_or_three_fixed_points_however_near_its_fold() {
    let mut random = Random::new(21, 0);
    for _ in 0..siblings(200) {
        let weight = random.uniform(1.2, 4.0);
        let turn = -(1.0f64 - 1.0 / weight).sqrt().atanh();
        let fold = turn - weight * turn.tanh();
        let distance = 10f64.powf(random.uniform(-12.5, -1.0)) * random.uniform(-1.0, 1.0).signum();
        let found = search(&tanh(json!([[weight]]), json!([fold + distance])));
        let expected = if distance > 0.0 { 1 } else { 3 };
        assert_eq!(
            found.points.len(),
            expected,
            "w = {weight}, fold {distance:+e}"
        );
    }
}

#[test]
fn a_root_on_its_fold_is_named_nearly_double() {
    let weight = 2.0f64;
    let turn = -(1.0 - 1.0 / weight).sqrt().atanh();
    let found = search(&tanh(
        json!([[weight]]),
        json!([turn - weight * turn.tanh()]),
    ));
    let named = found
        .points
        .iter()
        .filter(|point| point.degeneracy.is_some());
    let named: Vec<_> = named.map(|point| point.degeneracy).collect();
    assert!(!named.is_empty());
    assert!(
        named
            .iter()
            .all(|degeneracy| *degeneracy == Some(Degeneracy::NearlyDouble))
    );
}

#[test]
fn nine_fixed_points_at_weights_of_a_million() {
    let found = search(&Problem::read(case("hidden_pair_of_saddles_w1e6").as_ref()).unwrap());
    assert_eq!(found.points.len(), 9);
    // each uncoupled neuron of weight w > 1 has three
    let mut random = Random::new(22, 0);
    for _ in 0..siblings(200) {
        let size = 10f64.powf(random.uniform(0.5, 7.0));
        let (a, b) = (
            size * random.uniform(1.0, 3.0),
            size * random.uniform(1.0, 3.0),
        );
        let coupling = random.uniform(-0.1, 0.1) * size;
        let found = search(&tanh(
            json!([[a, coupling], [0.0, b]]),
            json!([0.01, -0.02]),
        ));
        assert_eq!(found.points.len(), 9, "{a} {b} {coupling}");
    }
}

#[test]
fn uncoupled_neurons_have_every_combination_and_the_list_is_called_unproven() {
    let mut weights = vec![vec![0.0; 4]; 4];
    (0..4).for_each(|i| weights[i][i] = 2.0);
    let found = search(&tanh(json!(weights), json!(vec![0.0; 4])));
    assert_eq!(found.points.len(), 81);
    assert!(!found.record.proven_complete);
}

/// W = 1 makes every state a fixed point of a linear neuron; with W = diag(1, 1/2) a line of them.
#[test]
fn lines_of_fixed_points_are_named_and_never_complete() {
    let mut document = document("weak_spiral_identity");
    document["network"]["weights"] = json!([[1.0, 0.0], [0.0, 0.5]]);
    document["network"]["bias"] = json!([0.0, 0.3]);
    let found = search(&problem(&document));
    assert!(!found.points.is_empty() && !found.record.proven_complete);
    for point in &found.points {
        assert_eq!(point.degeneracy, Some(Degeneracy::Line));
    }
}

#[test]
fn no_finite_weight_makes_the_search_panic() {
    let path = case("huge_weight_panic");
    let ran = eqprop(&["fixed-points", &path, "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let found = ran.document()["fixed_points"].as_array().unwrap().len();
    assert_eq!(found, 3, "{}", ran.stdout);
    for weight in [1e154, 1e155, 1e300, -f64::MAX] {
        for other in [0.0, weight] {
            search(&tanh(
                json!([[weight, other], [-other, weight]]),
                json!([0.0, weight]),
            ));
        }
    }
}
