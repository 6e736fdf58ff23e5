//! Results on disk: written whole or not at all, and never over an earlier result by accident.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Refuses a path that exists, unless `force`.
///
/// # Errors
/// [`Error::InvalidInput`].
pub fn refuse_existing(path: &Path, force: bool) -> Result<()> {
    if !force && path.exists() {
        return Err(Error::invalid(
            "--out",
            "exists already; name another, or give --force to replace it",
        )
        .in_file(path));
    }
    Ok(())
}

/// Writes a file as a whole: beside its place first, then renamed into it.
///
/// # Errors
/// [`Error::Io`] or [`Error::NotFound`] (a directory that does not exist).
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = sibling(path)?;
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        // nothing of a failed attempt stays behind
        let _ = std::fs::remove_file(&beside);
        Error::io(path, source)
    })
}

fn sibling(path: &Path) -> Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| Error::invalid("--out", "does not name a file").in_file(path))?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.partial", std::process::id()));
    Ok(path.with_file_name(beside))
}

/// The first of `name`, `name-2`, `name-3`, … that does not exist.
pub fn unused_directory(name: &str) -> PathBuf {
    (1..)
        .map(|k| {
            PathBuf::from(if k == 1 {
                name.to_owned()
            } else {
                format!("{name}-{k}")
            })
        })
        .find(|path| !path.exists())
        .unwrap_or_else(|| PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_leave_nothing_beside() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("result.json");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert!(refuse_existing(&path, false).is_err());
        assert!(refuse_existing(&path, true).is_ok());
        let missing = directory.path().join("nowhere").join("x");
        assert_eq!(write_whole(&missing, b"").unwrap_err().kind(), "not_found");
    }
}
