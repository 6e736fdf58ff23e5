//! Training against the theorem, the trajectories, and small problems that it has to solve.

use eqprop::Error;
use eqprop::data::DataSource;
use eqprop::dynamics::SolverSettings;
use eqprop::experiment::training::{
    BlockKind, Clamp, CostName, EpochRecord, NudgeScheme, NudgeSettings, OptimiserMethod,
    Persistent, RunOptions, Schedule, SettleMethod, Trainer, TrainingEstimator, TrainingRun,
    TrainingSettings, Watcher, Weights, train,
};
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::{Activation, Problem};

use crate::support::relative_gap;

fn digits(sizes: &[usize]) -> TrainingSettings {
    let mut settings = TrainingSettings::default();
    settings.network.sizes = sizes.to_vec();
    settings.nudge = NudgeSettings {
        beta: 0.5,
        scheme: NudgeScheme::RandomSign,
    };
    settings.optimiser.rates = Some(vec![0.1]);
    settings.optimiser.schedule = Schedule::Constant {};
    settings.network.clamp = Some(Clamp::All);
    settings.settle.tolerance = 1e-6;
    settings
}

fn trainer(settings: &TrainingSettings) -> Trainer {
    let data = settings.data.source.load(None).unwrap();
    Trainer::new(settings.clone(), data, 1).unwrap()
}

/// A trainer that has learned for a while, so that its weights are nothing special.
fn trained(settings: &TrainingSettings, batches: usize) -> Trainer {
    let mut trainer = trainer(settings);
    for _ in 0..batches {
        trainer.learn().unwrap();
    }
    trainer
}

/// The problem of one sample at the weights of a trainer, in double precision.
fn problem(trainer: &Trainer, sample: usize) -> Problem {
    let settings = trainer.settings();
    let network = trainer.weights().to_network(&settings.network).unwrap();
    let data = trainer.data();
    let input = data.input(sample).iter().map(|&x| f64::from(x)).collect();
    let mut target = vec![0.0; data.classes.len()];
    target[data.label(sample)] = 1.0;
    let mut problem = Problem::new(network, input, &target).unwrap();
    if settings.network.clamp() == Clamp::All {
        problem.state_bounds = Some((0.0, 1.0));
    }
    problem
}

/// The numbers of an update and of the same blocks of a report, block by block.
fn side_by_side(
    update: &Weights,
    reported: &GradientReport,
    truth: bool,
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let parameters = if truth {
        &reported.negative_gradient
    } else {
        &reported.ep_update
    };
    let blocks = update.kinds().zip(&parameters.blocks);
    blocks
        .map(|(kind, block)| {
            let found = update.block(kind).iter().map(|&v| f64::from(v)).collect();
            let expected = block.values.transpose().as_slice().to_vec();
            (found, expected)
        })
        .collect()
}

