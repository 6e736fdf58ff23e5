//! Which runs: simulations, validation of the theorem, data, records, provenance.

mod checks;
mod companion_records;
mod continuation;
mod data_set;
mod digits;
mod ensemble;
mod network_record;
mod npz;
pub mod portrait;
mod provenance;
mod simulation;
mod simulation_euler;
mod simulation_plasticity;
mod simulation_settings;
mod simulation_table;
mod spectrum;
mod study;
pub mod sweep;
pub mod training;
mod validation;
mod validation_text;
mod verdict;

pub use companion_records::{ClosedFormRecord, OrderRecord, TimeRecord};
pub use continuation::{
    BranchRecord, ContinuationRecord, ContinuationRequest, EventRecord, continuation,
};
pub use data_set::{DataSet, DataSource, Split, shuffle};
pub use digits::{Digit, digits};
pub use ensemble::{Member, rotation_problem};
pub use network_record::NetworkRecord;
pub use provenance::Provenance;
pub use simulation::{LayerRecord, PhaseRecord, Simulation, simulate};
pub use simulation_euler::EulerRecord;
pub use simulation_plasticity::PlasticityRecord;
pub use simulation_settings::SimulationSettings;
pub use spectrum::{Spectrum, SpectrumRecord, spectra};
pub use study::{Fault, StudySettings};
pub use validation::{Validation, validate};
pub use verdict::{Check, Criterion};
