//! States held inside bounds: trajectories in closed form that arrive at a bound and leave it.

use eqprop::dynamics::{Control, Method, Phase, SolverSettings, integrate};
use eqprop::model::{Activation, Dynamics, Problem, Random};
use serde_json::json;

use crate::support::{Shape, gap, observed_order, problem, random_problem, settled, short};

const ADAPTIVE: [Method; 4] = [
    Method::Tsit45,
    Method::Bdf,
    Method::TrBdf2,
    Method::Esdirk34,
];

fn tight(method: Method) -> SolverSettings {
    SolverSettings {
        method,
        rtol: 1e-10,
        atol: 1e-13,
        ..SolverSettings::default()
    }
}

/// The states of `phase` at `times`, from the dense output.
fn states(
    phase: &Phase<'_>,
    start: &[f64],
    times: &[f64],
    settings: &SolverSettings,
) -> Vec<Vec<f64>> {
    let mut out: Vec<Vec<f64>> = Vec::new();
    let span = (times[0], times[times.len() - 1]);
    integrate(phase, start, span, settings, &mut |moment| {
        while out.len() < times.len() && times[out.len()] <= moment.time {
            let mut state = vec![0.0; start.len()];
            moment.interpolate(times[out.len()], &mut state);
            out.push(state);
        }
        Control::Continue
    });
    assert_eq!(out.len(), times.len());
    out
}

/// A neuron pushed by another that fades: `u̇ = 0.2 + drive·v − u`, `v̇ = −v`, from u = 0, v = 1,
/// inside [0, 1].
struct Pushed {
    drive: f64,
}

impl Pushed {
    /// The one whose free trajectory would pass the bound by `excess`.
    fn grazing(excess: f64) -> Self {
        let (mut low, mut high) = (1.0, 10.0);
        for _ in 0..200 {
            let drive = 0.5 * (low + high);
            let peak = Self { drive }.unbounded(1.0 + 0.2 / drive);
            if peak > 1.0 + excess {
                high = drive;
            } else {
                low = drive;
            }
        }
        Self { drive: high }
    }

    fn problem(&self) -> Problem {
        problem(&json!({
            "network": {
                "type": "dense", "dynamics": "leaky", "activation": "identity",
                "weights": [[0.0, self.drive], [0.0, 0.0]], "bias": [0.2, 0.0], "outputs": [0]
            },
            "target": [0.0], "initial_state": [0.0, 1.0], "state_bounds": [0, 1]
        }))
    }

    fn unbounded(&self, t: f64) -> f64 {
        0.2 * (1.0 - (-t).exp()) + self.drive * t * (-t).exp()
    }

    /// The time at which the force at the bound turns inward.
    fn release(&self) -> f64 {
        (self.drive / 0.8).ln()
    }

    fn arrival(&self) -> f64 {
        let (mut early, mut late) = (0.0, 1.0 + 0.2 / self.drive);
        for _ in 0..200 {
            let centre = 0.5 * (early + late);
            if self.unbounded(centre) < 1.0 {
                early = centre;
            } else {
                late = centre;
            }
        }
        late
    }

    fn exact(&self, t: f64) -> Vec<f64> {
        let u = if t < self.arrival() {
            self.unbounded(t)
        } else if t < self.release() {
            1.0
        } else {
            let since = t - self.release();
            0.2 + 0.8 * (-since).exp() + self.drive * (-t).exp() * since
        };
        vec![u, (-t).exp()]
    }

    fn errors(&self, times: &[f64], settings: &SolverSettings) -> f64 {
        let problem = self.problem();
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        states(&phase, &problem.initial_state, times, settings)
            .iter()
            .zip(times)
            .map(|(state, &time)| gap(state, &self.exact(time)))
            .fold(0.0, f64::max)
    }
}

#[test]
fn a_neuron_arrives_at_a_bound_and_is_released_later() {
    let pushed = Pushed { drive: 4.0 };
    assert!(pushed.arrival() < 0.5 && pushed.release() > 1.6);
    let times = [0.0, 0.1, 0.3, 0.5, 1.0, 1.5, 1.7, 2.0, 3.0, 5.0];
    for method in ADAPTIVE {
        let error = pushed.errors(&times, &tight(method));
        println!("{}: {error:.1e}", method.name());
        let bar = if method == Method::TrBdf2 { 1e-7 } else { 1e-8 };
        assert!(error <= bar, "{}: {error:.1e}", method.name());
    }
}

