//! What holds for every target at once: the bound, the certificate, and closed forms.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{
    Estimator, GradientReport, Linearisation, ParameterMetric, all_targets, gradient,
};
use eqprop::model::{
    Activation, Dynamics, MetricFactor, Parametrised, Problem, Random, SquaredError,
};
use nalgebra::{DMatrix, DVector};
use serde_json::json;

use crate::support::{Shape, problem, random_problem, reference_problem, settled};

fn problems() -> Vec<Problem> {
    use Activation::{HardSigmoid, SteepLogistic, Tanh};
    use Dynamics::{Hopfield, Leaky};
    let layered = Shape::Layered(&[3, 5, 4, 3]);
    let mut out = vec![
        random_problem(1, Shape::Dense(6), Leaky, Tanh, 1.2),
        random_problem(2, Shape::Dense(6), Hopfield, Tanh, 1.0),
        random_problem(3, layered, Leaky, Tanh, 1.2),
        random_problem(4, layered, Leaky, HardSigmoid, 1.0),
        random_problem(5, layered, Hopfield, SteepLogistic, 1.0),
    ];
    out.extend(
        [
            "bounds_dense_n5",
            "time_constants_n4",
            "dense_tanh_n8_all_outputs",
        ]
        .map(reference_problem),
    );
    out
}

fn report(problem: &Problem) -> GradientReport {
    let settings = SolverSettings::default();
    gradient(problem, Estimator::LinearResponse, None, &settings).unwrap()
}

/// The problem with the target that makes the output error `error`.
fn with_error(problem: &Problem, state: &[f64], error: &[f64]) -> Problem {
    let outputs = problem.cost.outputs();
    let target: Vec<f64> = outputs
        .iter()
        .zip(error)
        .map(|(&neuron, error)| state[neuron] - error)
        .collect();
    Problem {
        cost: SquaredError::new(outputs, &target).unwrap().into(),
        ..problem.clone()
    }
}

#[test]
fn no_target_exceeds_the_bound_and_one_attains_it() {
    for problem in problems() {
        let point = settled(&problem, &SolverSettings::default());
        let linearisation = Linearisation::new(&point).unwrap();
        let metric = problem.field().parameter_metric(point.state());
        let metric = ParameterMetric::new(&metric, point.active()).unwrap();
        let outputs = problem.cost.outputs();
        let all = all_targets(&linearisation, &metric, outputs);
        let (bound, certificate) = (all.error_bound.unwrap(), all.descent_certificate.unwrap());
        let mut random = Random::new(9, 9);
        for _ in 0..50 {
            let error = random.symmetric(outputs.len(), 1.0);
            let report = report(&with_error(&problem, point.state(), &error));
            assert!(report.relative_error.unwrap() <= bound * (1.0 + 1e-9));
            assert!((report.error_bound.unwrap() / bound - 1.0).abs() <= 1e-9);
            let descent = report.ep_update.dot(&report.negative_gradient);
            let square: f64 = error.iter().map(|e| e * e).sum();
            assert!(descent >= certificate * square - 1e-9 * descent.abs());
        }
        let worst = all.worst_error.unwrap();
        let attained = report(&with_error(&problem, point.state(), &worst));
        let ratio = attained.relative_error.unwrap() / bound;
        assert!((ratio - 1.0).abs() <= 1e-9, "{ratio}");
    }
}

#[test]
fn two_linear_neurons_err_by_the_closed_form() {
    // Jac = −αI + ωR: the angle is 2 arctan(ω/α) for every target
    for (alpha, omega) in [(1.0, 0.0), (1.0, 1e-8), (0.5, 0.1), (0.3, 0.3), (0.2, 1.0)] {
        let problem = problem(&json!({
            "network": {
                "type": "dense", "dynamics": "leaky", "activation": "identity",
                "weights": [[1.0 - alpha, omega], [-omega, 1.0 - alpha]],
                "bias": [0.3, -0.2], "outputs": [0, 1]
            },
            "target": [0.5, 0.4]
        }));
        let report = report(&problem);
        let exact = 2.0 * f64::atan2(omega, alpha);
        let angle = report.angle_degrees.unwrap().to_radians();
        // a difference of unit vectors: exact to round-off, absolutely
        assert!(
            (angle - exact).abs() <= 1e-12 * exact + f64::EPSILON,
            "{angle} for {exact}"
        );
        // a and g are of one length
        let chord = 2.0 * (0.5 * exact).sin();
        let error = report.relative_error.unwrap();
        assert!(
            (error - chord).abs() <= 1e-12 * chord,
            "{error} for {chord}"
        );
        assert!((report.error_bound.unwrap() - chord).abs() <= 1e-12 * chord);
        let descends = report.descent_certificate.unwrap();
        let sign = alpha * alpha - omega * omega;
        assert!(
            descends.abs() < 1e-9 || descends.signum() == sign.signum(),
            "{descends}"
        );
        assert!((report.jacobian_asymmetry - omega / alpha).abs() <= 1e-12);
    }
}

