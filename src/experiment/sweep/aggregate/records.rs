//! Reading the records of a sweep, one at a time, compressed or not.

use std::path::Path;

use super::super::record::SweepRecord;
use super::super::store::{is_records, record_files};
use crate::error::{Error, Result};
use crate::io::read_lines;

/// Whether a path is a sweep's directory, or one of its files of records.
pub fn is_sweep(path: &Path) -> bool {
    is_records(path) || path.is_dir() && record_files(path).is_ok_and(|files| !files.is_empty())
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
        record_files(path)?
    } else {
        vec![path.to_owned()]
    };
    let mut count = 0;
    for file in files {
        read_lines(&file, |record| {
            count += 1;
            take(record);
        })?;
    }
    if count == 0 {
        return Err(Error::invalid("(file)", "holds no record of a sweep").in_file(path));
    }
    Ok(())
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
