//! Files compressed by gzip, member after member.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// A file to read from, decompressed if it begins as a gzip file does.
pub(super) fn decompressed(mut file: BufReader<File>) -> std::io::Result<Box<dyn BufRead>> {
    if !file.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(file));
    }
    let members = GzipMembers(Some(GzDecoder::new(file)));
    Ok(Box::new(BufReader::new(members)))
}

/// The members of a gzip file one after the other. Zeros behind a member, as tapes and disk images
/// leave them, are padding.
struct GzipMembers<R>(Option<GzDecoder<R>>);

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(decoder) = &mut self.0 {
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let rest = self.0.take().map(GzDecoder::into_inner);
            self.0 = rest.map(next_member).transpose()?.flatten();
        }
        Ok(0)
    }
}

/// The member behind any number of zeros, if there is one.
fn next_member<R: BufRead>(mut rest: R) -> std::io::Result<Option<GzDecoder<R>>> {
    loop {
        let block = rest.fill_buf()?;
        let (zeros, length) = (
            block.iter().take_while(|&&byte| byte == 0).count(),
            block.len(),
        );
        rest.consume(zeros);
        if length == 0 {
            return Ok(None);
        }
        if zeros < length {
            return Ok(Some(GzDecoder::new(rest)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::io::read_bytes;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_and_padding_are_read_and_damage_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file.gz");
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read_bytes(&path, 9)
        };
        let (one, two) = (compressed(b"one "), compressed(b"two"));
        let zeros = vec![0; 70_000];
        for whole in [
            [&one[..], &two].concat(),
            [&one[..], &two, &zeros].concat(),
            [&one[..], &zeros, &two, &[0]].concat(),
            b"one two".to_vec(),
        ] {
            assert_eq!(read(&whole).unwrap(), b"one two");
        }
        for damaged in [
            one[..one.len() - 3].to_vec(),
            [&one[..], b"x"].concat(),
            [&one[..], &zeros, b"PK"].concat(),
        ] {
            let message = read(&damaged).unwrap_err().to_string();
            assert!(message.contains("not a whole gzip file"), "{message}");
        }
        let long = compressed(b"ten bytes.");
        assert!(read(&long).unwrap_err().to_string().contains("larger than"));
        assert!(read_bytes(directory.path(), 9).is_err());
    }
}
