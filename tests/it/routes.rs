//! The true gradient by three more routes that share no code with `Jac⁻ᵀ c`: finite differences,
//! recurrent backpropagation, forward sensitivities of diffsol.

use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, VectorCommon};
use eqprop::dynamics::{Control, Phase, SolverSettings, integrate, settle};
use eqprop::gradient::{Estimator, GradientReport, LinearField, gradient};
use eqprop::model::{Activation, Adjoint, Adjustable, Cost, Dynamics, Problem, VectorField};
use nalgebra::DMatrix;

use crate::support::{
    Shape, gap, observed_order, random_problem, reference_problem, relative_gap, size,
};

/// Random networks of several kinds, and reference problems with what those lack.
fn problems() -> Vec<(String, Problem)> {
    use Activation::{Logistic, SteepLogistic, Tanh};
    use Dynamics::{Hopfield, Leaky};
    let layered = Shape::Layered(&[3, 5, 4, 2]);
    let mut out = Vec::new();
    for (seed, shape, dynamics, activation, gain) in [
        (1, Shape::Dense(6), Leaky, Tanh, 1.2),
        (2, Shape::Dense(6), Leaky, Logistic, 3.0),
        (3, Shape::Dense(6), Hopfield, Tanh, 1.0),
        (4, Shape::Dense(5), Hopfield, SteepLogistic, 0.8),
        (5, layered, Leaky, Tanh, 1.2),
        (6, layered, Leaky, SteepLogistic, 1.2),
        (7, layered, Hopfield, Tanh, 1.0),
    ] {
        let problem = random_problem(seed, shape, dynamics, activation, gain);
        let name = format!("{dynamics:?} {} {shape:?}", activation.name());
        out.push((name, problem));
    }
    for name in [
        "dense_hard_sigmoid_n8",
        "time_constants_n4",
        "bounds_dense_n5",
    ] {
        out.push((name.into(), reference_problem(name)));
    }
    out
}

