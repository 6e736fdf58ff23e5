//! Which runs: validation of the theorem, data, records, provenance.

mod provenance;

pub use provenance::Provenance;
