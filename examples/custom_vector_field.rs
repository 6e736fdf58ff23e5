//! A vector field of your own: the theorem holds for any μ and any cost, not only for networks.
//!
//! Here four species share a pond (a generalised Lotka–Volterra system with saturating uptake), the
//! growth rates are the parameters θ, and the cost asks for given populations. The program settles the pond, compares both formulas of the theorem with trajectories
//! and finite differences, and then trains the growth rates by equilibrium propagation.
//!
//! Run it with `cargo run --release --example custom_vector_field`.

use eqprop::dynamics::{Phase, SolverSettings, settle};
use eqprop::gradient::{Estimator, FreePhase, ParameterMetric, compare};
use eqprop::model::{Adjoint, Cost, ParameterBlock, Parameters, Parametrised, VectorField};

/// `μᵢ = sᵢ (θᵢ + Σⱼ Aᵢⱼ sⱼ / (1 + h sⱼ))`, s the populations.
#[derive(Clone)]
struct Pond {
    growth: [f64; 4],
    interaction: [[f64; 4]; 4],
    handling: f64,
}

impl Pond {
    fn intake(&self, s: f64) -> f64 {
        s / (1.0 + self.handling * s)
    }

    fn intake_slope(&self, s: f64) -> f64 {
        (1.0 + self.handling * s).powi(-2)
    }

    fn per_capita(&self, state: &[f64], i: usize) -> f64 {
        let eaten = (0..4).map(|j| self.interaction[i][j] * self.intake(state[j]));
        self.growth[i] + eaten.sum::<f64>()
    }

    fn entry(&self, state: &[f64], i: usize, j: usize) -> f64 {
        let own = if i == j {
            self.per_capita(state, i)
        } else {
            0.0
        };
        own + state[i] * self.interaction[i][j] * self.intake_slope(state[j])
    }
}

impl VectorField for Pond {
    fn dimension(&self) -> usize {
        4
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = state[i] * self.per_capita(state, i);
        }
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = (0..4).map(|j| self.entry(state, i, j) * vector[j]).sum();
        }
    }
}

impl Adjoint for Pond {}

impl Parametrised for Pond {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        let values: Vec<f64> = state.iter().zip(vector).map(|(s, v)| s * v).collect();
        ParameterBlock::vector("growth", &values).into()
    }
}

/// `C = ½ Σ (ln sᵢ − ln yᵢ)²`: populations are compared by their ratio.
struct LogarithmicError([f64; 4]);

impl Cost for LogarithmicError {
    fn value(&self, state: &[f64]) -> f64 {
        let ratios = state.iter().zip(self.0).map(|(s, y)| (s / y).ln());
        0.5 * ratios.map(|ratio| ratio * ratio).sum::<f64>()
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        for ((out, s), y) in out.iter_mut().zip(state).zip(self.0) {
            *out = (s / y).ln() / s;
        }
    }

    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = (1.0 - (state[i] / self.0[i]).ln()) / (state[i] * state[i]) * vector[i];
        }
    }
}

fn main() -> eqprop::Result<()> {
    let mut pond = Pond {
        growth: [1.0, 0.8, 0.6, 0.5],
        interaction: [
            [-1.0, -0.2, -0.3, -0.1],
            [-0.1, -0.9, -0.15, -0.3],
            [0.2, -0.1, -0.8, -0.2],
            [-0.05, 0.15, -0.25, -0.7],
        ],
        handling: 0.2,
    };
    let cost = LogarithmicError([0.9, 0.7, 0.6, 0.5]);
    let settings = SolverSettings::default();
    let start = [0.5; 4];

    // both formulas against measurements that do not use them
    let free = FreePhase::settle(&pond, Phase::free(&pond), &cost, &start, &settings)?;
    let c = free.cost_gradient();
    let update = free.linearisation.ep_error_vector(&c);
    let truth = free.linearisation.true_error_vector(&c);
    let measured = free.estimate(Estimator::Centred, Some(1e-4))?.error_vector;
    let gap = |a: &[f64], b: &[f64]| {
        let largest = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        largest.fold(0.0, f64::max)
    };
    println!("populations        {:.6?}", free.fixed_point.state());
    println!("a = Jac⁻¹c         {update:.6?}");
    println!(
        "  from trajectories differs by {:.1e}",
        gap(&update, &measured)
    );
    println!("g = Jac⁻ᵀc         {truth:.6?}");

    let gradient = pond.parameter_pullback(free.fixed_point.state(), &truth);
    let mut differences = Vec::new();
    for k in 0..4 {
        let objective = |step: f64| -> eqprop::Result<f64> {
            let mut moved = pond.clone();
            moved.growth[k] += step;
            let point = settle(&Phase::free(&moved), &start, &settings).into_fixed_point()?;
            Ok(cost.value(point.state()))
        };
        differences.push((objective(-1e-5)? - objective(1e-5)?) / 2e-5);
    }
    let gradient: Vec<f64> = gradient.iter().collect();
    println!(
        "  −∂J/∂θ from finite differences differs by {:.1e}",
        gap(&gradient, &differences)
    );

    let metric = pond.parameter_metric(free.fixed_point.state());
    if let Some(metric) = ParameterMetric::new(&metric, free.fixed_point.active()) {
        let (update, truth) = (metric.apply(&update), metric.apply(&truth));
        let comparison = compare(&update, &truth, &[]);
        println!(
            "angle of the EP update to the gradient: {:.2?}°",
            comparison.angle_degrees
        );
    }

    // training: every update from one nudged phase, no Jacobian used
    println!("\nstep  cost");
    for step in 0..=60 {
        let free = FreePhase::settle(&pond, Phase::free(&pond), &cost, &start, &settings)?;
        if step % 10 == 0 {
            println!("{step:>4}  {:.3e}", cost.value(free.fixed_point.state()));
        }
        let update = free.estimate(Estimator::Centred, Some(1e-3))?.update;
        for (growth, step) in pond.growth.iter_mut().zip(update.iter()) {
            *growth += 0.15 * step;
        }
    }
    Ok(())
}
