//! Weights in other programs' files are those that would stand in the problem.

use eqprop::model::Problem;

use super::file as case;

/// A problem beside the files of arrays, with these weights, input weights and bias.
fn problem(weights: &str, input_weights: &str, bias: &str) -> Result<Problem, eqprop::Error> {
    let place = tempfile::tempdir().unwrap();
    for name in [
        "weights.npy",
        "weights.npz",
        "weights_compressed.npz",
        "weights.safetensors",
        "weights_pickled.npy",
    ] {
        std::fs::copy(case(name), place.path().join(name)).unwrap();
    }
    let path = place.path().join("problem.json");
    let text = format!(
        r#"{{"network": {{"type": "dense", "dynamics": "leaky", "activation": "tanh", "outputs": [1],
        "weights": {weights}, "input_weights": {input_weights}, "bias": {bias}}},
        "input": [0.5], "target": [0.25]}}"#
    );
    std::fs::write(&path, text).unwrap();
    Problem::read(&path)
}

const WEIGHTS: &str = "[[0, 0.75], [-0.25, 0.125]]";
const INPUT: &str = "[[0.5], [0]]";
const BIAS: &str = "[0.125, -0.25]";

#[test]
fn every_format_order_width_and_byte_order_gives_the_same_network() {
    let expected = problem(WEIGHTS, INPUT, BIAS)
        .unwrap()
        .network()
        .cloned()
        .unwrap();
    for (weights, input, bias) in [
        // big endian, column by column
        (r#"{"file": "weights.npy"}"#, INPUT, BIAS),
        (
            r#"{"file": "weights.npz", "array": "W"}"#,
            r#"{"file": "weights.npz", "array": "U"}"#,
            r#"{"file": "weights.npz", "array": "b"}"#,
        ),
        (
            r#"{"file": "weights_compressed.npz", "array": "W"}"#,
            r#"{"file": "weights_compressed.npz", "array": "U"}"#,
            r#"{"file": "weights.safetensors", "array": "b"}"#,
        ),
        // stored as its transpose
        (
            r#"{"file": "weights.safetensors", "array": "W", "transpose": true}"#,
            INPUT,
            BIAS,
        ),
    ] {
        let found = problem(weights, input, bias)
            .unwrap()
            .network()
            .cloned()
            .unwrap();
        assert_eq!(
            found.coupling.to_matrix(),
            expected.coupling.to_matrix(),
            "{weights}"
        );
        assert_eq!(found.input_weights, expected.input_weights, "{input}");
        assert_eq!(found.bias, expected.bias, "{bias}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_field_and_file() {
    for (weights, reason) in [
        (r#"{"file": "weights_pickled.npy"}"#, "pickled"),
        (r#"{"file": "weights.npz"}"#, "Name one of W, U, b"),
        (r#"{"file": "weights.npz", "array": "V"}"#, "no array \"V\""),
        (
            r#"{"file": "weights.npz", "array": "U"}"#,
            "network.weights[0]",
        ),
        (
            r#"{"file": "weights.npz", "array": "b", "transpose": true}"#,
            "two",
        ),
        (r#"{"file": "weights.npy", "axis": 1}"#, "found `axis`"),
        (r#"{"file": "weights.txt"}"#, "network.weights: "),
        (
            r#"{"file": "weights.txt"}"#,
            "weights.txt: no such file. Its path is relative",
        ),
        (
            r#""weights.npy""#,
            r#"expected a list or {"file": "weights.npy"}, found the text"#,
        ),
        ("0.5", "expected a list, such as [0.5], found 0.5"),
        (r#"{"file": "problem.json"}"#, ".safetensors"),
    ] {
        let message = problem(weights, INPUT, BIAS).unwrap_err().to_string();
        assert!(message.contains(reason), "{weights}: {message}");
    }
}
