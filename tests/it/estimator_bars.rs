//! Every estimator on many random networks: measured orders, and how near its limit it comes.

use eqprop::dynamics::{Phase, SolverSettings};
use eqprop::gradient::{Estimator, EstimatorOptions, FreePhase, NudgeOptions};
use eqprop::model::{Activation, Dynamics, Parametrised, Problem};

use crate::support::{Shape, random_problem};

const SEEDS: u64 = 20;
/// An order at β is that of a power series: β must be small beside the radius of convergence.
const LEAST_RADIUS: f64 = 0.8;
/// At which the eighth power of β = 0.1 is below the bar of the holomorphic estimate.
const HOLOMORPHIC_RADIUS: f64 = 1.0;

/// Networks of both dynamics, all smooth activations, dense and layered, strongly asymmetric.
/// `EQPROP_TEST_SEED` chooses others.
fn networks() -> Vec<(String, Problem)> {
    let mut out = Vec::new();
    let offset = crate::support::seed_offset();
    for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
        for (activation, gain) in [
            (Activation::Tanh, 0.7),
            (Activation::Logistic, 2.0),
            (Activation::SteepLogistic, 0.4),
            (Activation::Softplus, 0.5),
            (Activation::Identity, 0.5),
        ] {
            for seed in 0..SEEDS {
                let shape = if seed % 3 == 0 {
                    Shape::Layered(&[3, 5, 4, 2])
                } else {
                    Shape::Dense(6)
                };
                let problem =
                    random_problem(1000 + offset + seed, shape, dynamics, activation, gain);
                let name = format!("{dynamics:?} {} {shape:?} {seed}", activation.name());
                out.push((name, problem));
            }
        }
    }
    out
}

/// ‖update − limit‖/‖limit‖ of an estimator at β, on every network.
struct Survey {
    name: String,
    /// Radius of convergence in β, by a holomorphic estimate; infinite if its points cannot tell.
    radius: f64,
    orders: Vec<(Estimator, f64)>,
    errors: Vec<(Estimator, f64, f64)>,
}

fn survey(name: &str, problem: &Problem) -> Survey {
    let settings = SolverSettings::default();
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    let free = FreePhase::settle(
        &field,
        phase,
        &problem.cost,
        &problem.initial_state,
        &settings,
    )
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    let state = free.fixed_point.state();
    let c = free.cost_gradient();
    let ep = field.parameter_pullback(state, &free.linearisation.ep_error_vector(&c));
    let truth = field.parameter_pullback(state, &free.linearisation.true_error_vector(&c));
    let error = |estimator: Estimator, beta: f64| {
        let options = EstimatorOptions {
            beta: Some(beta),
            ..EstimatorOptions::default()
        };
        let estimate = estimator
            .with(&options)
            .unwrap()
            .estimate(&free, &NudgeOptions::new(&settings))
            .unwrap_or_else(|error| panic!("{name}: {estimator:?} {error}"));
        assert!(estimate.jumped.is_empty(), "{name}: {estimator:?}");
        let limit = if estimator.reaches_the_gradient() {
            &truth
        } else {
            &ep
        };
        estimate.update.plus(-1.0, limit).norm() / limit.norm()
    };
    let order = |estimator| {
        (
            estimator,
            (error(estimator, 0.1) / error(estimator, 0.05)).log2(),
        )
    };
    let circle = free.estimate(Estimator::Holomorphic, Some(0.1));
    let convergence = circle.unwrap().convergence.unwrap();
    let near = |estimator, beta| (estimator, beta, error(estimator, beta));
    Survey {
        name: name.to_owned(),
        radius: convergence.radius.unwrap_or(f64::INFINITY),
        orders: [
            Estimator::OneSided,
            Estimator::Centred,
            Estimator::Richardson,
            Estimator::Asymmetric,
        ]
        .map(order)
        .to_vec(),
        errors: vec![
            near(Estimator::LinearResponse, 0.1),
            near(Estimator::Sensitivity, 0.1),
            near(Estimator::Holomorphic, 0.1),
            near(Estimator::Dyadic, 0.1),
            near(Estimator::Centred, 1e-5),
            near(Estimator::Asymmetric, 1e-5),
            near(Estimator::Dyadic, 1e-5),
        ],
    }
}

#[test]
fn a_hundred_random_networks_meet_the_bars() {
    let expected = |estimator| match estimator {
        Estimator::OneSided => 1.0,
        Estimator::Richardson => 4.0,
        _ => 2.0,
    };
    let bar = |estimator, beta: f64| match estimator {
        Estimator::LinearResponse => 1e-9,
        _ if beta == 0.1 => 1e-7,
        _ => 1e-6,
    };
    let surveys: Vec<Survey> = networks()
        .iter()
        .map(|(name, problem)| survey(name, problem))
        .filter(|survey| survey.radius >= LEAST_RADIUS)
        .collect();
    println!("{} networks of {}", surveys.len(), networks().len());
    let mut failures = Vec::new();
    for position in 0..surveys[0].orders.len() {
        let deviation = |survey: &Survey| {
            let (estimator, order) = survey.orders[position];
            (order - expected(estimator)).abs()
        };
        let worst = surveys
            .iter()
            .max_by(|a, b| deviation(a).total_cmp(&deviation(b)))
            .unwrap();
        let (estimator, order) = worst.orders[position];
        println!("{estimator:?}: worst order {order:.3} ({})", worst.name);
        for survey in surveys
            .iter()
            .filter(|survey| deviation(survey).is_nan() || deviation(survey) > 0.35)
        {
            failures.push(format!("{} {:?}", survey.name, survey.orders[position]));
        }
    }
    for position in 0..surveys[0].errors.len() {
        let asked: Vec<&Survey> = surveys
            .iter()
            .filter(|survey| {
                survey.errors[position].0 != Estimator::Holomorphic
                    || survey.radius >= HOLOMORPHIC_RADIUS
            })
            .collect();
        assert!(asked.len() >= 40);
        let worst = asked
            .iter()
            .max_by(|a, b| a.errors[position].2.total_cmp(&b.errors[position].2))
            .unwrap();
        let (estimator, beta, error) = worst.errors[position];
        println!(
            "{estimator:?} at β = {beta}: worst error {error:.1e} of {} ({})",
            asked.len(),
            worst.name
        );
        for survey in asked {
            let (estimator, beta, error) = survey.errors[position];
            if error.is_nan() || error > bar(estimator, beta) {
                failures.push(format!("{} {:?}", survey.name, survey.errors[position]));
            }
        }
    }
    assert!(surveys.len() >= 100);
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
