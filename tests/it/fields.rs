//! Vector fields: every derivative against another way to compute it, for every kind of network.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::{
    Activation, Adjoint, Adjustable, Clamped, Coupling, Dynamics, MetricFactor, Parameters,
    Parametrised, Problem, Random, VectorField,
};
use nalgebra::DMatrix;
use proptest::prelude::*;

use crate::support::{Shape, gap, random_problem, relative_gap, size};

const SHAPES: [Shape; 4] = [
    Shape::Dense(1),
    Shape::Dense(5),
    Shape::Layered(&[3, 4]),
    Shape::Layered(&[2, 4, 3, 2]),
];

/// A network of every kind, at a random state off the kinks.
fn every_kind(seed: u64) -> Vec<(String, Clamped<'static>, Vec<f64>)> {
    let mut out = Vec::new();
    for dynamics in [Dynamics::Leaky, Dynamics::Hopfield, Dynamics::Rate] {
        for activation in Activation::ALL {
            for shape in SHAPES {
                let problem = random_problem(seed, shape, dynamics, activation, 1.5);
                let mut random = Random::new(seed, 2);
                let mut state = random.symmetric(problem.network().unwrap().dimension(), 2.0);
                for s in &mut state {
                    for kink in activation.kinks() {
                        if (*s - kink).abs() < 1e-3 {
                            *s = kink + 0.1;
                        }
                    }
                }
                let name = format!("{dynamics:?} {} {shape:?}", activation.name());
                let field = problem
                    .network()
                    .unwrap()
                    .clone()
                    .into_clamped(&problem.input);
                out.push((name, field, state));
            }
        }
    }
    out
}

fn apply(n: usize, function: impl Fn(&mut [f64])) -> Vec<f64> {
    let mut out = vec![f64::NAN; n];
    function(&mut out);
    out
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Central differences of `velocity` along `direction`.
fn slope_of_velocity(field: &Clamped, state: &[f64], direction: &[f64]) -> Vec<f64> {
    let h = 1e-5;
    let at = |sign: f64| {
        let moved: Vec<f64> = state
            .iter()
            .zip(direction)
            .map(|(s, d)| s + sign * h * d)
            .collect();
        apply(state.len(), |out| field.velocity(&moved, out))
    };
    let (plus, minus) = (at(1.0), at(-1.0));
    plus.iter()
        .zip(minus)
        .map(|(p, m)| (p - m) / (2.0 * h))
        .collect()
}

/// A field that has nothing but what the traits demand.
struct Bare<'a>(&'a Clamped<'a>);

impl VectorField for Bare<'_> {
    fn dimension(&self) -> usize {
        self.0.dimension()
    }
    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.0.velocity(state, out);
    }
    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.0.jacobian_vector(state, vector, out);
    }
}

impl Adjoint for Bare<'_> {}

impl Parametrised for Bare<'_> {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        self.0.parameter_pullback(state, vector)
    }
}

/// A problem of a contraction: one fixed point, reached from everywhere.
fn contraction(seed: u64, shape: Shape, dynamics: Dynamics) -> Problem {
    random_problem(seed, shape, dynamics, Activation::Tanh, 0.4)
}

