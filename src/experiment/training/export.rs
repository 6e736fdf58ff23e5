//! A checkpoint for other programs: a NumPy archive, or a problem file.

use serde_json::{Value, json};

use super::checkpoint::Checkpoint;
use super::config::{Clamp, CostName};
use super::field::with_parameters;
use super::weights::{BlockKind, Weights};
use crate::data::DataSet;
use crate::error::{Error, Result};
use crate::io::Archive;
use crate::model::{System, Target, convert};

impl Checkpoint {
    /// The weights as a NumPy archive: arrays `forward_0`, `feedback_0`, `bias_0`, … and `sizes`.
    pub fn to_npz(&self) -> Vec<u8> {
        let mut archive = Archive::default();
        let sizes = self.weights.sizes();
        archive.integers("sizes", sizes);
        for kind in self.weights.kinds() {
            let (rows, columns) = self.weights.shape(kind);
            let (name, shape) = match kind {
                BlockKind::Forward(k) => (format!("forward_{k}"), vec![rows, columns]),
                BlockKind::Feedback(k) => (format!("feedback_{k}"), vec![rows, columns]),
                BlockKind::Bias(k) => (format!("bias_{k}"), vec![rows]),
                BlockKind::Parameters => (kind.name(), vec![rows]),
            };
            let values = self.weights.block(kind).iter();
            archive.floats(&name, &shape, values.map(|&value| f64::from(value)));
        }
        archive.finish()
    }

    /// The network with one sample of its data as a problem (JSON), as `eqprop gradient` takes it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if problem files cannot say what the network is, if the data
    /// are not the checkpoint's, or if there is no such sample.
    pub fn to_problem(&self, data: &DataSet, sample: usize) -> Result<Value> {
        self.expect_data(&data.fingerprint())?;
        let settings = &self.header.settings;
        if settings.cost != CostName::SquaredError {
            let message = "a problem file knows the squared error only. Export to .npz";
            return Err(Error::invalid("cost", message));
        }
        if settings.network.clamp() == Clamp::Hidden {
            let message = "a problem file bounds all states or none. Export to .npz";
            return Err(Error::invalid("network.clamp", message));
        }
        if sample >= data.len() {
            let message = format!("expected a sample from 0 to {}", data.len() - 1);
            return Err(Error::invalid("sample", message));
        }
        if let Some(mut problem) = settings.network.field_problem()? {
            problem = with_parameters(&problem, self.weights.parameters());
            let input: Vec<f64> = data.input(sample).iter().map(|&x| x.into()).collect();
            if let System::Text(field) = &mut problem.system {
                *field = field.clamp(&input)?;
            }
            let text = convert(&problem, Target::Json, 0.0)?;
            return Ok(serde_json::from_str(&text).unwrap_or_default());
        }
        let weights = &self.weights;
        let forward: Vec<_> = (0..weights.layers()).map(BlockKind::Forward).collect();
        let feedback: Vec<_> = (0..weights.pairs()).map(BlockKind::Feedback).collect();
        let matrices = |kinds: Vec<BlockKind>| -> Vec<Vec<&[f32]>> {
            kinds.into_iter().map(|kind| rows(weights, kind)).collect()
        };
        let bias: Vec<_> = (0..weights.layers())
            .map(|k| weights.block(BlockKind::Bias(k)))
            .collect();
        let target: Vec<u8> = (0..data.classes.len())
            .map(|class| u8::from(class == data.label(sample)))
            .collect();
        let mut problem = json!({
            "network": {
                "type": "layered",
                "dynamics": "leaky",
                "activation": settings.network.activation,
                "sizes": weights.sizes(),
                "forward": matrices(forward),
                "feedback": matrices(feedback),
                "bias": bias,
            },
            "input": data.input(sample),
            "target": target,
        });
        if settings.network.clamp() == Clamp::All {
            problem["state_bounds"] = json!([0, 1]);
        }
        Ok(problem)
    }
}

fn rows(weights: &Weights, kind: BlockKind) -> Vec<&[f32]> {
    let (_, columns) = weights.shape(kind);
    weights.block(kind).chunks_exact(columns).collect()
}
