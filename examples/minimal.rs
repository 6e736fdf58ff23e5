//! The gradient of one problem, with nothing but the bare library:
//! `cargo run --release --no-default-features --example minimal`.

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{Estimator, gradient};
use eqprop::model::Problem;

fn main() -> eqprop::Result<()> {
    let problem = Problem::from_json(
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.0, 0.8], [-0.3, 0.1]], "bias": [0.1, -0.2], "outputs": [1]},
            "target": [0.4]}"#,
    )?;
    let settings = SolverSettings::default();
    let report = gradient(&problem, Estimator::LinearResponse, None, &settings)?;
    println!(
        "fixed point {:?}, cost {:.6}, angle between the EP update and the gradient {:.4}°",
        report.fixed_point,
        report.cost,
        report.angle_degrees.unwrap_or(f64::NAN)
    );
    Ok(())
}
