//! Mixed precision: most of a double-precision batch's way is gone in single precision.

use super::engine::Engine;
use crate::engine::settings::{EngineSettings, States};
use crate::engine::sweep::{Nudge, SampleReport, SweepControl};
use crate::engine::weights::RowMajorWeights;
use crate::error::Result;
use crate::model;
use crate::numeric::Real;
use crate::numeric::Scalar;

/// RowMajorWeights from which on the way in single precision pays for the conversion.
const LARGE: usize = 10_000;
/// Lowest residual asked of single precision.
const REACH: f64 = 1e-6;
/// Residual below which an unsettled sample's state is a better start than its own.
const CLOSE: f64 = 1e-2;

/// A single-precision engine that runs ahead, with what it converts.
#[derive(Debug)]
pub(super) struct MixedPrecision {
    engine: Engine<f32>,
    drive: Vec<f32>,
    states: States<f32>,
    targets: Vec<f32>,
    signs: Vec<f32>,
}

fn convert<T: Scalar>(values: &[T], out: &mut Vec<f32>) {
    out.clear();
    out.extend(values.iter().map(|value| f32::from_f64(value.to_f64())));
}

fn converted<T: Scalar>(matrices: &[&[T]]) -> Vec<Vec<f32>> {
    let each = |values: &&[T]| {
        values
            .iter()
            .map(|value| f32::from_f64(value.to_f64()))
            .collect()
    };
    matrices.iter().map(each).collect()
}

fn slices(matrices: &[Vec<f32>]) -> Vec<&[f32]> {
    matrices.iter().map(Vec::as_slice).collect()
}

impl MixedPrecision {
    /// Mixed precision for an engine of numbers `T`, if it would pay.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn of<T: Scalar>(settings: &EngineSettings) -> Result<Option<Box<Self>>> {
        let weights: usize = settings
            .sizes
            .windows(2)
            .map(|pair| 2 * pair[0] * pair[1])
            .sum();
        let dense = usize::from(settings.dense) * settings.sizes[0] * settings.sizes[0];
        if T::EPSILON >= f64::from(f32::EPSILON) || weights + dense < LARGE {
            return Ok(None);
        }
        Ok(Some(Box::new(Self {
            engine: Engine::new(settings.clone())?,
            drive: Vec::new(),
            states: States::default(),
            targets: Vec::new(),
            signs: Vec::new(),
        })))
    }

    /// Takes the weights that the engine behind it takes.
    ///
    /// # Errors
    /// As [`Engine::set_weights`].
    pub fn set_weights<T: Scalar>(
        &mut self,
        weights: RowMajorWeights<'_, T>,
        bias: &[&[T]],
    ) -> Result<()> {
        let bias = converted(bias);
        match weights {
            RowMajorWeights::Dense(matrix) => {
                let matrices = converted(&[matrix]);
                self.engine
                    .set_weights(RowMajorWeights::Dense(&matrices[0]), &slices(&bias))
            }
            RowMajorWeights::Layered { forward, feedback } => {
                let (forward, feedback) = (converted(forward), converted(feedback));
                let weights = RowMajorWeights::Layered {
                    forward: &slices(&forward),
                    feedback: &slices(&feedback),
                };
                self.engine.set_weights(weights, &slices(&bias))
            }
        }
    }

    /// Takes the network that the engine behind it takes.
    ///
    /// # Errors
    /// As [`Engine::set_network`].
    pub fn set_network(&mut self, network: &model::Network) -> Result<()> {
        self.engine.set_network(network)
    }

    /// Goes ahead from `states`, which are replaced where that brings them closer to rest.
    ///
    /// # Errors
    /// As [`Engine::settle`].
    pub fn run<T: Scalar>(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        control: &SweepControl,
    ) -> Result<&[SampleReport]> {
        convert(drive, &mut self.drive);
        self.states.layers.resize(states.layers.len(), Vec::new());
        for (own, given) in self.states.layers.iter_mut().zip(&states.layers) {
            convert(given, own);
        }
        let nudge = nudge.map(|nudge| {
            convert(nudge.targets, &mut self.targets);
            convert(nudge.signs.unwrap_or_default(), &mut self.signs);
            Nudge {
                cost: nudge.cost,
                beta: nudge.beta,
                signs: nudge.signs.map(|_| self.signs.as_slice()),
                targets: &self.targets,
            }
        });
        let control = SweepControl {
            tolerance: control.tolerance.max(REACH),
            ..*control
        };
        let reports =
            self.engine
                .settle(&self.drive, &mut self.states, nudge.as_ref(), &control)?;
        for (own, given) in self.states.layers.iter().zip(&mut states.layers) {
            let size = given.len() / reports.len().max(1);
            if size == 0 {
                continue;
            }
            for (report, (own, given)) in reports
                .iter()
                .zip(own.chunks_exact(size).zip(given.chunks_exact_mut(size)))
            {
                if report.residual <= CLOSE {
                    for (given, own) in given.iter_mut().zip(own) {
                        *given = T::from_f64(own.to_f64());
                    }
                }
            }
        }
        Ok(reports)
    }
}
