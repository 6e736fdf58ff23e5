//! Which runs: simulations, validation of the theorem, data, records, provenance.

mod comparison;
mod continuation;
pub mod portrait;
mod provenance;
mod simulation;
mod spectrum;
pub mod sweep;
pub mod training;
mod validation;

pub use comparison::{Against, BlockComparison, CloserTo, UpdateComparison, compare_update};
pub use continuation::{
    BranchRecord, ContinuationRecord, ContinuationRequest, EventRecord, continuation,
};
pub use provenance::Provenance;
pub use simulation::{
    EulerRecord, LayerRecord, PhaseRecord, PlasticityRecord, Simulation, SimulationSettings,
    simulate,
};
pub use spectrum::{Spectrum, SpectrumRecord, spectra};
pub use validation::{
    Check, ClosedFormRecord, Criterion, Fault, Member, NetworkRecord, OrderRecord, StudySettings,
    TimeRecord, Validation, rotation_problem, validate, validate_problem,
};
