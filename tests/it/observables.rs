//! Observables of training against the dense linear algebra of the theorem.

use eqprop::dynamics::{FixedPoint, SolverSettings, spectral_abscissa};
use eqprop::experiment::training::{Clamp, Observables, ProbeSample, observe};
use eqprop::gradient::{
    Estimator, LayeredLinearisation, Linearisation, asymmetry, compare, gradient,
};
use eqprop::model::{Activation, Cost, Coupling, Dynamics, Glorot, Network, Parameters, Problem};
use eqprop::numeric::linear_algebra as la;

use crate::support::{Shape, random_problem, relative_gap, settled};

const SIZES: [&[usize]; 4] = [&[4, 6, 3], &[4, 3, 6, 2], &[3, 5, 4, 6, 2], &[2, 3]];

/// Layered leaky problems with their fixed points: free, and held inside [0, 1] by projection.
fn problems() -> Vec<(Problem, FixedPoint)> {
    let mut out = Vec::new();
    for (seed, sizes) in SIZES.into_iter().enumerate() {
        for (activation, bounds) in [
            (Activation::Tanh, None),
            (Activation::SteepLogistic, None),
            (Activation::HardSigmoid, Some((0.0, 1.0))),
        ] {
            let shape = Shape::Layered(sizes);
            let seed = seed as u64;
            let mut problem = random_problem(seed, shape, Dynamics::Leaky, activation, 1.3);
            problem.state_bounds = bounds;
            problem.initial_state.iter_mut().for_each(|s| *s = s.abs());
            let fixed_point = settled(&problem, &SolverSettings::default());
            out.push((problem, fixed_point));
        }
    }
    out
}

#[test]
fn elimination_agrees_with_the_dense_jacobian() {
    let mut pinned = 0;
    for (problem, point) in problems() {
        let dense = Linearisation::new(&point).unwrap();
        let (state, active) = (point.state(), point.active());
        pinned += state.len() - active.len();
        let layered = LayeredLinearisation::new(problem.network().unwrap(), state, active).unwrap();
        let cost: Vec<f64> = (0..state.len()).map(|i| (1.0 + i as f64).sin()).collect();
        for (found, expected) in [
            (
                layered.true_error_vector(&cost),
                dense.true_error_vector(&cost),
            ),
            (layered.ep_error_vector(&cost), dense.ep_error_vector(&cost)),
        ] {
            assert!(relative_gap(&found, &expected) < 1e-12);
        }
        let jacobian = dense.jacobian();
        assert!((layered.asymmetry().unwrap() - asymmetry(jacobian)).abs() < 1e-13);
        let abscissa = spectral_abscissa(&la::eigenvalues(jacobian).unwrap());
        let found = layered.spectral_abscissa().unwrap();
        assert!((found - abscissa).abs() < 1e-7, "{found} {abscissa}");
    }
    assert!(pinned > 5, "no neuron at a bound: nothing was restricted");
}

#[test]
fn without_active_neurons_there_is_nothing_to_measure() {
    let (problem, point) = &problems()[0];
    let nothing =
        LayeredLinearisation::new(problem.network().unwrap(), point.state(), &[]).unwrap();
    assert_eq!(nothing.asymmetry(), None);
    assert_eq!(nothing.spectral_abscissa(), None);
    assert_eq!(nothing.true_error_vector(&[1.0; 9]), [0.0; 9]);
    // one layer alone: Jac = −I
    let single =
        LayeredLinearisation::new(problem.network().unwrap(), point.state(), &[0, 2]).unwrap();
    assert_eq!(
        (single.asymmetry(), single.spectral_abscissa()),
        (Some(0.0), Some(-1.0))
    );
    let dense = random_problem(1, Shape::Dense(4), Dynamics::Leaky, Activation::Tanh, 1.0);
    assert!(LayeredLinearisation::new(dense.network().unwrap(), &[0.0; 4], &[0]).is_err());
}

#[test]
fn a_singular_jacobian_is_an_error() {
    // two neurons that excite each other with loop gain 1
    let network = Glorot::default().layered(&[1, 1, 1], Dynamics::Leaky, Activation::Identity);
    let mut network = network.unwrap();
    let Coupling::Layered(layers) = &mut network.coupling else {
        panic!("layered");
    };
    layers.matrices_mut().for_each(|matrix| matrix.fill(1.0));
    let error = LayeredLinearisation::new(&network, &[0.0; 2], &[0, 1])
        .err()
        .unwrap();
    assert_eq!(error.kind(), "singular_jacobian");
}

/// Problems that share one network: different inputs and targets.
fn probe(activation: Activation, bounds: Option<(f64, f64)>) -> Vec<Problem> {
    let shape = Shape::Layered(&[5, 8, 6, 3]);
    let problem = |seed| random_problem(seed, shape, Dynamics::Leaky, activation, 1.0);
    let mut network = problem(1).network().unwrap().clone();
    if bounds.is_some() {
        // most neurons between the bounds
        network.bias.iter_mut().for_each(|b| *b = 0.4 + 0.3 * *b);
    }
    (1..6)
        .map(|seed| {
            let mut problem = Problem {
                system: eqprop::model::System::Network(network.clone()),
                ..problem(seed)
            };
            problem.state_bounds = bounds;
            problem.initial_state.fill(0.5);
            problem
        })
        .collect()
}

