//! Batches on trajectories: the same fixed points as one by one, every sample judged by itself.

use eqprop::dynamics::{
    BatchPhase, BatchRun, BatchSettings, Outcome, Phase, SampleEnding, SolverSettings, settle,
    settle_batch,
};
use eqprop::model::{Activation, Coupling, Dynamics, Glorot, Network, Random, SquaredError};
use nalgebra::DMatrix;

fn random(rows: usize, columns: usize, seed: u64, limit: f64) -> DMatrix<f64> {
    DMatrix::from_vec(
        rows,
        columns,
        Random::new(seed, 7).symmetric(rows * columns, limit),
    )
}

fn layered(sizes: &[usize], dynamics: Dynamics, activation: Activation, seed: u64) -> Network {
    let glorot = Glorot {
        seed,
        ..Glorot::default()
    };
    glorot.layered(sizes, dynamics, activation).unwrap()
}

fn settings(tolerance: f64) -> BatchSettings {
    BatchSettings {
        tolerance,
        ..BatchSettings::default()
    }
}

#[test]
fn a_batch_settles_where_its_samples_settle_alone() {
    // below and above the size from which samples share their steps
    for sizes in [&[6, 8, 4][..], &[20, 110, 60, 10]] {
        for (dynamics, activation) in [
            (Dynamics::Leaky, Activation::HardSigmoid),
            (Dynamics::Leaky, Activation::SteepLogistic),
            (Dynamics::Hopfield, Activation::Tanh),
        ] {
            let network = layered(sizes, dynamics, activation, 11);
            let (n, outputs) = (network.dimension(), network.outputs.len());
            let samples = 37;
            let inputs = random(sizes[0], samples, 2, 1.0);
            let targets = random(outputs, samples, 3, 1.0);
            let costs: Vec<_> = targets
                .column_iter()
                .map(|y| SquaredError::new(&network.outputs, y.as_slice()).unwrap())
                .collect();
            let constants: Vec<f64> = (0..n).map(|i| 0.5 + (i % 3) as f64).collect();
            let fields = network.clamp_batch(&inputs);
            let phase = BatchPhase::free(&fields)
                .with_time_constants(&constants)
                .nudged(&costs, 0.3);
            let run = settle_batch(&phase, &DMatrix::zeros(n, samples), &settings(1e-9)).unwrap();
            assert!(run.all_settled() && run.largest_residual() <= 1e-9);
            for (sample, cost) in costs.iter().enumerate() {
                let field = network.clamp(inputs.column(sample).as_slice());
                let alone = Phase::free(&field)
                    .with_time_constants(&constants)
                    .nudged(cost, 0.3);
                let state = run.states.column(sample);
                // what is claimed is what is there
                let residual = alone.residual(state.as_slice());
                assert!((residual - run.samples[sample].residual).abs() < 1e-14);
                let expected = settle(&alone, &vec![0.0; n], &SolverSettings::default())
                    .into_fixed_point()
                    .unwrap();
                for (s, expected) in state.iter().zip(expected.state()) {
                    assert!(
                        (s - expected).abs() < 1e-7,
                        "{sizes:?} {activation:?} sample {sample}"
                    );
                }
            }
        }
    }
}

#[test]
fn steps_in_single_precision_are_the_steps_of_double_precision() {
    let network = layered(
        &[20, 110, 60, 10],
        Dynamics::Leaky,
        Activation::SteepLogistic,
        8,
    );
    let inputs = random(20, 12, 6, 1.0);
    let fields = network.clamp_batch(&inputs);
    let starts = DMatrix::zeros(network.dimension(), 12);
    // from 1e-6 on, single precision takes the first steps
    let run = |atol| {
        let settings = BatchSettings {
            atol,
            ..settings(1e-8)
        };
        settle_batch(&BatchPhase::free(&fields), &starts, &settings).unwrap()
    };
    let (double, single) = (run(1e-6 * (1.0 - 1e-12)), run(1e-6));
    assert!(double.all_settled() && single.all_settled());
    assert_ne!(double.states, single.states);
    assert!((&double.states - &single.states).amax() < 1e-7);
    // the change of precision is one more evaluation
    let evaluations = |run: &BatchRun| run.statistics.rhs_evaluations;
    assert_eq!(evaluations(&double) + 1, evaluations(&single));
    for (double, single) in double.samples.iter().zip(&single.samples) {
        // a residual that just passes, or just does not: one step of at most 2
        assert!((double.time - single.time).abs() < 2.0);
    }
}