fn report(problem: &Problem) -> GradientReport {
    let settings = SolverSettings::default();
    gradient(problem, Estimator::LinearResponse, None, &settings)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn scalars(report: &GradientReport) -> [f64; 7] {
    [
        report.cost,
        report.angle_degrees.unwrap(),
        report.relative_error.unwrap(),
        report.jacobian_asymmetry,
        report.weight_asymmetry.unwrap(),
        report.error_bound.unwrap(),
        report.descent_certificate.unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn jacobian_products_agree_with_each_other_and_with_differences(seed in any::<u64>()) {
        for (name, field, state) in every_kind(seed) {
            let n = state.len();
            let mut random = Random::new(seed, 3);
            let (v, w) = (random.symmetric(n, 1.0), random.symmetric(n, 1.0));
            let forward = apply(n, |out| field.jacobian_vector(&state, &v, out));
            let backward = apply(n, |out| field.vector_jacobian(&state, &w, out));
            let jacobian = field.jacobian(&state);
            let by_matrix = &jacobian * nalgebra::DVector::from_column_slice(&v);
            let scale = 1.0 + jacobian.amax();
            prop_assert!(gap(&forward, by_matrix.as_slice()) <= 1e-13 * scale, "{name}: matrix");
            let (left, right) = (dot(&w, &forward), dot(&backward, &v));
            prop_assert!((left - right).abs() <= 1e-12 * scale, "{name}: {left} {right}");
            let columns = Bare(&field).jacobian(&state);
            prop_assert!((&columns - &jacobian).amax() <= 1e-13 * scale, "{name}: columns");
            let differences = slope_of_velocity(&field, &state, &v);
            let error = gap(&forward, &differences);
            prop_assert!(error <= 1e-7 * scale, "{name}: off differences by {error:.1e}");
        }
    }

    #[test]
    fn the_pullback_is_the_transposed_slope_over_parameters(seed in any::<u64>()) {
        for (name, field, state) in every_kind(seed) {
            let n = state.len();
            let v = Random::new(seed, 4).symmetric(n, 1.0);
            let pullback = field.parameter_pullback(&state, &v);
            let parameters = field.parameters();
            prop_assert_eq!(pullback.len(), parameters.len());
            for k in 0..parameters.len() {
                // but for rates, μ is linear in θ: differences are exact at any step
                let is_rate = field.network().dynamics == Dynamics::Rate;
                let (step, tolerance) = if is_rate { (1e-5, 1e-7) } else { (0.5, 1e-12) };
                let at = |step: f64| {
                    let mut moved = parameters.clone();
                    *moved.iter_mut().nth(k).unwrap() += step;
                    let field = field.with_parameters(&moved);
                    dot(&v, &apply(n, |out| field.velocity(&state, out)))
                };
                let slope = (at(step) - at(-step)) / (2.0 * step);
                let found = pullback.iter().nth(k).unwrap();
                prop_assert!((slope - found).abs() <= tolerance, "{name} [{k}]: {found} {slope}");
            }
        }
    }

    #[test]
    fn the_metric_is_that_of_the_pullbacks(seed in any::<u64>()) {
        for (name, field, state) in every_kind(seed) {
            let metric = field.parameter_metric(&state);
            let defined = Bare(&field).parameter_metric(&state);
            let scale = 1.0 + defined.amax();
            let Some(MetricFactor::Matrix(factor)) = Bare(&field).metric_factor(&state) else {
                panic!("the pullbacks are a matrix");
            };
            let squared = factor.transpose() * factor;
            prop_assert!((&squared - &defined).amax() <= 1e-13 * scale, "{name}");
            prop_assert!((metric - defined).amax() <= 1e-13 * scale, "{name}");
        }
    }

    #[test]
    fn parameters_are_read_and_replaced_without_loss(seed in any::<u64>()) {
        for (name, field, state) in every_kind(seed) {
            let same = field.network().with_parameters(&field.parameters());
            prop_assert_eq!(&same, field.network(), "{}", name);
            if field.network().dynamics == Dynamics::Rate {
                continue;
            }
            let n = state.len();
            let twice = field.with_parameters(&field.parameters().scaled(2.0));
            let (one, two) = (
                apply(n, |out| field.velocity(&state, out)),
                apply(n, |out| twice.velocity(&state, out)),
            );
            // μ + s is linear in θ, but for rates
            let expected: Vec<f64> = one.iter().zip(&state).map(|(m, s)| 2.0 * (m + s) - s).collect();
            prop_assert!(gap(&two, &expected) <= 1e-13 * (1.0 + size(&expected)), "{name}");
        }
    }

    #[test]
    fn numbering_the_neurons_differently_changes_nothing(seed in any::<u64>()) {
        for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
            let problem = contraction(seed, Shape::Dense(6), dynamics);
            let mut order: Vec<usize> = (0..6).collect();
            let mut random = Random::new(seed, 5);
            for k in (1..6).rev() {
                order.swap(k, random.index(k + 1));
            }
            let permuted = renumbered(&problem, &order);
            let (original, permuted) = (report(&problem), report(&permuted));
            let back = |values: &[f64]| {
                let mut out = vec![0.0; 6];
                order.iter().zip(values).for_each(|(&i, &value)| out[i] = value);
                out
            };
            for (mine, other) in [
                (&original.fixed_point, &permuted.fixed_point),
                (&original.error_vector.ep, &permuted.error_vector.ep),
                (&original.error_vector.truth, &permuted.error_vector.truth),
            ] {
                prop_assert!(relative_gap(&back(other), mine) <= 1e-11);
            }
            for (other, mine) in scalars(&permuted).iter().zip(scalars(&original)) {
                prop_assert!((other - mine).abs() <= 1e-10 * mine.abs(), "{other} {mine}");
            }
        }
    }

    #[test]
    fn time_constants_move_no_fixed_point_and_no_gradient(seed in any::<u64>()) {
        for shape in [Shape::Dense(5), Shape::Layered(&[2, 4, 3])] {
            for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
                let plain = contraction(seed, shape, dynamics);
                let mut random = Random::new(seed, 6);
                let n = plain.dimension();
                let mut slowed = plain.clone();
                slowed.time_constants = Some((0..n).map(|_| random.uniform(0.1, 10.0)).collect());
                let (plain, slowed) = (report(&plain), report(&slowed));
                for (mine, other) in [
                    (&plain.fixed_point, &slowed.fixed_point),
                    (&plain.error_vector.ep, &slowed.error_vector.ep),
                    (&plain.error_vector.truth, &slowed.error_vector.truth),
                ] {
                    prop_assert!(relative_gap(other, mine) <= 1e-11);
                }
                for (other, mine) in scalars(&slowed).iter().zip(scalars(&plain)) {
                    prop_assert!((other - mine).abs() <= 1e-10 * mine.abs(), "{other} {mine}");
                }
            }
        }
    }

    #[test]
    fn a_layered_network_is_a_dense_one_with_gaps(seed in any::<u64>()) {
        for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
            let layered = contraction(seed, Shape::Layered(&[2, 4, 3, 2]), dynamics);
            let mut dense = layered.clone();
            let network = dense.network_mut().unwrap();
            network.coupling = Coupling::Dense(layered.weights().unwrap());
            network.input_weights = layered.network().unwrap().input_weights.clone().resize_vertically(9, 0.0);
            let (layered, dense) = (report(&layered), report(&dense));
            for (mine, other) in [
                (&layered.fixed_point, &dense.fixed_point),
                (&layered.error_vector.ep, &dense.error_vector.ep),
                (&layered.error_vector.truth, &dense.error_vector.truth),
            ] {
                prop_assert!(relative_gap(other, mine) <= 1e-11);
            }
        }
    }
}

