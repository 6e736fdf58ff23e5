//! Fuzz targets for everything that eqprop reads: `cargo +nightly fuzz run NAME` in the project's root.

#[path = "../readers.rs"]
mod readers;

thread_local! {
    static PLACE: tempfile::TempDir = tempfile::tempdir().unwrap();
}

/// Reads bytes by the reader of this name.
pub fn read(name: &str, bytes: &[u8]) {
    let (_, reader) = readers::READERS.iter().find(|(known, _)| *known == name).unwrap();
    PLACE.with(|place| reader(bytes, place.path()));
}
