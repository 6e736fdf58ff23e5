//! Large and sparse networks: the same answers by other routes.

use serde_json::{Value, json};

use crate::support::{eqprop, numbers};

/// A network of n neurons, each acted on by a few, as three lists; with the weights as a full matrix.
fn ring(n: usize, activation: &str, dynamics: &str) -> (Value, Value) {
    let mut lists = [Vec::new(), Vec::new(), Vec::new()];
    let mut rows = vec![vec![0.0; n]; n.min(500)];
    // from the last to the first, because the order of the lists is the user's
    for i in (0..n).rev() {
        for (k, step) in [0, 1, 7, 20].into_iter().enumerate() {
            let (j, value) = ((i + step) % n, 0.4 * ((3 * i + 5 * k) as f64).sin());
            lists[0].push(json!(i));
            lists[1].push(json!(j));
            lists[2].push(json!(value));
            if let Some(row) = rows.get_mut(i) {
                row[j] = value;
            }
        }
    }
    let bias: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
    let problem = |weights: Value| {
        json!({"network": {"type": "dense", "dynamics": dynamics, "activation": activation,
            "weights": weights, "bias": bias, "outputs": [0, 3, 5]}, "target": [0.5, 0.1, -0.2]})
    };
    let [row, column, value] = lists;
    let sparse = problem(json!({"sparse": {"row": row, "column": column, "value": value}}));
    (sparse, problem(json!(rows)))
}

fn answer(problem: &Value, options: &[&str]) -> Value {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("problem.json");
    std::fs::write(&path, problem.to_string()).unwrap();
    let ran = eqprop(&[&["gradient", path.to_str().unwrap(), "--json"], options].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.document()
}

fn assert_near(found: &Value, expected: &Value, tolerance: f64) {
    let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
    let gap = (found - expected).abs();
    assert!(
        gap <= tolerance * expected.abs().max(1.0),
        "{found} {expected}"
    );
}

/// The same numbers in either form, but that only listed weights are parameters: their blocks have the same
/// three lists, and angles are over them alone.
#[test]
fn sparse_weights_answer_as_the_full_matrix_does() {
    for (n, activation, dynamics) in [
        (60, "tanh", "leaky"),
        (60, "logistic", "hopfield"),
        (340, "tanh", "leaky"),
    ] {
        let (sparse, full) = ring(n, activation, dynamics);
        let found = answer(&sparse, &["--eigenvalues", "all"]);
        let expected = answer(&full, &["--eigenvalues", "all"]);
        for name in ["cost", "jacobian_asymmetry", "weight_asymmetry"] {
            assert_near(&found[name], &expected[name], 1e-12);
        }
        for (found, expected) in [
            (&found["fixed_point"], &expected["fixed_point"]),
            (
                &found["error_vector"]["ep"],
                &expected["error_vector"]["ep"],
            ),
            (
                &found["error_vector"]["true"],
                &expected["error_vector"]["true"],
            ),
        ] {
            for (found, expected) in numbers(found).iter().zip(numbers(expected)) {
                assert!((found - expected).abs() < 1e-12, "{n}: {found} {expected}");
            }
        }
        let pairs = |of: &Value| of["eigenvalues"].as_array().unwrap().clone();
        assert_eq!(pairs(&found).len(), n);
        for (found, expected) in pairs(&found).iter().zip(pairs(&expected)) {
            assert_near(&found[0], &expected[0], 1e-9);
        }
        assert_eq!(found["stable"], true);
        let listed = &sparse["network"]["weights"]["sparse"];
        let block = &found["ep_update"]["weights"];
        assert_eq!(block["row"], listed["row"]);
        assert_eq!(block["column"], listed["column"]);
        let weights = &expected["ep_update"]["weights"];
        let (mut dot, mut squares) = (0.0, [0.0; 2]);
        let truth = numbers(&found["negative_gradient"]["weights"]["value"]);
        for (k, value) in numbers(&block["value"]).into_iter().enumerate() {
            let (row, column) = (&listed["row"][k], &listed["column"][k]);
            let place = &weights[row.as_u64().unwrap() as usize][column.as_u64().unwrap() as usize];
            assert_near(&json!(value), place, 1e-12);
            dot += value * truth[k];
            squares = [squares[0] + value * value, squares[1] + truth[k] * truth[k]];
        }
        for (value, truth) in numbers(&found["ep_update"]["bias"])
            .into_iter()
            .zip(numbers(&found["negative_gradient"]["bias"]))
        {
            dot += value * truth;
            squares = [squares[0] + value * value, squares[1] + truth * truth];
        }
        let angle = (dot / (squares[0] * squares[1]).sqrt()).acos().to_degrees();
        assert!((found["angle_degrees"].as_f64().unwrap() - angle).abs() < 1e-6);
    }
}

/// Nothing is left to be solved for.
#[test]
fn a_sparse_network_that_its_bounds_hold_is_answered_as_the_full_one() {
    let problem = |weights: Value| {
        json!({"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh", "weights": weights,
            "bias": [-2.0, 3.0], "outputs": [1]}, "target": [0.5], "state_bounds": [0, 1]})
    };
    let full = problem(json!([[0.0, 0.3], [0.0, 0.0]]));
    let lists = json!({"sparse": {"row": [0], "column": [1], "value": [0.3]}});
    for estimator in ["linear_response", "centred", "asymmetric"] {
        let [found, expected] = [problem(lists.clone()), full.clone()]
            .map(|of| answer(&of, &["--estimator", estimator]));
        assert_eq!(found["fixed_point"], json!([0.0, 1.0]));
        for name in [
            "fixed_point",
            "cost",
            "error_vector",
            "eigenvalues",
            "stable",
        ] {
            assert_eq!(found[name], expected[name], "{estimator} {name}");
        }
    }
}

