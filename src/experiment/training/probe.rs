//! The probe set once an epoch: what training would learn of it, at fixed points found exactly.

use super::engine_solver::bounds;
use super::field_learning;
use super::learner::Learner;
use super::observe::{ProbeSample, observe};
use super::record::Observables;
use super::weights::BlockKind;
use crate::data::DataSet;
use crate::engine::{
    self, End, Engine, EngineSettings, InputDrive, OutputCost, States, SweepControl,
};
use crate::error::Result;

/// Largest ‖Π(μ)‖∞ of the fixed points at which the true gradient is taken.
const TOLERANCE: f64 = 1e-9;

impl Learner {
    /// See [`Trainer::observables`](super::Trainer::observables).
    pub fn observables(&mut self, data: &DataSet, samples: &[usize]) -> Result<Observables> {
        if let Some(problem) = self.learned_field() {
            let probe = self.probe(data, samples)?;
            return field_learning::observables(&problem, &self.batch, &probe);
        }
        let settings = self.settings.clone();
        let network = self.weights().to_network(&settings.network)?;
        if samples.is_empty() {
            return observe(&network, settings.network.clamp(), &[]);
        }
        let probe = self.probe(data, samples)?;
        let inputs: Vec<f64> = samples
            .iter()
            .flat_map(|&sample| data.input(sample))
            .map(|&x| f64::from(x))
            .collect();
        let (free, settled) = self.exact(&inputs, &probe.free)?;
        let (count, features) = (samples.len(), data.features);
        let classes = data.classes.len();
        let of_sample = |(p, &sample): (usize, &usize)| {
            let state = row(&free, p, count);
            let mut target = vec![0.0; classes];
            target[data.label(sample)] = 1.0;
            let mut cost_gradient = vec![0.0; classes];
            let outputs = &state[state.len() - classes..];
            OutputCost::from(settings.cost).gradient(outputs, &target, &mut cost_gradient);
            ProbeSample {
                input: inputs[p * features..(p + 1) * features].to_vec(),
                state,
                cost_gradient,
                error_vector: row(&probe.errors, p, count),
            }
        };
        let known = |&(p, _): &(usize, &usize)| settled[p] && probe.contributing[p];
        let measured: Vec<_> = samples
            .iter()
            .enumerate()
            .filter(known)
            .map(of_sample)
            .collect();
        observe(&network, settings.network.clamp(), &measured)
    }

    /// The free fixed points near `start`, in double precision, and which of them were found.
    fn exact(&self, inputs: &[f64], start: &States<f32>) -> Result<(States<f64>, Vec<bool>)> {
        let network = &self.settings.network;
        let activation = network.activation;
        let layers = &network.sizes[1..];
        let mut engine = Engine::<f64>::new(EngineSettings {
            bounds: bounds(network),
            threads: self.threads,
            ..EngineSettings::layered(activation, layers)
        })?;
        let weights = self.weights();
        let wide = |kind| -> Vec<f64> { weights.block(kind).iter().map(|&w| w.into()).collect() };
        let blocks = |kind: fn(usize) -> BlockKind, count: usize| -> Vec<Vec<f64>> {
            (0..count).map(|k| wide(kind(k))).collect()
        };
        let forward = blocks(BlockKind::Forward, weights.layers());
        let feedback = blocks(BlockKind::Feedback, weights.pairs());
        let bias = blocks(BlockKind::Bias, weights.layers());
        let matrices = engine::RowMajorWeights::Layered {
            forward: &slices(&forward[1..]),
            feedback: &slices(&feedback),
        };
        engine.set_weights(matrices, &slices(&bias))?;
        let mut input = InputDrive::new(network.sizes[0], layers[0], 1)?;
        input.set(&forward[0], &bias[0])?;
        let rates: Vec<f64> = inputs.iter().map(|&x| activation.rate(x)).collect();
        let mut drive = vec![0.0; rates.len() / network.sizes[0] * layers[0]];
        input.drives(&rates, &mut drive)?;
        let wide = |layer: &Vec<f32>| layer.iter().map(|&s| f64::from(s)).collect();
        let mut states = States {
            layers: start.layers.iter().map(wide).collect(),
        };
        let control = SweepControl {
            tolerance: TOLERANCE,
            ..SweepControl::default()
        };
        let reports = engine.settle(&drive, &mut states, None, &control)?;
        let settled = reports
            .iter()
            .map(|report| report.end == End::Settled)
            .collect();
        Ok((states, settled))
    }
}

fn slices(blocks: &[Vec<f64>]) -> Vec<&[f64]> {
    blocks.iter().map(Vec::as_slice).collect()
}

/// The values of one of `count` samples, layer after layer.
fn row<T: Copy + Into<f64>>(states: &States<T>, sample: usize, count: usize) -> Vec<f64> {
    let rows = states.layers.iter().flat_map(|layer| {
        let size = layer.len() / count;
        &layer[sample * size..(sample + 1) * size]
    });
    rows.map(|&value| value.into()).collect()
}