/// The problem with neuron `order[k]` renamed k.
fn renumbered(problem: &Problem, order: &[usize]) -> Problem {
    let Coupling::Dense(weights) = &problem.network().unwrap().coupling else {
        panic!("dense networks only");
    };
    let n = order.len();
    let mut network = problem.network().unwrap().clone();
    network.coupling =
        Coupling::Dense(DMatrix::from_fn(n, n, |i, j| weights[(order[i], order[j])]));
    network.input_weights = DMatrix::from_fn(n, network.inputs(), |i, k| {
        problem.network().unwrap().input_weights[(order[i], k)]
    });
    network.bias = order
        .iter()
        .map(|&i| problem.network().unwrap().bias[i])
        .collect();
    let renamed = |i: usize| order.iter().position(|&old| old == i).unwrap();
    network.outputs = problem
        .network()
        .unwrap()
        .outputs
        .iter()
        .map(|&i| renamed(i))
        .collect();
    let mut out = Problem::new(network, problem.input.clone(), problem.cost.target()).unwrap();
    out.initial_state = order.iter().map(|&i| problem.initial_state[i]).collect();
    out
}

/// One layer of neurons has nothing above it to feed it back.
#[test]
fn a_single_layer_needs_no_feedback() {
    let document = |more: &str| {
        format!(
            r#"{{"network": {{"type": "layered", "dynamics": "leaky", "activation": "tanh", "sizes": [2, 3],
            "forward": [[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]]{more}}},
            "input": [1, -1], "target": [0, 0, 0]}}"#
        )
    };
    let without = Problem::from_json(&document("")).unwrap();
    let with = Problem::from_json(&document(r#", "feedback": []"#)).unwrap();
    let velocity = |problem: &Problem| {
        let mut out = [0.0; 3];
        problem.field().velocity(&[0.2, 0.1, -0.3], &mut out);
        out
    };
    assert_eq!(velocity(&without), velocity(&with));
}
