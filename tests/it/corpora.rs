//! Every reader on damaged files: an answer or an error, never a panic and never a hang.
//!
//! The corpora of the fuzz targets (fuzz/corpus) are read as they stand, and then with slips of a
//! stated seed: bytes flipped, pieces left out, doubled or exchanged for what trips parsers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eqprop::model::Random;

#[path = "../../fuzz/readers.rs"]
mod readers;

use crate::support::siblings;

/// No file as small as these takes longer, beside other tests.
const LONGEST: Duration = Duration::from_secs(10);

const PIECES: [&[u8]; 16] = [
    b"1e999",
    b"-1e308",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b"\"",
    b"\\u",
    b",",
    b"\n",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"18446744073709551616",
    "\u{feff}".as_bytes(),
    b"\"file\"",
    b"[[[[[[[[",
];

fn slipped(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + random.index(3) {
        let from = random.index(out.len() + 1);
        let to = (from + random.index(13)).min(out.len());
        match random.index(4) {
            0 if from < out.len() => out[from] ^= 1 << random.index(8),
            1 => drop(out.drain(from..to)),
            2 => {
                let piece = out[from..to].to_vec();
                out.splice(from..from, piece);
            }
            _ => {
                let piece = PIECES[random.index(PIECES.len())];
                out.splice(from..to, piece.iter().copied());
            }
        }
    }
    out
}

/// The files of a corpus, in order.
fn corpus(name: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_reader_comes_back_from_its_corpus_and_from_slips() {
    let place = tempfile::tempdir().unwrap();
    for (name, read) in readers::READERS {
        let mut random = Random::new(14, 0);
        let files = corpus(name);
        assert!(!files.is_empty(), "{name}");
        for file in files {
            // what a fuzzer found is many small files
            let name_of = file.file_name().and_then(|name| name.to_str());
            let found = name_of.is_some_and(|name| name.starts_with("found-"));
            let seed = std::fs::read(file).unwrap();
            for k in 0..siblings(if found { 10 } else { 200 }) {
                let bytes = if k == 0 {
                    seed.clone()
                } else {
                    slipped(&seed, &mut random)
                };
                let begun = Instant::now();
                read(&bytes, place.path());
                assert!(
                    begun.elapsed() < LONGEST,
                    "{name}: {:?}",
                    String::from_utf8_lossy(&bytes)
                );
            }
        }
    }
}
