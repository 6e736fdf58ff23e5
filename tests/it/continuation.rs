//! Continuation: against AUTO and mpmath, and closed forms.

use eqprop::dynamics::{
    Branch, BranchEnd, ContinuationPoint, ContinuationSettings, EventKind, Family, Parameter,
    Phase, SearchSettings, continue_fixed_point, find_fixed_points,
};
use eqprop::model::{Activation, Coupling, Dynamics, Network, Problem};
use nalgebra::{Complex, DMatrix};
use serde_json::Value;

fn problem(dynamics: Dynamics, activation: Activation, weights: &[f64], bias: &[f64]) -> Problem {
    let n = bias.len();
    let network = Network {
        dynamics,
        activation,
        coupling: Coupling::Dense(DMatrix::from_row_slice(n, n, weights)),
        input_weights: DMatrix::zeros(n, 0),
        bias: bias.to_vec(),
        outputs: vec![n - 1],
    };
    Problem::new(network, vec![], &[0.4]).unwrap()
}

fn tanh(weights: &[f64], bias: &[f64]) -> Problem {
    problem(Dynamics::Leaky, Activation::Tanh, weights, bias)
}

/// The branch through the `which`-th fixed point (sorted by state) of the problem as it stands.
fn branch(problem: &Problem, parameter: Parameter, which: usize, range: (f64, f64)) -> Branch {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    let found = find_fixed_points(&phase, &SearchSettings::default());
    let state = found.points[which].point.state().to_vec();
    let family = Family::new(problem, &parameter, 0.0).unwrap();
    let nominal = parameter.nominal(problem);
    let settings = ContinuationSettings::default();
    continue_fixed_point(&family.homotopy(), &state, nominal, range, &settings).unwrap()
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

fn gap(one: &[f64], other: &[f64]) -> f64 {
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

#[test]
fn the_folds_of_auto_along_a_bias() {
    let reference = reference();
    let fold = &reference["fold"];
    let bistable = &reference["bistable"];
    let folds = |points: &Value| -> Vec<Value> {
        let points = points.as_array().unwrap().iter();
        points.filter(|p| p["type"] == "fold").cloned().collect()
    };
    let cases = [
        (
            numbers(&fold["weights"]),
            vec![0.0, 0.0],
            folds(&fold["points"]),
            3.0,
            0,
        ),
        (
            numbers(&bistable["weights"]),
            numbers(&bistable["bias"]),
            folds(&bistable["other_points_along_b1"]),
            2.0,
            0,
        ),
    ];
    for (weights, bias, expected, reach, which) in cases {
        let problem = tanh(&weights, &bias);
        // every fixed point's branch: the folds of all of them together are AUTO's
        let field = problem.field();
        let count = find_fixed_points(&Phase::free(&field), &SearchSettings::default())
            .points
            .len();
        let events: Vec<_> = (which..count)
            .flat_map(|k| branch(&problem, Parameter::Bias(0), k, (-reach, reach)).events)
            .collect();
        assert!(events.iter().all(|event| event.kind == EventKind::Fold));
        for fold in &expected {
            let (b1, state) = (
                fold["mpmath"]["b1"].as_f64().unwrap(),
                numbers(&fold["mpmath"]["state"]),
            );
            let auto = fold["auto"]["b1"].as_f64().unwrap();
            let hit = events.iter().find(|event| gap(&event.state, &state) < 1e-8);
            let hit = hit.unwrap_or_else(|| panic!("{fold} is missing in {events:#?}"));
            assert!((hit.parameter - b1).abs() < 1e-12, "{} {b1}", hit.parameter);
            assert!((hit.parameter - auto).abs() < 1e-10);
            let values = numbers(&fold["mpmath"]["eigenvalues"]);
            let found: Vec<f64> = hit.eigenvalues.iter().flat_map(|v| [v.re, v.im]).collect();
            assert!(gap(&found, &values) < 1e-7, "{found:?} {values:?}");
        }
        for event in &events {
            let known = |fold: &Value| gap(&event.state, &numbers(&fold["mpmath"]["state"])) < 1e-8;
            assert!(expected.iter().any(known), "{event:?} is not AUTO's");
        }
    }
}

#[test]
fn the_hopf_point_of_auto_along_the_gain() {
    let reference = reference();
    let system = &reference["limit_cycle"];
    let problem = tanh(&numbers(&system["weights"]), &[0.0, 0.0]);
    let branch = branch(&problem, Parameter::Gain, 0, (0.0, 2.0));
    assert_eq!(branch.ends, [BranchEnd::RangeEnd; 2]);
    assert_eq!(branch.points[0].parameter, 0.0);
    assert_eq!(branch.points.last().unwrap().parameter, 2.0);
    let [hopf] = branch.events.as_slice() else {
        panic!("{:?}", branch.events)
    };
    assert_eq!(hopf.kind, EventKind::Hopf);
    assert!((hopf.parameter - 1.0 / 1.7).abs() < 1e-12);
    let frequency = system["hopf_in_gain"]["mpmath"]["eigenvalues"][0][1]
        .as_f64()
        .unwrap();
    assert!((hopf.eigenvalues[0].im - frequency).abs() < 1e-11);
    for (position, point) in branch.points.iter().enumerate() {
        assert_eq!(point.stable(), position < branch.event_positions[0]);
    }
}

#[test]
fn one_neuron_folds_where_the_closed_form_says() {
    // b = s − w tanh s has its extremes at tanh² s = 1 − 1/w
    let w = 2.0f64;
    let s = (1.0 - 1.0 / w).sqrt().atanh();
    let b = s - w * s.tanh();
    let branch = branch(&tanh(&[w], &[0.0]), Parameter::Bias(0), 0, (-1.0, 1.0));
    let found: Vec<[f64; 2]> = branch
        .events
        .iter()
        .map(|e| [e.parameter, e.state[0]])
        .collect();
    assert!(
        gap(found.as_flattened(), &[-b, -s, b, s]) < 1e-9,
        "{found:?}"
    );
    assert!((found[0][0] + b).abs() < 1e-13);
    // the whole S: stable, unstable, stable
    let changes = branch
        .points
        .windows(2)
        .filter(|w| w[0].stable() != w[1].stable())
        .count();
    assert_eq!(changes, 2);
    for point in &branch.points {
        assert!((point.parameter - (point.state[0] - w * point.state[0].tanh())).abs() < 1e-13);
    }
}

#[test]
fn the_nudged_neuron_follows_its_closed_form() {
    // one linear neuron, −αs + b − β(s − y) = 0
    let problem = problem(Dynamics::Leaky, Activation::Identity, &[0.3], &[0.2]);
    let branch = branch(&problem, Parameter::Beta, 0, (-0.6, 3.0));
    assert!(branch.events.is_empty());
    for point in &branch.points {
        let expected = (0.2 + 0.4 * point.parameter) / (0.7 + point.parameter);
        assert!((point.state[0] - expected).abs() < 1e-12);
    }
    // it leaves at β = −α, where no fixed point is
    let branch = self::branch(&problem, Parameter::Beta, 0, (-2.0, 1.0));
    assert_ne!(branch.ends[0], BranchEnd::RangeEnd);
}

#[test]
fn rotation_is_born_and_dies_with_asymmetry() {
    // S = 0.5 I, A = ωR: eigenvalues −0.5 ± iωλ never cross; with S = 1.2 I they always have
    let problem = tanh(&[0.5, 1.0, -1.0, 0.5], &[0.0, 0.0]);
    let branch = self::branch(&problem, Parameter::Asymmetry, 0, (0.0, 3.0));
    assert!(branch.events.is_empty());
    let last = branch.points.last().unwrap();
    assert!((last.eigenvalues[0].im - 3.0).abs() < 1e-12 && last.stable());
    // a layered pair of neurons, forward f and feedback g: eigenvalues −1 ± √(S² − λ²A²)
    let (f, g) = (3.0, -1.0);
    let problem = tanh(&[0.0, g, f, 0.0], &[0.0, 0.0]);
    let branch = self::branch(&problem, Parameter::Asymmetry, 0, (0.0, 1.5));
    // S = 1, A = 2: the eigenvalue at λ = 0 is 0: only the pitchfork of the symmetric end
    for point in &branch.points {
        let squared = 1.0 - 4.0 * point.parameter * point.parameter;
        let expected = if squared > 0.0 {
            squared.sqrt() - 1.0
        } else {
            -1.0
        };
        assert!(
            (point.eigenvalues[0].re - expected).abs() < 1e-7,
            "{point:?}"
        );
    }
}

#[test]
fn a_pitchfork_is_a_branch_point() {
    let problem = tanh(&[0.5], &[0.0]);
    let branch = branch(&problem, Parameter::Gain, 0, (0.0, 4.0));
    let [fork] = branch.events.as_slice() else {
        panic!("{:?}", branch.events)
    };
    assert_eq!(fork.kind, EventKind::BranchPoint);
    assert!((fork.parameter - 2.0).abs() < 1e-9);
}

#[test]
fn unknown_neurons_are_refused() {
    let problem = tanh(&[0.5], &[0.0]);
    assert!(Family::new(&problem, &Parameter::Bias(1), 0.0).is_err());
}

const NEAR_FOLD: &str = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
    "weights": [[2.0, -0.5], [1.0, 0.3]], "bias": [-0.1, 0.0], "outputs": [0]},
    "target": [0.2], "initial_state": [1.0, 1.0]}"#;

