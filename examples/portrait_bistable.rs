//! Three attractors with their basins, parted by the stable manifolds of two saddles.
//!
//! Run it with `cargo run --release --example portrait_bistable`; it writes `portrait_bistable.svg`
//! into the working directory.

use std::path::Path;

use eqprop::experiment::portrait::{PortraitSettings, portrait};
use eqprop::figure::{SaveOptions, portrait_figure};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!("../plots/portrait/bistable.json"))?;
    let settings = PortraitSettings::default();
    let portrait = portrait(&problem, &settings)?;
    let out = Path::new("portrait_bistable.svg");
    portrait_figure(&portrait, None).save(out, &SaveOptions::default())?;
    println!("wrote {}", out.display());
    Ok(())
}
