//! Kernels for regression: `cargo bench --bench kernels`, and instruction counts by
//! `benches/callgrind.sh`, which calls this binary with `--once KERNEL COUNT`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on has failed"
)]

#[path = "../workloads/generator.rs"]
mod generator;
#[path = "../workloads/problems.rs"]
#[expect(dead_code, reason = "only some of the workloads are needed here")]
mod problems;

use std::borrow::Cow;
use std::hint::black_box;

use eqprop::dynamics::{BatchPhase, BatchSettings, settle_batch};
use eqprop::engine::{Engine, EngineSettings, InputDrive, States, SweepControl};
use eqprop::model::{Activation, ClampedBatch};
use nalgebra::DMatrix;

/// A kernel, made ready: what is called repeatedly.
type Kernel = Box<dyn FnMut()>;

const NAMES: [&str; 5] = [
    "tanh_10000",
    "product_50",
    "product_w2_b20",
    "settle_w1",
    "engine_w3_b20",
];

fn kernel(name: &str) -> Kernel {
    match name {
        // ρ of 10 000 neurons
        "tanh_10000" => {
            let states = generator::symmetric(1, 1, 10_000, 3.0);
            let mut rates = vec![0.0; states.len()];
            Box::new(move || Activation::Tanh.rates(black_box(&states), black_box(&mut rates)))
        }
        // W r of 50 neurons
        "product_50" => {
            let network = problems::w1(0);
            let rates = generator::symmetric(1, 2, 50, 1.0);
            let mut out = vec![0.0; 50];
            Box::new(move || {
                network
                    .coupling
                    .multiply_add_batch(black_box(&rates), black_box(&mut out));
            })
        }
        // W R of 512-10 neurons and 20 samples
        "product_w2_b20" => {
            let network = problems::w2(0, Activation::HardSigmoid, 20).network;
            let rates = generator::symmetric(1, 3, 522 * 20, 1.0);
            let mut out = vec![0.0; rates.len()];
            Box::new(move || {
                network
                    .coupling
                    .multiply_add_batch(black_box(&rates), black_box(&mut out));
            })
        }
        // a whole trajectory to rest
        "settle_w1" => {
            let network = problems::w1(0);
            let settings = BatchSettings {
                tolerance: 1e-9,
                ..BatchSettings::default()
            };
            Box::new(move || {
                let none = Cow::Owned(DMatrix::zeros(0, 1));
                let field = ClampedBatch::with_input_rates(&network, none);
                let start = DMatrix::zeros(50, 1);
                let run = settle_batch(&BatchPhase::free(&field), &start, &settings).unwrap();
                assert!(black_box(run).all_settled());
            })
        }
        // ten sweeps of W3 in single precision
        "engine_w3_b20" => {
            let problem = problems::w3(0, 20);
            let network = &problem.network;
            let mut engine = Engine::<f32>::new(EngineSettings::of(network).unwrap()).unwrap();
            engine.set_network(network).unwrap();
            let inputs: Vec<f32> = problem.inputs.iter().map(|&x| x as f32).collect();
            let mut drive = vec![0.0; 512 * 20];
            InputDrive::of(network, 1)
                .unwrap()
                .drives(&inputs, &mut drive)
                .unwrap();
            let control = SweepControl {
                tolerance: f64::MIN_POSITIVE,
                max_sweeps: 9,
                accelerate: false,
            };
            Box::new(move || {
                let mut states = States::zeros(&[512, 512, 512, 10], 20);
                let reports = engine.settle(black_box(&drive), &mut states, None, &control);
                assert_eq!(reports.unwrap()[0].sweeps, 9);
            })
        }
        other => panic!("no kernel {other:?}; there are {NAMES:?}"),
    }
}

#[divan::bench(args = NAMES)]
fn kernels(bencher: divan::Bencher<'_, '_>, name: &str) {
    bencher
        .with_inputs(|| kernel(name))
        .bench_local_refs(|kernel| kernel());
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--once") {
        Some(at) => {
            let mut kernel = kernel(&arguments[at + 1]);
            let count: usize = arguments[at + 2].parse().unwrap();
            (0..count).for_each(|_| kernel());
        }
        None => divan::main(),
    }
}
