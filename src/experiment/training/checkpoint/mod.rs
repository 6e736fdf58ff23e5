//! Checkpoints: everything that a run needs to go on, in one file that is whole or refused.
//!
//! Random numbers need no state of their own: the order of an epoch and the signs of its nudges are
//! streams of the seed, numbered by the epoch, so that epoch and batch are the generator's position.

mod bytes;

use std::path::Path;

pub(super) use bytes::Contents;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::experiment::Provenance;
use crate::experiment::training::config::TrainingSettings;
use crate::experiment::training::tally::EpochTally;
use crate::experiment::training::weights::Weights;
use crate::io::read_bytes;

/// Largest checkpoint, in bytes.
const MAX_BYTES: u64 = 16 << 30;

/// Where a run stands, with all it has learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// All but the arrays.
    pub header: CheckpointHeader,
    /// The weights.
    pub weights: Weights,
    /// The optimiser's moments.
    pub moments: Vec<Weights>,
    /// The kept fixed points in their stored form.
    pub states: Vec<u8>,
    /// Residuals of this epoch's free and nudged phases so far.
    pub residuals: [Vec<f32>; 2],
}

/// What a checkpoint says in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointHeader {
    /// The configuration of the run.
    pub settings: TrainingSettings,
    /// Where it stands.
    pub position: Position,
    /// Counts of the epoch so far.
    pub tally: EpochTally,
    /// SHA-256 of the data.
    pub data: String,
    /// Threads of the process that wrote it.
    pub threads: usize,
    /// The program.
    pub provenance: Provenance,
    /// The blocks, in order.
    blocks: Vec<BlockEntry>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs completed.
    pub epoch: usize,
    /// Batches of the next one that are done.
    pub batch: usize,
    /// Batches in all.
    pub updates: u64,
    /// Steps of the optimiser (batches without a settled sample make none).
    pub optimiser_steps: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BlockEntry {
    name: String,
    bytes: usize,
}

impl Checkpoint {
    /// Reads and verifies a checkpoint.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::InvalidInput`] that says whether the file is
    /// foreign, of another version, or damaged.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_bytes(path, MAX_BYTES)?;
        Self::from_bytes(&bytes).map_err(|message| Error::invalid("(file)", message).in_file(path))
    }

    /// Refuses to go on under other settings or with other data. Different may be `checkpoint_minutes`, `epochs`,
    /// and with them the length of a last stage that begins where it did.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the first field that differs.
    pub(super) fn expect(&self, settings: &TrainingSettings, data: &str) -> Result<()> {
        let mut own = TrainingSettings {
            epochs: settings.epochs,
            checkpoint_minutes: settings.checkpoint_minutes,
            ..self.header.settings.clone()
        };
        let stages = (
            &mut own.optimiser.last_stage,
            &settings.optimiser.last_stage,
        );
        if let (Some(stage), Some(given)) = stages
            // begun at the same epoch
            && self.header.settings.epochs + given.epochs == settings.epochs + stage.epochs
        {
            stage.epochs = given.epochs;
        }
        if own != *settings {
            let [own, given] = [&own, settings].map(serde_json::to_value);
            let field = match (own, given) {
                // other defaults follow the nudge
                (Ok(own), Ok(given)) => first_difference("nudge", &own["nudge"], &given["nudge"])
                    .or_else(|| first_difference("", &own, &given)),
                _ => None,
            };
            let message = "differs from the checkpoint's. Go on with the same configuration (or none), or start anew in another directory";
            return Err(Error::invalid(field.unwrap_or_default(), message));
        }
        let done = self.header.position.epoch;
        if settings.epochs < done {
            let message = format!(
                "the checkpoint stands after epoch {done} already, expected at least as many, found {}",
                settings.epochs
            );
            return Err(Error::invalid("epochs", message));
        }
        self.expect_data(data)
    }

    /// Refuses other data than those of the run, given their fingerprint.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub(super) fn expect_data(&self, fingerprint: &str) -> Result<()> {
        if self.header.data == fingerprint {
            return Ok(());
        }
        let message =
            "these are not the data that the checkpoint was trained on (their SHA-256 differs)";
        Err(Error::invalid("data", message))
    }
}

