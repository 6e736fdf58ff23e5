//! `eqprop simulate`: a free phase, then a nudged one, with everything worth seeing on the way.

mod euler;
mod layers;
mod plasticity;
mod settings;
mod table;
mod text;

pub use euler::EulerRecord;
pub use layers::LayerRecord;
pub use plasticity::PlasticityRecord;
pub use settings::SimulationSettings;

use serde::{Deserialize, Serialize};

use self::euler::compare_with_euler;
use self::layers::layers;
use self::plasticity::Follower;
use self::text::{auxiliaries, moving};
use crate::dynamics::{Phase, Sampled, SolverSettings, Statistics, resting_time, sample, settle};
use crate::error::{Error, Result};
use crate::experiment::provenance::Provenance;
use crate::io::parse;
use crate::model::{Cost, Problem, System};

/// The record of a simulation: tables and figures are made from it alone. Times are in units of
/// the time constant 1, all else is dimensionless.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Simulation {
    /// Always `simulation`: tells `eqprop plot` what it is.
    pub kind: String,
    /// Settings, the phases' lengths as they were resolved.
    pub settings: SimulationSettings,
    /// The program.
    pub provenance: Provenance,
    /// The names of the states, of a field in text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The names of what else its file shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auxiliary_names: Vec<String>,
    /// Groups of neurons: the layers, or the output neurons and the others.
    pub layers: Vec<LayerRecord>,
    /// β = 0, from the initial state.
    pub free: PhaseRecord,
    /// From the end of the free phase. Time runs on.
    pub nudged: PhaseRecord,
    /// What synapses accumulate in the nudged phase, or null for networks of more than 2 million
    /// parameters.
    pub plasticity: Option<PlasticityRecord>,
    /// Euler's method beside it, one record per step.
    pub euler: Vec<EulerRecord>,
}

/// One phase, row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// The influence parameter β (dimensionless), or 0 in the free phase.
    pub beta: f64,
    /// Times of the rows, in units of the time constant.
    pub time: Vec<f64>,
    /// s, one list per row.
    pub state: Vec<Vec<f64>>,
    /// What else a field in text shows, one list per row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auxiliaries: Vec<Vec<f64>>,
    /// C(s) at each row, without β, empty if the problem has no cost.
    pub cost: Vec<f64>,
    /// ‖μ^β‖∞ over the neurons that no bound holds.
    pub residual: Vec<f64>,
    /// ‖ds/dt‖₂ of each group of neurons, one list per group.
    pub speed: Vec<Vec<f64>>,
    /// What the phase cost.
    pub statistics: Statistics,
}

/// Simulates both phases of a problem.
///
/// # Errors
/// [`Error::InvalidInput`] for settings without meaning or too many rows, [`Error::Diverged`],
/// [`Error::TimedOut`] when `max_steps` do not suffice, and what else the dynamics did in a phase
/// of automatic length that does not rest.
pub fn simulate(problem: &Problem, settings: &SimulationSettings) -> Result<Simulation> {
    settings.validate()?;
    if settings.beta != 0.0 && settings.t_nudged != Some(0.0) {
        problem.expect_cost()?;
    }
    let asked = SimulationSettings {
        t_free: settings.t_free.or(problem.free_time),
        // without a nudge nothing more happens after a phase of given length
        t_nudged: match settings.beta {
            0.0 => settings.t_nudged.or(problem.free_time.map(|_| 0.0)),
            _ => settings.t_nudged,
        },
        ..settings.clone()
    };
    let Some(timed) = problem.with_time_as_state() else {
        return simulate_autonomous(problem, &asked);
    };
    if asked.t_free.is_none() || asked.t_nudged.is_none() {
        let field = if asked.t_free.is_none() {
            "t_free"
        } else {
            "t_nudged"
        };
        let message = "is missing: the field depends on the time `t` and does not come to rest, so say how long the phase is to be";
        return Err(Error::invalid(field, message));
    }
    let mut simulation = simulate_autonomous(&timed, &asked)?;
    for phase in [&mut simulation.free, &mut simulation.nudged] {
        for state in &mut phase.state {
            state.pop();
        }
    }
    simulation.names.pop();
    Ok(simulation)
}

fn simulate_autonomous(problem: &Problem, settings: &SimulationSettings) -> Result<Simulation> {
    let field = problem.field();
    let free = Phase::of_problem(problem, &field);
    let nudged = free.nudged(&problem.cost, settings.beta);
    let layers = layers(problem);
    let start = &problem.initial_state;
    let solver = &settings.run_through();
    let record = |phase: &Phase<'_>, times: Vec<f64>, sampled: Sampled| {
        phase_record(problem, &settings.solver, &layers, phase, times, sampled)
    };

    let t_free = length(&free, start, settings.t_free, settings)?;
    let times = settings.free_rows(t_free, start.len())?;
    let (times, sampled) = settings.seen(&free, start, (0.0, t_free), times);
    let s0 = sampled.run.state.clone();
    let free_record = record(&free, times, sampled)?;

    let t_nudged = length(&nudged, &s0, settings.t_nudged, settings)?;
    let times = settings.nudged_rows(t_free, t_nudged, start.len())?;
    let span = (t_free, t_free + t_nudged);
    let times = settings.refined(&nudged, &s0, span, times);
    let mut plasticity = Follower::new(&field, &nudged, &s0);
    let sampled = sample(&nudged, &s0, span, &times, solver, &mut |moment| {
        plasticity.observe(moment, &times)
    });
    let s_beta = sampled.run.state.clone();
    let nudged_record = record(&nudged, times, sampled)?;
    let plasticity = plasticity.record(&field, &s0, &s_beta, settings.beta);

    let euler = settings
        .compare_euler
        .iter()
        .map(|&dt| {
            let references = [&free_record, &nudged_record];
            let spans = [(0.0, t_free), span];
            compare_with_euler([&free, &nudged], start, spans, references, solver, dt)
        })
        .collect::<Result<_>>()?;
    Ok(Simulation {
        kind: "simulation".into(),
        settings: SimulationSettings {
            t_free: Some(t_free),
            t_nudged: Some(t_nudged),
            ..settings.clone()
        },
        provenance: Provenance::current(),
        names: problem.own_names(),
        auxiliary_names: match &problem.system {
            System::Network(_) | System::Own(_) => Vec::new(),
            System::Text(field) => field.auxiliary_names().to_vec(),
        },
        layers,
        free: free_record,
        nudged: nudged_record,
        plasticity,
        euler,
    })
}

