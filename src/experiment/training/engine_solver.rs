//! Fixed points by the batched engine.

use std::sync::OnceLock;

use super::config::{Clamp, CostName, NetworkSettings, TrainingSettings};
use super::solver::{Batch, NudgeStrength, Solver};
use super::tally::{EndKind, PhaseEnd};
use super::update::Terms;
use super::weights::{BlockKind, Weights};
use crate::engine::{
    self, End, Engine, EngineSettings, InputDrive, OuterProducts, OutputCost, SampleReport, States,
    SweepControl, WeightStep,
};
use crate::error::Result;

/// The engine with what it is told for each phase.
pub(super) struct EngineSolver {
    engine: Engine<f32>,
    drives: InputDrive<f32>,
    cost: OutputCost,
    free: SweepControl,
    nudged: SweepControl,
    cost_gradient: Vec<f32>,
    /// Sizes of the layers, from input to output.
    sizes: Vec<usize>,
    /// The weights row by row, once they are asked for: steps move the packed ones.
    weights: OnceLock<Weights>,
}

impl From<CostName> for OutputCost {
    fn from(name: CostName) -> Self {
        match name {
            CostName::SquaredError => Self::SquaredError,
            CostName::SoftmaxCrossEntropy => Self::SoftmaxCrossEntropy,
        }
    }
}

impl EngineSolver {
    pub fn new(settings: &TrainingSettings, threads: usize) -> Result<Self> {
        let network = &settings.network;
        let layers = &network.sizes[1..];
        let control = |max_sweeps| SweepControl {
            tolerance: settings.settle.tolerance,
            max_sweeps,
            ..SweepControl::default()
        };
        let engine = Engine::new(EngineSettings {
            bounds: bounds(network),
            threads,
            ..EngineSettings::layered(network.activation, layers)
        })?;
        Ok(Self {
            drives: engine.input_drive(network.sizes[0]),
            engine,
            cost: settings.cost.into(),
            free: control(settings.settle.free_sweeps),
            nudged: control(settings.settle.nudged_sweeps),
            cost_gradient: Vec::new(),
            sizes: network.sizes.clone(),
            weights: OnceLock::new(),
        })
    }

    /// The weights row by row.
    fn unpacked(&self) -> Weights {
        let mut weights = Weights::zeros(&self.sizes);
        for kind in weights.kinds() {
            let out = weights.block_mut(kind);
            match kind {
                BlockKind::Forward(0) => self.drives.write_weights(out),
                BlockKind::Forward(k) => self.engine.write_matrix(k, k - 1, out),
                BlockKind::Feedback(k) => self.engine.write_matrix(k, k + 1, out),
                BlockKind::Bias(k) => out.copy_from_slice(self.engine.bias(k)),
                // of a field, which the engine does not know
                BlockKind::Parameters => {}
            }
        }
        weights
    }
}

/// The bounds of every layer of neurons. Layers beyond the end of the list have none.
pub(super) fn bounds(network: &NetworkSettings) -> Vec<Option<(f64, f64)>> {
    let layers = network.sizes.len() - 1;
    let clamped = match network.clamp() {
        Clamp::All => layers,
        Clamp::Hidden => layers - 1,
        Clamp::None => 0,
    };
    vec![Some((0.0, 1.0)); clamped]
}

impl Solver for EngineSolver {
    fn set_weights(&mut self, weights: Weights) -> Result<()> {
        let bias: Vec<_> = (0..weights.layers())
            .map(|k| weights.block(BlockKind::Bias(k)))
            .collect();
        let layered = engine::RowMajorWeights::Layered {
            forward: &weights.forward_from(1),
            feedback: &weights.feedback(),
        };
        self.engine.set_weights(layered, &bias)?;
        let input_weights = weights.block(BlockKind::Forward(0));
        self.drives.set(input_weights, bias[0])?;
        self.weights = weights.into();
        Ok(())
    }

    fn weights(&self) -> &Weights {
        self.weights.get_or_init(|| self.unpacked())
    }

    fn take_weights(&mut self) -> Weights {
        self.weights.take().unwrap_or_else(|| self.unpacked())
    }

    fn add(
        &mut self,
        terms: &Terms<'_>,
        factors: &[f32],
        _: &mut OuterProducts<f32>,
    ) -> Result<()> {
        let Some(rows) = terms.teaching() else {
            return Ok(());
        };
        let layers = self.sizes.len() - 1;
        let scales: Vec<_> = factors.iter().map(|factor| factor * rows.scale).collect();
        let (forward, rest) = scales.split_at(layers);
        let (feedback, bias) = rest.split_at(layers - 1);
        let step = WeightStep {
            samples: rows.samples,
            inputs: &rows.inputs,
            rates: &rows.rates,
            errors: &rows.errors,
            forward,
            feedback,
            bias,
        };
        self.weights.take();
        self.engine.add_to_weights(&mut self.drives, &step)
    }

    fn free(&mut self, batch: &mut Batch) -> Result<()> {
        batch.drive.clear();
        let first = self.engine.settings().sizes[0];
        batch.drive.resize(batch.count * first, 0.0);
        self.drives.drives(&batch.rates, &mut batch.drive)?;
        let reports = self
            .engine
            .settle(&batch.drive, &mut batch.free, None, &self.free)?;
        batch.free_ends.clear();
        batch.free_ends.extend(reports.iter().map(ending));
        Ok(())
    }

    fn nudged(
        &mut self,
        batch: &Batch,
        nudge: NudgeStrength,
        states: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()> {
        states.clone_from(&batch.free);
        let pull = engine::Nudge {
            cost: self.cost,
            beta: nudge.beta,
            signs: None,
            targets: &batch.targets,
        };
        let (engine, control) = (&mut self.engine, &self.nudged);
        let reports = if nudge.asymmetric {
            engine.settle_asymmetric(&batch.drive, states, &batch.free, &pull, control)?
        } else {
            engine.settle(&batch.drive, states, Some(&pull), control)?
        };
        ends.extend(reports.iter().map(ending));
        Ok(())
    }

    fn true_error(
        &mut self,
        batch: &Batch,
        errors: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()> {
        let (sizes, last) = (&self.engine.settings().sizes, batch.free.layers.len() - 1);
        *errors = States::zeros(sizes, batch.count);
        let outputs = &batch.free.layers[last];
        let size = sizes[last];
        self.cost_gradient.resize(outputs.len(), 0.0);
        let rows = outputs
            .chunks_exact(size)
            .zip(batch.targets.chunks_exact(size));
        for ((output, target), out) in rows.zip(self.cost_gradient.chunks_exact_mut(size)) {
            self.cost.gradient(output, target, out);
        }
        let reports =
            self.engine
                .error_vectors(&batch.free, &self.cost_gradient, errors, &self.nudged)?;
        ends.extend(reports.iter().map(ending));
        Ok(())
    }
}

fn ending(report: &SampleReport) -> PhaseEnd {
    PhaseEnd {
        residual: report.residual as f32,
        sweeps: Some(report.sweeps),
        kind: match report.end {
            End::Settled => EndKind::Settled,
            End::Stalled => EndKind::Stalled,
            End::Oscillating => EndKind::Oscillating,
            End::Diverged => EndKind::Diverged,
        },
    }
}