/// The JSON path of the first field in which two documents differ.
fn first_difference(
    path: &str,
    one: &serde_json::Value,
    other: &serde_json::Value,
) -> Option<String> {
    if one == other {
        return None;
    }
    if let (Some(one), Some(other)) = (one.as_object(), other.as_object()) {
        let join = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        let null = serde_json::Value::Null;
        let inside = one.iter().find_map(|(key, value)| {
            first_difference(&join(key), value, other.get(key).unwrap_or(&null))
        });
        if inside.is_some() {
            return inside;
        }
    }
    Some(path.to_owned())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::bytes::DIGEST;
    use super::*;
    use crate::experiment::training::persistent::KeptStates;

    fn written() -> (tempfile::TempDir, std::path::PathBuf, Weights) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("checkpoint.eqprop");
        let mut settings = TrainingSettings::default();
        settings.network.sizes = vec![4, 3, 2];
        let weights = Weights::initial(&settings.network, 1).unwrap();
        let states = KeptStates::new(&settings.settle, 0..6, &[3, 2]).unwrap();
        let mut tally = EpochTally::default();
        tally.set.add(0.1 + 0.2, true, true);
        tally.free.residuals = vec![0.25, f32::NAN];
        Contents {
            settings: &settings,
            position: Position {
                epoch: 3,
                batch: 7,
                updates: 100,
                optimiser_steps: 99,
            },
            tally: &tally,
            data: "abc",
            threads: 2,
            weights: &weights,
            moments: &[Weights::zeros(&settings.network.sizes)],
            states: &states,
        }
        .write(&path)
        .unwrap();
        (directory, path, weights)
    }

    #[test]
    fn everything_comes_back_bit_by_bit() {
        let (_directory, path, weights) = written();
        let read = Checkpoint::read(&path).unwrap();
        assert_eq!(read.weights, weights);
        assert_eq!(read.moments, [Weights::zeros(&[4, 3, 2])]);
        assert_eq!(read.header.position.batch, 7);
        assert_eq!(read.header.tally.set.record().unwrap().cost, 0.1 + 0.2);
        assert_eq!(read.states.len(), 4 * 30);
        assert_eq!(read.residuals[0][0], 0.25);
        assert!(read.residuals[0][1].is_nan() && read.residuals[1].is_empty());
    }

    #[test]
    fn foreign_and_damaged_files_are_refused_with_the_reason() {
        let (_directory, path, _) = written();
        let whole = std::fs::read(&path).unwrap();
        let flipped = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            bytes
        };
        let cases = [
            (Vec::new(), "not a checkpoint"),
            (b"{\"network\": 1}".to_vec(), "not a checkpoint"),
            (flipped(3), "not a checkpoint"),
            (flipped(18), "format version 0"),
            (flipped(30), "damaged"),
            (flipped(200), "damaged"),
            (flipped(whole.len() - 40), "damaged"),
            (flipped(whole.len() - 1), "damaged"),
            (whole[..20].to_vec(), "damaged"),
            (whole[..whole.len() / 2].to_vec(), "damaged"),
            (whole[..whole.len() - 1].to_vec(), "damaged"),
            ([&whole[..], b"x"].concat(), "damaged"),
        ];
        for (bytes, reason) in cases {
            let message = Checkpoint::from_bytes(&bytes).unwrap_err();
            assert!(message.contains(reason), "{message}");
        }
        // a right checksum over a wrong content
        let mut body = whole[..whole.len() - DIGEST].to_vec();
        body.truncate(body.len() - 4);
        let digest = Sha256::digest(&body);
        body.extend_from_slice(&digest);
        let message = Checkpoint::from_bytes(&body).unwrap_err();
        assert!(message.contains("malformed"), "{message}");
    }

    #[test]
    fn other_settings_and_data_are_refused_by_name() {
        let (_directory, path, _) = written();
        let read = Checkpoint::read(&path).unwrap();
        let mut settings = read.header.settings.clone();
        settings.epochs += 10;
        read.expect(&settings, "abc").unwrap();
        let message = read.expect(&settings, "abd").unwrap_err().to_string();
        assert!(message.starts_with("data:"), "{message}");
        settings.nudge.beta = 0.25;
        let message = read.expect(&settings, "abc").unwrap_err().to_string();
        assert!(message.starts_with("nudge.beta:"), "{message}");
    }
}
