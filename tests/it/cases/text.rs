//! Fields in text on which the program once went wrong, with the right values, and random siblings.

use eqprop::dynamics::{
    FixedPointKind, Outcome, Phase, SearchSettings, SolverSettings, find_fixed_points, settle,
};
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::{Problem, Random, Target, convert};
use serde_json::json;

use super::case;

fn problem(text: &str) -> Problem {
    Problem::from_json(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn report(problem: &Problem, estimator: Estimator) -> GradientReport {
    gradient(problem, estimator, None, &SolverSettings::default()).unwrap()
}

fn limit(text: &str) -> GradientReport {
    report(&problem(text), Estimator::LinearResponse)
}

/// One parameter, two outputs: some target has no gradient but an update, so that the error has no limit.
#[test]
fn fewer_parameters_than_outputs_leave_the_error_without_limit() {
    let found = limit(
        r#"{"field": {"equations": {"x": "-x+0.3*a+0.5*y", "y": "-y+0.7*a+0.2*z", "z": "-z+0.1*a+0.3*x-0.4*y"},
            "parameters": {"a": 1}}, "outputs": ["x", "y"], "target": [0.5, 0.1]}"#,
    );
    assert_eq!(found.error_bound, None);
    // a only acts on x, and on what x does not feel: the gradient vanishes, the update does not
    let found = limit(
        r#"{"field": {"equations": {"x": "-x+0.3*a+0.2*y", "z": "-z+0.7*a-0.1*y", "y": "-y+0.7*x-0.3*z"},
            "parameters": {"a": 1}}, "outputs": ["y"], "target": [0.5]}"#,
    );
    assert!(found.negative_gradient.norm() < 1e-16 && found.ep_update.norm() > 1e-3);
    assert_eq!(found.angle_degrees, None);
    assert_eq!(found.relative_error, None);
    assert_eq!(found.error_bound, None);
}

/// What is said of updates is what their blocks say, however few parameters there are, and however close to 0
/// the gradient is.
#[test]
fn angles_and_errors_are_those_of_the_updates() {
    let mut random = Random::new(31, 0);
    for seed in 0..200 {
        let states = 2 + seed % 4;
        let count = 1 + seed % 3;
        let mut equations = serde_json::Map::new();
        for i in 0..states {
            let mut text = format!("-x{i}");
            for (j, weight) in random.symmetric(states, 0.5).into_iter().enumerate() {
                text += &format!(" + ({weight})*tanh(x{j})");
            }
            for (k, weight) in random.symmetric(count, 1.0).into_iter().enumerate() {
                text += &format!(" + ({weight})*p{k}");
            }
            equations.insert(format!("x{i}"), text.into());
        }
        let parameters: serde_json::Map<_, _> = (random.symmetric(count, 1.0).into_iter())
            .enumerate()
            .map(|(k, value)| (format!("p{k}"), value.into()))
            .collect();
        let document = json!({
            "field": {"equations": equations, "parameters": parameters},
            "outputs": ["x0", "x1"], "target": random.symmetric(2, 1.0),
        });
        let found = limit(&document.to_string());
        let update: Vec<f64> = found.ep_update.iter().collect();
        let truth: Vec<f64> = found.negative_gradient.iter().collect();
        let norm = |vector: &[f64]| vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        let gap: Vec<f64> = update.iter().zip(&truth).map(|(a, b)| a - b).collect();
        let error = norm(&gap) / norm(&truth);
        let said = found.relative_error.unwrap();
        assert!(
            (said - error).abs() <= 1e-9 * (1.0 + error),
            "{seed}: {said} {error}"
        );
        let angle = found.angle_degrees.unwrap();
        if count == 1 {
            let expected = if update[0] * truth[0] > 0.0 {
                0.0
            } else {
                180.0
            };
            assert!((angle - expected).abs() < 1e-6, "{seed}: {angle}");
            // two outputs share one parameter
            assert_eq!(found.error_bound, None, "{seed}");
        }
        if let Some(bound) = found.error_bound {
            assert!(bound >= error * (1.0 - 1e-9), "{seed}: {bound} {error}");
        }
    }
}

/// The only fixed point of a problem, and what of it is on a kink.
fn kind(text: &str) -> (FixedPointKind, Vec<usize>) {
    let problem = problem(text);
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    let found = find_fixed_points(&phase, &SearchSettings::default());
    assert_eq!(found.points.len(), 1, "{text}");
    let report = report(&problem, Estimator::LinearResponse);
    (found.points[0].kind, report.on_kink)
}

#[test]
fn conditions_without_states_have_no_kink() {
    let of = |rest: &str| {
        format!(
            r#"{{"field": {{"equations": {{"x": "-x + 0.2*a + {rest}"}}, "parameters": {{"a": 1}},
                "inputs": {{"m": -1}}}}, "outputs": ["x"], "target": [0.1]}}"#
        )
    };
    for rest in [
        "if(m > 0, tanh(x), 0.5*tanh(x))",
        "if(m > 0 & x < 5, tanh(x), 0.5*tanh(x))",
        "if(m, 0.5*tanh(x), tanh(x))",
        "if((x < -5) + (x < -4), 0, 0.5*tanh(x))",
        "0.5*tanh(max(x, x))",
        "0.5*tanh(x)*(x > -3)*sign(2 - x)",
    ] {
        assert_eq!(
            kind(&of(rest)),
            (FixedPointKind::StableNode, Vec::new()),
            "{rest}"
        );
    }
    // and where a condition holds no state, the field is analytic
    let problem = problem(&of("if(m > 0, tanh(x), 0.5*tanh(x))"));
    let exact = report(&problem, Estimator::LinearResponse).ep_update;
    let found = report(&problem, Estimator::Holomorphic).ep_update;
    assert!(found.plus(-1.0, &exact).norm() < 1e-9 * exact.norm());
    // a kink at the fixed point is one still: x = 0.2
    let on = of("0.1*if(x < 0.2, 0.2 - x, 0)");
    assert_eq!(kind(&on).1, [0]);
}

