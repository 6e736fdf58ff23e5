//! The directory of a sweep: `sweep.json` says which one it is, each part has its file of records.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::provenance::Provenance;
use super::config::SweepConfig;
use super::point::Grid;
use super::record::SweepRecord;
use super::shard::Shard;
use super::summary::Counts;
use crate::error::{Error, Result};
use crate::io::{Line, Lines, lock, read_json, write_json};

/// What `sweep.json` holds: the same for every part of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `sweep`.
    pub kind: String,
    /// Number of points of the whole grid.
    pub points: u64,
    /// [`SweepConfig::hash`].
    pub config_hash: String,
    /// The configuration, with all defaults filled in.
    pub config: SweepConfig,
    /// The program that began the sweep.
    pub provenance: Provenance,
}

impl Manifest {
    /// Of a sweep that this program begins.
    pub fn new(grid: &Grid) -> Self {
        Self {
            kind: "sweep".into(),
            points: grid.points(),
            config_hash: grid.config().hash(),
            config: grid.config().clone(),
            provenance: Provenance::current(),
        }
    }

    /// Where it stands in a directory.
    pub fn path(directory: &Path) -> PathBuf {
        directory.join("sweep.json")
    }

    /// Reads the one in a directory, or `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::InvalidInput`] if it is no such file, or was edited.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let path = Self::path(directory);
        let manifest: Self = match read_json(&path) {
            Err(Error::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        manifest
            .config
            .validate()
            .map_err(|error| error.in_file(&path))?;
        if manifest.config.hash() != manifest.config_hash {
            let message = "does not belong to the configuration beside it. The file was edited";
            return Err(Error::invalid("config_hash", message).in_file(&path));
        }
        Ok(Some(manifest))
    }

    /// Writes it into a directory, as a whole.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, directory: &Path) -> Result<()> {
        write_json(&Self::path(directory), self)
    }
}

/// Whether a path has the name of a file of records, compressed or not.
pub(super) fn is_records(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("records") && (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz"))
}

/// A directory's files of records, one a part of the sweep, sorted by name. A compressed copy of
/// another one does not count twice.
///
/// # Errors
/// [`Error::Io`], [`Error::NotFound`].
pub fn record_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let io = |source| Error::io(directory, source);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let compressed = path.extension().is_some_and(|extension| extension == "gz");
        if is_records(&path) && !(compressed && path.with_extension("").exists()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What may be done with what is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Nothing: it is an error.
    Refuse,
    /// Go on behind the last whole record.
    Resume,
    /// Begin anew.
    Replace,
}

/// The file of records of one part, open for appending by this process alone.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// Records that it held when it was opened, by outcome.
    pub found: Counts,
    /// Whether another build of the program began the sweep.
    pub other_program: bool,
    /// Whether it is locked. Some file systems have no locks.
    pub locked: bool,
}

impl RecordFile {
    /// Opens the file of part `shard`, locks it, and repairs a torn last line.
    ///
    /// # Errors
    /// [`Error::Io`], and [`Error::InvalidInput`] if another process has it open, if it exists and
    /// may not, or if the directory holds another sweep.
    pub fn open(directory: &Path, grid: &Grid, shard: Shard, existing: Existing) -> Result<Self> {
        std::fs::create_dir_all(directory).map_err(|source| Error::io(directory, source))?;
        let path = directory.join(shard.file_name());
        let io = |source| Error::io(&path, source);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(io)?;
        let locked = lock(&file, &path)?;
        let used = file.metadata().map_err(io)?.len() > 0;
        if used && existing == Existing::Refuse {
            return Err(Error::Exists {
                path,
                resumable: true,
            });
        }
        let manifest = Manifest::new(grid);
        let replaceable = existing == Existing::Replace && !others_in_use(directory, &path)?;
        let (mut other_program, mut rewrite) = (false, false);
        match Manifest::read(directory)? {
            Some(earlier) if earlier.config_hash != manifest.config_hash && !replaceable => {
                let message = format!(
                    "holds a sweep of another configuration (hash {:.12}, that of this one is {:.12}). Choose another directory, or remove that sweep",
                    earlier.config_hash, manifest.config_hash
                );
                return Err(Error::invalid("(file)", message).in_file(directory));
            }
            Some(earlier) if !replaceable => {
                other_program = earlier.provenance != manifest.provenance;
            }
            None if used && existing == Existing::Resume => {
                let message = "missing beside records. Without it they cannot be told to be of this configuration";
                return Err(Error::invalid("sweep.json", message).in_file(directory));
            }
            _ => rewrite = true,
        }
        if existing == Existing::Replace {
            // the records go before their description changes: the two never disagree
            file.set_len(0).map_err(io)?;
        }
        if rewrite {
            manifest.write(directory)?;
        }
        let mut records = Self {
            path,
            file,
            length: 0,
            found: Counts::default(),
            other_program,
            locked,
        };
        records.scan(grid, shard)?;
        Ok(records)
    }

    /// Counts the whole records, which have to be the first ones of the part, and cuts off the rest.
    fn scan(&mut self, grid: &Grid, shard: Shard) -> Result<()> {
        let io = |source| Error::io(&self.path, source);
        let mut file = &self.file;
        file.rewind().map_err(io)?;
        let mut lines = Lines::new(&self.path, BufReader::new(file));
        while let Line::Record(record) = next_record(&mut lines, grid)? {
            if record.index != shard.point(grid, self.found.total()) {
                return Err(lines.damaged("is not the record that follows the one before (parts that were joined incompletely cannot be resumed, only the parts themselves)"));
            }
            self.found.add(record.outcome);
        }
        self.length = lines.offset();
        self.file.set_len(self.length).map_err(io)
    }

    /// Appends whole lines. If that fails the file ends with its last whole record as before.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn append(&mut self, lines: &[u8]) -> Result<()> {
        match self.file.write_all(lines) {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(source) => {
                // if this fails as well, resuming repairs the line
                let _ = self.file.set_len(self.length);
                Err(Error::io(&self.path, source))
            }
        }
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn sync(&self) -> Result<()> {
        let synced = self.file.sync_all();
        synced.map_err(|source| Error::io(&self.path, source))
    }
}

/// Whether a file of records other than `own` holds something.
fn others_in_use(directory: &Path, own: &Path) -> Result<bool> {
    Ok(record_files(directory)?.iter().any(|path| {
        path != own && std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
    }))
}

/// The next line of a file of records, which has to hold a record of `grid`.
pub(super) fn next_record<R: BufRead>(
    lines: &mut Lines<R>,
    grid: &Grid,
) -> Result<Line<Box<SweepRecord>>> {
    let line: Line<Box<SweepRecord>> = lines.read()?;
    match &line {
        Line::Record(record)
            if record.index >= grid.points() || grid.point(record.index) != record.point =>
        {
            Err(lines.damaged("is no record of this configuration"))
        }
        _ => Ok(line),
    }
}
