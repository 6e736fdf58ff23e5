//! Problems that are valid and absurd: whatever the numbers, an answer or a typed refusal.

use std::panic::{AssertUnwindSafe, catch_unwind};

use eqprop::dynamics::{Method, SolverSettings};
use eqprop::gradient::{Estimator, gradient};
use eqprop::model::{Problem, Random};
use serde_json::{Value, json};

const DYNAMICS: [&str; 2] = ["leaky", "hopfield"];
const ACTIVATIONS: [&str; 7] = [
    "identity",
    "tanh",
    "logistic",
    "hard_sigmoid",
    "relu",
    "softplus",
    "steep_logistic",
];
const ESTIMATORS: [Estimator; 10] = [
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
const METHODS: [Method; 6] = [
    Method::Tsit45,
    Method::Vern8,
    Method::Bdf,
    Method::TrBdf2,
    Method::Esdirk34,
    Method::Euler { dt: 0.3 },
];

/// Numbers that break things, and ordinary ones among them.
fn number(random: &mut Random, wild: bool) -> f64 {
    const SPECIAL: [f64; 14] = [
        0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-308, 5e-324, 1e-160, 1e-16, 1e16, 1e160, 1e308, -1e308,
    ];
    if wild && random.unit() < 0.3 {
        SPECIAL[random.index(SPECIAL.len())]
    } else if random.unit() < 0.2 {
        [0.0, 1.0, -1.0][random.index(3)]
    } else {
        random.uniform(-2.0, 2.0)
    }
}

fn numbers(random: &mut Random, count: usize, wild: bool) -> Vec<f64> {
    (0..count).map(|_| number(random, wild)).collect()
}

fn rows(random: &mut Random, count: usize, width: usize, wild: bool) -> Vec<Vec<f64>> {
    (0..count).map(|_| numbers(random, width, wild)).collect()
}

/// A random dense or layered problem.
fn document(random: &mut Random, wild: bool) -> Value {
    let inputs = random.index(3);
    let mut document = if random.unit() < 0.6 {
        let n = 1 + random.index(4);
        let outputs: Vec<usize> = (0..n).take(1 + random.index(n)).collect();
        json!({
            "network": {
                "type": "dense",
                "weights": rows(random, n, n, wild),
                "input_weights": rows(random, n, inputs, wild),
                "bias": numbers(random, n, wild),
                "outputs": outputs,
            },
            "input": numbers(random, inputs, wild),
            "target": numbers(random, outputs.len(), wild),
            "initial_state": numbers(random, n, wild),
        })
    } else {
        let layers = 1 + random.index(3);
        let sizes: Vec<usize> = (0..=layers).map(|_| 1 + random.index(3)).collect();
        let forward: Vec<_> = sizes
            .windows(2)
            .map(|pair| rows(random, pair[1], pair[0], wild))
            .collect();
        let feedback: Vec<_> = sizes[1..]
            .windows(2)
            .map(|pair| rows(random, pair[0], pair[1], wild))
            .collect();
        json!({
            "network": {
                "type": "layered", "sizes": sizes, "forward": forward, "feedback": feedback,
            },
            "input": numbers(random, sizes[0], wild),
            "target": numbers(random, sizes[layers], wild),
            "initial_state": numbers(random, sizes[1..].iter().sum(), wild),
        })
    };
    document["network"]["dynamics"] = DYNAMICS[random.index(2)].into();
    document["network"]["activation"] = ACTIVATIONS[random.index(7)].into();
    let neurons = document["initial_state"].as_array().unwrap().len();
    if random.unit() < 0.3 {
        let constants: Vec<f64> = numbers(random, neurons, wild)
            .iter()
            .map(|value| value.abs().max(if wild { 5e-324 } else { 0.1 }))
            .collect();
        document["time_constants"] = json!(constants);
    }
    if random.unit() < 0.4 {
        let bounds = [json!([0, 1]), json!([-1, 1]), json!([-1e308, 1e308])];
        document["state_bounds"] = bounds[random.index(if wild { 3 } else { 2 })].clone();
        document.as_object_mut().unwrap().remove("initial_state");
    } else if random.unit() < 0.4 {
        document.as_object_mut().unwrap().remove("initial_state");
    }
    document
}

/// Everything asked of an absurd problem; what went wrong, if anything.
fn complaint(document: &Value, estimator: Estimator, method: Method) -> Option<String> {
    let problem = match Problem::from_json(&document.to_string()) {
        Ok(problem) => problem,
        Err(error) => return Some(format!("refused: {error}")),
    };
    let settings = SolverSettings {
        method,
        max_steps: 1000,
        ..SolverSettings::default()
    };
    let run = || gradient(&problem, estimator, None, &settings);
    match catch_unwind(AssertUnwindSafe(run)) {
        Err(_) => Some("panicked".into()),
        // the one estimator that does not serve bounds says so
        Ok(Err(_)) if estimator == Estimator::Continual && problem.state_bounds.is_some() => None,
        Ok(Err(error)) if error.kind() == "invalid_input" => Some(format!("{error}")),
        Ok(Err(error)) if error.to_string().is_empty() => Some("no message".into()),
        Ok(Err(_)) => None,
        Ok(Ok(report)) => {
            let finite = report.fixed_point.iter().all(|s| s.is_finite());
            (!finite || report.residual.is_nan()).then(|| format!("settled at {report:?}"))
        }
    }
}

fn survey(wild: bool, count: u64) {
    let mut failures = Vec::new();
    for seed in 0..count {
        let mut random = Random::new(seed, 77);
        let document = document(&mut random, wild);
        let estimator = ESTIMATORS[random.index(ESTIMATORS.len())];
        let method = METHODS[random.index(METHODS.len())];
        if let Some(complaint) = complaint(&document, estimator, method) {
            failures.push(format!("{complaint}: {estimator:?} {method:?} {document}"));
        }
    }
    let number = failures.len();
    failures.truncate(10);
    assert!(
        failures.is_empty(),
        "{number} of {count}:\n{}",
        failures.join("\n")
    );
}

#[test]
fn ordinary_numbers_with_zeros_and_ones_never_panic() {
    survey(false, 2000);
}

#[test]
fn extreme_numbers_never_panic() {
    survey(true, 2000);
}
