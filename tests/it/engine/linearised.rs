//! Nudged phases and linear responses from the factorised Jacobian, against the sweeps'.

use eqprop::engine::{
    Engine, EngineSettings, Nudge, OutputCost, SampleReport, States, SweepControl,
};
use eqprop::model::{Activation, Dynamics, Glorot, Network};

const TIGHT: SweepControl = SweepControl {
    tolerance: 1e-12,
    max_sweeps: 1000,
    accelerate: true,
};

fn network(activation: Activation, n: usize, gain: f64) -> Network {
    let glorot = Glorot {
        seed: 5,
        gain,
        ..Glorot::default()
    };
    let mut network = glorot.dense(0, n, vec![1, 4, 7], Dynamics::Leaky, activation);
    for (i, bias) in network.bias.iter_mut().enumerate() {
        *bias = (3.0 * i as f64).sin();
    }
    network
}

fn engine(network: &Network, bounds: Option<(f64, f64)>) -> Engine<f64> {
    let mut settings = EngineSettings::of(network).unwrap();
    if let Some((low, high)) = bounds {
        settings = settings.with_state_bounds(low, high);
    }
    let mut engine = Engine::new(settings).unwrap();
    engine.set_network(network).unwrap();
    engine
}

/// Three drives, their free fixed points.
fn free(network: &Network, engine: &mut Engine<f64>) -> (Vec<f64>, States<f64>) {
    let scaled = |factor: f64| network.bias.iter().map(move |bias| factor * bias);
    let drive: Vec<f64> = [1.0, 0.5, -0.7].into_iter().flat_map(scaled).collect();
    let mut states = States::zeros(&[network.dimension()], 3);
    let reports = engine.settle(&drive, &mut states, None, &TIGHT).unwrap();
    assert!(reports.iter().all(SampleReport::settled));
    (drive, states)
}

/// A network with its engine, drives and free fixed points.
struct Case {
    network: Network,
    engine: Engine<f64>,
    drive: Vec<f64>,
    free: States<f64>,
}

/// One without bounds, one inside them.
fn cases() -> [Case; 2] {
    [
        (Activation::Tanh, None),
        (Activation::HardSigmoid, Some((0.0, 1.0))),
    ]
    .map(|(activation, bounds)| {
        let network = network(activation, 20, 0.8);
        let mut engine = engine(&network, bounds);
        let (drive, free) = free(&network, &mut engine);
        Case {
            network,
            engine,
            drive,
            free,
        }
    })
}

fn close(a: &[f64], b: &[f64], tolerance: f64) {
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= tolerance, "{a} {b}");
    }
}

#[test]
fn nudged_phases_near_a_linearisation_are_those_of_the_sweeps() {
    for case in cases() {
        let Case {
            mut engine,
            drive,
            free,
            ..
        } = case;
        let near = engine.linearise(&free).unwrap();
        // a weak nudge both ways, and one that no linearisation at 0 describes
        for beta in [0.01, 5.0] {
            let (drive, start) = (drive.repeat(2), free.layers[0].repeat(2));
            let signs = [1.0, 1.0, 1.0, -0.1, -0.1, -0.1];
            let targets: Vec<f64> = (0..18).map(|i| f64::from(i % 2)).collect();
            let nudge = Nudge {
                cost: OutputCost::SquaredError,
                beta,
                signs: Some(&signs),
                targets: &targets,
            };
            let start = States {
                layers: vec![start],
            };
            let (mut swept, mut stepped) = (start.clone(), start);
            let reports = engine
                .settle(&drive, &mut swept, Some(&nudge), &TIGHT)
                .unwrap();
            assert!(reports.iter().all(SampleReport::settled));
            let sweeps: usize = reports.iter().map(|report| report.sweeps).sum();
            let reports = engine
                .settle_near(&near, &drive, &mut stepped, &nudge, &TIGHT)
                .unwrap();
            assert!(reports.iter().all(SampleReport::settled));
            let steps: usize = reports.iter().map(|report| report.sweeps).sum();
            close(&swept.layers[0], &stepped.layers[0], 1e-10);
            assert!(
                beta > 1.0 || 2 * steps < sweeps,
                "{steps} steps for {sweeps} sweeps"
            );
        }
    }
}

#[test]
fn responses_and_error_vectors_are_those_of_their_definitions() {
    for case in cases() {
        let Case {
            network,
            mut engine,
            drive,
            free,
        } = case;
        let near = engine.linearise(&free).unwrap();
        let costs: Vec<f64> = (0..9).map(|i| 0.1 * f64::from(i) - 0.3).collect();
        let mut errors = States::zeros(&[20], 3);
        engine
            .error_vectors(&free, &costs, &mut errors, &TIGHT)
            .unwrap();
        // targets with the wanted cost gradient
        let outputs = free.layers[0]
            .chunks_exact(20)
            .flat_map(|state| network.outputs.iter().map(|&k| state[k]));
        let targets: Vec<f64> = outputs.zip(&costs).map(|(s, c)| s - c).collect();
        let mut nudged = |beta| {
            let nudge = Nudge {
                cost: OutputCost::SquaredError,
                beta,
                signs: None,
                targets: &targets,
            };
            let mut states = free.clone();
            engine
                .settle(&drive, &mut states, Some(&nudge), &TIGHT)
                .unwrap();
            states.layers.remove(0)
        };
        let (plus, minus) = (nudged(1e-4), nudged(-1e-4));
        for sample in 0..3 {
            let (own, cost) = (20 * sample..20 * sample + 20, 3 * sample..3 * sample + 3);
            let exact = near.error_vector(sample, &costs[cost.clone()]).unwrap();
            close(&exact, &errors.layers[0][own.clone()], 1e-9);
            let response: Vec<f64> = own.map(|i| (plus[i] - minus[i]) / 2e-4).collect();
            close(
                &near.response(sample, &costs[cost]).unwrap(),
                &response,
                1e-6,
            );
        }
    }
}

#[test]
fn what_is_not_linearised_says_so() {
    let glorot = Glorot::default();
    let layered = glorot
        .layered(&[3, 4, 2], Dynamics::Leaky, Activation::Tanh)
        .unwrap();
    let states = States::zeros(&[4, 2], 1);
    let error = engine(&layered, None).linearise(&states).unwrap_err();
    assert!(error.to_string().contains("dense"), "{error}");
    let hopfield = Network {
        dynamics: Dynamics::Hopfield,
        ..layered
    };
    assert!(EngineSettings::of(&hopfield).is_err());
}