#[test]
fn symmetric_weights_are_exact_in_hopfield_networks_alone() {
    let weights = json!([[0.1, 0.7, -0.3], [0.7, -0.2, 0.4], [-0.3, 0.4, 0.3]]);
    let report_of = |dynamics: &str| {
        report(&problem(&json!({
            "network": {
                "type": "dense", "dynamics": dynamics, "activation": "tanh",
                "weights": weights, "bias": [0.3, -0.5, 0.8], "outputs": [0, 2]
            },
            "target": [0.5, -0.4]
        })))
    };
    let (leaky, hopfield) = (report_of("leaky"), report_of("hopfield"));
    assert_eq!(leaky.weight_asymmetry, Some(0.0));
    assert!(leaky.angle_degrees.unwrap() > 1.0);
    assert!(hopfield.angle_degrees.unwrap() < 1e-12);
    assert!(hopfield.error_bound.unwrap() < 1e-14);
    assert!(hopfield.descent_certificate.unwrap() > 0.0);
}

#[test]
fn the_negative_gradient_and_the_update_point_downhill() {
    for problem in problems() {
        let before = report(&problem);
        for direction in [&before.negative_gradient, &before.ep_update] {
            let slope = direction.dot(&before.negative_gradient);
            let step = 1e-6 / direction.norm();
            let mut after = problem.clone();
            let network = problem.network().unwrap();
            *after.network_mut().unwrap() =
                network.with_parameters(&network.parameters().plus(step, direction));
            let change = report(&after).cost - before.cost;
            assert!(
                (change + step * slope).abs() <= 1e-4 * (step * slope).abs(),
                "{change:e} for {:e}",
                -step * slope
            );
        }
    }
}

/// Networks know their metric, fields in text put together what moves one state only: whatever is given,
/// it is a root of the metric that the pullbacks define.
#[test]
fn the_factors_of_the_metric_are_its_roots() {
    let shared = problem(&json!({
        "field": {
            "equations": {"x": "-x + w*tanh(y) + g*x*y + a*b", "y": "-y + u*tanh(x) + g*y + v*x", "z": "-z + k*x"},
            "parameters": {"w": 0.4, "g": -0.2, "a": 0.7, "b": 0.3, "u": 1.1, "v": -0.6, "k": 2.0}
        },
        "outputs": ["y"], "target": [0.1]
    }));
    let alone = problem(&json!({
        "field": {
            "equations": {"x": "-x + w*tanh(y) + b", "y": "-y + u*tanh(x) + v*x"},
            "parameters": {"w": 0.4, "b": 0.3, "u": 1.1, "v": -0.6}
        },
        "outputs": ["y"], "target": [0.1]
    }));
    let is_diagonal = |problem: &Problem, state: &[f64]| {
        let factor = problem.field().metric_factor(state);
        matches!(factor, Some(MetricFactor::Diagonal(_)))
    };
    assert!(!is_diagonal(&shared, &[0.3, -0.5, 0.2]));
    assert!(is_diagonal(&alone, &[0.3, -0.5]));
    let mut random = Random::new(12, 0);
    for problem in problems().into_iter().chain([shared, alone]) {
        let field = problem.field();
        let n = problem.initial_state.len();
        let state = random.symmetric(n, 0.9);
        let pullbacks: Vec<_> = (0..n)
            .map(|i| {
                let unit: Vec<f64> = (0..n).map(|k| f64::from(u8::from(k == i))).collect();
                field.parameter_pullback(&state, &unit)
            })
            .collect();
        let defined = DMatrix::from_fn(n, n, |i, j| pullbacks[i].dot(&pullbacks[j]));
        let near = |metric: DMatrix<f64>| (metric - &defined).norm() <= 1e-13 * defined.norm();
        assert!(near(field.parameter_metric(&state)));
        assert!(near(match field.metric_factor(&state).unwrap() {
            MetricFactor::Matrix(factor) => factor.transpose() * factor,
            MetricFactor::Diagonal(roots) => {
                let squares = roots.iter().map(|root| root * root);
                DMatrix::from_diagonal(&DVector::from_iterator(n, squares))
            }
        }));
        // where the field is no number, neither is its metric
        let nowhere = field.metric_factor(&vec![f64::NAN; n]).unwrap();
        let active: Vec<usize> = (0..n).collect();
        assert!(ParameterMetric::of_factor(&nowhere, &active).is_none());
    }
}
