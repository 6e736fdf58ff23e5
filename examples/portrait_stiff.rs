//! Time constants 1 : 1000: fast jumps between the outer branches of one nullcline.
//!
//! Run it with `cargo run --release --example portrait_stiff`; it writes `portrait_stiff.svg`
//! into the working directory.

use std::path::Path;

use eqprop::experiment::portrait::{PortraitSettings, portrait};
use eqprop::figure::{SaveOptions, portrait_figure};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!("../plots/portrait/stiff.json"))?;
    let settings = PortraitSettings::default();
    let portrait = portrait(&problem, &settings)?;
    let out = Path::new("portrait_stiff.svg");
    portrait_figure(&portrait, None).save(out, &SaveOptions::default())?;
    println!("wrote {}", out.display());
    Ok(())
}