/// What `observe` says of the problems, with the two sums of updates that it compares.
fn observed(problems: &[Problem], clamp: Clamp) -> (Observables, Parameters, Parameters) {
    let settings = SolverSettings::default();
    let mut sums: Option<(Parameters, Parameters)> = None;
    let samples: Vec<ProbeSample> = problems
        .iter()
        .map(|problem| {
            let report = gradient(problem, Estimator::Centred, Some(0.1), &settings).unwrap();
            let (update, truth) = (report.ep_update, report.negative_gradient);
            sums = Some(match sums.take() {
                None => (update, truth),
                Some((a, b)) => (a.plus(1.0, &update), b.plus(1.0, &truth)),
            });
            let state = report.fixed_point;
            let mut cost_gradient = vec![0.0; state.len()];
            problem.cost.gradient(&state, &mut cost_gradient);
            ProbeSample {
                input: problem.input.clone(),
                cost_gradient: cost_gradient.split_off(state.len() - 3),
                error_vector: report.error_vector.ep,
                state,
            }
        })
        .collect();
    let (update, truth) = sums.unwrap();
    (
        observe(problems[0].network().unwrap(), clamp, &samples).unwrap(),
        update,
        truth,
    )
}

/// Both undefined (a side is 0), or within a millionth of a degree.
fn agrees(found: Option<f64>, update: &[f64], truth: &[f64]) -> bool {
    let expected = compare(update, truth, &[]).angle_degrees;
    match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
        _ => found == expected,
    }
}

#[test]
fn angles_are_those_of_the_parameter_blocks() {
    for (activation, bounds, clamp) in [
        (Activation::Tanh, None, Clamp::None),
        (Activation::HardSigmoid, Some((0.0, 1.0)), Clamp::All),
    ] {
        let problems = probe(activation, bounds);
        let (observables, update, truth) = observed(&problems, clamp);
        assert_eq!(observables.probe, problems.len());
        let angles = observables.angle.unwrap();
        let whole = |parameters: &Parameters| parameters.iter().collect::<Vec<f64>>();
        assert!(angles.all.unwrap() > 0.1);
        assert!(
            agrees(angles.all, &whole(&update), &whole(&truth)),
            "{angles:?}"
        );
        assert_eq!(angles.blocks.len(), update.blocks.len());
        for ((found, update), truth) in angles.blocks.iter().zip(&update.blocks).zip(&truth.blocks)
        {
            assert!(found.block.starts_with(update.name), "{}", found.block);
            let (update, truth) = (update.values.as_slice(), truth.values.as_slice());
            assert!(agrees(found.value, update, truth), "{found:?}");
        }
        let alone = problems
            .iter()
            .map(|problem| observed(std::slice::from_ref(problem), clamp).0)
            .filter_map(|alone| alone.angle.unwrap().all);
        let alone: Vec<f64> = alone.collect();
        let mean = alone.iter().sum::<f64>() / alone.len() as f64;
        assert!((angles.mean_of_samples.unwrap() - mean).abs() < 1e-6);
    }
}

#[test]
fn small_angles_keep_their_digits() {
    let problems = probe(Activation::Tanh, None);
    let report = gradient(
        &problems[0],
        Estimator::LinearResponse,
        None,
        &SolverSettings::default(),
    );
    let report = report.unwrap();
    let mut sample = ProbeSample {
        input: problems[0].input.clone(),
        cost_gradient: vec![0.0; 3],
        error_vector: report.error_vector.truth.clone(),
        state: report.fixed_point,
    };
    for (k, c) in sample.cost_gradient.iter_mut().enumerate() {
        *c = sample.state[14 + k] - problems[0].cost.target()[k];
    }
    sample.error_vector[3] *= 1.0 + 1e-9;
    let observables = observe(problems[0].network().unwrap(), Clamp::None, &[sample]).unwrap();
    let angle = observables.angle.unwrap().all.unwrap();
    assert!(angle > 1e-10 && angle < 1e-7, "{angle}");
}

#[test]
fn pairs_are_those_of_the_paper() {
    let network = |asymmetry| -> Network {
        let glorot = Glorot {
            seed: 4,
            gain: 1.0,
            asymmetry,
        };
        glorot
            .layered(&[7, 40, 30, 20], Dynamics::Leaky, Activation::HardSigmoid)
            .unwrap()
    };
    let symmetric = observe(&network(0.0), Clamp::All, &[]).unwrap();
    assert_eq!(
        (
            symmetric.probe,
            symmetric.angle,
            symmetric.jacobian_asymmetry
        ),
        (0, None, None)
    );
    for (k, pair) in symmetric.pairs.iter().enumerate() {
        let Coupling::Layered(layers) = network(0.0).coupling else {
            panic!("layered");
        };
        let product = &layers.feedback()[k] * &layers.forward()[k];
        assert!((pair.trace - product.trace()).abs() < 1e-10);
        assert!((pair.cosine.unwrap() - 1.0).abs() < 1e-12);
    }
    for pair in observe(&network(1.0), Clamp::All, &[]).unwrap().pairs {
        assert!(pair.cosine.unwrap().abs() < 0.1);
    }
}

#[test]
fn samples_that_are_no_numbers_are_left_out() {
    let problems = probe(Activation::Tanh, None);
    let sample = ProbeSample {
        input: problems[0].input.clone(),
        state: vec![0.1; 17],
        cost_gradient: vec![1.0; 3],
        error_vector: vec![f64::NAN; 17],
    };
    let observables = observe(problems[0].network().unwrap(), Clamp::All, &[sample]).unwrap();
    assert_eq!((observables.probe, observables.angle), (0, None));
    assert_eq!(observables.pairs.len(), 2);
}
