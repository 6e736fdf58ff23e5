//! Two neurons that excite and inhibit each other: a focus that repels, a cycle that attracts.
//!
//! Run it with `cargo run --release --example portrait_limit_cycle`; it writes `portrait_limit_cycle.svg`
//! into the working directory.

use std::path::Path;

use eqprop::experiment::portrait::{PortraitSettings, portrait};
use eqprop::figure::{SaveOptions, portrait_figure};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!("../plots/portrait/limit_cycle.json"))?;
    let settings = PortraitSettings::default();
    let portrait = portrait(&problem, &settings)?;
    let out = Path::new("portrait_limit_cycle.svg");
    portrait_figure(&portrait, None).save(out, &SaveOptions::default())?;
    println!("wrote {}", out.display());
    Ok(())
}