/// Runs a command on [`NEAR_FOLD`] in a directory: exit code and JSON.
fn command(directory: &std::path::Path, name: &str, arguments: &[&str]) -> (i32, Value) {
    std::fs::write(directory.join("problem.json"), NEAR_FOLD).unwrap();
    let output = assert_cmd::Command::cargo_bin("eqprop")
        .unwrap()
        .current_dir(directory)
        .args([name, "problem.json", "--json"])
        .args(arguments)
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), document)
}

/// `eqprop plot` makes the same picture of the saved record.
fn assert_remade(directory: &std::path::Path) {
    assert_cmd::Command::cargo_bin("eqprop")
        .unwrap()
        .current_dir(directory)
        .args(["plot", "record.json", "--out", "again.svg"])
        .assert()
        .success();
    let picture = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    assert_eq!(picture("picture.svg"), picture("again.svg"));
}

#[test]
fn the_window_of_the_nudge_ends_at_the_fold() {
    let directory = tempfile::tempdir().unwrap();
    let files = ["--out", "picture.svg", "--record", "record.json"];
    let range = ["--parameter", "beta", "--range", "-0.5,1.5", "--all"];
    let (code, record) = command(directory.path(), "continue", &[&range[..], &files].concat());
    assert_eq!(code, 0);
    assert_eq!(record["kind"], "continuation");
    assert_eq!(record["branches"].as_array().unwrap().len(), 2);
    assert_remade(directory.path());
    // the fold by its own equations: μ − β(s − y)e₀ = 0 and det = 0, by counting roots beside it
    let window = record["symmetric_window"].as_f64().unwrap();
    assert!(record["limits"][0].is_null());
    let problem = Problem::from_json(NEAR_FOLD).unwrap();
    let field = problem.field();
    for (beta, count) in [(window - 1e-9, 3), (window + 1e-9, 1)] {
        let phase = Phase::of_problem(&problem, &field).nudged(&problem.cost, beta);
        let found = find_fixed_points(&phase, &SearchSettings::default());
        assert_eq!(found.points.len(), count);
        assert!(found.record.proven_complete);
    }
}