#[test]
fn above_300_neurons_the_rightmost_eigenvalues_are_those_of_all() {
    let (_, full) = ring(340, "tanh", "leaky");
    let all = answer(&full, &["--eigenvalues", "all"]);
    let usual = answer(&full, &[]);
    assert_eq!(usual["eigenvalues_complete"], false);
    assert_eq!(all["eigenvalues_complete"], true);
    let listed = usual["eigenvalues"].as_array().unwrap();
    assert_eq!(listed.len(), 20);
    for (found, expected) in listed.iter().zip(all["eigenvalues"].as_array().unwrap()) {
        assert_near(&found[0], &expected[0], 1e-9);
    }
    for name in ["angle_degrees", "error_bound", "descent_certificate"] {
        assert_near(&usual[name], &all[name], 1e-11);
    }
    let summary = answer(&full, &["--summary"]);
    assert_eq!(summary["stable"], true);
    assert_eq!(summary["angle_degrees"], usual["angle_degrees"]);
    assert!(summary.get("fixed_point").is_none() && summary.get("ep_update").is_none());
}

#[test]
fn what_needs_full_matrices_refuses_a_large_sparse_network() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("problem.json");
    let (sparse, _) = ring(5_100, "tanh", "leaky");
    std::fs::write(&path, sparse.to_string()).unwrap();
    let path = path.to_str().unwrap();
    let ran = eqprop(&["gradient", path, "--json", "--summary"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.document()["stable"], true);
    for command in [
        &["fixed-points", path][..],
        &["spectrum", path],
        &["gradient", path, "--estimator", "centred"],
    ] {
        let ran = eqprop(command);
        assert_eq!(ran.code, 2, "{command:?}");
        assert!(
            ran.stderr.contains("network.weights.sparse"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn malformed_sparse_weights_are_named() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("problem.json");
    for (weights, said) in [
        (
            json!({"row": [0, 3], "column": [1, 0], "value": [1, 2]}),
            "network.weights.sparse.row[1]",
        ),
        (
            json!({"row": [0, 0.5], "column": [1, 0], "value": [1, 2]}),
            "network.weights.sparse.row[1]",
        ),
        (
            json!({"row": [0, 0], "column": [1, 1], "value": [1, 2]}),
            "listed twice",
        ),
        (
            json!({"row": [0], "column": [1, 1], "value": [1, 2]}),
            "network.weights.sparse.row",
        ),
        (
            json!({"row": [0], "column": [1]}),
            "network.weights.sparse.value",
        ),
        (
            json!({"row": [0], "column": [1], "value": [1], "values": []}),
            "values",
        ),
        (json!([1]), "network.weights.sparse"),
    ] {
        let problem = json!({"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": {"sparse": weights}, "bias": [0, 0], "outputs": [0]}, "target": [0]});
        std::fs::write(&path, problem.to_string()).unwrap();
        let ran = eqprop(&["gradient", path.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{weights}");
        assert!(ran.stderr.contains(said), "{weights}: {}", ran.stderr);
    }
}
