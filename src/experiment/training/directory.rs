//! The directory of a run: its lock, and the files that grow line by line.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::TrainingSettings;
use super::record::{EpochRecord, EpochTiming};
use crate::error::{Error, Result};
use crate::io::{is_partial, refuse_existing, write_whole};

/// A directory that this process alone writes to.
#[derive(Debug)]
pub(super) struct RunDirectory {
    path: PathBuf,
    /// Held until it is dropped, or the process ends in whatever way.
    _lock: File,
}

impl RunDirectory {
    /// Makes the directory if there is none, and locks it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if another process is at work there; [`Error::Io`].
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::io(path, source);
        std::fs::create_dir_all(path).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = options.open(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {
                remove_partial(path).map_err(failed)?;
                Ok(Self {
                    path: path.to_owned(),
                    _lock: lock,
                })
            }
            Err(TryLockError::WouldBlock) => {
                let message = "another process is training here; wait for it, or name another";
                Err(Error::invalid("--out", message).in_file(path))
            }
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
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
    /// [`Error::InvalidInput`]; [`Error::Io`].
    pub fn expect_unbegun(&self) -> Result<()> {
        let path = self.records();
        let epochs = match std::fs::read(&path) {
            Ok(bytes) => bytes.iter().filter(|&&byte| byte == b'\n').count(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(source) => return Err(Error::io(&path, source)),
        };
        if epochs <= 1 {
            return Ok(());
        }
        let message = format!(
            "there is no checkpoint.eqprop to go on from, but records of {} epochs; name another directory, or start anew with --force instead",
            epochs - 1
        );
        Err(Error::invalid("--resume", message).in_file(&self.path))
    }

    /// Clears the way for a new run: an earlier one is refused, or with `force` removed.
    ///
    /// # Errors
    /// [`Error::InvalidInput`]; [`Error::Io`].
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
        let path = self.config();
        let text = serde_json::to_string_pretty(settings);
        let text = text.map_err(|error| Error::io(&path, error.into()))? + "\n";
        write_whole(&path, text.as_bytes()).map_err(|source| Error::io(&path, source))
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
    /// [`Error::InvalidInput`] if earlier lines are missing; [`Error::Io`].
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
                "the checkpoint stands after epoch {epoch}, but not all lines from epoch 0 to there are here; put the file back, or start anew"
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

/// Appends one line and sees it to the disk.
pub(super) fn append(path: &Path, line: &impl Serialize) -> Result<()> {
    let failed = |source| Error::io(path, source);
    let mut bytes = serde_json::to_vec(line).map_err(|error| failed(error.into()))?;
    bytes.push(b'\n');
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .append(true)
        .open(path)
        .map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.sync_data().map_err(failed)
}

/// The lines of a file; the first that is not whole ends it.
pub(super) fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => return Err(Error::io(path, source)),
    };
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    Ok(whole
        .map_while(|line| serde_json::from_str(line).ok())
        .collect())
}

fn replace(path: &Path, lines: &[impl Serialize]) -> Result<()> {
    let failed = |source| Error::io(path, source);
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line).map_err(|error| failed(error.into()))?;
        bytes.push(b'\n');
    }
    write_whole(path, &bytes).map_err(failed)
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

    #[test]
    fn a_line_cut_off_is_no_line() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("lines");
        append(&path, &1).unwrap();
        append(&path, &22).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.pop();
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(lines::<u32>(&path).unwrap(), [1]);
        assert!(lines::<u32>(&place.path().join("none")).unwrap().is_empty());
    }
}
