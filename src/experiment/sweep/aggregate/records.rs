//! Reading the records of a sweep, one at a time, compressed or not.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::super::record::SweepRecord;
use crate::error::{Error, Result};

/// Whether a path is a sweep's directory, or one of its files of records.
pub fn is_sweep(path: &Path) -> bool {
    is_records(path) || path.is_dir() && files(path).is_ok_and(|files| !files.is_empty())
}

fn is_records(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("records") && (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz"))
}

/// A directory's files of records, one a part of the sweep, sorted by name. A compressed copy of
/// another one does not count twice.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::io(directory, source);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let compressed = path.extension().is_some_and(|extension| extension == "gz");
        if is_records(&path) && !(compressed && path.with_extension("").exists()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Hands over the records of a sweep one at a time, in the order of its files. `path` is its
/// directory, or one file of records, compressed by gzip or not. A last line that does not end, as
/// a sweep leaves it that runs or was killed, is no record yet.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Io`], and [`Error::InvalidInput`] naming the line that is no
/// record, or if there is none at all.
pub fn for_each_record(path: &Path, mut take: impl FnMut(SweepRecord)) -> Result<()> {
    let files = if path.is_dir() {
        files(path)?
    } else {
        vec![path.to_owned()]
    };
    let mut count = 0;
    for file in files {
        count += read_file(&file, &mut take)?;
    }
    if count == 0 {
        return Err(Error::invalid("(file)", "holds no record of a sweep").in_file(path));
    }
    Ok(())
}

/// The records of one file; their number.
fn read_file(path: &Path, take: &mut impl FnMut(SweepRecord)) -> Result<usize> {
    let failed = |source| Error::io(path, source);
    let mut input = open(path).map_err(failed)?;
    let mut line = String::new();
    let mut count = 0;
    loop {
        line.clear();
        input.read_line(&mut line).map_err(failed)?;
        if !line.ends_with('\n') {
            return Ok(count);
        }
        count += 1;
        take(serde_json::from_str(&line).map_err(|error| {
            let message = format!("not a record of a sweep: {error}");
            Error::invalid(format!("line {count}"), message).in_file(path)
        })?);
    }
}

/// All records of a sweep at once.
///
/// # Errors
/// As [`for_each_record`].
pub fn read_records(path: &Path) -> Result<Vec<SweepRecord>> {
    let mut records = Vec::new();
    for_each_record(path, |record| records.push(record))?;
    Ok(records)
}

/// A file, decompressed if it begins as gzip does.
fn open(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    let compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if compressed {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    })
}
