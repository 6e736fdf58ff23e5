//! Nothing depends on how a batch is divided among threads.

use eqprop::engine::{End, Nudge, OutputCost, Scalar, States};
use eqprop::model::Activation;

use super::{Case, both_phases, control};

/// Of so many weights the threads divide the neurons, and of one thread, a sample at a time or many, comes the same
/// to the last bit.
fn divided_neurons_change_nothing<T: Scalar + PartialEq>(samples: usize, tolerance: f64) {
    let sizes = &[40, 300, 280, 310, 10];
    let bounds = Some((0.0, 1.0));
    let case = Case::layered(sizes, Activation::HardSigmoid, 0.8, 3, bounds, samples);
    let drive: Vec<T> = case.drive();
    let targets: Vec<T> = case.targets().into_iter().map(T::from_f64).collect();
    let nudge = Nudge {
        cost: OutputCost::SquaredError,
        beta: 0.5,
        signs: None,
        targets: &targets,
    };
    let control = control(tolerance);
    let settle = |threads: usize| {
        let mut engine = case.engine::<T>(threads);
        let mut states = States::zeros(&case.sizes, samples);
        let mut all = Vec::new();
        for nudge in [None, Some(&nudge), None] {
            let reports = engine.settle(&drive, &mut states, nudge, &control).unwrap();
            assert!(reports.iter().all(|report| report.end == End::Settled));
            all.push((reports.to_vec(), states.clone()));
        }
        all
    };
    let alone = settle(1);
    assert!(alone == settle(2));
    assert!(alone == settle(3));
    // of 5 samples the last of 4 threads has none
    assert!(alone == settle(4));
}

#[test]
fn results_do_not_depend_on_how_a_large_network_is_divided() {
    for samples in [7, 5] {
        divided_neurons_change_nothing::<f32>(samples, 1e-4);
        divided_neurons_change_nothing::<f64>(samples, 1e-9);
    }
}

#[test]
fn a_sample_does_not_depend_on_its_batch_nor_on_threads() {
    for activation in [Activation::HardSigmoid, Activation::Tanh] {
        let case = Case::layered(&[9, 150, 140, 70, 6], activation, 0.8, 21, None, 11);
        let together = both_phases::<f32>(&case, 1);
        assert_eq!(together, both_phases::<f32>(&case, 2));
        assert_eq!(both_phases::<f64>(&case, 1), both_phases::<f64>(&case, 3));
        for sample in [0, 4, 10] {
            let mut alone = Case::layered(&[9, 150, 140, 70, 6], activation, 0.8, 21, None, 11);
            alone.inputs = vec![alone.inputs[sample].clone()];
            let [free, _] = both_phases::<f32>(&alone, 1);
            for ((own, all), &n) in free.layers.iter().zip(&together[0].layers).zip(&case.sizes) {
                assert_eq!(own[..], all[sample * n..(sample + 1) * n], "{activation:?}");
            }
        }
    }
}
