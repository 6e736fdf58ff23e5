//! The error signal seen travelling back: a network with three hidden layers is shown one
//! handwritten digit, settles from the input side to the output side, and is then nudged at its
//! output. The disturbance arrives in the layers one after the other, the last hidden layer first.
//!
//! A layer k connections away from the output starts to move as `$t^k$`: straight lines in the
//! doubly logarithmic figure. The velocities are what equilibrium propagation learns from.
//!
//! Run it with `cargo run --release --example error_signal`; it writes `error_signal.svg`,
//! `error_signal_arrival.svg` and PNGs of both to the working directory.

use eqprop::data::digits;
use eqprop::dynamics::SolverSettings;
use eqprop::experiment::{SimulationSettings, simulate};
use eqprop::figure::{SaveOptions, simulation_figures};
use eqprop::model::{Activation, Dynamics, Glorot, Problem};

fn main() -> eqprop::Result<()> {
    let digit = &digits()?[7];
    let glorot = Glorot {
        seed: 7,
        gain: 0.45,
        asymmetry: 0.5,
    };
    let network = glorot.layered(&[64, 20, 20, 20, 10], Dynamics::Leaky, Activation::Tanh)?;
    let problem = Problem::new(network, digit.pixels.clone(), &digit.one_hot())?;

    // evenly through the free phase; after the nudge first closely, then ever more widely
    let (t_free, t_nudged) = (40.0, 20.0);
    let mut times: Vec<f64> = (1..=100).map(|k| f64::from(k) * t_free / 100.0).collect();
    times.extend((0..=120).map(|k| t_free + t_nudged * 10_f64.powf(f64::from(k - 120) / 30.0)));
    let settings = SimulationSettings {
        t_free: Some(t_free),
        t_nudged: Some(t_nudged),
        times: Some(times),
        solver: SolverSettings {
            rtol: 1e-12,
            atol: 1e-14,
            ..SolverSettings::default()
        },
        ..SimulationSettings::default()
    };
    let simulation = simulate(&problem, &settings)?;

    for (name, figure) in simulation_figures(&simulation) {
        let name = match name {
            "simulation" => "error_signal".into(),
            other => format!("error_signal_{other}"),
        };
        for extension in ["svg", "png"] {
            let path = format!("{name}.{extension}");
            figure.save(path.as_ref(), &SaveOptions { dpi: 150.0 })?;
            println!("{path}");
        }
    }
    let nudged = &simulation.nudged;
    println!("\nlayer      speed peaks at (time since the nudge)");
    for (layer, speed) in simulation.layers.iter().zip(&nudged.speed) {
        let peak = (0..speed.len()).max_by(|&a, &b| speed[a].total_cmp(&speed[b]));
        let time = peak.map_or(0.0, |k| nudged.time[k] - t_free);
        println!("{:<10} {time:.3}", layer.name);
    }
    Ok(())
}
