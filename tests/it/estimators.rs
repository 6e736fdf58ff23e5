//! Estimators of the EP update: what each converges to, at which order, and how it is limited.

use eqprop::dynamics::{Method, SolverSettings};
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::{Activation, Dynamics, Problem};
use serde_json::json;

use crate::support::{
    Shape, observed_order, problem, random_problem, reference_problem, relative_gap, short,
};

/// Smooth networks of several kinds, with and without time constants.
fn smooth() -> Vec<(String, Problem)> {
    use Activation::{Logistic, SteepLogistic, Tanh};
    use Dynamics::{Hopfield, Leaky};
    let layered = Shape::Layered(&[3, 5, 4, 2]);
    let mut out = Vec::new();
    for (seed, shape, dynamics, activation, gain) in [
        (1, Shape::Dense(6), Leaky, Tanh, 1.2),
        (2, Shape::Dense(6), Leaky, Logistic, 3.0),
        (3, Shape::Dense(6), Hopfield, Tanh, 1.0),
        (5, layered, Leaky, Tanh, 1.2),
        (6, layered, Leaky, SteepLogistic, 1.2),
    ] {
        let problem = random_problem(seed, shape, dynamics, activation, gain);
        out.push((
            format!("{dynamics:?} {} {shape:?}", activation.name()),
            problem,
        ));
    }
    out.push((
        "time_constants_n4".into(),
        reference_problem("time_constants_n4"),
    ));
    out
}

/// A linear pair that turns `ratio` times as fast as it decays.
fn spiral(ratio: f64) -> Problem {
    let decay = 1.0 / ratio;
    problem(&json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[1.0 - decay, -1.0], [1.0, 1.0 - decay]],
            "bias": [0.3, -0.2], "outputs": [0]
        },
        "target": [0.3], "initial_state": [0.5, 0.1]
    }))
}

fn run(problem: &Problem, estimator: Estimator, beta: Option<f64>) -> GradientReport {
    gradient(problem, estimator, beta, &SolverSettings::default())
        .unwrap_or_else(|error| panic!("{estimator:?} at β = {beta:?}: {error}"))
}

/// How far the estimate is from what the estimator converges to, as an update.
fn update_error(problem: &Problem, estimator: Estimator, beta: Option<f64>) -> f64 {
    let exact = run(problem, Estimator::LinearResponse, None);
    let limit = match estimator {
        Estimator::Asymmetric | Estimator::Dyadic => &exact.negative_gradient,
        _ => &exact.ep_update,
    };
    let found = run(problem, estimator, beta).ep_update;
    found.plus(-1.0, limit).norm() / limit.norm()
}

fn order_of(estimator: Estimator, beta: f64, expected: f64) {
    let mut failures = Vec::new();
    for (name, problem) in smooth() {
        let errors: Vec<f64> = (0..4)
            .map(|k| update_error(&problem, estimator, Some(beta * 0.5f64.powi(k))))
            .collect();
        let order = observed_order(&errors);
        let description = format!("{name}: order {order:.3}, errors {}", short(&errors));
        println!("{estimator:?} {description}");
        let holds = (order - expected).abs() <= 0.1;
        if !holds {
            failures.push(description);
        }
    }
    assert!(
        failures.is_empty(),
        "{estimator:?}\n{}",
        failures.join("\n")
    );
}

#[test]
fn one_sided_is_of_order_one() {
    order_of(Estimator::OneSided, 1e-2, 1.0);
}

#[test]
fn plasticity_is_of_order_one() {
    order_of(Estimator::Plasticity, 1e-2, 1.0);
}

#[test]
fn centred_is_of_order_two() {
    order_of(Estimator::Centred, 1e-2, 2.0);
}

#[test]
fn richardson_is_of_order_four() {
    order_of(Estimator::Richardson, 5e-2, 4.0);
}

#[test]
fn asymmetric_reaches_the_true_gradient_at_order_two() {
    order_of(Estimator::Asymmetric, 5e-3, 2.0);
}

#[test]
fn holomorphic_is_of_order_eight() {
    order_of(Estimator::Holomorphic, 0.2, 8.0);
}

