//! The error budget: its pieces add up, and each answers to its own knob alone.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{
    ErrorPieces, Estimator, EstimatorOptions, FreePhase, NudgeOptions, Part, budget, error_pieces,
};
use eqprop::model::{Activation, Dynamics, Parametrised, Problem};
use eqprop::numeric::exponential_action;
use serde_json::json;

use crate::support::{Shape, eqprop, problem, random_problem, reference, reference_problem};

fn smooth() -> Problem {
    random_problem(21, Shape::Dense(6), Dynamics::Leaky, Activation::Tanh, 1.0)
}

fn with_beta(beta: f64) -> EstimatorOptions {
    EstimatorOptions {
        beta: Some(beta),
        ..EstimatorOptions::default()
    }
}

fn nudging(settle_time: Option<f64>, rtol: f64) -> NudgeOptions {
    NudgeOptions {
        settle_time,
        ..NudgeOptions::new(&SolverSettings {
            rtol,
            atol: 1e-3 * rtol,
            ..SolverSettings::default()
        })
    }
}

/// The pieces of one estimate; the free phase is the same in all of them.
fn pieces(
    problem: &Problem,
    estimator: Estimator,
    beta: f64,
    nudging: &NudgeOptions,
) -> ErrorPieces {
    let field = problem.field();
    let settings = SolverSettings::default();
    let free = FreePhase::of_problem(problem, &field, &settings).unwrap();
    error_pieces(&free, estimator, &with_beta(beta), nudging)
        .unwrap_or_else(|error| panic!("{estimator:?}: {error}"))
}

const ALL: [Estimator; 10] = [
    Estimator::LinearResponse,
    Estimator::OneSided,
    Estimator::Centred,
    Estimator::Richardson,
    Estimator::Holomorphic,
    Estimator::Sensitivity,
    Estimator::Plasticity,
    Estimator::Continual,
    Estimator::Asymmetric,
    Estimator::Dyadic,
];

#[test]
fn the_pieces_add_up_to_the_total() {
    let problem = smooth();
    for estimator in ALL {
        for settle_time in [None, Some(3.0)] {
            let found = pieces(&problem, estimator, 0.03, &nudging(settle_time, 1e-6));
            let mut sum = found
                .asymmetry
                .plus(1.0, &found.finite_beta)
                .plus(1.0, &found.settling_time)
                .plus(1.0, &found.solver_tolerance);
            if let Some(rounding) = &found.rounding {
                sum = sum.plus(1.0, rounding);
            }
            let gap = sum.plus(-1.0, &found.total).norm() / found.gradient.norm();
            assert!(gap < 1e-14, "{estimator:?} {settle_time:?}: {gap:.1e}");
            assert!(found.total.norm() > 0.0);
        }
    }
}

#[test]
fn the_asymmetry_is_the_exact_difference_and_nothing_else_moves_it() {
    let problem = smooth();
    let field = problem.field();
    let settings = SolverSettings::default();
    let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
    let c = free.cost_gradient();
    let a = free.linearisation.ep_error_vector(&c);
    let g = free.linearisation.true_error_vector(&c);
    let difference: Vec<f64> = a.iter().zip(&g).map(|(a, g)| a - g).collect();
    let expected = field.parameter_pullback(free.fixed_point.state(), &difference);
    for (estimator, beta, settle_time, rtol) in [
        (Estimator::Centred, 0.1, None, 1e-9),
        (Estimator::OneSided, 1e-4, Some(2.0), 1e-5),
        (Estimator::Plasticity, 1e-2, None, 1e-5),
    ] {
        let found = pieces(&problem, estimator, beta, &nudging(settle_time, rtol));
        let gap = found.asymmetry.plus(-1.0, &expected).norm() / expected.norm();
        assert!(gap < 1e-12, "{estimator:?}: {gap:.1e}");
    }
    let reached = pieces(&problem, Estimator::Asymmetric, 0.1, &nudging(None, 1e-9));
    assert_eq!(reached.relative(Part::Asymmetry), Some(0.0));
}

