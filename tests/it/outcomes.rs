//! What became of a trajectory, as a type in the library and as a kind and an exit code on the
//! command line.

use eqprop::dynamics::{Method, Outcome, Phase, SolverSettings, settle};
use eqprop::model::{Activation, Dynamics};
use serde_json::{Value, json};

use crate::support::{Shape, eqprop_gradient, gap, problem, random_problem};

/// A dense network without input.
fn network(activation: &str, weights: Value, bias: Value, start: Value) -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": activation,
            "weights": weights, "bias": bias, "outputs": [0]
        },
        "target": [0.3], "initial_state": start
    })
}

fn outcome(document: &Value) -> Outcome {
    let problem = problem(document);
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    settle(&phase, &problem.initial_state, &SolverSettings::default())
}

/// The state in which the network settles.
fn rest(document: &Value) -> Vec<f64> {
    match outcome(document) {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => point.state().to_vec(),
        other => panic!("{document}: {other:?}"),
    }
}

/// The refusal of a computation without an answer: exit code 3 and the kind.
fn fails(document: &Value, more: &[&str], kind: &str) -> Value {
    let ran = eqprop_gradient(document, more);
    assert_eq!(ran.code, 3, "{document}: {ran:?}");
    let error = ran.document()["error"].clone();
    assert_eq!(error["kind"], kind, "{document}: {error}");
    let message = error["message"].as_str().unwrap();
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    error
}

#[test]
fn growth_without_limit_is_divergence() {
    for document in [
        network("identity", json!([[1.5]]), json!([0.1]), json!([0.0])),
        network(
            "identity",
            json!([[0.5, 2], [2, 0.5]]),
            json!([0.1, 0.2]),
            json!([0, 0]),
        ),
        network(
            "relu",
            json!([[2.0, 0.1], [0.1, 1.5]]),
            json!([1, 1]),
            json!([0, 0]),
        ),
        network("softplus", json!([[1.2]]), json!([0.5]), json!([0])),
    ] {
        assert!(
            matches!(outcome(&document), Outcome::Diverged { .. }),
            "{document}"
        );
        let error = fails(&document, &[], "diverged");
        assert!(error["largest"].as_f64().unwrap() > 1e6, "{error}");
    }
}

#[test]
fn bounds_turn_divergence_into_rest() {
    let mut document = network("identity", json!([[1.5]]), json!([0.1]), json!([0.0]));
    document["state_bounds"] = json!([-1, 1]);
    assert_eq!(rest(&document), [1.0]);
}

#[test]
fn a_singular_jacobian_is_refused_where_the_state_rests() {
    for document in [
        network(
            "identity",
            json!([[1, 0], [0, 1]]),
            json!([0, 0]),
            json!([0.3, -0.2]),
        ),
        network(
            "identity",
            json!([[1, 1], [0, 0]]),
            json!([0, 0]),
            json!([0, 0]),
        ),
        network("tanh", json!([[1.0]]), json!([0.0]), json!([0.0])),
        // the determinant is 2⁻⁵¹
        network(
            "identity",
            json!([[2, 1], [1, 2.000_000_000_000_000_4]]),
            json!([0, 0]),
            json!([0, 0]),
        ),
    ] {
        assert!(
            matches!(outcome(&document), Outcome::AlreadySettled(_)),
            "{document}"
        );
        let error = fails(&document, &[], "singular_jacobian");
        assert!(
            error["reciprocal_condition"].as_f64().unwrap() < 1e-15,
            "{error}"
        );
    }
}

#[test]
fn an_algebraic_approach_to_a_bifurcation_times_out() {
    // tanh at W = 1: s falls like t^(−1/2), and Newton's method has nothing to hold on to
    let document = network("tanh", json!([[1.0]]), json!([0.0]), json!([0.5]));
    assert!(
        matches!(outcome(&document), Outcome::TimedOut { .. }),
        "{:?}",
        outcome(&document)
    );
}

