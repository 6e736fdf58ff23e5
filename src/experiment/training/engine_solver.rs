//! Fixed points by the batched engine.

use super::config::{Clamp, CostName, NetworkSettings, TrainingSettings};
use super::solver::{Batch, NudgeStrength, Solver};
use super::tally::{EndKind, PhaseEnd};
use super::weights::{BlockKind, Weights};
use crate::engine::{
    self, End, Engine, EngineSettings, InputDrive, OutputCost, SampleReport, States, SweepControl,
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
        Ok(Self {
            engine: Engine::new(EngineSettings {
                bounds: bounds(network),
                threads,
                ..EngineSettings::layered(network.activation, layers)
            })?,
            drives: InputDrive::new(network.sizes[0], layers[0], threads)?,
            cost: settings.cost.into(),
            free: control(settings.settle.free_sweeps),
            nudged: control(settings.settle.nudged_sweeps),
            cost_gradient: Vec::new(),
        })
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
    fn set_weights(&mut self, weights: &Weights) -> Result<()> {
        let bias: Vec<_> = (0..weights.layers())
            .map(|k| weights.block(BlockKind::Bias(k)))
            .collect();
        let layered = engine::RowMajorWeights::Layered {
            forward: &weights.forward_from(1),
            feedback: &weights.feedback(),
        };
        self.engine.set_weights(layered, &bias)?;
        let input_weights = weights.block(BlockKind::Forward(0));
        self.drives.set(input_weights, bias[0])
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