#[test]
fn a_bound_that_is_barely_reached_is_not_overlooked() {
    let mut failures = Vec::new();
    for exponent in 1..=16 {
        let excess = 10f64.powf(-0.5 * f64::from(exponent));
        let error = Pushed::grazing(excess).errors(&[0.0, 4.0], &tight(Method::Tsit45));
        let holds = error <= 1e-9;
        if !holds {
            failures.push(format!("excess {excess:.1e}: {error:.1e}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn euler_stays_of_order_one_across_the_events() {
    let pushed = Pushed { drive: 4.0 };
    let errors: Vec<f64> = (0..5)
        .map(|k| {
            let dt = 0.02 * 0.5f64.powi(k);
            let settings = SolverSettings {
                method: Method::Euler { dt },
                ..SolverSettings::default()
            };
            pushed.errors(&[0.0, 3.0], &settings)
        })
        .collect();
    let order = observed_order(&errors);
    assert!(
        (0.8..=1.2).contains(&order),
        "order {order}: {}",
        short(&errors)
    );
}

#[test]
fn a_nudge_releases_what_the_free_phase_has_pinned() {
    // ṡ = 2 − s inside [0, 1], pinned at ln 2; then nudged towards −3 with β = 1/2
    let problem = problem(&json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0.0]], "bias": [2.0], "outputs": [0]
        },
        "target": [-3.0], "initial_state": [0.0], "state_bounds": [0, 1]
    }));
    let field = problem.field();
    let free = Phase::of_problem(&problem, &field);
    let nudged = free.nudged(&problem.cost, 0.5);
    let times = [0.0, 0.3, 0.6, 0.7, 2.0];
    for method in ADAPTIVE {
        let found = states(&free, &problem.initial_state, &times, &tight(method));
        for (state, time) in found.iter().zip(times) {
            let exact = (2.0 * (1.0 - (-time).exp())).min(1.0);
            assert!(gap(state, &[exact]) <= 1e-7, "{} at {time}", method.name());
        }
        assert_eq!(found[4], [1.0], "exactly at the bound");
        // μ^β = 2 − s − (s + 3)/2 = 1/2 − 3s/2: back inside, to 1/3
        let found = states(&nudged, &found[4], &times, &tight(method));
        for (state, time) in found.iter().zip(times) {
            let exact = 1.0 / 3.0 + 2.0 / 3.0 * (-1.5 * time).exp();
            assert!(gap(state, &[exact]) <= 1e-7, "{} at {time}", method.name());
        }
    }
}

/// Random networks with bounds that hold some of their neurons.
fn bounded() -> impl Iterator<Item = Problem> {
    (0..40).map(|seed| {
        let mut problem = random_problem(
            seed,
            Shape::Dense(8),
            Dynamics::Leaky,
            Activation::HardSigmoid,
            1.5,
        );
        let mut random = Random::new(seed, 7);
        problem.network_mut().unwrap().bias = random.symmetric(8, 1.0);
        problem.initial_state = (0..8).map(|_| random.unit()).collect();
        problem.state_bounds = Some((0.0, 1.0));
        problem
    })
}

#[test]
fn no_state_ever_leaves_the_bounds() {
    for problem in bounded() {
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        for method in ADAPTIVE {
            let settings = SolverSettings {
                method,
                rtol: 1e-6,
                atol: 1e-9,
                ..SolverSettings::default()
            };
            let mut between = [0.0; 8];
            integrate(
                &phase,
                &problem.initial_state,
                (0.0, 30.0),
                &settings,
                &mut |moment| {
                    let inside = |s: &f64, slack: f64| (-slack..=1.0 + slack).contains(s);
                    assert!(
                        moment.state.iter().all(|s| inside(s, 0.0)),
                        "{:?}",
                        moment.state
                    );
                    for part in [0.25, 0.5, 0.75] {
                        let time = moment.step_start + part * (moment.time - moment.step_start);
                        moment.interpolate(time, &mut between);
                        assert!(
                            between.iter().all(|s| inside(s, 1e-12)),
                            "{} at t = {time}: {between:?}",
                            method.name()
                        );
                    }
                    Control::Continue
                },
            );
        }
    }
}

#[test]
fn a_fixed_point_inside_bounds_is_the_clipped_drive() {
    let mut held = 0;
    for problem in bounded() {
        let point = settled(&problem, &SolverSettings::default());
        let field = problem.field();
        let mut drive = vec![0.0; 8];
        Phase::free(&field).force(point.state(), &mut drive);
        for (drive, s) in drive.iter_mut().zip(point.state()) {
            *drive = (*drive + s).clamp(0.0, 1.0);
        }
        assert!(
            gap(&drive, point.state()) <= 1e-13,
            "{drive:?} {:?}",
            point.state()
        );
        for (i, s) in point.state().iter().enumerate() {
            assert_eq!(
                point.active().contains(&i),
                *s > 0.0 && *s < 1.0,
                "neuron {i} at {s}"
            );
        }
        held += 8 - point.active().len();
    }
    assert!(
        held > 40,
        "only {held} neurons are held: the test says little"
    );
}
