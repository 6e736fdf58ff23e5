//! A saddle and a node about to merge: past the fold at bias −0.1771 both are gone.
//!
//! Run it with `cargo run --release --example portrait_saddle_node`; it writes `portrait_saddle_node.svg`
//! into the working directory.

use std::path::Path;

use eqprop::experiment::portrait::{PortraitSettings, portrait};
use eqprop::figure::{SaveOptions, portrait_figure};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!("../plots/portrait/saddle_node.json"))?;
    let settings = PortraitSettings::default();
    let portrait = portrait(&problem, &settings)?;
    let out = Path::new("portrait_saddle_node.svg");
    portrait_figure(&portrait, None).save(out, &SaveOptions::default())?;
    println!("wrote {}", out.display());
    Ok(())
}
