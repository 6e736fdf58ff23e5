//! Nudged phases that go wrong, or elsewhere, and how that is said.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{
    Estimate, Estimator, EstimatorOptions, FreePhase, GradientReport, NudgeOptions, gradient_with,
};
use eqprop::model::{Activation, Cost, Dynamics, Problem, ProblemCost};
use serde_json::{Value, json};

use crate::support::{
    Shape, eqprop_gradient, observed_order, problem, random_problem, reference_problem,
    relative_gap,
};

/// One neuron with two stable states, nudged upwards from the lower one: the branch folds at
/// β ≈ 0.1.
fn bistable() -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[2.0]], "outputs": [0]
        },
        "target": [5.0], "initial_state": [-1.9]
    })
}

/// β at which the branch of [`bistable`] folds: 2 tanh s − s + β(5 − s) = 0 and its derivative.
fn fold() -> f64 {
    let slope = |s: f64| 2.0 / s.cosh().powi(2) - 1.0;
    let (mut low, mut high) = (-1.5f64, -0.5f64);
    let excess = |s: f64| 2.0 * s.tanh() - s + slope(s) * (5.0 - s);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if excess(low) * excess(middle) <= 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    slope(low)
}

/// A linear neuron that a nudge of −0.5 or below unsettles.
fn linear() -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0.5]], "bias": [0.3], "outputs": [0]
        },
        "target": [1.0]
    })
}

fn options(beta: f64) -> EstimatorOptions {
    EstimatorOptions {
        beta: Some(beta),
        ..EstimatorOptions::default()
    }
}

fn report(problem: &Problem, estimator: Estimator, options: &EstimatorOptions) -> GradientReport {
    let settings = SolverSettings::default();
    gradient_with(problem, estimator, options, &NudgeOptions::new(&settings))
        .unwrap_or_else(|error| panic!("{estimator:?}: {error}"))
}

#[test]
fn a_jump_to_another_branch_is_noticed() {
    let problem = problem(&bistable());
    let fold = fold();
    assert!((0.05..0.2).contains(&fold), "{fold}");
    for (estimator, beta, jumped) in [
        (Estimator::OneSided, 0.9 * fold, vec![]),
        (Estimator::OneSided, 1.1 * fold, vec![1.1 * fold]),
        (Estimator::Centred, 1.1 * fold, vec![1.1 * fold]),
        (Estimator::Centred, -1.1 * fold, vec![1.1 * fold]),
        (Estimator::Richardson, 1.5 * fold, vec![1.5 * fold]),
        (Estimator::Asymmetric, 3.0 * fold, vec![3.0 * fold]),
    ] {
        let found = report(&problem, estimator, &options(beta)).jumped;
        assert_eq!(found, jumped, "{estimator:?} {beta}");
    }
    let ran = eqprop_gradient(&bistable(), &["--estimator", "one_sided", "--beta", "0.2"]);
    assert_eq!(ran.code, 0);
    assert_eq!(ran.document()["jumped"], json!([0.2]));
    assert!(ran.stderr.contains("another branch"), "{}", ran.stderr);
}

#[test]
fn ordinary_nudges_do_not_jump() {
    for seed in 0..20 {
        let problem = random_problem(
            seed,
            Shape::Dense(6),
            Dynamics::Leaky,
            Activation::Tanh,
            1.0,
        );
        for beta in [1e-6, 0.01, 0.3, -0.1] {
            let found = report(&problem, Estimator::OneSided, &options(beta)).jumped;
            assert!(found.is_empty(), "{seed} {beta}");
        }
    }
}

#[test]
fn a_circle_beyond_the_radius_of_convergence_is_noticed() {
    let problem = problem(&bistable());
    let fold = fold();
    for (factor, points, inside) in [
        (0.1, 8, true),
        (0.5, 8, true),
        (0.5, 16, true),
        (1.5, 8, false),
        (2.5, 8, false),
        (2.5, 16, false),
    ] {
        let options = EstimatorOptions {
            points: Some(points),
            ..options(factor * fold)
        };
        let found = report(&problem, Estimator::Holomorphic, &options);
        let convergence = found.convergence.unwrap();
        println!("{factor} {points}: {convergence:?}");
        assert_eq!(convergence.inside, Some(inside), "{factor} {points}");
        assert_eq!(convergence.points, points);
        if factor == 0.5 {
            let radius = convergence.radius.unwrap();
            let excess = ((points - 1) as f64).powf(1.5 / (points - 2) as f64);
            let ratio = radius / fold;
            assert!((1.0..1.3 * excess).contains(&ratio), "{radius} {fold}");
        }
    }
    let ran = eqprop_gradient(
        &bistable(),
        &["--estimator", "holomorphic", "--beta", "0.3"],
    );
    assert_eq!(ran.document()["convergence"]["inside"], false);
    assert!(
        ran.stderr.contains("radius of convergence"),
        "{}",
        ran.stderr
    );
    let other = eqprop_gradient(&bistable(), &["--estimator", "centred", "--beta", "0.01"]);
    assert_eq!(other.document()["convergence"], Value::Null);
}

