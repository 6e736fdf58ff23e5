//! The engine: its fixed points, what they do not depend on, and what is formed from them.

mod allocation;
mod linearised;
mod products;
mod residuals;
mod threads;
mod trajectories;
mod vectors;

use eqprop::dynamics::Phase;
use eqprop::engine::{
    Engine, EngineSettings, InputDrive, Nudge, OutputCost, RowMajorWeights, Scalar, States,
    SweepControl,
};
use eqprop::model::{Activation, Coupling, Dynamics, Glorot, Network, SquaredError};

/// A layered network, its engine, and the drives of a few inputs.
struct Case {
    pub network: Network,
    pub sizes: Vec<usize>,
    pub bounds: Option<(f64, f64)>,
    pub inputs: Vec<Vec<f64>>,
}

fn row_major(matrix: &nalgebra::DMatrix<f64>) -> Vec<f64> {
    matrix.transpose().as_slice().to_vec()
}

impl Case {
    pub fn layered(
        sizes: &[usize],
        activation: Activation,
        gain: f64,
        seed: u64,
        bounds: Option<(f64, f64)>,
        samples: usize,
    ) -> Self {
        let glorot = Glorot {
            seed,
            gain,
            ..Glorot::default()
        };
        let network = glorot.layered(sizes, Dynamics::Leaky, activation).unwrap();
        let inputs = (0..samples)
            .map(|sample| {
                (0..sizes[0])
                    .map(|i| ((7 * sample + 3 * i + 1) % 11) as f64 / 10.0)
                    .collect()
            })
            .collect();
        Self {
            network,
            sizes: sizes[1..].to_vec(),
            bounds,
            inputs,
        }
    }

    pub fn rates(&self) -> Vec<f64> {
        self.inputs
            .iter()
            .flatten()
            .map(|&x| self.network.activation.rate(x))
            .collect()
    }

    pub fn outputs(&self) -> usize {
        *self.sizes.last().unwrap()
    }

    pub fn targets(&self) -> Vec<f64> {
        (0..self.inputs.len() * self.outputs())
            .map(|i| f64::from(u8::from(i % (self.outputs() + 1) == 0)))
            .collect()
    }

    pub fn engine<T: Scalar>(&self, threads: usize) -> Engine<T> {
        let cast = |values: Vec<f64>| -> Vec<T> { values.into_iter().map(T::from_f64).collect() };
        let mut settings = EngineSettings::layered(self.network.activation, &self.sizes);
        settings.threads = threads;
        if let Some((low, high)) = self.bounds {
            settings = settings.with_state_bounds(low, high);
        }
        let mut engine = Engine::new(settings).unwrap();
        let Coupling::Layered(layers) = &self.network.coupling else {
            unreachable!()
        };
        let matrices = |matrices: &[nalgebra::DMatrix<f64>]| -> Vec<Vec<T>> {
            matrices.iter().map(|m| cast(row_major(m))).collect()
        };
        let (forward, feedback) = (matrices(layers.forward()), matrices(layers.feedback()));
        let bias: Vec<Vec<T>> = layers
            .ranges()
            .map(|range| cast(self.network.bias[range].to_vec()))
            .collect();
        engine
            .set_weights(
                RowMajorWeights::Layered {
                    forward: &forward.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                    feedback: &feedback.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                },
                &bias.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            )
            .unwrap();
        engine
    }

    pub fn drive<T: Scalar>(&self) -> Vec<T> {
        let inputs: Vec<T> = self.rates().into_iter().map(T::from_f64).collect();
        let mut drive = vec![T::ZERO; self.inputs.len() * self.sizes[0]];
        let mut input = InputDrive::new(self.inputs[0].len(), self.sizes[0], 1).unwrap();
        let cast = |values: Vec<f64>| -> Vec<T> { values.into_iter().map(T::from_f64).collect() };
        let weights = cast(row_major(&self.network.input_weights));
        let bias = cast(self.network.bias[..self.sizes[0]].to_vec());
        input.set(&weights, &bias).unwrap();
        input.drives(&inputs, &mut drive).unwrap();
        drive
    }

    /// The state of one sample as the rest of the crate holds it.
    pub fn state<T: Scalar>(&self, states: &States<T>, sample: usize) -> Vec<f64> {
        self.sizes
            .iter()
            .zip(&states.layers)
            .flat_map(|(&n, layer)| &layer[sample * n..(sample + 1) * n])
            .map(|s| s.to_f64())
            .collect()
    }

    pub fn cost(&self, sample: usize) -> SquaredError {
        let outputs = self.outputs();
        let target = &self.targets()[sample * outputs..(sample + 1) * outputs];
        SquaredError::new(&self.network.outputs, target).unwrap()
    }
}

fn phase<'a>(field: &'a eqprop::model::Clamped<'a>, bounds: Option<(f64, f64)>) -> Phase<'a> {
    let phase = Phase::free(field);
    match bounds {
        Some((low, high)) => phase.with_state_bounds(low, high),
        None => phase,
    }
}

fn control(tolerance: f64) -> SweepControl {
    SweepControl {
        tolerance,
        ..SweepControl::default()
    }
}

/// States of a batch, free and nudged.
fn both_phases<T: Scalar>(case: &Case, threads: usize) -> [States<T>; 2] {
    let mut engine = case.engine::<T>(threads);
    let drive = case.drive();
    let samples = case.inputs.len();
    let mut free = States::zeros(&case.sizes, samples);
    let control = control(1e-5);
    engine.settle(&drive, &mut free, None, &control).unwrap();
    let targets: Vec<T> = case.targets().into_iter().map(T::from_f64).collect();
    let signs: Vec<T> = (0..samples)
        .map(|sample| T::from_f64(if sample % 2 == 0 { 1.0 } else { -1.0 }))
        .collect();
    let nudge = Nudge {
        cost: OutputCost::SoftmaxCrossEntropy,
        beta: 0.4,
        signs: Some(&signs),
        targets: &targets,
    };
    let mut nudged = free.clone();
    engine
        .settle(&drive, &mut nudged, Some(&nudge), &control)
        .unwrap();
    [free, nudged]
}

/// A dense engine with all neurons free, and its network.
fn dense(network: &Network, bounds: Option<(f64, f64)>) -> Engine<f64> {
    let n = network.dimension();
    let mut settings = EngineSettings::dense(network.activation, n, &network.outputs);
    if let Some((low, high)) = bounds {
        settings = settings.with_state_bounds(low, high);
    }
    let mut engine = Engine::new(settings).unwrap();
    engine
        .set_weights(
            RowMajorWeights::Dense(&row_major(&network.coupling.to_matrix())),
            &[&vec![0.0; n]],
        )
        .unwrap();
    engine
}
