//! NumPy's archives: `.npy` files in a zip file, stored or deflated (PKWARE's APPNOTE, no zip64).

use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::{Array, Fault, MAX_BYTES, choose, npy};

/// An entry of the archive's directory.
struct Entry<'a> {
    name: &'a str,
    deflated: bool,
    sum: usize,
    compressed: usize,
    offset: usize,
}

/// The names of all arrays.
pub(super) fn names(bytes: &[u8]) -> Fault<Vec<&str>> {
    let entries = entries(bytes).ok_or("is not a whole .npz file")?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

pub(super) fn array(bytes: &[u8], wanted: Option<&str>) -> Fault<Array> {
    let entries = entries(bytes).ok_or("is not a whole .npz file")?;
    let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    let entry = &entries[choose(&names, wanted)?];
    let data = data(bytes, entry).ok_or("is damaged: an entry lies outside the file")?;
    let mut inflated = Vec::new();
    let data = if entry.deflated {
        DeflateDecoder::new(data)
            .take(MAX_BYTES)
            .read_to_end(&mut inflated)
            .map_err(|error| format!("is damaged ({error})"))?;
        &inflated
    } else {
        data
    };
    let mut sum = Crc::new();
    sum.update(data);
    if sum.sum() as usize != entry.sum {
        return Err("is damaged: a checksum does not fit its contents".into());
    }
    npy::array(data)
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at.checked_add(2)?)?.first_chunk::<2>()?;
    Some(usize::from(u16::from_le_bytes(*word)))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let word = bytes.get(at..at.checked_add(4)?)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*word)).ok()
}

/// The directory, which stands at the end behind the files.
fn entries(bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let tail = bytes.len().saturating_sub(22 + 0xffff);
    let end = bytes[tail..]
        .windows(4)
        .rposition(|word| word == b"PK\x05\x06")?
        + tail;
    let count = short(bytes, end + 10)?;
    let mut at = long(bytes, end + 16)?;
    let mut found = Vec::new();
    for _ in 0..count {
        bytes.get(at..)?.strip_prefix(b"PK\x01\x02")?;
        let method = short(bytes, at + 10)?;
        let length = short(bytes, at + 28)?;
        let name = std::str::from_utf8(bytes.get(at + 46..at + 46 + length)?).ok()?;
        if short(bytes, at + 8)? & 1 == 0 && [0, 8].contains(&method) {
            found.push(Entry {
                name: name.strip_suffix(".npy").unwrap_or(name),
                deflated: method == 8,
                sum: long(bytes, at + 16)?,
                compressed: long(bytes, at + 20)?,
                offset: long(bytes, at + 42)?,
            });
        }
        at += 46 + length + short(bytes, at + 30)? + short(bytes, at + 32)?;
    }
    Some(found)
}

/// The bytes of an entry, behind its own header.
fn data<'a>(bytes: &'a [u8], entry: &Entry<'_>) -> Option<&'a [u8]> {
    bytes.get(entry.offset..)?.strip_prefix(b"PK\x03\x04")?;
    let names = short(bytes, entry.offset + 26)? + short(bytes, entry.offset + 28)?;
    let begin = entry.offset + 30 + names;
    bytes.get(begin..begin.checked_add(entry.compressed)?)
}
