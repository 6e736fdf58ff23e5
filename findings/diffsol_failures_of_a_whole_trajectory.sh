#!/usr/bin/env bash
# How long diffsol's BDF follows an oscillation that is smooth and stable (the axon of Hodgkin and Huxley at a
# constant current). Guess before it was run: as long as one likes, since failures of Newton's iteration
# are a matter of one step.
# Run by hand; exits with 0 while diffsol still does what is written below, with 1 once it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --name finding --vcs none
cat >>Cargo.toml <<'TOML'
diffsol = { version = "=0.18.0", default-features = false, features = ["nalgebra"] }
TOML
cat >src/main.rs <<'RUST'
use diffsol::{NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason};

type M = NalgebraMat<f64>;

fn rise(x: f64) -> f64 {
    if x.abs() < 1e-6 { 1.0 + x / 2.0 } else { x / (1.0 - (-x).exp()) }
}

fn velocity(s: [f64; 4]) -> [f64; 4] {
    let [v, m, h, n] = s;
    let (am, bm) = (rise((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp());
    let (ah, bh) = (0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp()));
    let (an, bn) = (0.1 * rise((v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp());
    let current = 10.0 - 120.0 * m.powi(3) * h * (v - 50.0) - 36.0 * n.powi(4) * (v + 77.0) - 0.3 * (v + 54.387);
    [current, am * (1.0 - m) - bm * m, ah * (1.0 - h) - bh * h, an * (1.0 - n) - bn * n]
}

/// The time reached, spikes and what ended the run.
fn follow(limit: Option<usize>) -> (f64, usize, String) {
    let at = |x: &[f64]| [x[0], x[1], x[2], x[3]];
    let mut problem = OdeBuilder::<M>::new()
        .rtol(1e-6)
        .atol([1e-9])
        .rhs_implicit(
            move |x, _p, _t, y| {
                let out = velocity(at(x));
                (0..4).for_each(|i| y[i] = out[i]);
            },
            move |x, _p, _t, d, y| {
                let (s, d, step) = (at(x), at(d), 1e-6);
                let moved = |sign: f64| velocity(std::array::from_fn(|i| s[i] + sign * step * d[i]));
                let (up, down) = (moved(1.0), moved(-1.0));
                (0..4).for_each(|i| y[i] = (up[i] - down[i]) / (2.0 * step));
            },
        )
        .init(|_p, _t, y| [-65.0, 0.053, 0.596, 0.318].into_iter().enumerate().for_each(|(i, s)| y[i] = s), 4)
        .build()
        .expect("a problem");
    if let Some(limit) = limit {
        problem.ode_options.max_nonlinear_solver_failures = limit;
    }
    let mut solver = problem.bdf::<NalgebraLU<f64>>().expect("a solver");
    let end = 1500.0;
    solver.set_stop_time(end).expect("an end");
    let (mut before, mut spikes) = (0.0, 0);
    loop {
        let step = solver.step();
        let (time, v) = (solver.state().t, solver.state().y[0]);
        spikes += usize::from(before < 0.0 && v >= 0.0);
        before = v;
        match step {
            Ok(OdeSolverStopReason::TstopReached) => return (time, spikes, "reached the end".into()),
            Ok(_) => {}
            Err(error) => return (time, spikes, error.to_string()),
        }
    }
}

fn main() {
    println!("diffsol 0.18.0");
    println!("Its limit on failures of Newton's iteration, 50, is one for the whole trajectory: a run of many");
    println!("periods ends with an error in the middle, although every single step would be made. Who follows long");
    println!("trajectories with BDF, TR-BDF2 or ESDIRK34 has to raise max_nonlinear_solver_failures.");
    let (usual, raised) = (follow(None), follow(Some(usize::MAX)));
    for (name, (time, spikes, what)) in [("default", &usual), ("no limit", &raised)] {
        println!("{name}: {spikes} spikes until t = {time:.0}; {what}");
    }
    let same = usual.0 < 1400.0 && raised.0 >= 1500.0 && raised.1 > usual.1;
    std::process::exit(i32::from(!same));
}
RUST
cargo run --quiet --release
