//! Why adaptive solvers: two neurons that drive each other in circles, followed by an adaptive
//! integrator and by Euler's method with three fixed steps, through the free and the nudged phase.
//!
//! Run it with `cargo run --release --example euler_comparison`; it writes `euler_comparison.svg` to
//! the working directory and prints Euler's largest errors.

use eqprop::experiment::{SimulationSettings, simulate};
use eqprop::figure::{SaveOptions, simulation_figures};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(include_str!(
        "../tests/reference/problems/strong_rotation.json"
    ))?;
    let settings = SimulationSettings {
        t_free: Some(12.0),
        t_nudged: Some(12.0),
        compare_euler: vec![0.05, 0.1, 0.2],
        ..SimulationSettings::default()
    };
    let simulation = simulate(&problem, &settings)?;
    for euler in &simulation.euler {
        let error = euler.largest_error.unwrap_or(f64::INFINITY);
        println!("Euler, step {}: largest error {error:.3e}", euler.dt);
    }
    for (name, figure) in simulation_figures(&simulation) {
        if name == "simulation" {
            figure.save("euler_comparison.svg".as_ref(), &SaveOptions::default())?;
            println!("wrote euler_comparison.svg");
        }
    }
    Ok(())
}
