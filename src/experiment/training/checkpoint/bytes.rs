//! The bytes of a checkpoint: how they are written and read.
//!
//! Layout: the line `eqprop checkpoint`, the format's version (u32) and the length of the header
//! (u64), the header (JSON), the blocks that it lists one after the other, and the SHA-256 of all
//! that, numbers little-endian.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{BlockEntry, Checkpoint, CheckpointHeader, Position};
use crate::error::{Error, Result};
use crate::experiment::Provenance;
use crate::experiment::training::config::TrainingSettings;
use crate::experiment::training::persistent::KeptStates;
use crate::experiment::training::tally::EpochTally;
use crate::experiment::training::weights::Weights;
use crate::io::write_whole;

const MAGIC: &[u8] = b"eqprop checkpoint\n";
const VERSION: u32 = 1;
/// Bytes of the SHA-256 at the end.
pub(super) const DIGEST: usize = 32;

/// What is written, borrowed from a run.
pub(in crate::experiment::training) struct Contents<'a> {
    pub settings: &'a TrainingSettings,
    pub position: Position,
    pub tally: &'a EpochTally,
    pub data: &'a str,
    pub threads: usize,
    pub weights: &'a Weights,
    pub moments: &'a [Weights],
    pub states: &'a KeptStates,
}

impl Contents<'_> {
    /// Writes the checkpoint whole.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut arrays = Vec::with_capacity(self.states.bytes() + (1 << 20));
        let mut blocks = Vec::new();
        let mut add = |name: String, arrays: &mut Vec<u8>, append: &dyn Fn(&mut Vec<u8>)| {
            let before = arrays.len();
            append(arrays);
            blocks.push(BlockEntry {
                name,
                bytes: arrays.len() - before,
            });
        };
        let sets = std::iter::once(("weights".to_owned(), self.weights));
        let moments = self.moments.iter().enumerate();
        let moments = moments.map(|(k, moment)| (format!("moment[{k}]"), moment));
        for (set, weights) in sets.chain(moments) {
            for (kind, block) in weights.kinds().zip(weights.blocks()) {
                let name = format!("{set}.{}", kind.name());
                add(name, &mut arrays, &|out| floats(block, out));
            }
        }
        add("states".into(), &mut arrays, &|out| self.states.write(out));
        for (name, tally) in [("free", &self.tally.free), ("nudged", &self.tally.nudged)] {
            let name = format!("residuals.{name}");
            add(name, &mut arrays, &|out| floats(&tally.residuals, out));
        }
        let header = CheckpointHeader {
            settings: self.settings.clone(),
            position: self.position,
            tally: self.tally.clone(),
            data: self.data.to_owned(),
            threads: self.threads,
            provenance: Provenance::current(),
            blocks,
        };
        let header = serde_json::to_vec(&header).map_err(|e| Error::io(path, e.into()))?;
        let mut front = MAGIC.to_vec();
        front.extend(VERSION.to_le_bytes());
        front.extend((header.len() as u64).to_le_bytes());
        front.extend(header);
        // in place, so that a large checkpoint is in memory once
        arrays.splice(0..0, front);
        let digest = Sha256::digest(&arrays);
        arrays.extend_from_slice(&digest);
        write_whole(path, &arrays).map_err(|source| Error::io(path, source))
    }
}

fn floats(values: &[f32], out: &mut Vec<u8>) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

impl Checkpoint {
    /// The checkpoint in these bytes, or why there is none.
    pub(super) fn from_bytes(bytes: &[u8]) -> std::result::Result<Self, String> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or("is not a checkpoint of eqprop: it does not begin as one")?;
        let (version, _) = rest
            .split_first_chunk::<4>()
            .ok_or("is damaged: it ends inside its first bytes")?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(format!(
                "is a checkpoint of format version {version}. This program reads version {VERSION}"
            ));
        }
        let body = bytes
            .len()
            .checked_sub(DIGEST)
            .filter(|&body| body > MAGIC.len() + 12);
        let (body, digest) = bytes.split_at(body.ok_or("is damaged: it ends too early")?);
        if Sha256::digest(body).as_slice() != digest {
            return Err(
                "is damaged: its SHA-256 does not fit its contents (cut off, or altered)".into(),
            );
        }
        // what follows was written as it is read; messages are for other programs' files
        let malformed = |what: &str| format!("is malformed: {what}");
        let (length, rest) = body[MAGIC.len() + 4..]
            .split_first_chunk::<8>()
            .ok_or_else(|| malformed("no header"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > rest.len() {
            return Err(malformed("the header is longer than the file"));
        }
        let (header, mut rest) = rest.split_at(length);
        let header: CheckpointHeader =
            serde_json::from_slice(header).map_err(|error| malformed(&error.to_string()))?;
        header
            .settings
            .validate()
            .map_err(|error| malformed(&error.to_string()))?;
        let mut arrays = Vec::new();
        for entry in &header.blocks {
            if entry.bytes > rest.len() {
                return Err(malformed(&format!("`{}` is cut off", entry.name)));
            }
            let (block, after) = rest.split_at(entry.bytes);
            arrays.push((entry.name.as_str(), block));
            rest = after;
        }
        let sizes = &header.settings.network.sizes;
        let weights = |set: &str| {
            let prefix = format!("{set}.");
            let blocks = arrays.iter().filter(|(name, _)| name.starts_with(&prefix));
            let blocks = blocks.map(|(_, bytes)| to_floats(bytes)).collect();
            Weights::with_blocks(sizes, blocks)
                .ok_or_else(|| malformed(&format!("`{set}` does not fit `network.sizes`")))
        };
        let named = |wanted: &str| {
            let found = arrays.iter().find(|(name, _)| *name == wanted);
            found.map_or(&[][..], |(_, bytes)| *bytes)
        };
        let moments = (0..2).filter(|k| {
            let prefix = format!("moment[{k}].");
            arrays.iter().any(|(name, _)| name.starts_with(&prefix))
        });
        let position = header.position;
        if position.epoch > header.settings.epochs {
            return Err(malformed("it stands beyond its last epoch"));
        }
        let trained = weights("weights")?;
        if !trained.largest().is_finite() {
            return Err(malformed("a weight is not finite"));
        }
        Ok(Self {
            weights: trained,
            moments: moments
                .map(|k| weights(&format!("moment[{k}]")))
                .collect::<std::result::Result<_, _>>()?,
            states: named("states").to_vec(),
            residuals: ["residuals.free", "residuals.nudged"].map(|name| to_floats(named(name))),
            header,
        })
    }
}

fn to_floats(bytes: &[u8]) -> Vec<f32> {
    let words = bytes.chunks_exact(4);
    words
        .map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect()
}
