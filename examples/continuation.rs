//! How far may a network be nudged? Its fixed point is followed as β grows in both directions, by
//! pseudo-arclength continuation, through the fold in which it vanishes.
//!
//! Run it with `cargo run --release --example continuation [DIRECTORY]`; it writes
//! `nudge.svg` and `nudge.png` there (default: `out`).

use eqprop::dynamics::{ContinuationSettings, Parameter, SolverSettings};
use eqprop::experiment::{ContinuationRequest, continuation};
use eqprop::figure::{SaveOptions, continuation_figures};
use eqprop::model::Problem;

const PROBLEM: &str = r#"{
    "network": {
        "type": "dense", "dynamics": "leaky", "activation": "tanh",
        "weights": [[2.0, -0.5], [1.0, 0.3]], "bias": [-0.1, 0.0], "outputs": [0]
    },
    "target": [0.2],
    "initial_state": [1.0, 1.0]
}"#;

fn main() -> eqprop::Result<()> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| "out".into());
    let directory = std::path::PathBuf::from(directory);
    std::fs::create_dir_all(&directory).map_err(|source| eqprop::Error::io(&directory, source))?;

    let problem = Problem::from_json(PROBLEM)?;
    let request = ContinuationRequest {
        parameter: Parameter::Beta,
        range: (-0.5, 1.5),
        beta: 0.0,
        all: true,
        at: None,
        component: None,
        settings: ContinuationSettings::default(),
    };
    let record = continuation(&problem, &request, &SolverSettings::default())?;
    for branch in &record.branches {
        println!("a branch of {} points", branch.parameter.len());
        for event in &branch.events {
            println!("  {} at β = {:.12}", event.kind.name(), event.parameter);
        }
    }
    if let Some(reach) = record.symmetric_window {
        println!("centred estimates need |β| < {reach:.6}");
    }
    let (_, figure) = continuation_figures(&record).swap_remove(0);
    for name in ["nudge.svg", "nudge.png"] {
        figure.save(&directory.join(name), &SaveOptions::default())?;
    }
    Ok(())
}