fn truth(problem: &Problem) -> GradientReport {
    let settings = SolverSettings::default();
    gradient(problem, Estimator::LinearResponse, None, &settings)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// J(θ): the cost at the fixed point that the trajectory from the problem's start reaches.
fn objective(problem: &Problem, field: &dyn VectorField) -> f64 {
    let phase = Phase::of_problem(problem, field);
    let point = settle(&phase, &problem.initial_state, &SolverSettings::default())
        .into_fixed_point()
        .unwrap_or_else(|error| panic!("{error}"));
    problem.cost.value(point.state())
}

/// −∂J/∂θ by central differences of step h, every parameter by itself.
fn by_differences(problem: &Problem, h: f64) -> Vec<f64> {
    let field = problem.field();
    let parameters = field.parameters();
    (0..parameters.len())
        .map(|k| {
            let at = |step: f64| {
                let mut moved = parameters.clone();
                *moved.iter_mut().nth(k).unwrap() += step;
                objective(problem, &*field.with_parameters(&moved))
            };
            -(at(h) - at(-h)) / (2.0 * h)
        })
        .collect()
}

#[test]
fn finite_differences_of_the_objective_agree_and_converge_at_order_two() {
    for (name, problem) in problems() {
        let gradient: Vec<f64> = truth(&problem).negative_gradient.iter().collect();
        let errors: Vec<f64> = [4e-3, 2e-3, 1e-3]
            .iter()
            .map(|&h| gap(&by_differences(&problem, h), &gradient))
            .collect();
        let order = observed_order(&errors);
        assert!(
            (1.95..=2.05).contains(&order),
            "{name}: order {order}, {errors:?}"
        );
        let fine = relative_gap(&by_differences(&problem, 1e-5), &gradient);
        assert!(fine <= 1e-8, "{name}: {fine:.1e}");
    }
}

#[test]
fn recurrent_backpropagation_comes_to_rest_at_the_true_error_vector() {
    for (name, problem) in problems() {
        let report = truth(&problem);
        let field = problem.field();
        let state = &report.fixed_point;
        let n = state.len();
        let active: Vec<usize> = (0..n).filter(|i| !report.pinned.contains(i)).collect();
        let mut cost_gradient = vec![0.0; n];
        problem.cost.gradient(state, &mut cost_gradient);
        // ż = Jacᵀ z − c on the active neurons, its matrix from products with Jacᵀ alone
        let mut matrix = DMatrix::zeros(active.len(), active.len());
        let (mut unit, mut column) = (vec![0.0; n], vec![0.0; n]);
        for (q, &j) in active.iter().enumerate() {
            unit[j] = 1.0;
            field.vector_jacobian(state, &unit, &mut column);
            unit[j] = 0.0;
            for (p, &i) in active.iter().enumerate() {
                matrix[(p, q)] = column[i];
            }
        }
        let offset: Vec<f64> = active.iter().map(|&i| -cost_gradient[i]).collect();
        let adjoint = LinearField::new(matrix, offset);
        let run = integrate(
            &Phase::free(&adjoint),
            &vec![0.0; active.len()],
            (0.0, 300.0),
            &SolverSettings {
                rtol: 1e-11,
                atol: 1e-14,
                ..SolverSettings::default()
            },
            // well inside the stability region of the explicit method
            &mut |_| Control::CapStep(0.2),
        );
        let expected: Vec<f64> = active
            .iter()
            .map(|&i| report.error_vector.truth[i])
            .collect();
        let error = relative_gap(&run.state, &expected);
        assert!(error <= 1e-9, "{name}: {error:.1e}");
    }
}

#[test]
fn forward_sensitivities_of_diffsol_at_long_time_agree() {
    // ds/dt = W tanh s + b − s, written out here, all weights and biases as parameters
    let n = 3;
    let problem = random_problem(11, Shape::Dense(n), Dynamics::Leaky, Activation::Tanh, 1.2);
    let field = problem.field();
    let mut drive = vec![0.0; n];
    field.velocity(&vec![0.0; n], &mut drive);
    let weights = problem.network().unwrap().coupling.to_matrix();
    let mut parameters: Vec<f64> = weights.iter().copied().collect();
    parameters.extend(&drive);
    let at = move |i: usize, j: usize| j * n + i;
    let builder = OdeBuilder::<NalgebraMat<f64>>::new()
        .rtol(1e-10)
        .atol([1e-12])
        .sens_rtol(1e-10)
        .sens_atol([1e-12])
        .p(parameters)
        .rhs_sens_implicit(
            move |s, p, _t, out| {
                for i in 0..n {
                    let drive: f64 = (0..n).map(|j| p[at(i, j)] * s[j].tanh()).sum();
                    out[i] = drive + p[n * n + i] - s[i];
                }
            },
            move |s, p, _t, v, out| {
                for i in 0..n {
                    let slope = |j: usize| 1.0 - s[j].tanh().powi(2);
                    let moved: f64 = (0..n).map(|j| p[at(i, j)] * slope(j) * v[j]).sum();
                    out[i] = moved - v[i];
                }
            },
            move |s, _p, _t, v, out| {
                for i in 0..n {
                    let moved: f64 = (0..n).map(|j| v[at(i, j)] * s[j].tanh()).sum();
                    out[i] = moved + v[n * n + i];
                }
            },
        );
    let start = problem.initial_state.clone();
    let equations = builder
        .init_sens(
            move |_p, _t, out| out.copy_from_slice(&start),
            |_p, _t, _v, out| out.fill(0.0),
            n,
        )
        .build()
        .unwrap();
    let mut solver = equations.bdf_sens::<NalgebraLU<f64>>().unwrap();
    while solver.state().t < 200.0 {
        solver.step().unwrap();
    }
    let report = truth(&problem);
    let state = solver.state();
    assert!(gap(state.y.inner().as_slice(), &report.fixed_point) <= 1e-9);
    let mut cost_gradient = vec![0.0; n];
    problem
        .cost
        .gradient(&report.fixed_point, &mut cost_gradient);
    let expected: Vec<f64> = ["weights", "bias"]
        .iter()
        .flat_map(|name| {
            let blocks = &report.negative_gradient.blocks;
            let block = blocks.iter().find(|block| block.name == *name).unwrap();
            block.values.iter().copied().collect::<Vec<f64>>()
        })
        .collect();
    // ∂s/∂θₖ, one parameter after the other
    let sensitivities = state.s.inner().as_slice().chunks(n);
    let found: Vec<f64> = sensitivities
        .map(|column| -(0..n).map(|i| cost_gradient[i] * column[i]).sum::<f64>())
        .collect();
    let error = relative_gap(&found, &expected);
    assert!(error <= 1e-7, "{error:.1e}: {found:?} {expected:?}");
    assert!(size(&expected) > 1e-3);
}