#[test]
fn each_piece_answers_to_its_own_knob() {
    let problem = smooth();
    for estimator in [
        Estimator::OneSided,
        Estimator::Centred,
        Estimator::Holomorphic,
        Estimator::Asymmetric,
    ] {
        let base = pieces(&problem, estimator, 0.05, &nudging(Some(4.0), 1e-5));
        let sizes = [Part::FiniteBeta, Part::SettlingTime, Part::SolverTolerance]
            .map(|part| base.relative(part).unwrap());
        assert!(
            sizes[1] > 1e-3 && sizes[2] > 1e-12,
            "{estimator:?} {sizes:?}"
        );

        // the tolerance moves its own piece alone
        let tighter = pieces(&problem, estimator, 0.05, &nudging(Some(4.0), 1e-9));
        assert_eq!(tighter.finite_beta, base.finite_beta);
        assert_eq!(tighter.settling_time, base.settling_time);
        let tolerance = tighter.relative(Part::SolverTolerance).unwrap();
        assert!(tolerance < 0.1 * sizes[2], "{estimator:?} {tolerance:.1e}");

        // so does the time
        let longer = pieces(&problem, estimator, 0.05, &nudging(Some(8.0), 1e-5));
        assert_eq!(longer.finite_beta, base.finite_beta);
        assert!(longer.relative(Part::SettlingTime).unwrap() < 0.5 * sizes[1]);
        let rested = pieces(&problem, estimator, 0.05, &nudging(None, 1e-5));
        assert_eq!(rested.relative(Part::SettlingTime), Some(0.0));

        // and β: what the time costs hardly depends on it
        let nearer = pieces(&problem, estimator, 0.025, &nudging(Some(4.0), 1e-5));
        let settling = nearer.settling_time.plus(-1.0, &base.settling_time).norm();
        assert!(settling < 0.1 * base.settling_time.norm(), "{estimator:?}");
    }
}

#[test]
fn finite_beta_falls_at_the_order_of_the_estimator_down_to_any_beta() {
    let problem = smooth();
    for (estimator, order, betas) in [
        (Estimator::OneSided, 1.0, [1e-2, 1e-6]),
        (Estimator::Centred, 2.0, [1e-2, 1e-5]),
        (Estimator::Richardson, 4.0, [3e-2, 3e-3]),
        (Estimator::Asymmetric, 2.0, [1e-2, 1e-5]),
    ] {
        let at = |beta| {
            let found = pieces(&problem, estimator, beta, &nudging(None, 1e-9));
            found.relative(Part::FiniteBeta).unwrap()
        };
        let found = (at(betas[0]) / at(betas[1])).log10() / (betas[0] / betas[1]).log10();
        // at β = 1e-6 an ordinary difference quotient has lost this to rounding
        assert!((found - order).abs() < 0.03, "{estimator:?}: order {found}");
    }
}

#[test]
fn the_settling_time_costs_the_exponential_of_the_jacobian() {
    let problem = smooth();
    let field = problem.field();
    let settings = SolverSettings::default();
    let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
    let a = free.linearisation.ep_error_vector(&free.cost_gradient());
    for time in [1.0, 5.0] {
        // (I − e^{Jac t})a − a, to first order in β
        let left = &exponential_action(free.linearisation.jacobian(), &a, &[time])[0];
        let expected = field
            .parameter_pullback(free.fixed_point.state(), left)
            .scaled(-1.0);
        let found = pieces(
            &problem,
            Estimator::OneSided,
            1e-6,
            &nudging(Some(time), 1e-9),
        );
        let gap = found.settling_time.plus(-1.0, &expected).norm() / expected.norm();
        assert!(gap < 1e-4, "{time}: {gap:.1e}");
    }
}

#[test]
fn rounding_grows_like_one_over_beta_and_is_what_is_lost() {
    let problem = smooth();
    let at = |beta| {
        let found = pieces(&problem, Estimator::Centred, beta, &nudging(None, 1e-9));
        found.relative(Part::Rounding).unwrap()
    };
    let (coarse, fine) = (at(1e-2), at(1e-8));
    assert!(
        coarse < 1e-12 && (1e-10..1e-6).contains(&fine),
        "{coarse:.1e} {fine:.1e}"
    );
}

