//! Reading records back, line by line, with every line checked against its grid.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::point::Grid;
use super::record::SweepRecord;
use crate::error::{Error, Result};

/// No record is longer than this, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// What the next line of a file of records holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A record; its bytes are [`RecordReader::line`].
    Record(Box<SweepRecord>),
    /// The beginning of a record that was never finished; nothing follows it.
    Torn,
    /// The end of the file.
    End,
}

/// Reads the records of a grid in the order in which they stand.
#[derive(Debug)]
pub struct RecordReader<'a, R> {
    grid: &'a Grid,
    path: PathBuf,
    source: R,
    line: Vec<u8>,
    number: u64,
    offset: u64,
}

impl<'a, R: BufRead> RecordReader<'a, R> {
    /// Reads from `source`, the contents of the file at `path`.
    pub fn new(grid: &'a Grid, path: &Path, source: R) -> Self {
        Self {
            grid,
            path: path.to_path_buf(),
            source,
            line: Vec::new(),
            number: 0,
            offset: 0,
        }
    }

    /// The bytes of the last record read, with the line's end.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// Number of bytes of all records read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next line.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::InvalidInput`] if the line is no record of this grid and others
    /// follow it.
    pub fn read(&mut self) -> Result<Line> {
        self.line.clear();
        self.number += 1;
        let io = |source| Error::io(&self.path, source);
        let mut limited = (&mut self.source).take(LONGEST_LINE);
        let length = limited.read_until(b'\n', &mut self.line).map_err(io)?;
        if length == 0 {
            return Ok(Line::End);
        }
        let whole = self.line.ends_with(b"\n");
        let record = serde_json::from_slice::<SweepRecord>(&self.line).ok();
        let known = |record: &SweepRecord| {
            record.index < self.grid.points() && self.grid.point(record.index) == record.point
        };
        match record.filter(|record| whole && known(record)) {
            Some(record) => {
                self.offset += length as u64;
                Ok(Line::Record(Box::new(record)))
            }
            None if self.source.fill_buf().map_err(io)?.is_empty() => Ok(Line::Torn),
            None => Err(self.damaged("is no record of this configuration")),
        }
    }

    /// The error for a line that should not be there.
    pub fn damaged(&self, what: &str) -> Error {
        let message = format!(
            "{what}; the file was changed by something else: restore it, or remove it and run again"
        );
        Error::invalid(format!("line {}", self.number), message).in_file(&self.path)
    }
}