#[test]
fn more_points_raise_the_order_of_a_holomorphic_estimate() {
    let problem = random_problem(5, Shape::Dense(5), Dynamics::Leaky, Activation::Tanh, 1.0);
    let exact = report(&problem, Estimator::LinearResponse, &options(0.1));
    for points in [2usize, 3, 4, 6] {
        let errors: Vec<f64> = [0.2, 0.1, 0.05]
            .iter()
            .map(|&beta| {
                let options = EstimatorOptions {
                    points: Some(points),
                    ..options(beta)
                };
                let found = report(&problem, Estimator::Holomorphic, &options);
                relative_gap(&found.error_vector.ep, &exact.error_vector.ep)
            })
            .collect();
        let order = observed_order(&errors);
        assert!(
            (order - points as f64).abs() < 0.2,
            "{points}: {order} {errors:?}"
        );
    }
}

#[test]
fn a_nudged_phase_that_does_not_settle_is_named_with_its_beta() {
    for (estimator, beta) in [("one_sided", "-0.6"), ("plasticity", "-0.6")] {
        let ran = eqprop_gradient(&linear(), &["--estimator", estimator, "--beta", beta]);
        assert_eq!(ran.code, 3, "{ran:?}");
        let error = &ran.document()["error"];
        assert_eq!(error["kind"], "diverged");
        assert_eq!(error["phase"], "nudged");
        assert_eq!(error["beta"], -0.6);
        assert!(error["time"].as_f64().unwrap() > 0.0);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("nudged phase at β = -0.6"), "{message}");
    }
    // the other side of a centred quotient
    let ran = eqprop_gradient(&linear(), &["--estimator", "centred", "--beta", "0.6"]);
    assert_eq!(ran.document()["error"]["beta"], -0.6);
    // and the far side of the circle
    let ran = eqprop_gradient(&linear(), &["--estimator", "holomorphic", "--beta", "0.8"]);
    assert_eq!(ran.code, 3);
    let error = &ran.document()["error"];
    assert_eq!(error["kind"], "diverged");
    assert!(
        error["beta"].is_array() || error["beta"].is_number(),
        "{error}"
    );
}

