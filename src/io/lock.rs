//! The lock that keeps two processes from writing to one result.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Result};

/// Takes the lock of an open file, held until the file is closed or the process ends in whatever
/// way. Returns whether the file system has locks: on clusters many have none, and there the user
/// has to take care and is told so.
///
/// # Errors
/// [`Error::InvalidInput`] if another process holds it, and [`Error::Io`].
pub(crate) fn lock(file: &File, path: &Path) -> Result<bool> {
    meaning(file.try_lock(), path)
}

/// The same for a file that is only read: readers do not exclude each other.
///
/// # Errors
/// As of [`lock`].
pub(crate) fn lock_shared(file: &File, path: &Path) -> Result<bool> {
    meaning(file.try_lock_shared(), path)
}

/// No locks are left, or the lock server of a network file system is not there (ENOLCK).
const NO_LOCKS: Option<i32> = Some(37);

fn meaning(attempt: std::result::Result<(), TryLockError>, path: &Path) -> Result<bool> {
    match attempt {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => {
            let message = "another process is writing to it. Wait until it has ended, or choose another directory";
            Err(Error::invalid("(file)", message).in_file(path))
        }
        Err(TryLockError::Error(error))
            if error.kind() == ErrorKind::Unsupported || error.raw_os_error() == NO_LOCKS =>
        {
            Ok(false)
        }
        Err(TryLockError::Error(source)) => Err(Error::io(path, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_a_system_without_locks_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let again = || File::open(file.path()).unwrap();
        let (first, second) = (again(), again());
        assert!(lock(&first, file.path()).unwrap());
        let refused = lock_shared(&second, file.path()).unwrap_err().to_string();
        assert!(refused.contains("another process"), "{refused}");
        drop(first);
        assert!(lock_shared(&second, file.path()).unwrap());
        assert!(lock_shared(&again(), file.path()).unwrap());
        for (error, expected) in [
            (std::io::Error::from(ErrorKind::Unsupported), Some(false)),
            (std::io::Error::from_raw_os_error(37), Some(false)),
            (std::io::Error::from(ErrorKind::PermissionDenied), None),
        ] {
            let found = meaning(Err(TryLockError::Error(error)), file.path());
            assert_eq!(found.ok(), expected);
        }
    }
}
