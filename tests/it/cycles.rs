//! Periodic orbits, and what must not be taken for one.

use std::f64::consts::PI;

use eqprop::dynamics::{Cycle, Method, Outcome, Phase, SolverSettings, settle};
use serde_json::{Value, json};

use crate::support::{eqprop_gradient, problem};

/// A dense network without input, to be refined with [`with`].
fn network(activation: &str, dynamics: &str, weights: Value, bias: Value, start: Value) -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": dynamics, "activation": activation,
            "weights": weights, "bias": bias, "outputs": [0]
        },
        "target": [0.3], "initial_state": start
    })
}

fn with(mut document: Value, field: &str, value: Value) -> Value {
    document[field] = value;
    document
}

/// Networks that oscillate, with their periods and amplitudes (scipy's DOP853 at rtol 1e-13,
/// returns to a plane across the orbit; the boxed one in closed form).
fn oscillators() -> Vec<(&'static str, Value, f64, f64)> {
    let pair = || {
        network(
            "tanh",
            "leaky",
            json!([[1.8, -2], [2, 1.6]]),
            json!([0, 0]),
            json!([0.1, 0]),
        )
    };
    vec![
        ("pair", pair(), 5.580_790_656_152_889, 3.982_843),
        (
            "ring of three",
            network(
                "tanh",
                "leaky",
                json!([[0, 0, -2.5], [2.5, 0, 0], [0, 2.5, 0]]),
                json!([0.1, -0.05, 0.2]),
                json!([0.1, 0, 0.2]),
            ),
            3.593_669_016_358_197,
            2.048_175,
        ),
        (
            "hopfield pair",
            network(
                "tanh",
                "hopfield",
                json!([[3, -3], [3, 3]]),
                json!([0, 0]),
                json!([0.1, 0]),
            ),
            4.096_366_475_393_584,
            2.243_074,
        ),
        (
            "pair with time constants",
            with(pair(), "time_constants", json!([1, 3])),
            9.257_720_107_478_669,
            4.756_506,
        ),
        (
            "pair in a box",
            with(
                network(
                    "identity",
                    "leaky",
                    json!([[1.3, -1], [1, 1.3]]),
                    json!([0, 0]),
                    json!([0.1, 0]),
                ),
                "state_bounds",
                json!([-1, 1]),
            ),
            boxed_period(0.3, 1.0),
            2.0,
        ),
    ]
}

/// The period of `ẋ = αx − ωy, ẏ = ωx + αy` held inside [−1, 1]², α < ω: along a wall until the
/// force turns inward at α/ω, then a piece of spiral to the next wall; four times.
fn boxed_period(growth: f64, frequency: f64) -> f64 {
    let leave = growth / frequency;
    let spiral = |t: f64| {
        let (sin, cos) = (frequency * t).sin_cos();
        let size = (growth * t).exp();
        (size * (cos - leave * sin), size * (sin + leave * cos))
    };
    let (mut early, mut late) = (0.0, PI / (2.0 * frequency));
    for _ in 0..200 {
        let centre = 0.5 * (early + late);
        if spiral(centre).1 < 1.0 {
            early = centre;
        } else {
            late = centre;
        }
    }
    let arrive = -spiral(late).0;
    let along = ((frequency + growth * leave) / (frequency + growth * arrive)).ln() / growth;
    4.0 * (late + along)
}

fn outcome(document: &Value, settings: &SolverSettings) -> Outcome {
    let problem = problem(document);
    let field = problem.field();
    settle(
        &Phase::of_problem(&problem, &field),
        &problem.initial_state,
        settings,
    )
}

fn cycle(name: &str, document: &Value, settings: &SolverSettings) -> Cycle {
    match outcome(document, settings) {
        Outcome::LimitCycle(cycle) => cycle,
        other => panic!("{name} by {}: {other:?}", settings.method.name()),
    }
}

#[test]
fn periods_are_found_to_a_millionth() {
    for (name, document, period, amplitude) in oscillators() {
        let cycle = cycle(name, &document, &SolverSettings::default());
        let error = (cycle.period / period - 1.0).abs();
        println!("{name}: period off by {error:.1e}");
        assert!(error <= 1e-6, "{name}: {} for {period}", cycle.period);
        // the largest of points within steps: a lower estimate
        let ratio = cycle.amplitude / amplitude;
        assert!(
            (0.9995..=1.0001).contains(&ratio),
            "{name}: {}",
            cycle.amplitude
        );
    }
}

#[test]
fn every_integrator_sees_the_oscillation() {
    for (name, document, period, _) in oscillators() {
        for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34] {
            let settings = SolverSettings {
                method,
                ..SolverSettings::default()
            };
            let cycle = cycle(name, &document, &settings);
            let error = (cycle.period / period - 1.0).abs();
            println!("{name} by {}: period off by {error:.1e}", method.name());
            assert!(error <= 1e-5, "{name} by {}: {error:.1e}", method.name());
        }
    }
}

#[test]
fn a_centre_is_an_oscillation_of_its_own_period() {
    let document = network(
        "identity",
        "leaky",
        json!([[1, -2], [2, 1]]),
        json!([0, 0]),
        json!([1, 0]),
    );
    let cycle = cycle("centre", &document, &SolverSettings::default());
    assert!((cycle.period / PI - 1.0).abs() <= 1e-6, "{}", cycle.period);
}