/// The length of a phase: as given, or until it rests (as far as the tolerance lets one see),
/// rounded up to two digits. What rests from the start is shown for 5 time constants.
///
/// # Errors
/// What the dynamics do instead of resting.
fn length(
    phase: &Phase<'_>,
    start: &[f64],
    given: Option<f64>,
    settings: &SimulationSettings,
) -> Result<f64> {
    if let Some(given) = given {
        return Ok(given);
    }
    let solver = &settings.solver;
    let unit = phase.time_scales().1;
    let most = solver.max_time;
    let rests = |longest: f64| {
        resting_time(phase, start, settings.at_rest(), unit * longest, solver)
            .map_err(|error| in_phase(phase, error))
    };
    let rested = match rests(most.min(1000.0))? {
        Some(time) => time,
        None => {
            // what does it do instead? If it rests after all, it is slow
            let outcome = settle(phase, start, solver).into_fixed_point();
            let slow = outcome.map_err(|error| in_phase(phase, error))?;
            rests(most)?.ok_or_else(|| {
                let timed_out = Error::TimedOut {
                    time: unit * most,
                    residual: slow.residual(),
                    steps: solver.max_steps,
                };
                in_phase(phase, timed_out)
            })?
        }
    };
    let time = rested.max(5.0 * unit);
    let digit = 10.0_f64.powf(time.log10().floor() - 1.0);
    let rounded = (time / digit).ceil() * digit;
    Ok(format!("{rounded:.1e}").parse().unwrap_or(rounded))
}

/// The error of a phase, which says so if it is a nudged one.
fn in_phase(phase: &Phase<'_>, error: Error) -> Error {
    if phase.beta() == 0.0 {
        error
    } else {
        error.in_nudged_phase((phase.beta(), 0.0))
    }
}

/// Whether a state that has grown tenfold goes on growing without limit.
fn divergence(
    phase: &Phase<'_>,
    states: &[Vec<f64>],
    time: f64,
    solver: &SolverSettings,
) -> Option<Error> {
    let (first, last) = (states.first()?, states.last()?);
    let largest = |state: &[f64]| crate::dynamics::largest(state.iter().copied());
    if largest(last) < 10.0 * (1.0 + largest(first)) {
        return None;
    }
    match settle(phase, last, solver).into_fixed_point() {
        Err(Error::Diverged { .. }) => {
            let largest = largest(last);
            Some(in_phase(phase, Error::Diverged { time, largest }))
        }
        _ => None,
    }
}

/// The rows of a phase, with what follows from each state.
fn phase_record(
    problem: &Problem,
    solver: &SolverSettings,
    layers: &[LayerRecord],
    phase: &Phase<'_>,
    time: Vec<f64>,
    sampled: Sampled,
) -> Result<PhaseRecord> {
    if let Some(failure) = sampled.failure {
        return Err(in_phase(phase, failure));
    }
    let state = sampled.states;
    let timed = match &problem.system {
        System::Text(field) if field.is_timed() => Some(field),
        _ => None,
    };
    // the time grows without limit, and does not diverge
    if timed.is_none()
        && let Some(failure) = divergence(phase, &state, sampled.run.time, solver)
    {
        return Err(failure);
    }
    let velocities: Vec<Vec<f64>> = state
        .iter()
        .map(|state| {
            let mut velocity = vec![0.0; state.len()];
            phase.projected_velocity(state, &mut velocity);
            velocity
        })
        .collect();
    let speed = |layer: &LayerRecord, velocity: &[f64]| {
        let squares = layer.neurons.iter().map(|&i| velocity[i] * velocity[i]);
        squares.sum::<f64>().sqrt()
    };
    Ok(PhaseRecord {
        beta: phase.beta(),
        cost: match problem.expect_cost() {
            Ok(()) => state.iter().map(|s| problem.cost.value(s)).collect(),
            Err(_) => Vec::new(),
        },
        auxiliaries: auxiliaries(problem, &time, &state),
        residual: match timed {
            None => state.iter().map(|s| phase.residual(s)).collect(),
            Some(field) => moving(field, phase, &state),
        },
        speed: layers
            .iter()
            .map(|layer| velocities.iter().map(|v| speed(layer, v)).collect())
            .collect(),
        statistics: sampled.run.statistics,
        time,
        state,
    })
}

impl Simulation {
    /// The phases that do not rest at their end, each with what is left of ‖μ‖ there.
    pub fn unrested(&self) -> Vec<(&'static str, f64)> {
        let at_rest = self.settings.at_rest();
        self.phases()
            .into_iter()
            .filter_map(|(name, phase)| {
                let (residual, state) = (*phase.residual.last()?, phase.state.last()?);
                let size = crate::dynamics::largest(state.iter().copied());
                // a phase without length was not meant to
                let rests = phase.time.len() < 2 || residual <= 2.0 * at_rest * (1.0 + size);
                (!rests).then_some((name, residual))
            })
            .collect()
    }

    /// Reads a simulation from the text of its record.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}
