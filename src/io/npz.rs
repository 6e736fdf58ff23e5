//! NumPy's archive format: `.npy` arrays in a zip file without compression.
//!
//! It is written here because it is a page of code with what is in the house already (flate2's
//! CRC-32), where a crate would bring a zip implementation. The formats are NumPy enhancement
//! proposal 1 (`.npy` version 1.0) and PKWARE's APPNOTE (stored entries, no zip64).

use flate2::Crc;

/// An archive under construction, which `numpy.load` can read.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    files: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Archive {
    /// Adds an array of 64-bit floats, in row-major order.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: impl Iterator<Item = f64>) {
        let data: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
        self.add(name, &npy("<f8", shape, &data));
    }

    /// Adds an array of 64-bit integers.
    pub fn integers(&mut self, name: &str, values: &[usize]) {
        let values = values.iter().map(|&value| value as i64);
        let data: Vec<u8> = values.clone().flat_map(i64::to_le_bytes).collect();
        self.add(name, &npy("<i8", &[values.len()], &data));
    }

    /// Adds an array of texts.
    pub fn texts(&mut self, name: &str, values: &[&str]) {
        let width = values.iter().map(|text| text.chars().count()).max();
        let width = width.unwrap_or(1).max(1);
        let data: Vec<u8> = values
            .iter()
            .flat_map(|text| {
                let letters = text.chars().map(u32::from);
                letters.chain(std::iter::repeat(0)).take(width)
            })
            .flat_map(u32::to_le_bytes)
            .collect();
        self.add(name, &npy(&format!("<U{width}"), &[values.len()], &data));
    }

    /// Adds a file as a stored entry.
    fn add(&mut self, name: &str, data: &[u8]) {
        let name = format!("{name}.npy");
        let mut crc = Crc::new();
        crc.update(data);
        let size = (data.len() as u32).to_le_bytes();
        let mut common = Vec::new();
        // version 2.0, no flags, stored, 1 January 1980 at 0:00 (equal data give equal bytes)
        common.extend_from_slice(&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
        common.extend_from_slice(&crc.sum().to_le_bytes());
        common.extend_from_slice(&size);
        common.extend_from_slice(&size);
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);

        let offset = (self.files.len() as u32).to_le_bytes();
        self.directory.extend_from_slice(b"PK\x01\x02\x14\0");
        self.directory.extend_from_slice(&common);
        // no comment, disk 0, no attributes
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&offset);
        self.directory.extend_from_slice(name.as_bytes());
        self.files.extend_from_slice(b"PK\x03\x04");
        self.files.extend_from_slice(&common);
        self.files.extend_from_slice(name.as_bytes());
        self.files.extend_from_slice(data);
        self.entries += 1;
    }

    /// The bytes of the archive.
    pub fn finish(mut self) -> Vec<u8> {
        let offset = (self.files.len() as u32).to_le_bytes();
        let size = (self.directory.len() as u32).to_le_bytes();
        self.files.append(&mut self.directory);
        self.files.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        self.files.extend_from_slice(&self.entries.to_le_bytes());
        self.files.extend_from_slice(&self.entries.to_le_bytes());
        self.files.extend_from_slice(&size);
        self.files.extend_from_slice(&offset);
        self.files.extend_from_slice(&[0, 0]);
        self.files
    }
}

/// One array in NumPy's format, its data aligned to 64 bytes.
fn npy(kind: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    // one dimension is written `(3,)`, two `(3, 2,)`
    let shape: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let mut header = format!(
        "{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}",
        shape.trim_end()
    );
    let padding = 64 - (10 + header.len() + 1) % 64;
    header.push_str(&" ".repeat(padding % 64));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend_from_slice(&(header.len() as u16).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_start_with_an_aligned_header() {
        let bytes = npy("<f8", &[2, 1], &[0; 16]);
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\0");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((10 + length) % 64, 0);
        assert_eq!(bytes.len(), 10 + length + 16);
        let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
        assert!(header.starts_with("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1,), }"));
        assert!(header.ends_with('\n'));
    }

    #[test]
    fn the_directory_points_at_every_entry() {
        let mut archive = Archive::default();
        archive.floats("t", &[2], [0.5, 1.0].into_iter());
        archive.texts("phase", &["free", "nudged"]);
        let bytes = archive.finish();
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let mut at = word(end + 16);
        for name in ["t.npy", "phase.npy"] {
            assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
            let local = word(at + 42);
            assert_eq!(&bytes[local..local + 4], b"PK\x03\x04");
            assert_eq!(&bytes[local + 30..local + 30 + name.len()], name.as_bytes());
            let data = local + 30 + name.len();
            let mut crc = Crc::new();
            crc.update(&bytes[data..data + word(local + 18)]);
            assert_eq!(crc.sum() as usize, word(local + 14));
            at += 46 + name.len();
        }
        assert_eq!(at, end);
    }
}