#[test]
fn the_proposed_beta_beats_its_neighbours() {
    let problem = smooth();
    let nudging = nudging(None, 1e-9);
    let field = problem.field();
    let free = FreePhase::of_problem(&problem, &field, &nudging.settings).unwrap();
    for estimator in [
        Estimator::OneSided,
        Estimator::Centred,
        Estimator::Richardson,
        Estimator::Asymmetric,
    ] {
        let split = |beta| budget(&free, estimator, &with_beta(beta), &nudging).unwrap();
        let proposed = split(0.1).proposed.unwrap();
        assert!(proposed.measurable_error < proposed.measurable_error_now);
        assert!(proposed.beta > 0.0 && split(-0.1).proposed.unwrap().beta < 0.0);
        for factor in [0.1, 0.3, 3.0, 10.0] {
            let there = split(factor * proposed.beta).proposed.unwrap();
            assert!(
                there.measurable_error_now >= proposed.measurable_error,
                "{estimator:?} {factor}"
            );
        }
        println!("{estimator:?}: {proposed:?}");
    }
    for estimator in [Estimator::LinearResponse, Estimator::Dyadic] {
        let found = budget(&free, estimator, &with_beta(0.1), &nudging).unwrap();
        assert_eq!(found.proposed, None);
    }
}

#[test]
fn without_a_gradient_no_piece_has_a_relative_size() {
    // at rest on the target
    let problem = problem(&json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.5, 0.2], [-0.3, 0.1]], "bias": [0.0, 0.0], "outputs": [0]
        },
        "target": [0.0]
    }));
    for estimator in [Estimator::OneSided, Estimator::Centred] {
        let found = pieces(&problem, estimator, 0.1, &nudging(None, 1e-9));
        assert_eq!(found.gradient.norm(), 0.0);
        for part in [
            Part::Asymmetry,
            Part::FiniteBeta,
            Part::SettlingTime,
            Part::Rounding,
            Part::SolverTolerance,
            Part::Total,
        ] {
            assert_eq!(found.relative(part), None, "{estimator:?} {part:?}");
        }
    }
}

#[test]
fn a_kink_on_the_way_leaves_rounding_unknown() {
    let problem = reference_problem("dense_hard_sigmoid_n8");
    let near = pieces(&problem, Estimator::Centred, 1e-6, &nudging(None, 1e-9));
    assert!(near.relative(Part::Rounding).is_some());
    let bounded = reference_problem("bounds_dense_n5");
    let found = pieces(&bounded, Estimator::Centred, 1e-4, &nudging(None, 1e-9));
    assert!(found.relative(Part::Total).unwrap() < 10.0);
}

#[test]
fn the_command_prints_the_budget() {
    let path = reference("problems/dense_tanh_n5_no_input.json");
    let path = path.to_str().unwrap();
    let arguments = [
        "gradient",
        path,
        "--estimator",
        "centred",
        "--beta",
        "0.01",
        "--budget",
    ];
    let text = eqprop(&arguments).stdout;
    for line in [
        "asymmetry",
        "finite β",
        "settling time",
        "solver tolerance",
        "rounding",
        "proposed β",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let mut with_json = arguments.to_vec();
    with_json.push("--json");
    let document = eqprop(&with_json).document();
    let split = &document["budget"];
    assert!(split["finite_beta"].as_f64().unwrap() > 1e-8);
    assert_eq!(split["settling_time"], 0.0);
    assert!(split["proposed"]["beta"].as_f64().unwrap() < 0.01);
    let total = split["total"].as_f64().unwrap();
    assert!((total - document["relative_error"].as_f64().unwrap()).abs() < 1e-9);
    assert!(
        eqprop(&arguments[..6])
            .stdout
            .lines()
            .all(|line| !line.contains("budget"))
    );
}
