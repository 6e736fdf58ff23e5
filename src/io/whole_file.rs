//! Results on disk: written whole or not at all, and never over an earlier result by accident.

use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How the names of files begin and end that are not written to their end.
const PARTIAL: (&str, &str) = (".eqprop-", ".partial");

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

/// The same for contents that `write` produces piece by piece; if it fails, nothing has changed.
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
    let mut builder = tempfile::Builder::new();
    builder.prefix(PARTIAL.0).suffix(PARTIAL.1);
    #[cfg(unix)]
    {
        // as any new file, not private as temporary files are; the umask applies
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory)?;
    write(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failure| failure.error)?;
    Ok(())
}

/// Refuses a path that exists, unless `force`.
///
/// # Errors
/// [`crate::Error::InvalidInput`].
pub fn refuse_existing(path: &Path, force: bool) -> crate::Result<()> {
    if !force && path.exists() {
        let message = "exists already; name another, or give --force to replace it";
        return Err(crate::Error::invalid("--out", message).in_file(path));
    }
    Ok(())
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
