//! The theorem along time: what the nudged neurons do, `$-e^{\mathrm{Jac}\,t}c$`, and what
//! backpropagation would do, `$-e^{\mathrm{Jac}^\top t}c$`, at three asymmetries; measured on
//! trajectories and predicted. The same study draws error against asymmetry, error against β, and
//! the closed form.
//!
//! Run it with `cargo run --release --example time_resolved`; it writes the four figures of a small
//! validation study to the working directory.

use eqprop::experiment::{StudySettings, validate};
use eqprop::figure::{SaveOptions, validation_figures};

fn main() -> eqprop::Result<()> {
    let settings = StudySettings {
        networks: 160,
        ..StudySettings::default()
    };
    let validation = validate(&settings, &|_, _| {})?;
    print!("{}", validation.table());
    for (name, figure) in validation_figures(&validation) {
        let path = format!("{name}.svg");
        figure.save(path.as_ref(), &SaveOptions::default())?;
        println!("wrote {path}");
    }
    Ok(())
}
