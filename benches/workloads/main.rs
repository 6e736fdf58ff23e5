//! The workloads W1 to W4, one JSON line each: `cargo bench --bench workloads`.
//!
//! `EQPROP_BENCH_ONLY` selects by regular expression over the workload's name or
//! "workload path precision threads"; `EQPROP_BENCH_SEED` (an integer) is added to all seeds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench that cannot go on has failed"
)]

mod adaptive;
mod engine;
mod generator;
mod judge;
mod problems;
mod report;

use eqprop::engine::Scalar;
use eqprop::model::{Activation, Coupling};
use nalgebra::DMatrix;

use judge::{dense_residual, layered_residual};
use problems::{LayeredProblem, SweepProblem, W3_BETA};
use report::{Case, Judgement, Selection, bench};

fn main() {
    let selection = Selection::from_environment();
    w1(&selection);
    for samples in [20, 100] {
        for (name, activation) in [
            ("sig", Activation::SteepLogistic),
            ("hard", Activation::HardSigmoid),
        ] {
            let name = format!("W2-{name}-b{samples}");
            let problem = || problems::w2(selection.shift, activation, samples);
            layered(&selection, &name, &problem, None, &[1]);
        }
    }
    for samples in [20, 100] {
        let name = format!("W3-hard-b{samples}");
        let problem = || problems::w3(selection.shift, samples);
        layered(&selection, &name, &problem, Some(W3_BETA), &[1, 2]);
    }
    w4(&selection);
}

fn w1(selection: &Selection) {
    let network = problems::w1(selection.shift);
    let judgement = |states: &[f64], sweeps| Judgement {
        residual: dense_residual(&network, states),
        sweeps,
        state_sum: states.iter().sum(),
        ..Judgement::default()
    };
    let mut small = engine::Small::new(&network);
    bench(
        selection,
        &Case::new("W1", "engine", "f64", 1),
        || small.run(),
        |(states, sweeps)| judgement(&states.layers[0], *sweeps),
    );
    bench(
        selection,
        &Case::new("W1", "adaptive", "f64", 1),
        || adaptive::small(&network),
        |run| judgement(run.states.as_slice(), run.statistics.rhs_evaluations),
    );
}

/// W2 (no `beta`) and W3.
fn layered(
    selection: &Selection,
    name: &str,
    problem: &dyn Fn() -> LayeredProblem,
    beta: Option<f64>,
    threads: &[usize],
) {
    // drawn only if it is asked for
    let problem = std::cell::LazyCell::new(problem);
    let judgement = |free: &DMatrix<f64>, nudged: Option<DMatrix<f64>>, sweeps| Judgement {
        residual: layered_residual(&problem, free, 0.0),
        residual_nudged: nudged
            .zip(beta)
            .map(|(nudged, beta)| layered_residual(&problem, &nudged, beta)),
        sweeps,
        state_sum: free.sum(),
        ..Judgement::default()
    };
    for &threads in threads {
        let case = Case::new(name, "engine", "f32", threads);
        if selection.wants(&case) {
            engine_layered::<f32>(selection, &case, &problem, beta.is_some(), &judgement);
        }
        let case = Case::new(name, "engine", "f64", threads);
        if selection.wants(&case) {
            engine_layered::<f64>(selection, &case, &problem, beta.is_some(), &judgement);
        }
        let case = Case::new(name, "adaptive", "f64", threads);
        if selection.wants(&case) {
            let problem: &LayeredProblem = &problem;
            bench(
                selection,
                &case,
                || adaptive::layered(problem, beta.is_some()),
                |(free, nudged, _)| {
                    let evaluations =
                        |run: &eqprop::dynamics::BatchRun| run.statistics.rhs_evaluations;
                    judgement(
                        &free.states,
                        nudged.as_ref().map(|run| run.states.clone()),
                        evaluations(free) + nudged.as_ref().map_or(0, evaluations),
                    )
                },
            );
        }
    }
}

/// From free and nudged states (n × B) and sweeps.
type Judge<'a> = dyn Fn(&DMatrix<f64>, Option<DMatrix<f64>>, usize) -> Judgement + 'a;

fn engine_layered<T: Scalar>(
    selection: &Selection,
    case: &Case,
    problem: &LayeredProblem,
    learn: bool,
    judgement: &Judge<'_>,
) {
    let Coupling::Layered(layers) = &problem.network.coupling else {
        return;
    };
    let mut prepared = engine::Layered::<T>::new(problem, case.threads);
    bench(
        selection,
        case,
        || prepared.run(learn),
        |run| {
            let states = |states| engine::states(states, layers.sizes());
            judgement(
                &states(&run.free),
                learn.then(|| states(&run.nudged)),
                run.sweeps,
            )
        },
    );
}

fn w4(selection: &Selection) {
    let networks = problems::w4(selection.shift);
    for threads in [1, 2] {
        bench(
            selection,
            &Case::new("W4", "engine", "f64", threads),
            || engine::sweep(&networks),
            |angles| w4_judgement(&networks, angles),
        );
        bench(
            selection,
            &Case::new("W4", "adaptive", "f64", threads),
            || adaptive::sweep(&networks),
            |angles| w4_judgement(&networks, angles),
        );
    }
}

fn w4_judgement(networks: &[SweepProblem], angles: &[(Vec<f64>, f64, usize)]) -> Judgement {
    let residuals = networks
        .iter()
        .zip(angles)
        .map(|(problem, (state, ..))| dense_residual(&problem.network, state));
    Judgement {
        residual: judge::largest(residuals),
        sweeps: angles.iter().map(|angle| angle.2).max().unwrap_or(0),
        state_sum: angles.iter().flat_map(|angle| &angle.0).sum(),
        angle_mean_deg: Some([0, 10, 20].map(|lambda| {
            let group = &angles[lambda * 20..(lambda + 1) * 20];
            group.iter().map(|angle| angle.1).sum::<f64>() / 20.0
        })),
        ..Judgement::default()
    }
}
