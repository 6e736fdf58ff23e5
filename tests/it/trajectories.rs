//! Trajectories through a free and a nudged phase against values computed with 40 digits.

use eqprop::dynamics::{Control, Ending, Method, Phase, Run, SolverSettings, integrate};
use eqprop::model::Problem;
use serde_json::Value;

use crate::support::{gap, numbers, observed_order, problem, read_json, reference, short};

/// One stored phase: its times and states.
struct Stored {
    times: Vec<f64>,
    states: Vec<Vec<f64>>,
}

fn stored(case: &Value, phase: &str) -> Stored {
    let states = case[phase]["s"].as_array().unwrap();
    Stored {
        times: numbers(&case[phase]["t"]),
        states: states.iter().map(numbers).collect(),
    }
}

/// The largest error at the stored times (from the dense output), and the end of the phase.
fn follow(
    phase: &Phase<'_>,
    start: &[f64],
    stored: &Stored,
    settings: &SolverSettings,
) -> (f64, Run) {
    let mut next = 0;
    let mut worst = 0.0f64;
    let mut state = vec![0.0; start.len()];
    let span = (stored.times[0], stored.times[stored.times.len() - 1]);
    let run = integrate(phase, start, span, settings, &mut |moment| {
        while next < stored.times.len() && stored.times[next] <= moment.time {
            moment.interpolate(stored.times[next], &mut state);
            worst = worst.max(gap(&state, &stored.states[next]));
            next += 1;
        }
        Control::Continue
    });
    assert_eq!(run.ending, Ending::EndTime);
    assert_eq!(run.time, span.1, "an end time is met exactly");
    assert_eq!(next, stored.times.len(), "every stored time is passed");
    (worst, run)
}

/// The largest error of both phases of every stored trajectory.
fn worst_error(method: Method, rtol: f64) -> f64 {
    let document = read_json(&reference("trajectories.json"));
    let mut worst = 0.0f64;
    let cases = document.as_object().unwrap();
    assert!(cases.len() >= 4);
    for (name, case) in cases {
        let problem = problem(&case["problem"]);
        let field = problem.field();
        let free = Phase::of_problem(&problem, &field);
        let nudged = free.nudged(&problem.cost, case["beta"].as_f64().unwrap());
        let settings = SolverSettings {
            method,
            rtol,
            atol: 1e-14,
            ..SolverSettings::default()
        };
        let (free_error, run) = follow(
            &free,
            &problem.initial_state,
            &stored(case, "free"),
            &settings,
        );
        let (nudged_error, _) = follow(&nudged, &run.state, &stored(case, "nudged"), &settings);
        println!(
            "{name} {} rtol {rtol:e}: {free_error:.1e} free, {nudged_error:.1e} nudged",
            method.name()
        );
        worst = worst.max(free_error).max(nudged_error);
    }
    worst
}

#[test]
fn explicit_methods_are_as_accurate_as_asked() {
    for method in [Method::Tsit45, Method::Vern8] {
        for (rtol, bar) in [(1e-10, 1e-9), (1e-12, 1e-11)] {
            let error = worst_error(method, rtol);
            assert!(error <= bar, "{} rtol {rtol:e}: {error:.1e}", method.name());
        }
    }
}

#[test]
fn implicit_methods_are_as_accurate_as_asked() {
    for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34] {
        let error = worst_error(method, 1e-10);
        assert!(error <= 1e-7, "{}: {error:.1e}", method.name());
    }
}

#[test]
fn tighter_tolerances_give_smaller_errors() {
    for method in [
        Method::Tsit45,
        Method::Vern8,
        Method::Bdf,
        Method::TrBdf2,
        Method::Esdirk34,
    ] {
        let errors: Vec<f64> = [1e-6, 1e-8, 1e-10]
            .iter()
            .map(|&rtol| worst_error(method, rtol))
            .collect();
        let shrinks = errors.windows(2).all(|pair| pair[1] <= 0.2 * pair[0]);
        assert!(shrinks, "{}: {}", method.name(), short(&errors));
    }
}

#[test]
fn euler_converges_at_order_one() {
    let document = read_json(&reference("trajectories.json"));
    for (name, case) in document.as_object().unwrap() {
        let problem = problem(&case["problem"]);
        let field = problem.field();
        let free = Phase::of_problem(&problem, &field);
        let stored = stored(case, "free");
        let errors: Vec<f64> = [0.025, 0.0125, 0.00625, 0.003125]
            .iter()
            .map(|&dt| {
                let settings = SolverSettings {
                    method: Method::Euler { dt },
                    ..SolverSettings::default()
                };
                follow(&free, &problem.initial_state, &stored, &settings).0
            })
            .collect();
        let order = observed_order(&errors);
        assert!(
            (0.95..=1.05).contains(&order),
            "{name}: order {order}, {errors:?}"
        );
    }
}

#[test]
fn the_same_steps_are_taken_twice() {
    // a result must not depend on what was computed before it
    assert_eq!(
        worst_error(Method::Tsit45, 1e-9),
        worst_error(Method::Tsit45, 1e-9)
    );
}

/// A cell that fires for 1.5 seconds: Newton's iteration fails now and then, far more than 50 times in all,
/// and `bdf` follows as many spikes as `tsit45`.
#[test]
fn a_long_trajectory_may_fail_to_converge_often() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/fields/hodgkin_huxley.json"
    );
    let mut document = read_json(file.as_ref());
    document["field"]["parameters"]["I"] = 10.0.into();
    let problem = Problem::from_json(&document.to_string()).unwrap();
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    let spikes = |method| {
        let settings = SolverSettings {
            method,
            rtol: 1e-6,
            atol: 1e-9,
            max_steps: 1_000_000,
            ..SolverSettings::default()
        };
        let (mut before, mut count) = (0.0, 0);
        let span = (0.0, 1500.0);
        let run = integrate(
            &phase,
            &problem.initial_state,
            span,
            &settings,
            &mut |moment| {
                count += usize::from(before < 0.0 && moment.state[0] >= 0.0);
                before = moment.state[0];
                Control::Continue
            },
        );
        assert_eq!(run.ending, Ending::EndTime, "at {}", run.time);
        count
    };
    let [explicit, implicit] = [Method::Tsit45, Method::Bdf].map(spikes);
    assert!(explicit > 50, "{explicit}");
    assert_eq!(explicit, implicit);
}
