//! The probe of training against `gradient` of the same problems: two ways to one angle.

use eqprop::data::{DataSet, DataSource};
use eqprop::dynamics::SolverSettings;
use eqprop::experiment::training::{
    Clamp, NetworkSettings, NudgeScheme, NudgeSettings, SettleSettings, Trainer, TrainingEstimator,
    TrainingSettings,
};
use eqprop::gradient::{Estimator, compare, gradient};
use eqprop::model::{Activation, Parameters, Problem};

/// Small enough that no nudge carries a neuron over a bound, where the two would differ.
const BETA: f64 = 0.05;
const PROBE: usize = 6;

fn settings(
    activation: Activation,
    clamp: Clamp,
    estimator: TrainingEstimator,
) -> TrainingSettings {
    let mut settings = TrainingSettings {
        estimator,
        seed: 3,
        network: NetworkSettings {
            sizes: vec![2, 7, 6, 2],
            activation,
            clamp: Some(clamp),
            ..NetworkSettings::default()
        },
        nudge: NudgeSettings {
            beta: BETA,
            scheme: NudgeScheme::Centred,
        },
        settle: SettleSettings {
            tolerance: 1e-6,
            ..SettleSettings::default()
        },
        ..TrainingSettings::default()
    };
    settings.optimiser.rates = Some(vec![0.05]);
    settings.observe.probe = PROBE;
    settings
}

fn data() -> DataSet {
    let source = DataSource::TwoMoons {
        samples: 40,
        noise: 0.1,
        seed: 1,
    };
    source.load(None).unwrap()
}

/// A run after one epoch.
fn trained(settings: &TrainingSettings) -> Trainer {
    let mut trainer = Trainer::new(settings.clone(), data(), 1).unwrap();
    while !trainer.epoch_done() {
        trainer.learn().unwrap();
    }
    trainer
}

/// The probe's sums of EP updates and negative gradients, by `gradient`.
fn sums(trainer: &Trainer, estimator: Estimator) -> [Parameters; 2] {
    let (settings, data) = (trainer.settings(), trainer.data());
    let network = trainer.weights().to_network(&settings.network).unwrap();
    let reports = (0..PROBE).map(|sample| {
        let input = data.input(sample).iter().map(|&x| f64::from(x)).collect();
        let mut target = [0.0; 2];
        target[data.label(sample)] = 1.0;
        let mut problem = Problem::new(network.clone(), input, &target).unwrap();
        problem.state_bounds = (settings.network.clamp() == Clamp::All).then_some((0.0, 1.0));
        gradient(&problem, estimator, Some(BETA), &SolverSettings::default()).unwrap()
    });
    let pairs = reports.map(|report| [report.ep_update, report.negative_gradient]);
    pairs
        .reduce(|a, b| [a[0].plus(1.0, &b[0]), a[1].plus(1.0, &b[1])])
        .unwrap()
}

#[test]
fn angles_of_the_probe_are_those_of_gradient() {
    for (activation, clamp) in [
        (Activation::Tanh, Clamp::None),
        (Activation::SteepLogistic, Clamp::None),
        (Activation::HardSigmoid, Clamp::All),
    ] {
        for (estimator, reference) in [
            (TrainingEstimator::Ep, Estimator::Centred),
            (TrainingEstimator::Asymmetric, Estimator::Asymmetric),
        ] {
            let mut trainer = trained(&settings(activation, clamp, estimator));
            let [update, truth] = sums(&trainer, reference);
            let observables = trainer.observables().unwrap();
            assert_eq!(observables.probe, PROBE);
            let angles = observables.angle.unwrap();
            let close = |found: Option<f64>, update: &[f64], truth: &[f64]| {
                let expected = compare(update, truth, &[]).angle_degrees;
                match (found, expected) {
                    (Some(found), Some(expected)) => (found - expected).abs() < 0.02,
                    _ => found == expected,
                }
            };
            let whole = |parameters: &Parameters| parameters.iter().collect::<Vec<f64>>();
            assert!(angles.all.is_some());
            assert!(
                close(angles.all, &whole(&update), &whole(&truth)),
                "{activation:?} {estimator:?}: {:?}",
                angles.all
            );
            let blocks = update.blocks.iter().zip(&truth.blocks);
            for (found, (update, truth)) in angles.blocks.iter().zip(blocks) {
                let (update, truth) = (update.values.as_slice(), truth.values.as_slice());
                assert!(
                    close(found.value, update, truth),
                    "{activation:?} {estimator:?}: {found:?}, {:?}",
                    compare(update, truth, &[]).angle_degrees
                );
            }
        }
    }
}

#[test]
fn the_true_gradient_is_at_no_angle_to_itself() {
    let settings = settings(
        Activation::HardSigmoid,
        Clamp::All,
        TrainingEstimator::TrueGradient,
    );
    let angle = trained(&settings).observables().unwrap().angle.unwrap();
    assert!(angle.all.unwrap() < 0.01, "{angle:?}");
}

#[test]
fn measuring_changes_nothing_that_is_learned() {
    let settings = settings(Activation::HardSigmoid, Clamp::All, TrainingEstimator::Ep);
    let mut watched = Trainer::new(settings.clone(), data(), 1).unwrap();
    while !watched.epoch_done() {
        watched.learn().unwrap();
        watched.observables().unwrap();
    }
    assert_eq!(watched.weights(), trained(&settings).weights());
}