#[test]
fn the_update_of_a_sample_is_the_gradient_that_the_library_computes() {
    let solver = SolverSettings::default();
    for (estimator, reference, beta, tolerance) in [
        (
            TrainingEstimator::TrueGradient,
            Estimator::LinearResponse,
            None,
            2e-4,
        ),
        // at equal β both have the same bias
        (TrainingEstimator::Ep, Estimator::Centred, Some(0.1), 1e-3),
        (
            TrainingEstimator::Asymmetric,
            Estimator::Asymmetric,
            Some(0.1),
            1e-3,
        ),
    ] {
        let mut settings = digits(&[64, 12, 8, 10]);
        settings.estimator = estimator;
        settings.nudge.beta = 0.1;
        settings.nudge.scheme = NudgeScheme::Centred;
        let mut trainer = trained(&settings, 70);
        let mut compared = 0;
        for sample in 0..6 {
            let probe = trainer.probe(&[sample]).unwrap();
            assert_eq!(probe.contributing, [true]);
            let problem = problem(&trainer, sample);
            let report = gradient(&problem, reference, beta, &solver).unwrap();
            let truth = estimator == TrainingEstimator::TrueGradient;
            for (found, expected) in side_by_side(&probe.update, &report, truth) {
                let largest = expected.iter().fold(0.0f64, |a, b| a.max(b.abs()));
                if largest > 1e-3 {
                    let gap = relative_gap(&found, &expected);
                    assert!(gap < tolerance, "{estimator:?}, sample {sample}: {gap:e}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 20, "{compared} blocks");
    }
}

#[test]
fn the_update_of_a_batch_is_the_mean_over_its_samples() {
    let settings = digits(&[64, 12, 10]);
    let mut trainer = trained(&settings, 50);
    let together = trainer.probe(&[3, 8, 21]).unwrap().update;
    let mut sum = vec![0.0; together.block(BlockKind::Forward(0)).len()];
    for sample in [3, 8, 21] {
        let alone = trainer.probe(&[sample]).unwrap().update;
        for (sum, value) in sum.iter_mut().zip(alone.block(BlockKind::Forward(0))) {
            *sum += f64::from(*value) / 3.0;
        }
    }
    let found: Vec<f64> = together
        .block(BlockKind::Forward(0))
        .iter()
        .map(|&value| f64::from(value))
        .collect();
    assert!(relative_gap(&found, &sum) < 1e-5);
}

struct Quiet;
impl Watcher for Quiet {}

fn run(settings: &TrainingSettings) -> TrainingRun {
    let place = tempfile::tempdir().unwrap();
    let options = RunOptions {
        directory: place.path().join("run"),
        data: None,
        resume: false,
        force: false,
        threads: 2,
    };
    train(Some(settings.clone()), &options, &mut Quiet).unwrap()
}

fn training_error(run: &TrainingRun) -> f64 {
    run.records.last().unwrap().training.unwrap().error
}

#[test]
fn engine_and_trajectories_give_the_same_curve() {
    let mut settings = digits(&[64, 24, 10]);
    settings.data.limit = Some(160);
    settings.observe.probe = 0;
    settings.observe.test = false;
    settings.epochs = 4;
    settings.settle.tolerance = 1e-5;
    let curve = |settings: &TrainingSettings| -> Vec<f64> {
        let run = run(settings);
        let trained = run.records.iter().filter_map(|record| record.training);
        trained.map(|set| set.cost).collect()
    };
    let mut other_seed = settings.clone();
    other_seed.seed = 1;
    let mut adaptive = settings.clone();
    adaptive.settle.method = SettleMethod::Adaptive;
    let [engine, other_seed, adaptive] = [settings, other_seed, adaptive].map(|s| curve(&s));
    let distance = |curve: &[f64]| {
        let gaps = curve.iter().zip(&engine).map(|(a, b)| (a - b).abs());
        gaps.fold(0.0, f64::max)
    };
    let noise = distance(&other_seed);
    let found = distance(&adaptive);
    assert!(
        noise > 1e-3 && found < 0.1 * noise,
        "{found:e} against {noise:e}"
    );
}

/// Without bounds, 128 neurons and more follow their trajectories in lanes: the same curve, at rest to 1e-9.
#[test]
fn trajectories_in_lanes_give_the_curve_of_the_engine() {
    let mut settings = digits(&[64, 120, 10]);
    settings.network.activation = Activation::Tanh;
    settings.network.clamp = Some(Clamp::None);
    settings.data.limit = Some(60);
    settings.observe.probe = 0;
    settings.observe.test = false;
    settings.epochs = 2;
    settings.settle.tolerance = 1e-6;
    settings.optimiser.rates = Some(vec![0.05, 0.02]);
    let mut adaptive = settings.clone();
    adaptive.settle.method = SettleMethod::Adaptive;
    let [engine, adaptive] = [settings, adaptive].map(|settings| run(&settings));
    for (engine, adaptive) in engine.records.iter().zip(&adaptive.records).skip(1) {
        let cost = |record: &EpochRecord| record.training.unwrap().cost;
        let gap = (cost(engine) - cost(adaptive)).abs();
        assert!(gap < 1e-5 * cost(engine), "{gap:e}");
        let free = adaptive.free.as_ref().unwrap();
        assert_eq!(free.settled, 1.0);
        assert!(
            free.residual.largest.unwrap() <= 1e-9,
            "{:?}",
            free.residual
        );
    }
}

#[test]
fn the_exclusive_or_is_learned() {
    let mut settings = TrainingSettings::default();
    settings.network.sizes = vec![2, 24, 2];
    settings.epochs = 60;
    settings.observe.every = 60;
    settings.data.source = DataSource::Xor {
        samples: 200,
        noise: 0.2,
        seed: 0,
    };
    for method in [
        OptimiserMethod::Sgd {},
        OptimiserMethod::Momentum { momentum: 0.5 },
    ] {
        settings.optimiser.method = method;
        let run = run(&settings);
        let test = run.records.last().unwrap().test.unwrap().error;
        assert_eq!((training_error(&run), test), (0.0, 0.0), "{method:?}");
    }
}

#[test]
fn moons_and_a_teacher_are_learned() {
    let mut settings = TrainingSettings {
        batch: 10,
        ..TrainingSettings::default()
    };
    settings.observe.every = settings.epochs;
    // few inputs: at the Glorot limit the hidden neurons stay in the linear part of their rate
    settings.network.gain = 4.0;
    settings.network.feedback_gain = 0.1;
    settings.settle.persistent = Persistent::None;
    let mut test_error = |sizes: &[usize], source| {
        settings.network.sizes = sizes.to_vec();
        settings.data.source = source;
        run(&settings).records.last().unwrap().test.unwrap().error
    };
    let (samples, seed) = (500, 0);
    let noise = 0.1;
    let moons = test_error(
        &[2, 64, 2],
        DataSource::TwoMoons {
            samples,
            noise,
            seed,
        },
    );
    // a linear classifier is wrong for 12 %
    assert!(moons <= 0.05, "{moons}");
    let teacher = DataSource::Teacher {
        samples,
        inputs: 5,
        classes: 3,
        seed,
    };
    let teacher = test_error(&[5, 64, 3], teacher);
    assert!(teacher <= 0.2, "{teacher}");
}

#[test]
fn other_costs_activations_and_rules_learn_too() {
    let mut settings = digits(&[64, 32, 10]);
    settings.data.limit = Some(400);
    settings.epochs = 8;
    settings.observe.every = 8;
    settings.observe.probe = 0;
    settings.network.clamp = Some(Clamp::None);
    settings.network.activation = Activation::Tanh;
    settings.optimiser.rates = Some(vec![0.1, 0.05]);
    let mut softmax = settings.clone();
    softmax.cost = CostName::SoftmaxCrossEntropy;
    let mut momentum = settings.clone();
    momentum.optimiser.method = OptimiserMethod::Momentum { momentum: 0.5 };
    let mut truth = settings.clone();
    truth.estimator = TrainingEstimator::TrueGradient;
    let mut asymmetric = settings.clone();
    asymmetric.estimator = TrainingEstimator::Asymmetric;
    for settings in [settings, softmax, momentum, truth, asymmetric] {
        let run = run(&settings);
        let error = training_error(&run);
        assert!(error < 0.5, "{error} by {settings:?}");
    }
}

#[test]
fn homeostasis_lowers_the_asymmetry_and_tied_weights_have_none() {
    let mut settings = digits(&[64, 24, 16, 10]);
    settings.data.limit = Some(300);
    settings.epochs = 3;
    let asymmetry = |settings: &TrainingSettings| {
        let run = run(settings);
        let observables = run.records.last().unwrap().observables.clone().unwrap();
        observables.jacobian_asymmetry.unwrap()
    };
    let plain = asymmetry(&settings);
    settings.homeostasis = 1.0;
    let lowered = asymmetry(&settings);
    assert!(lowered < 0.7 * plain, "{lowered} against {plain}");
    settings.homeostasis = 0.0;
    settings.network.tied = true;
    assert!(asymmetry(&settings) < 1e-6);
}

/// With nothing but β (and the scheme) given, every β that people use learns.
#[test]
fn the_defaults_learn_at_every_beta() {
    for (beta, scheme) in [
        (0.1, "one_sided"),
        (0.1, "centred"),
        (0.5, "one_sided"),
        (0.5, "centred"),
        (1.0, "one_sided"),
        (4.0, "one_sided"),
    ] {
        let text = format!(
            r#"{{"epochs": 20, "nudge": {{"beta": {beta}, "scheme": "{scheme}"}},
                "observe": {{"probe": 0, "every": 20}}}}"#
        );
        let mut trainer = trainer(&TrainingSettings::from_json(&text).unwrap());
        for _ in 0..20 {
            while !trainer.epoch_done() {
                trainer.learn().unwrap();
            }
            trainer.next_epoch();
        }
        let test = trainer.split().test.clone();
        let error = trainer.evaluate(test).unwrap().unwrap().error;
        assert!(error < 0.1, "{beta} {scheme}: {error}");
    }
}

#[test]
fn a_linear_output_without_bounds_diverges_and_says_so() {
    let mut settings = digits(&[64, 32, 10]);
    settings.network.clamp = Some(Clamp::None);
    settings.optimiser.rates = Some(vec![50.0]);
    let place = tempfile::tempdir().unwrap();
    let options = RunOptions {
        directory: place.path().to_owned(),
        data: None,
        resume: false,
        force: false,
        threads: 1,
    };
    match train(Some(settings), &options, &mut Quiet) {
        Err(Error::TrainingDiverged { checkpoint, .. }) => {
            assert!(checkpoint.unwrap().exists());
        }
        other => panic!("{other:?}"),
    }
}