#[test]
fn too_little_time_or_too_few_steps_time_out() {
    let document = network("tanh", json!([[0.5]]), json!([0.3]), json!([0.5]));
    for limit in [
        ["--max-time", "1e-3"],
        ["--max-steps", "1"],
        ["--max-steps", "0"],
    ] {
        let error = fails(&document, &limit, "timed_out");
        assert!(error["residual"].as_f64().unwrap() > 1e-3, "{error}");
        assert!(error["time"].as_f64().unwrap() > 0.0, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains("max_"),
            "{error}"
        );
    }
}

#[test]
fn chaos_ends_in_a_typed_outcome() {
    for (seed, n, gain) in [
        (1, 8, 4.0),
        (3, 8, 4.0),
        (0, 20, 4.0),
        (5, 20, 10.0),
        (1, 50, 4.0),
    ] {
        let problem = random_problem(
            seed,
            Shape::Dense(n),
            Dynamics::Leaky,
            Activation::Tanh,
            gain,
        );
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let settings = SolverSettings {
            max_steps: 20_000,
            ..SolverSettings::default()
        };
        match settle(&phase, &problem.initial_state, &settings) {
            Outcome::Settled(point) => assert!(point.stable() && point.residual() <= 1e-12),
            Outcome::LimitCycle(cycle) => returns(&phase, &cycle.state, cycle.period),
            Outcome::TimedOut {
                residual, steps, ..
            } => assert!(residual > 1e-3 && steps >= 20_000),
            Outcome::Chaotic {
                lyapunov_exponent, ..
            } => assert!(lyapunov_exponent > 0.01),
            other => panic!("seed {seed}, n {n}: {other:?}"),
        }
    }
}

/// A periodic orbit comes back to where it was.
fn returns(phase: &Phase<'_>, state: &[f64], period: f64) {
    use eqprop::dynamics::{Control, integrate};
    let settings = SolverSettings {
        rtol: 1e-11,
        atol: 1e-13,
        ..SolverSettings::default()
    };
    let run = integrate(phase, state, (0.0, period), &settings, &mut |_| {
        Control::Continue
    });
    let error = gap(&run.state, state);
    assert!(
        error <= 1e-4,
        "off by {error:.1e} after a period of {period}"
    );
}

/// A stiff trajectory is handed to an implicit method on its way; its time goes on counting.
#[test]
fn the_time_of_a_stiff_trajectory_is_that_of_the_whole() {
    let fast = r#""y": "-20000*(y - x)""#;
    let of = |slow: &str| {
        let text = format!(
            r#"{{"field": {{"equations": {{"x": "{slow}", {fast}}}}}, "initial_state": [0.1, 0.1]}}"#
        );
        eqprop::model::Problem::from_json(&text).unwrap()
    };
    let settled = |problem: &eqprop::model::Problem| {
        let field = problem.field();
        let phase = Phase::of_problem(problem, &field);
        let settings = SolverSettings {
            max_time: 50.0,
            ..SolverSettings::default()
        };
        settle(&phase, &problem.initial_state, &settings)
    };
    // x = 0.1 + t never rests
    match settled(&of("1")) {
        Outcome::TimedOut { time, steps, .. } => {
            assert!((time - 50.0).abs() < 1e-9, "{time}");
            assert!((1..1_000_000).contains(&steps), "{steps}");
        }
        other => panic!("{other:?}"),
    }
    // x = 1/(10 − t) is infinite at t = 10
    match settled(&of("x^2")) {
        Outcome::Diverged { time, .. } => assert!((time - 10.0).abs() < 1e-3, "{time}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_integrator_counts_its_steps() {
    let text = r#"{"field": {"equations": {"x": "1"}}, "initial_state": [0.1]}"#;
    let problem = eqprop::model::Problem::from_json(text).unwrap();
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    for method in [
        Method::Tsit45,
        Method::Vern8,
        Method::Bdf,
        Method::TrBdf2,
        Method::Esdirk34,
        Method::Euler { dt: 0.5 },
    ] {
        let settings = SolverSettings {
            method,
            max_time: 50.0,
            ..SolverSettings::default()
        };
        match settle(&phase, &problem.initial_state, &settings) {
            Outcome::TimedOut { time, steps, .. } => {
                assert!((time - 50.0).abs() < 1e-9, "{method:?}: {time}");
                assert!((1..1_000).contains(&steps), "{method:?}: {steps}");
            }
            other => panic!("{method:?}: {other:?}"),
        }
    }
}
