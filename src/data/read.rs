//! Files of data, plain or compressed by gzip, read whole and up to a limit.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Largest file of data, uncompressed.
const MAX_BYTES: u64 = 2 << 30;

/// The bytes of a file, uncompressed if it begins as a gzip file does.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |source| Error::io(path, source);
    let mut file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Error::invalid("(file)", "is a directory; a file is expected").in_file(path));
    }
    let mut start = Vec::new();
    file.by_ref()
        .take(2)
        .read_to_end(&mut start)
        .map_err(failed)?;
    file.rewind().map_err(failed)?;
    let mut bytes = Vec::new();
    if start == [0x1f, 0x8b] {
        MultiGzDecoder::new(file)
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                let message = format!("is not a whole gzip file ({error}); get it again");
                Error::invalid("(file)", message).in_file(path)
            })?;
    } else {
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::invalid("(file)", "holds more than 2 GiB").in_file(path));
    }
    Ok(bytes)
}

/// Bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
