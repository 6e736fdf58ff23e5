//! How a sweep went: counts by outcome, and what it took.

use std::path::Path;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::record::SweepOutcome;
use super::shard::Shard;
use crate::error::Result;
use crate::io::write_json;

/// Numbers of records by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([u64; SweepOutcome::ALL.len()]);

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, outcome: SweepOutcome) {
        self.0[outcome as usize] += 1;
    }

    /// How many there are of an outcome.
    pub fn of(&self, outcome: SweepOutcome) -> u64 {
        self.0[outcome as usize]
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for outcome in SweepOutcome::ALL {
            map.serialize_entry(outcome.name(), &self.of(outcome))?;
        }
        map.end()
    }
}

/// How a sweep, or a part of one, went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SweepSummary {
    /// The part, `I/N`, or null for a whole sweep.
    pub shard: Option<String>,
    /// Points of the sweep or part.
    pub points: u64,
    /// Records that there are now.
    pub records: u64,
    /// Records that were there before.
    pub found: u64,
    /// Whether there is a record for every point.
    pub complete: bool,
    /// Records by outcome.
    pub outcomes: Counts,
    /// Threads that computed.
    pub threads: usize,
    /// Wall time, seconds.
    pub wall_seconds: f64,
    /// New records a second.
    pub records_per_second: f64,
    /// Whether another build of the program began the sweep, so that last digits may differ.
    pub mixed_programs: bool,
    /// Whether the file system has no locks, so that nothing keeps other processes out.
    #[serde(skip)]
    pub unlocked: bool,
    /// The hash of the configuration.
    pub config_hash: String,
}

impl SweepSummary {
    /// Writes it beside the records: `summary.json`, or `summary-I-of-N.json`.
    ///
    /// # Errors
    /// [`crate::Error::Io`].
    pub fn write(&self, directory: &Path, shard: Shard) -> Result<()> {
        let name = shard.file_name().replace("records", "summary");
        write_json(&directory.join(name.replace(".jsonl", ".json")), self)
    }
}
