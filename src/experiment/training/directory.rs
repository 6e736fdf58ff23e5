//! The directory of a run: its lock, and the files that grow line by line.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::config::TrainingSettings;
use super::record::{EpochRecord, EpochTiming};
use crate::error::{Error, Result};
use crate::io::{
    is_partial, json_line, lock, read_lines, refuse_existing, write_json, write_whole,
};

/// A directory that this process alone writes to.
#[derive(Debug)]
pub(super) struct RunDirectory {
    path: PathBuf,
    /// Held until it is dropped, or the process ends in whatever way.
    _lock: File,
    /// Whether it could be taken. Some file systems have no locks.
    pub locked: bool,
}

impl RunDirectory {
    /// Makes the directory if there is none, and locks it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if another process is at work there, or [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::io(path, source);
        std::fs::create_dir_all(path).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let file = options.open(path.join("lock")).map_err(failed)?;
        let locked = lock(&file, path)?;
        remove_partial(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: file,
            locked,
        })
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.path.join("checkpoint.eqprop")
    }

    pub fn records(&self) -> PathBuf {
        self.path.join("records.jsonl")
    }

    pub fn timing(&self) -> PathBuf {
        self.path.join("timing.jsonl")
    }

    pub fn config(&self) -> PathBuf {
        self.path.join("config.json")
    }

    /// Refuses to begin a run again that has records but no checkpoint to go on from. Before the first
    /// checkpoint there is one line at most.
    ///
    /// # Errors
    /// [`Error::InvalidInput`], or [`Error::Io`].
    pub fn expect_unbegun(&self) -> Result<()> {
        let epochs = lines::<EpochRecord>(&self.records())?.len();
        if epochs <= 1 {
            return Ok(());
        }
        let message = format!(
            "there is no checkpoint.eqprop to go on from, but records of {} epochs. Name another directory, or ask for the run to be replaced instead",
            epochs - 1
        );
        Err(Error::invalid("(file)", message).in_file(&self.path))
    }

    /// Clears the way for a new run: an earlier one is refused, or with `force` removed.
    ///
    /// # Errors
    /// [`Error::InvalidInput`], or [`Error::Io`].
    pub fn begin(&self, settings: &TrainingSettings, force: bool) -> Result<()> {
        let files = [self.checkpoint(), self.records(), self.timing()];
        for path in &files {
            refuse_existing(path, force)?;
        }
        // the checkpoint first: without it the rest is no run
        let report = self.path.join("report.md");
        for path in files.iter().chain([&report]).filter(|path| path.exists()) {
            std::fs::remove_file(path).map_err(|source| Error::io(path, source))?;
        }
        self.write_config(settings)
    }

    /// Writes the configuration in full.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_config(&self, settings: &TrainingSettings) -> Result<()> {
        write_json(&self.config(), settings)
    }

    /// Writes a text file whole.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        write_whole(&path, text.as_bytes()).map_err(|source| Error::io(&path, source))
    }

    /// Goes back to a checkpoint after `epoch` epochs: later lines, and a last one cut off, go.
    /// Returns the records up to there.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if earlier lines are missing, or [`Error::Io`].
    pub fn rewind(&self, epoch: usize) -> Result<Vec<EpochRecord>> {
        let path = self.records();
        let mut records: Vec<EpochRecord> = lines(&path)?;
        records.retain(|record| record.epoch <= epoch);
        let whole = records.len() == epoch + 1;
        if !whole
            || records
                .iter()
                .enumerate()
                .any(|(k, record)| record.epoch != k)
        {
            let message = format!(
                "the checkpoint stands after epoch {epoch}, but not all lines from epoch 0 to there are here. Put the file back, or start anew"
            );
            return Err(Error::invalid("(file)", message).in_file(&path));
        }
        replace(&path, &records)?;
        let path = self.timing();
        let mut timing: Vec<EpochTiming> = lines(&path)?;
        timing.retain(|line| line.epoch <= epoch);
        replace(&path, &timing)?;
        Ok(records)
    }
}

/// Removes what a process that was killed while it wrote has left.
fn remove_partial(directory: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if is_partial(&path) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The whole lines of a file, none if there is no file.
///
/// # Errors
/// [`Error::InvalidInput`] naming a line that is damaged, or [`Error::Io`].
pub(super) fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let mut found = Vec::new();
    match read_lines(path, |line| found.push(line)) {
        Err(Error::NotFound { .. }) => Ok(found),
        read => read.map(|()| found),
    }
}

fn replace(path: &Path, lines: &[impl serde::Serialize]) -> Result<()> {
    let lines: std::io::Result<Vec<_>> = lines.iter().map(json_line).collect();
    lines
        .and_then(|lines| write_whole(path, &lines.concat()))
        .map_err(|source| Error::io(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_processes_cannot_share_a_directory() {
        let place = tempfile::tempdir().unwrap();
        let first = RunDirectory::open(place.path()).unwrap();
        let second = RunDirectory::open(place.path()).unwrap_err().to_string();
        assert!(second.contains("another process"), "{second}");
        drop(first);
        // what a killed process left goes
        let partial = place.path().join(".eqprop-x1.partial");
        std::fs::write(&partial, "half").unwrap();
        RunDirectory::open(place.path()).unwrap();
        assert!(!partial.exists());
    }
}
