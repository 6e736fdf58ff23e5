//! Which eigenvalues let equilibrium propagation descend? Spectra of one random network as its
//! weights turn from symmetric to strongly asymmetric.
//!
//! Run it with `cargo run --release --example spectrum [DIRECTORY]`; it writes `asymmetry.svg` and
//! `asymmetry.png` there (default: `out`).

use eqprop::dynamics::SolverSettings;
use eqprop::experiment::spectra;
use eqprop::figure::{SaveOptions, spectrum_figure};
use eqprop::model::{Activation, Dynamics, Glorot, Problem};

fn main() -> eqprop::Result<()> {
    let directory = std::env::args().nth(1).unwrap_or_else(|| "out".into());
    let directory = std::path::PathBuf::from(directory);
    std::fs::create_dir_all(&directory).map_err(|source| eqprop::Error::io(&directory, source))?;

    let glorot = Glorot {
        seed: 4,
        ..Glorot::default()
    };
    let network = glorot.dense(2, 24, vec![22, 23], Dynamics::Leaky, Activation::Tanh);
    let problem = Problem::new(network, vec![0.8, -0.4], &[0.5, -0.5])?;
    let record = spectra(&problem, &[0.0, 1.0, 2.0], None, &SolverSettings::default())?;
    for spectrum in &record.spectra {
        println!(
            "asymmetry {}: eigenvalues up to {:.1}° off the negative real axis, EP {:.1}° off the gradient",
            spectrum.asymmetry,
            spectrum.largest_angle_degrees,
            spectrum.update_angle_degrees.unwrap_or(f64::NAN)
        );
    }
    let figure = spectrum_figure(&record);
    for name in ["asymmetry.svg", "asymmetry.png"] {
        figure.save(&directory.join(name), &SaveOptions::default())?;
    }
    Ok(())
}