#[test]
fn every_estimator_accepts_beta() {
    for (estimator, beta) in [
        ("linear_response", Value::Null),
        ("sensitivity", Value::Null),
        ("dyadic", json!(0.1)),
        ("asymmetric", json!(0.1)),
        ("continual", json!(0.1)),
    ] {
        let ran = eqprop_gradient(&linear(), &["--estimator", estimator, "--beta", "0.1"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.document()["beta"], beta, "{estimator}");
        assert_eq!(
            ran.stderr.contains("has no β"),
            beta.is_null(),
            "{estimator}"
        );
        let refused = eqprop_gradient(&linear(), &["--estimator", estimator, "--beta", "0"]);
        assert_eq!(refused.code, 2, "{estimator}");
    }
    for (flag, value) in [
        ("--points", "1"),
        ("--points", "1000"),
        ("--learning-rate", "0"),
        ("--learning-rate", "nan"),
        ("--settle-time", "-1"),
        ("--settle-time", "nan"),
    ] {
        let ran = eqprop_gradient(&linear(), &[flag, value]);
        assert_eq!(ran.code, 2, "{flag} {value}");
        assert_eq!(ran.document()["error"]["kind"], "invalid_input");
    }
}

#[test]
fn tolerances_follow_beta() {
    let problem = problem(&linear());
    let found = |beta| report(&problem, Estimator::OneSided, &options(beta)).solver;
    let solver = found(0.01);
    assert_eq!((solver.rtol, solver.atol), (1e-9, 1e-12));
    let nudged = (solver.nudged_rtol.unwrap(), solver.nudged_atol.unwrap());
    assert!((nudged.0 / 1e-11 - 1.0).abs() < 1e-12 && (nudged.1 / 1e-14 - 1.0).abs() < 1e-12);
    assert_eq!(found(10.0).nudged_rtol, Some(1e-9));
    assert_eq!(found(1e-9).nudged_rtol, Some(1e-12));
    let limit = report(&problem, Estimator::LinearResponse, &options(0.1)).solver;
    assert_eq!(limit.nudged_rtol, None);
}

#[test]
fn continual_plasticity_tends_to_the_integral_at_order_one_in_the_learning_rate() {
    for (dynamics, activation) in [
        (Dynamics::Leaky, Activation::Tanh),
        (Dynamics::Hopfield, Activation::Logistic),
    ] {
        let mut problem = random_problem(8, Shape::Layered(&[2, 4, 2]), dynamics, activation, 1.0);
        problem.time_constants = Some(vec![1.0, 0.5, 2.0, 1.0, 1.5, 0.7]);
        let settings = SolverSettings::default();
        let field = problem.field();
        let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
        let run = |estimator: Estimator, learning_rate: f64| -> Estimate {
            let options = EstimatorOptions {
                learning_rate: Some(learning_rate),
                ..options(0.02)
            };
            let estimator = estimator.with(&options).unwrap();
            estimator
                .estimate(&free, &NudgeOptions::new(&settings))
                .unwrap()
        };
        let integral = run(Estimator::Plasticity, 1.0).update;
        let errors: Vec<f64> = [4e-4, 2e-4, 1e-4, 5e-5]
            .iter()
            .map(|&rate| {
                let found = run(Estimator::Continual, rate);
                assert_eq!(found.learning_rate, Some(rate));
                found.update.plus(-1.0, &integral).norm() / integral.norm()
            })
            .collect();
        let order = observed_order(&errors);
        assert!(
            (order - 1.0).abs() < 0.05,
            "{dynamics:?} {order} {errors:?}"
        );
        let slow = run(Estimator::Continual, 1e-10).update;
        let gap = slow.plus(-1.0, &integral).norm() / integral.norm();
        assert!(gap < 1e-6, "{dynamics:?} {gap:.1e}");
    }
}

#[test]
fn weights_that_move_too_fast_never_rest() {
    let ran = eqprop_gradient(
        &linear(),
        &[
            "--estimator",
            "continual",
            "--beta",
            "0.01",
            "--learning-rate",
            "0.1",
        ],
    );
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(ran.document()["error"]["phase"], "nudged");
    let bounded = reference_problem("bounds_dense_n5");
    let settings = SolverSettings::default();
    let refused = gradient_with(
        &bounded,
        Estimator::Continual,
        &options(0.1),
        &NudgeOptions::new(&settings),
    );
    assert_eq!(refused.unwrap_err().kind(), "invalid_input");
}

#[test]
fn a_linear_solve_costs_no_evaluation_and_every_other_route_some() {
    let problem = random_problem(4, Shape::Dense(6), Dynamics::Leaky, Activation::Tanh, 1.0);
    let settings = SolverSettings::default();
    let field = problem.field();
    let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
    let cost = |estimator| {
        let estimate = free.estimate(estimator, Some(0.1)).unwrap();
        estimate.statistics.rhs_evaluations
    };
    assert_eq!(cost(Estimator::LinearResponse), 0);
    let one_sided = cost(Estimator::OneSided);
    assert!(one_sided > 10);
    let centred = cost(Estimator::Centred);
    assert!((1.5..2.5).contains(&(centred as f64 / one_sided as f64)));
    assert!(cost(Estimator::Richardson) > centred);
    for estimator in [
        Estimator::Sensitivity,
        Estimator::Dyadic,
        Estimator::Plasticity,
    ] {
        assert!(cost(estimator) > 50, "{estimator:?}");
    }
}

#[test]
fn a_cost_without_a_continuation_is_refused_by_the_holomorphic_estimator() {
    /// The squared error, its continuation hidden.
    struct Opaque(ProblemCost);
    impl Cost for Opaque {
        fn value(&self, state: &[f64]) -> f64 {
            self.0.value(state)
        }
        fn gradient(&self, state: &[f64], out: &mut [f64]) {
            self.0.gradient(state, out);
        }
        fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
            self.0.hessian_vector(state, vector, out);
        }
    }
    let problem = random_problem(4, Shape::Dense(6), Dynamics::Leaky, Activation::Tanh, 1.0);
    let settings = SolverSettings::default();
    let field = problem.field();
    let cost = Opaque(problem.cost.clone());
    let phase = eqprop::dynamics::Phase::of_problem(&problem, &field);
    let free = FreePhase::settle(&field, phase, &cost, &problem.initial_state, &settings).unwrap();
    let refused = free.estimate(Estimator::Holomorphic, None).unwrap_err();
    assert_eq!(refused.kind(), "not_analytic");
    assert!(refused.to_string().contains("this cost"), "{refused}");
    assert!(free.estimate(Estimator::Centred, None).is_ok());
}
