//! Files as they are read: plain or compressed by gzip, up to a limit.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Largest file of text, uncompressed, in bytes.
const MAX_TEXT: u64 = 256 << 20;

/// A file to read from, decompressed if it begins as a gzip file does.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Io`], and [`Error::InvalidInput`] for a directory.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let failed = |source| Error::io(path, source);
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::invalid("(file)", "is a directory. A file is expected").in_file(path));
    }
    let file = BufReader::new(file);
    #[cfg(feature = "experiment")]
    return super::gzip::decompressed(file).map_err(failed);
    #[cfg(not(feature = "experiment"))]
    Ok(Box::new(file))
}

/// A failure to read `path`: what a damaged compressed file gives is no fault of the system.
pub(super) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let damaged = [
        ErrorKind::InvalidInput,
        ErrorKind::InvalidData,
        ErrorKind::UnexpectedEof,
    ];
    if damaged.contains(&error.kind()) {
        let message = format!("is not a whole gzip file ({error}). Get it again");
        return Error::invalid("(file)", message).in_file(path);
    }
    Error::io(path, error)
}

/// The bytes of a file, uncompressed, `most` at most.
///
/// # Errors
/// As of [`open`], and [`Error::InvalidInput`] if it is damaged or longer.
pub(crate) fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > most {
        let message = format!("is larger than {} MiB", most >> 20);
        return Err(Error::invalid("(file)", message).in_file(path));
    }
    Ok(bytes)
}

/// The text that standard input holds, of acceptable size.
///
/// # Errors
/// [`Error::Io`], and [`Error::InvalidInput`] if it is no UTF-8.
pub(crate) fn read_standard_input() -> Result<String> {
    let name = Path::new("standard input");
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_TEXT)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(name, error))?;
    String::from_utf8(bytes)
        .map_err(|_| Error::invalid("(file)", "is not text (UTF-8)").in_file(name))
}

/// The text of a file of acceptable size.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Io`], and [`Error::InvalidInput`] if it is no UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read_bytes(path, MAX_TEXT)?).map_err(|error| {
        let wide = [[0xff, 0xfe], [0xfe, 0xff]];
        let message = if wide.iter().any(|mark| error.as_bytes().starts_with(mark)) {
            "is text in UTF-16. Save it as UTF-8"
        } else {
            "is not text (UTF-8)"
        };
        Error::invalid("(file)", message).in_file(path)
    })
}
