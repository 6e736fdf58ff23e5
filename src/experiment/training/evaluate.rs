//! What a checkpoint knows: cost and error of its sets.

use std::path::Path;

use serde::Serialize;

use super::checkpoint::{Checkpoint, Position};
use super::record::SetRecord;
use super::trainer::Trainer;
use crate::error::Result;
use crate::experiment::Provenance;

/// Cost and error of a checkpoint's weights, every sample settled from a state at 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Where the run stood.
    pub position: Position,
    /// The training set.
    pub training: Option<SetRecord>,
    /// The validation set, null if there is none.
    pub validation: Option<SetRecord>,
    /// The test set, null if there is none.
    pub test: Option<SetRecord>,
    /// The program.
    pub provenance: Provenance,
}

/// Evaluates a checkpoint on the data of its configuration. `data` replaces MNIST's directory.
///
/// # Errors
/// Those of [`Checkpoint::read`], and of the data.
pub fn evaluate(checkpoint: &Path, data: Option<&Path>, threads: usize) -> Result<Evaluation> {
    let read = Checkpoint::read(checkpoint)?;
    let (settings, position) = (read.header.settings.clone(), read.header.position);
    let set = settings.data.source.load(data)?;
    let in_file = |error: crate::Error| error.in_file(checkpoint);
    let mut trainer = Trainer::resume(read, settings, set, threads).map_err(in_file)?;
    let split = trainer.split().clone();
    Ok(Evaluation {
        position,
        training: trainer.evaluate(split.training)?,
        validation: trainer.evaluate(split.validation)?,
        test: trainer.evaluate(split.test)?,
        provenance: Provenance::current(),
    })
}
