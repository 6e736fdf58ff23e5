//! JSON lines: files that grow one record per line, and what is done about damage.
//!
//! One policy for all of them: a last line without its line end was being written when the process
//! ended, and does not count, and every other line that cannot be read is an error that names it.

use std::fs::OpenOptions;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::source::{open, unreadable};
use crate::error::{Error, Result};

/// No line is longer than this, in bytes.
const LONGEST_LINE: u64 = 16 << 20;

/// What the next line of a file holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line<T> {
    /// A record. Its bytes are [`Lines::bytes`].
    Record(T),
    /// The beginning of a record that was never finished. Nothing follows it.
    Torn,
    /// The end of the file.
    End,
}

/// Reads a file of records line by line.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    path: PathBuf,
    source: R,
    line: Vec<u8>,
    number: u64,
    offset: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads from `source`, the contents of the file at `path`.
    pub fn new(path: &Path, source: R) -> Self {
        Self {
            path: path.to_path_buf(),
            source,
            line: Vec::new(),
            number: 0,
            offset: 0,
        }
    }

    /// The bytes of the last line read, with its end.
    pub fn bytes(&self) -> &[u8] {
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
    /// [`Error::Io`], and [`Error::InvalidInput`] naming the line if it is damaged.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<Line<T>> {
        self.line.clear();
        self.number += 1;
        let mut limited = (&mut self.source).take(LONGEST_LINE);
        let length = limited.read_until(b'\n', &mut self.line);
        let length = length.map_err(|error| unreadable(&self.path, error))? as u64;
        if length == 0 {
            return Ok(Line::End);
        }
        if length == LONGEST_LINE {
            return Err(self.damaged("is longer than any record"));
        }
        if !self.line.ends_with(b"\n") {
            return Ok(Line::Torn);
        }
        let record = serde_json::from_slice(&self.line);
        let record = record.map_err(|error| self.damaged(&super::json::reason(&error)))?;
        self.offset += length;
        Ok(Line::Record(record))
    }

    /// The error for a line that should not be there.
    pub fn damaged(&self, what: &str) -> Error {
        let message = format!(
            "{what}. The file was changed by something else: restore it, or remove it and run again"
        );
        Error::invalid(format!("line {}", self.number), message).in_file(&self.path)
    }
}

/// Hands over all records of a file, compressed or not, one at a time.
///
/// # Errors
/// As of [`open`] and [`Lines::read`].
pub(crate) fn read_lines<T: DeserializeOwned>(path: &Path, mut take: impl FnMut(T)) -> Result<()> {
    let mut lines = Lines::new(path, open(path)?);
    while let Line::Record(record) = lines.read()? {
        take(record);
    }
    Ok(())
}

/// Appends one line and sees it to the disk.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn append_line(path: &Path, line: &impl Serialize) -> Result<()> {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(path);
    file.and_then(|mut file| {
        file.write_all(&super::json_line(line)?)?;
        file.sync_data()
    })
    .map_err(|source| Error::io(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_end_does_not_count_and_a_damaged_line_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lines.jsonl");
        append_line(&path, &1).unwrap();
        append_line(&path, &22).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let mut found: Vec<u32> = Vec::new();
            read_lines(&path, |record| found.push(record)).map(|()| found)
        };
        assert_eq!(read(&whole).unwrap(), [1, 22]);
        for torn in [&whole[..4], &whole[..3], b"1\n\0\0\0\0", b"1\n{\"a"] {
            assert_eq!(read(torn).unwrap(), [1]);
        }
        assert!(read(b"").unwrap().is_empty());
        for (damaged, line) in [(&b"x\n22\n"[..], "line 1"), (b"1\n{}\n", "line 2")] {
            let message = read(damaged).unwrap_err().to_string();
            assert!(message.contains(line), "{message}");
        }
        let long = vec![b'1'; 1 + LONGEST_LINE as usize];
        assert!(read(&long).unwrap_err().to_string().contains("longer"));
    }
}
