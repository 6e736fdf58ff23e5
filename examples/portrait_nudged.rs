//! Free and nudged field side by side, with the path of the fixed point as β grows to 1.
//!
//! Run it with `cargo run --release --example portrait_nudged`; it writes `portrait_nudged.svg`
//! into the working directory.

use std::path::Path;

use eqprop::experiment::portrait::{NudgedView, PortraitSettings, portrait};
use eqprop::figure::{SaveOptions, portrait_figure};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!("../plots/portrait/nudged.json"))?;
    let settings = PortraitSettings {
        beta: Some(1.0),
        nudged: NudgedView::Beside,
        ..PortraitSettings::default()
    };
    let portrait = portrait(&problem, &settings)?;
    let out = Path::new("portrait_nudged.svg");
    portrait_figure(&portrait, None).save(out, &SaveOptions::default())?;
    println!("wrote {}", out.display());
    Ok(())
}
