//! Results on disk: written whole or not at all, and never over an earlier result by accident.

use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the names of files begin and end that are not written to their end.
const PARTIAL: (&str, &str) = (".eqprop-", ".partial");

#[cfg(feature = "experiment")]
/// Whether a file is one that [`write_whole`] had not finished.
pub(crate) fn is_partial(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(PARTIAL.0) && name.ends_with(PARTIAL.1)
}

/// Writes a file as a whole: beside its place first, then renamed into it, so that nobody ever
/// sees half of it.
///
/// # Errors
/// The operating system's.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    replace_whole(path, |file| file.write_all(bytes))
}

/// The same for contents that `write` produces piece by piece. If it fails, nothing has changed.
///
/// # Errors
/// The operating system's, and those of `write`.
pub fn replace_whole(
    path: &Path,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.file_name().is_none() {
        return Err(Error::new(ErrorKind::InvalidInput, "does not name a file"));
    }
    let (partial, mut file) = new_partial(directory)?;
    let written = write(&mut file)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // what stays behind is recognised by its name
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// A new file with a name that nobody else has. Its permissions are those of any new file.
fn new_partial(directory: &Path) -> std::io::Result<(PathBuf, std::fs::File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{}{process}-{count}{}", PARTIAL.0, PARTIAL.1));
        match std::fs::File::create_new(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return Ok((path, created?)),
        }
    }
}

/// Refuses a path that exists, unless `force`.
///
/// # Errors
/// [`crate::Error::Exists`].
pub fn refuse_existing(path: &Path, force: bool) -> crate::Result<()> {
    if force || !path.exists() {
        return Ok(());
    }
    Err(crate::Error::Exists {
        path: path.to_path_buf(),
        resumable: false,
    })
}

/// The first of `name`, `name-2`, `name-3`, … that does not exist.
pub fn unused_directory(name: &str) -> PathBuf {
    (2..)
        .map(|k| PathBuf::from(format!("{name}-{k}")))
        .find(|path| !path.exists())
        .filter(|_| Path::new(name).exists())
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
        assert_eq!(
            write_whole(&missing, b"").unwrap_err().kind(),
            ErrorKind::NotFound
        );
    }
}