#[test]
fn the_command_line_reports_a_limit_cycle() {
    for (name, document, period, _) in oscillators() {
        let ran = eqprop_gradient(&document, &[]);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
        let error = &ran.document()["error"];
        assert_eq!(error["kind"], "limit_cycle", "{name}: {error}");
        let found = error["period"].as_f64().unwrap();
        assert!((found / period - 1.0).abs() <= 1e-6, "{name}: {found}");
        assert!(ran.stderr.contains("period"), "{name}: {}", ran.stderr);
    }
}

/// `λ = −decay ± i` around the fixed point of a linear pair with a bias.
fn spiral(decay: f64) -> Value {
    let weights = json!([[1.0 - decay, -1.0], [1.0, 1.0 - decay]]);
    network(
        "identity",
        "leaky",
        weights,
        json!([0.3, -0.2]),
        json!([0.5, 0.1]),
    )
}

#[test]
fn a_slow_spiral_into_a_fixed_point_is_no_cycle() {
    for decay in [1e-1, 1e-2, 1e-3] {
        // (1 − W) s = b
        let determinant = decay * decay + 1.0;
        let exact = [
            (0.3 * decay + 0.2) / determinant,
            (0.3 - 0.2 * decay) / determinant,
        ];
        match outcome(&spiral(decay), &SolverSettings::default()) {
            Outcome::Settled(point) => {
                let gap = (point.state()[0] - exact[0]).hypot(point.state()[1] - exact[1]);
                assert!(
                    gap <= 1e-12,
                    "decay {decay}: {:?} for {exact:?}",
                    point.state()
                );
                assert!(point.stable());
            }
            other => panic!("decay {decay}: {other:?}"),
        }
    }
    for decay in [1e-4, 1e-5, 1e-6, 5e-8] {
        // too slow for the default limits: then it has timed out, and not oscillated
        let outcome = outcome(&spiral(decay), &SolverSettings::default());
        let honest = matches!(outcome, Outcome::Settled(_) | Outcome::TimedOut { .. });
        assert!(honest, "decay {decay}: {outcome:?}");
    }
}

#[test]
fn a_slow_spiral_is_no_cycle_at_looser_tolerances_either() {
    let mut failures = Vec::new();
    for rtol in [1e-6, 1e-5, 1e-4] {
        for method in [
            Method::Tsit45,
            Method::Bdf,
            Method::TrBdf2,
            Method::Esdirk34,
        ] {
            for decay in [1e-1, 1e-2, 1e-3, 1e-4] {
                let settings = SolverSettings {
                    method,
                    rtol,
                    atol: 1e-3 * rtol,
                    ..SolverSettings::default()
                };
                let outcome = outcome(&spiral(decay), &settings);
                if matches!(outcome, Outcome::LimitCycle(_) | Outcome::Diverged { .. }) {
                    failures.push(format!(
                        "decay {decay:e} by {method:?} at {rtol:e}: {outcome:?}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_slow_spiral_outward_is_no_cycle() {
    for growth in [1e-1, 1e-2] {
        let outcome = outcome(&spiral(-growth), &SolverSettings::default());
        assert!(
            matches!(outcome, Outcome::Diverged { .. }),
            "growth {growth}: {outcome:?}"
        );
    }
    for growth in [1e-3, 1e-4, 1e-5] {
        let outcome = outcome(&spiral(-growth), &SolverSettings::default());
        assert!(
            !matches!(outcome, Outcome::LimitCycle(_)),
            "growth {growth}: {outcome:?}"
        );
    }
}

#[test]
fn a_torus_is_no_cycle() {
    // two centres of incommensurate frequencies, 1 and √2
    let root = 2f64.sqrt();
    let weights = json!([
        [1.0, -1.0, 0.0, 0.0],
        [1.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, -root],
        [0.0, 0.0, root, 1.0]
    ]);
    let start = json!([1.0, 0.0, 0.7, 0.0]);
    let document = network("identity", "leaky", weights, json!([0, 0, 0, 0]), start);
    let settings = SolverSettings {
        max_time: 3e3,
        ..SolverSettings::default()
    };
    let outcome = outcome(&document, &settings);
    assert!(matches!(outcome, Outcome::TimedOut { .. }), "{outcome:?}");
}

/// Duffing's oscillator beside its separatrix, with little damping: the return map is looked at in a bounded number of
/// steps, and the trajectory goes on to its well (the rest by SciPy's DOP853 at rtol 1e-12).
#[test]
fn a_slow_spiral_beside_a_separatrix_comes_to_its_end() {
    let (damping, force) = (0.001_658_655_158_577_331_8, 0.010_499_820_455_177_361);
    let document = json!({
        "field": {"equations": {"x": "y", "y": format!("-{damping}*y + x - x^3 + {force}")}},
        "outputs": ["x"], "target": [0.3],
        "initial_state": {"x": -1.877_593_978_380_392_8, "y": 1.345_244_915_832_063_2}
    });
    let outcome = outcome(&document, &SolverSettings::default());
    let point = outcome.into_fixed_point().unwrap();
    let error = point.state()[0] + 0.994_708_158_5;
    assert!(error.abs() < 1e-9, "{:?}", point.state());
}