#[test]
fn continuation_refuses_what_it_cannot_follow() {
    let directory = tempfile::tempdir().unwrap();
    for bad in [
        ["--parameter", "beta", "--range", "0.1,1"],
        ["--parameter", "bias:7", "--range", "-1,1"],
        ["--parameter", "weight", "--range", "-1,1"],
        ["--parameter", "beta", "--range", "1"],
    ] {
        let (code, document) = command(directory.path(), "continue", &bad);
        assert_eq!(code, 2, "{bad:?}");
        assert_eq!(document["error"]["kind"], "invalid_input", "{bad:?}");
    }
}

#[test]
fn spectra_turn_with_the_asymmetry() {
    let directory = tempfile::tempdir().unwrap();
    let files = ["--out", "picture.svg", "--record", "record.json"];
    let (code, record) = command(
        directory.path(),
        "spectrum",
        &[&["--asymmetry", "0,0.5,1"][..], &files].concat(),
    );
    assert_eq!(code, 0);
    assert_remade(directory.path());
    let spectra = record["spectra"].as_array().unwrap();
    assert_eq!(spectra[0]["largest_angle_degrees"], 0.0);
    // −½‖·‖²-normal closed form: Jac = −αI + ωR has eigenvalues at arctan(ω/α), EP at twice that
    let linear = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
        "weights": [[0.3, 0.4], [-0.4, 0.3]], "outputs": [0, 1]}, "target": [0.2, 1.0]}"#;
    let problem = Problem::from_json(linear).unwrap();
    let record =
        eqprop::experiment::spectra(&problem, &[0.5, 1.0, 1.75, 2.5], None, &Default::default());
    for spectrum in record.unwrap().spectra {
        let expected = (0.4 * spectrum.asymmetry / 0.7).atan().to_degrees();
        assert!((spectrum.largest_angle_degrees - expected).abs() < 1e-10);
        assert!((spectrum.update_angle_degrees.unwrap() - 2.0 * expected).abs() < 1e-9);
        assert!(spectrum.departure_from_normality < 1e-7);
        // the cone decides for normal matrices
        let certificate = spectrum.descent_certificate.unwrap();
        assert!(certificate > -1e-12 || expected > 45.0);
        assert!(certificate < 1e-12 || expected < 45.0);
    }
}

/// A branch that leaves its range at once is not followed to that side, and repeats no point.
#[test]
fn a_branch_that_begins_at_an_end_of_the_range_stays_inside() {
    let problem = tanh(&[0.5], &[0.3]);
    for range in [(0.3, 1.0), (-1.0, 0.3)] {
        let branch = branch(&problem, Parameter::Bias(0), 0, range);
        let parameters: Vec<f64> = branch.points.iter().map(|point| point.parameter).collect();
        assert_eq!(branch.ends, [BranchEnd::RangeEnd; 2], "{range:?}");
        assert_eq!((parameters[0], parameters[parameters.len() - 1]), range);
        assert!(
            parameters.windows(2).all(|pair| pair[0] < pair[1]),
            "{parameters:?}"
        );
    }
}

/// On the imaginary axis a point is neither stable nor unstable.
#[test]
fn a_centre_is_not_stable() {
    let point = |re: f64| ContinuationPoint {
        parameter: 0.0,
        state: vec![0.0; 2],
        eigenvalues: vec![Complex::new(re, 1.0), Complex::new(re, -1.0)],
    };
    let seen = [-0.1, 0.0, 0.1].map(|re| (point(re).stable(), point(re).unstable()));
    assert_eq!(seen, [(true, 0), (false, 0), (false, 2)]);
}