#[test]
fn a_parameter_is_learned_once() {
    let text = r#"{"field": {"equations": {"x": "-x + a + b"}, "parameters": {"a": 1, "b": 2},
        "learn": ["a", "b", "a"]}, "outputs": ["x"], "target": [0.5]}"#;
    let message = Problem::from_json(text).unwrap_err().to_string();
    assert!(
        message.contains("field.learn") && message.contains("`a`"),
        "{message}"
    );
}

/// What a bounded network is converted to has the slope from inside on the bounds, too.
#[test]
fn a_bounded_network_and_its_text_have_one_answer() {
    for name in [
        "hopfield_hard_sigmoid_zero_start",
        "hopfield_hard_sigmoid_two_neurons",
    ] {
        let network = Problem::read(case(name).as_ref()).unwrap();
        let text = problem(&convert(&network, Target::Json, 0.0).unwrap());
        let [network, text] = [&network, &text].map(|one| report(one, Estimator::LinearResponse));
        assert_eq!(network.on_kink, text.on_kink, "{name}");
        for (a, b) in network.fixed_point.iter().zip(&text.fixed_point) {
            assert!((a - b).abs() < 1e-12, "{name}: {a} {b}");
        }
        let [a, b] = [&network, &text].map(|one| one.ep_update.norm());
        assert!((a - b).abs() < 1e-12, "{name}: {a} {b}");
    }
    let held = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "relu",
        "weights": [[0, 0.5], [0.2, 0]], "bias": [0.4, -0.7], "outputs": [0]}, "target": [0.1],
        "state_bounds": [0, 1]}"#;
    let text = convert(&problem(held), Target::Json, 0.0).unwrap();
    assert!(limit(&text).on_kink.is_empty());
}

#[test]
fn angles_of_complex_states_are_continued() {
    let field = |function: &str, rest: &str| {
        format!(
            r#"{{"field": {{"equations": {{"x": "-x + 0.3*{function} + 0.2*a"}}, "parameters": {{"a": 1}}}},
                {rest}}}"#
        )
    };
    const TARGET: &str = r#""outputs": ["x"], "target": [0.1]"#;
    let cases = [
        (field("atan2(x, 1)", TARGET), "the field"),
        (field("atan2(x, -1)", TARGET), "its other side"),
        (
            field("tanh(x)", r#""cost": "0.5*atan2(x, 1)^2""#),
            "the cost",
        ),
    ];
    for (text, where_) in cases {
        let problem = problem(&text);
        let exact = report(&problem, Estimator::LinearResponse).ep_update;
        let found = report(&problem, Estimator::Holomorphic).ep_update;
        let gap = found.plus(-1.0, &exact).norm();
        assert!(gap < 1e-9 * exact.norm(), "{where_}: {gap}");
    }
    // the error function is not continued, which is said
    let erf = problem(&field("erf(x)", TARGET));
    let settings = SolverSettings::default();
    let refused = gradient(&erf, Estimator::Holomorphic, None, &settings).unwrap_err();
    assert_eq!(refused.kind(), "not_analytic");
}

/// (x − 1)² = (x − 1)^p: that the power has no derivative by p matters only where p learns.
#[test]
fn what_does_not_learn_needs_no_derivative() {
    let of = |power: &str| {
        format!(
            r#"{{"field": {{"equations": {{"x": "-x + 0.5*a*(x - 1)^{power} + 0.1"}},
                "parameters": {{"a": 0.2}}, "inputs": {{"p": 2}}}}, "outputs": ["x"], "target": [0.3]}}"#
        )
    };
    let [named, written] = [limit(&of("p")), limit(&of("2"))];
    let gap = named.ep_update.plus(-1.0, &written.ep_update).norm();
    assert!(gap < 1e-12 && (named.ep_update.norm()) > 1e-3);
}

/// Where a jump presses from both sides, the trajectory slides along it, whichever way the surface lies: no
/// time-out, and no oscillation as small as the tolerance.
#[test]
fn sliding_on_a_jump_is_named() {
    let mut random = Random::new(47, 0);
    for seed in 0..40 {
        let draw = random.symmetric(4, 1.0);
        // x + k y = c, crossed by 1 from one side and by at most −0.5 from the other
        let (k, c) = (0.8 * draw[0], 0.5 + 0.3 * draw[1]);
        let (fall, pull) = (2.0 + 0.5 * draw[2], 0.05 * draw[3].abs());
        let text = format!(
            r#"{{"field": {{"equations": {{"x": "1 - {fall}*heav(x + ({k})*y - {c}) - {pull}*x - 0.5*({k})*(0.1 - y)",
                "y": "0.5*(0.1 - y)"}}, "parameters": {{"a": 1}}}}, "outputs": ["x"], "target": [0.5]}}"#
        );
        let problem = problem(&text);
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let settings = SolverSettings {
            max_steps: 20_000,
            ..SolverSettings::default()
        };
        match settle(&phase, &problem.initial_state, &settings) {
            Outcome::Sliding { neurons, .. } => assert_eq!(neurons, [0], "{seed}"),
            other => panic!("{seed}: {other:?}\n{text}"),
        }
    }
}
