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
mod generator;
mod judge;
mod problems;
mod report;

use eqprop::model::Activation;

use judge::{dense_residual, layered_residual};
use report::{Case, Judgement, Selection, bench};

fn main() {
    let selection = Selection::from_environment();
    adaptive_lines(&selection);
}

fn adaptive_lines(selection: &Selection) {
    let shift = selection.shift;
    let case = |workload: String, threads| Case {
        workload,
        path: "adaptive",
        precision: "f64",
        threads,
    };

    let network = problems::w1(shift);
    bench(
        selection,
        &case("W1".into(), 1),
        || adaptive::small(&network),
        |run| Judgement {
            residual: dense_residual(&network, run.states.as_slice()),
            residual_nudged: None,
            sweeps: run.statistics.rhs_evaluations,
            state_sum: run.states.sum(),
            angle_mean_deg: None,
        },
    );

    for samples in [20, 100] {
        for (name, activation) in [
            ("sig", Activation::SteepLogistic),
            ("hard", Activation::HardSigmoid),
        ] {
            let case = case(format!("W2-{name}-b{samples}"), 1);
            if !selection.wants(&case) {
                continue;
            }
            let problem = problems::w2(shift, activation, samples);
            bench(
                selection,
                &case,
                || adaptive::free(&problem),
                |run| Judgement {
                    residual: layered_residual(&problem, &run.states, 0.0),
                    residual_nudged: None,
                    sweeps: run.statistics.rhs_evaluations,
                    state_sum: run.states.sum(),
                    angle_mean_deg: None,
                },
            );
        }
    }

    for samples in [20, 100] {
        for threads in [1, 2] {
            let case = case(format!("W3-hard-b{samples}"), threads);
            if !selection.wants(&case) {
                continue;
            }
            let problem = problems::w3(shift, samples);
            bench(
                selection,
                &case,
                || adaptive::learn(&problem),
                |(free, nudged, _)| Judgement {
                    residual: layered_residual(&problem, &free.states, 0.0),
                    residual_nudged: Some(layered_residual(
                        &problem,
                        &nudged.states,
                        adaptive::W3_BETA,
                    )),
                    sweeps: free.statistics.rhs_evaluations + nudged.statistics.rhs_evaluations,
                    state_sum: free.states.sum(),
                    angle_mean_deg: None,
                },
            );
        }
    }

    let networks = problems::w4(shift);
    for threads in [1, 2] {
        bench(
            selection,
            &case("W4".into(), threads),
            || adaptive::sweep(&networks),
            |angles| {
                let states = adaptive::states(angles);
                Judgement {
                    residual: networks
                        .iter()
                        .zip(states.column_iter())
                        .map(|(problem, state)| dense_residual(&problem.network, state.as_slice()))
                        .fold(0.0, f64::max),
                    residual_nudged: None,
                    sweeps: angles
                        .iter()
                        .map(|angle| angle.evaluations)
                        .max()
                        .unwrap_or(0),
                    state_sum: states.sum(),
                    angle_mean_deg: Some([0, 10, 20].map(|lambda| {
                        let group = &angles[lambda * 20..(lambda + 1) * 20];
                        group.iter().map(|angle| angle.degrees).sum::<f64>() / 20.0
                    })),
                }
            },
        );
    }
}
