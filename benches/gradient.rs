//! Whole-process time of `eqprop gradient`, start included: `cargo bench --bench gradient`.
//!
//! Prints the median, minimum and maximum of repeated runs; it judges nothing.

use std::process::{Command, Stdio};
use std::time::Instant;

use eqprop::model::{Activation, Random};

fn problem(neurons: usize, activation: Activation) -> String {
    let mut random = Random::new(1, 0);
    let limit = 0.9 * (3.0 / neurons as f64).sqrt();
    let rows: Vec<Vec<f64>> = (0..neurons)
        .map(|_| random.symmetric(neurons, limit))
        .collect();
    serde_json::json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": activation,
            "weights": rows, "bias": random.symmetric(neurons, 0.5),
            "outputs": (0..10).collect::<Vec<_>>(),
        },
        "target": random.symmetric(10, 1.0),
    })
    .to_string()
}

fn main() -> std::io::Result<()> {
    let directory = tempfile::tempdir()?;
    println!(
        "{:<28}{:>12}{:>12}{:>12}",
        "", "median ms", "min ms", "max ms"
    );
    for (neurons, runs) in [(40, 50), (500, 9)] {
        for activation in [Activation::Tanh, Activation::HardSigmoid] {
            let file = directory.path().join("problem.json");
            std::fs::write(&file, problem(neurons, activation))?;
            let mut times = Vec::new();
            for _ in 0..runs {
                let clock = Instant::now();
                let status = Command::new(env!("CARGO_BIN_EXE_eqprop"))
                    .args(["gradient", "--json"])
                    .arg(&file)
                    .stdout(Stdio::null())
                    .status()?;
                times.push(clock.elapsed().as_secs_f64() * 1e3);
                assert!(status.success());
            }
            times.sort_by(f64::total_cmp);
            let name = format!("gradient, n = {neurons}, {}", activation.name());
            println!(
                "{name:<28}{:>12.1}{:>12.1}{:>12.1}",
                times[times.len() / 2],
                times[0],
                times[times.len() - 1]
            );
        }
    }
    Ok(())
}