#[test]
fn linear_companions_reach_their_limits() {
    for (name, problem) in smooth() {
        for estimator in [Estimator::Sensitivity, Estimator::Dyadic] {
            let error = update_error(&problem, estimator, None);
            println!("{estimator:?} {name}: {error:.1e}");
            assert!(error <= 1e-9, "{estimator:?} {name}: {error:.1e}");
        }
    }
}

#[test]
fn nudged_estimators_keep_their_digits_at_small_beta() {
    // one-sided: β of bias and round-off/β; plasticity the same, its trajectory being as accurate
    let mut failures = Vec::new();
    for (name, problem) in smooth() {
        for estimator in [Estimator::OneSided, Estimator::Plasticity] {
            let error = update_error(&problem, estimator, Some(1e-6));
            let holds = error <= 1e-4;
            if !holds {
                failures.push(format!("{estimator:?} {name}: {error:.1e}"));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn estimators_come_to_rest_where_the_free_phase_does() {
    let mut problems = vec![
        (
            "strong_rotation".to_owned(),
            reference_problem("strong_rotation"),
        ),
        (
            "beyond_90_tanh_n6".to_owned(),
            reference_problem("beyond_90_tanh_n6"),
        ),
    ];
    for ratio in [10.0, 100.0] {
        problems.push((format!("spiral {ratio}"), spiral(ratio)));
    }
    let mut failures = Vec::new();
    for (name, problem) in problems {
        let exact = run(&problem, Estimator::LinearResponse, None);
        for (estimator, limit) in [
            (Estimator::Sensitivity, &exact.error_vector.ep),
            (Estimator::Dyadic, &exact.error_vector.truth),
        ] {
            match gradient(&problem, estimator, None, &SolverSettings::default()) {
                Ok(report) => {
                    let error = relative_gap(&report.error_vector.ep, limit);
                    let holds = error <= 1e-6;
                    if !holds {
                        failures.push(format!("{name} {estimator:?}: {error:.1e}"));
                    }
                }
                Err(error) => failures.push(format!("{name} {estimator:?}: {error}")),
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn plasticity_stops_integrating_once_the_trajectory_rests() {
    let mut failures = Vec::new();
    for name in [
        "strong_rotation",
        "dense_tanh_n8_all_outputs",
        "time_constants_n4",
    ] {
        let problem = reference_problem(name);
        let nudged = run(&problem, Estimator::OneSided, None).solver.steps;
        let integrated = run(&problem, Estimator::Plasticity, None).solver.steps;
        if integrated > 20 * nudged {
            failures.push(format!(
                "{name}: {integrated} steps, {nudged} without the integral"
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_integrator_serves_every_estimator() {
    let all = [
        Estimator::OneSided,
        Estimator::Centred,
        Estimator::Richardson,
        Estimator::Sensitivity,
        Estimator::Plasticity,
        Estimator::Asymmetric,
        Estimator::Dyadic,
    ];
    let mut failures = Vec::new();
    for name in [
        "dense_tanh_n5_no_input",
        "time_constants_layered",
        "bounds_dense_n5",
    ] {
        let problem = reference_problem(name);
        for estimator in all {
            let expected = run(&problem, estimator, None).ep_update;
            for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34] {
                let settings = SolverSettings {
                    method,
                    ..SolverSettings::default()
                };
                let found = gradient(&problem, estimator, None, &settings)
                    .map(|report| report.ep_update.plus(-1.0, &expected).norm() / expected.norm());
                match found {
                    Ok(error) if error <= 1e-3 => {}
                    Ok(error) => {
                        failures.push(format!("{name} {estimator:?} {method:?}: {error:.1e}"))
                    }
                    Err(error) => {
                        failures.push(format!("{name} {estimator:?} {method:?}: {error}"))
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn an_integrator_that_gives_up_is_no_divergence() {
    for (ratio, method, rtol) in [(100.0, Method::Bdf, 1e-9), (1000.0, Method::Bdf, 1e-6)] {
        let settings = SolverSettings {
            method,
            rtol,
            atol: 1e-3 * rtol,
            ..SolverSettings::default()
        };
        let outcome = gradient(&spiral(ratio), Estimator::Sensitivity, None, &settings);
        if let Err(error) = outcome {
            assert_ne!(error.kind(), "diverged", "spiral {ratio}: {error}");
        }
    }
}