#[test]
fn who_begins_near_rest_is_judged_in_double_precision() {
    let network = layered(
        &[20, 110, 60, 10],
        Dynamics::Leaky,
        Activation::SteepLogistic,
        8,
    );
    let inputs = random(20, 12, 6, 1.0);
    let fields = network.clamp_batch(&inputs);
    let phase = BatchPhase::free(&fields);
    let starts = DMatrix::zeros(network.dimension(), 12);
    let near = settle_batch(&phase, &starts, &settings(1e-6)).unwrap();
    let run = settle_batch(&phase, &near.states, &settings(5e-7)).unwrap();
    assert!(run.all_settled());
    for (sample, found) in run.samples.iter().enumerate() {
        let field = network.clamp(inputs.column(sample).as_slice());
        let residual = Phase::free(&field).residual(run.states.column(sample).as_slice());
        assert!(residual <= 5e-7 && (residual - found.residual).abs() < 1e-14);
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let network = layered(
        &[20, 120, 80, 10],
        Dynamics::Leaky,
        Activation::HardSigmoid,
        5,
    );
    let inputs = random(20, 70, 4, 1.0);
    let fields = network.clamp_batch(&inputs);
    let starts = DMatrix::zeros(network.dimension(), 70);
    let states = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| settle_batch(&BatchPhase::free(&fields), &starts, &settings(1e-6)))
            .unwrap()
            .states
    };
    assert_eq!(states(1), states(3));
}

/// Pairs of linear neurons, W = [[gain, turn], [−turn, gain]], filled up to `n` neurons that do
/// nothing, so that either way of settling can be asked for.
fn pair(n: usize, gain: f64, turn: f64, activation: Activation) -> Network {
    let mut weights = DMatrix::zeros(n, n);
    (weights[(0, 0)], weights[(1, 1)]) = (gain, gain);
    (weights[(0, 1)], weights[(1, 0)]) = (turn, -turn);
    Network {
        dynamics: Dynamics::Leaky,
        activation,
        coupling: Coupling::Dense(weights),
        input_weights: DMatrix::from_fn(n, 1, |i, _| f64::from(u8::from(i == 0))),
        bias: vec![0.0; n],
        outputs: vec![0],
    }
}

#[test]
fn an_oscillation_is_called_one_and_leaves_the_others_alone() {
    for n in [2, 130] {
        // unstable at rest, bounded by tanh: a limit cycle for every input but the first, which
        // starts at the (unstable) fixed point and stays
        let network = pair(n, 1.5, 2.0, Activation::Tanh);
        let inputs = DMatrix::from_row_slice(1, 3, &[0.0, 0.1, 0.2]);
        let fields = network.clamp_batch(&inputs);
        let settings = BatchSettings {
            max_steps: 200,
            ..settings(1e-6)
        };
        let run =
            settle_batch(&BatchPhase::free(&fields), &DMatrix::zeros(n, 3), &settings).unwrap();
        assert_eq!(run.samples[0].ending, SampleEnding::Settled);
        for sample in &run.samples[1..] {
            assert!(
                matches!(sample.ending, SampleEnding::LimitCycle { period, .. } if period > 1.0)
            );
            assert!(sample.residual > 1e-3);
        }
        assert!(!run.all_settled());
    }
}

#[test]
fn a_divergence_is_called_one_and_leaves_the_others_alone() {
    for n in [2, 130] {
        let network = pair(n, 2.0, 0.0, Activation::Identity);
        let inputs = DMatrix::from_row_slice(1, 4, &[0.0, 1.0, 0.0, -1.0]);
        let fields = network.clamp_batch(&inputs);
        let run = settle_batch(
            &BatchPhase::free(&fields),
            &DMatrix::zeros(n, 4),
            &settings(1e-6),
        )
        .unwrap();
        let endings: Vec<_> = run.samples.iter().map(|sample| sample.ending).collect();
        use SampleEnding::{Diverged, Settled};
        assert_eq!(endings, [Settled, Diverged, Settled, Diverged]);
    }
}

