//! A run of training as it lies on disk, for figures and comparisons.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::config::TrainingSettings;
use super::record::EpochRecord;
use crate::error::{Error, Result};
use crate::io::{Line, Lines, open, read_lines};

const RECORDS: &str = "records.jsonl";

/// Configuration and records of a run, finished or not.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRun {
    /// Name of the directory.
    pub name: String,
    /// `config.json`.
    pub settings: TrainingSettings,
    /// `records.jsonl`, at least one.
    pub records: Vec<EpochRecord>,
}

impl SavedRun {
    /// Whether a path is the directory of a run of training, or its `records.jsonl`: epochs are what the
    /// records begin with.
    pub fn is_at(path: &Path) -> bool {
        #[derive(Deserialize)]
        struct Start {
            #[serde(rename = "epoch")]
            _epoch: usize,
            #[serde(rename = "updates")]
            _updates: u64,
        }
        // a sweep's records have the same name and may be long: one line tells
        let path = directory_of(path).join(RECORDS);
        let first = open(&path).and_then(|file| Lines::new(&path, file).read::<Start>());
        matches!(first, Ok(Line::Record(_)))
    }

    /// The runs at a path: it itself, or the runs in the directory, sorted by name, such as one a seed;
    /// none if there are none.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn places(path: &Path) -> Result<Vec<PathBuf>> {
        if Self::is_at(path) {
            return Ok(vec![path.to_owned()]);
        }
        if !path.is_dir() {
            return Ok(Vec::new());
        }
        let entries =
            std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let entries = entries.map_err(|source| Error::io(path, source))?;
        let paths = entries.iter().map(std::fs::DirEntry::path);
        let mut found: Vec<PathBuf> = paths
            .filter(|path| path.is_dir() && Self::is_at(path))
            .collect();
        found.sort();
        Ok(found)
    }

    /// Reads a run from its directory or the path of its records. A last line that is cut off, as a killed run may leave it, does not count.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming file and line, or [`Error::NotFound`], [`Error::Io`].
    pub fn read(path: &Path) -> Result<Self> {
        let directory = directory_of(path);
        let settings = TrainingSettings::read(&directory.join("config.json"))?;
        let path = directory.join(RECORDS);
        let mut records = Vec::new();
        read_lines(&path, |record| records.push(record))?;
        if records.is_empty() {
            return Err(Error::invalid("(file)", "holds no record yet").in_file(&path));
        }
        let canonical = directory
            .canonicalize()
            .unwrap_or_else(|_| directory.into());
        let name = canonical.file_name().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            settings,
            records,
        })
    }

    /// What was set, by JSON path, without what does not change the experiment: seeds, places of
    /// files, when to save and to measure. Runs that agree in this repeat each other.
    pub fn experiment(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let value = serde_json::to_value(&self.settings).unwrap_or_default();
        flatten(&value, String::new(), &mut out);
        out.retain(|(path, _)| {
            let name = path.rsplit('.').next().unwrap_or_default();
            let passing = ["seed", "split_seed", "directory", "checkpoint_minutes"];
            !passing.contains(&name) && !path.starts_with("observe.")
        });
        out
    }
}

/// The directory of a run, given that or its records.
fn directory_of(path: &Path) -> &Path {
    if path.file_name() != Some(OsStr::new(RECORDS)) {
        return path;
    }
    let parent = path.parent().unwrap_or(path);
    if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    }
}

/// The leaves of a JSON value. A list is one.
fn flatten(value: &Value, path: String, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let prefix = if path.is_empty() {
                    String::new()
                } else {
                    format!("{path}.")
                };
                flatten(value, format!("{prefix}{name}"), out);
            }
        }
        Value::String(text) => out.push((path, text.clone())),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().map(Value::to_string).collect();
            out.push((path, texts.join("-")));
        }
        other => out.push((path, other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"epoch": 0, "updates": 0, "rates": [], "skipped": 0, "weights": []}"#;

    #[test]
    fn a_run_is_read_up_to_a_line_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).unwrap();
        };
        assert!(!SavedRun::is_at(directory.path()));
        write("config.json", r#"{"seed": 4, "estimator": "asymmetric"}"#);
        write("records.jsonl", &format!("{LINE}\n{LINE}\n{}", &LINE[..30]));
        assert!(SavedRun::is_at(directory.path()));
        let run = SavedRun::read(directory.path()).unwrap();
        let records = directory.path().join("records.jsonl");
        assert!(SavedRun::is_at(&records));
        assert_eq!(SavedRun::read(&records).unwrap(), run);
        assert_eq!((run.records.len(), run.settings.seed), (2, 4));
        let experiment = run.experiment();
        assert!(experiment.contains(&("estimator".into(), "asymmetric".into())));
        assert!(experiment.contains(&("network.sizes".into(), "64-64-10".into())));
        assert!(!experiment.iter().any(|(path, _)| path.contains("seed")));

        write("records.jsonl", &format!("{LINE}\n{{}}\n{LINE}\n"));
        let message = SavedRun::read(directory.path()).unwrap_err().to_string();
        assert!(message.contains("records.jsonl: line 2"), "{message}");
        write("records.jsonl", "");
        let message = SavedRun::read(directory.path()).unwrap_err().to_string();
        assert!(message.contains("no record"), "{message}");
    }
}
