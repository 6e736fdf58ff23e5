//! Integration tests: the library and the command line, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod architecture;
mod attractors;
mod batches;
mod bounds;
mod budget;
mod cases;
mod command_line;
mod comparison;
mod continuation;
mod corpora;
mod cycles;
mod degenerate;
mod engine;
mod estimator_bars;
mod estimators;
mod explore;
mod expressions;
mod features;
mod fields;
mod figures;
mod fixed_points;
mod handbook;
mod large;
mod malformed;
mod nudges;
mod observables;
mod outcomes;
mod phases;
mod portrait;
mod reference;
mod robustness;
mod routes;
mod simulate;
mod streams;
mod support;
mod sweep;
mod sweep_figures;
mod targets;
mod text_fields;
mod training;
mod training_fields;
mod training_figures;
mod training_probe;
mod training_runs;
mod trajectories;
mod transients;
mod workloads;