#[test]
fn complex_eigenvalues_beyond_the_reach_of_sweeps_settle() {
    // Picard's iteration blows up here: |2i| > 1
    for n in [2, 130] {
        let network = pair(n, 0.0, 2.0, Activation::Identity);
        let inputs = DMatrix::from_element(1, 2, 1.0);
        let fields = network.clamp_batch(&inputs);
        let run = settle_batch(
            &BatchPhase::free(&fields),
            &DMatrix::zeros(n, 2),
            &settings(1e-10),
        )
        .unwrap();
        assert!(run.all_settled());
        assert!((run.states[(0, 0)] - 0.2).abs() < 1e-9 && (run.states[(1, 0)] + 0.4).abs() < 1e-9);
    }
}

#[test]
fn bounds_hold() {
    let network = layered(&[6, 8, 4], Dynamics::Leaky, Activation::HardSigmoid, 3);
    let inputs = random(6, 5, 9, 1.0);
    let fields = network.clamp_batch(&inputs);
    let n = network.dimension();
    let phase = BatchPhase::free(&fields).with_state_bounds(0.0, 1.0);
    let run = settle_batch(&phase, &DMatrix::zeros(n, 5), &settings(1e-6)).unwrap();
    assert!(run.all_settled() && run.states.iter().all(|s| (0.0..=1.0).contains(s)));
    for sample in 0..5 {
        let field = network.clamp(inputs.column(sample).as_slice());
        let alone = Phase::free(&field).with_state_bounds(0.0, 1.0);
        let Outcome::Settled(point) = settle(&alone, &vec![0.0; n], &SolverSettings::default())
        else {
            panic!("sample {sample} did not settle")
        };
        assert_eq!(point.state(), run.states.column(sample).as_slice());
    }
}

#[test]
fn what_is_driven_beyond_the_bounds_of_a_batch_rests_on_them() {
    // leaky neurons of the identity without weights: ṡ = b − s
    let mut network = layered(&[2, 4], Dynamics::Leaky, Activation::Identity, 1);
    network.bias = vec![3.0, -3.0, 0.1, -0.1];
    let silent = DMatrix::zeros(2, 3);
    let fields = network.clamp_batch(&silent);
    assert_eq!(BatchPhase::free(&fields).bounds(), None);
    for (low, high) in [(-0.25, 0.5), (-2.0, 1.5)] {
        let phase = BatchPhase::free(&fields).with_state_bounds(low, high);
        let run = settle_batch(&phase, &DMatrix::zeros(4, 3), &settings(1e-9)).unwrap();
        assert!(run.all_settled());
        for state in run.states.column_iter() {
            assert_eq!(phase.bounds(), Some((state[1], state[0])));
            assert!((state[2] - 0.1).abs() < 1e-8 && (state[3] + 0.1).abs() < 1e-8);
        }
    }
}

#[test]
fn starts_of_another_shape_or_without_a_number_are_refused() {
    let network = layered(&[2, 3], Dynamics::Leaky, Activation::Tanh, 1);
    let inputs = DMatrix::zeros(2, 2);
    let fields = network.clamp_batch(&inputs);
    let phase = BatchPhase::free(&fields);
    let settle = |starts: DMatrix<f64>| settle_batch(&phase, &starts, &BatchSettings::default());
    assert!(settle(DMatrix::zeros(3, 1)).is_err());
    assert!(settle(DMatrix::from_element(3, 2, f64::NAN)).is_err());
    let none = network.clamp_batch(&DMatrix::zeros(2, 0));
    let run = settle_batch(
        &BatchPhase::free(&none),
        &DMatrix::zeros(3, 0),
        &BatchSettings::default(),
    );
    assert!(run.unwrap().samples.is_empty());
}
