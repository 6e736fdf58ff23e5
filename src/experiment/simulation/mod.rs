//! `eqprop simulate`: a free phase, then a nudged one, with everything worth seeing on the way.

mod euler;
mod plasticity;
mod settings;
mod table;

pub use euler::EulerRecord;
pub use plasticity::PlasticityRecord;
pub use settings::SimulationSettings;

use serde::{Deserialize, Serialize};

use self::euler::compare_with_euler;
use self::plasticity::Follower;
use crate::dynamics::{Phase, Sampled, Statistics, resting_time, sample};
use crate::error::Result;
use crate::experiment::provenance::Provenance;
use crate::io::parse;
use crate::model::{Cost, Coupling, Problem};

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
    /// Groups of neurons: the layers, or the output neurons and the others.
    pub layers: Vec<LayerRecord>,
    /// β = 0, from the initial state.
    pub free: PhaseRecord,
    /// From the end of the free phase; time runs on.
    pub nudged: PhaseRecord,
    /// What synapses accumulate in the nudged phase; null for networks of more than 2 million
    /// parameters.
    pub plasticity: Option<PlasticityRecord>,
    /// Euler's method beside it, one record a step.
    pub euler: Vec<EulerRecord>,
}

/// A group of neurons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerRecord {
    /// `hidden 1`, …, `output`; in dense networks `others` and `output`.
    pub name: String,
    /// Indices of its neurons.
    pub neurons: Vec<usize>,
}

/// One phase, row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// β; 0 in the free phase.
    pub beta: f64,
    /// Times of the rows.
    pub time: Vec<f64>,
    /// s, one list a row.
    pub state: Vec<Vec<f64>>,
    /// C(s), without β.
    pub cost: Vec<f64>,
    /// ‖μ^β‖∞ over the neurons that no bound holds.
    pub residual: Vec<f64>,
    /// ‖ds/dt‖₂ of each group of neurons, one list a group.
    pub speed: Vec<Vec<f64>>,
    /// What the phase cost.
    pub statistics: Statistics,
}

/// Simulates both phases of a problem.
///
/// # Errors
/// [`Error::InvalidInput`] for settings without meaning or too many rows; [`Error::Diverged`];
/// [`Error::TimedOut`] when `max_steps` do not suffice.
pub fn simulate(problem: &Problem, settings: &SimulationSettings) -> Result<Simulation> {
    settings.validate()?;
    let field = problem.field();
    let free = Phase::of_problem(problem, &field);
    let nudged = free.nudged(&problem.cost, settings.beta);
    let layers = layers(problem);
    let start = &problem.initial_state;
    let solver = &settings.solver;
    let record = |phase: &Phase<'_>, times: Vec<f64>, sampled: Sampled| {
        phase_record(problem, &layers, phase, times, sampled)
    };

    let t_free = length(&free, start, settings.t_free, settings);
    let times = settings.free_rows(t_free, start.len())?;
    let sampled = sample(&free, start, (0.0, t_free), &times, solver, &mut |_| {});
    let s0 = sampled.run.state.clone();
    let free_record = record(&free, times, sampled)?;

    let t_nudged = length(&nudged, &s0, settings.t_nudged, settings);
    let times = settings.nudged_rows(t_free, t_nudged, start.len())?;
    let span = (t_free, t_free + t_nudged);
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
        layers,
        free: free_record,
        nudged: nudged_record,
        plasticity,
        euler,
    })
}

/// The length of a phase: as given, or until it rests (as far as the tolerance lets one see),
/// rounded up to two digits. What does not rest in 1000 time constants is shown for 50; what rests
/// from the start, for 5.
fn length(
    phase: &Phase<'_>,
    start: &[f64],
    given: Option<f64>,
    settings: &SimulationSettings,
) -> f64 {
    given.unwrap_or_else(|| {
        let unit = phase.time_scales().1;
        let longest = unit * settings.solver.max_time.min(1000.0);
        let residual = (10.0 * settings.solver.rtol).max(1e-9);
        let rested = resting_time(phase, start, residual, longest, &settings.solver);
        let time = rested.unwrap_or(50.0 * unit).max(5.0 * unit);
        let digit = 10.0_f64.powf(time.log10().floor() - 1.0);
        let rounded = (time / digit).ceil() * digit;
        format!("{rounded:.1e}").parse().unwrap_or(rounded)
    })
}

fn layers(problem: &Problem) -> Vec<LayerRecord> {
    let layer = |name: String, neurons: Vec<usize>| LayerRecord { name, neurons };
    let network = &problem.network;
    match &network.coupling {
        Coupling::Dense(_) => {
            let outputs = network.outputs.clone();
            let others: Vec<usize> = (0..network.dimension())
                .filter(|i| !outputs.contains(i))
                .collect();
            [
                layer("others".into(), others),
                layer("output".into(), outputs),
            ]
            .into_iter()
            .filter(|layer| !layer.neurons.is_empty())
            .collect()
        }
        Coupling::Layered(layers) => {
            let count = layers.sizes().len();
            let name = |k: usize| {
                if k + 1 == count {
                    "output".into()
                } else {
                    format!("hidden {}", k + 1)
                }
            };
            layers
                .ranges()
                .enumerate()
                .map(|(k, range)| layer(name(k), range.collect()))
                .collect()
        }
    }
}

/// The rows of a phase, with what follows from each state.
fn phase_record(
    problem: &Problem,
    layers: &[LayerRecord],
    phase: &Phase<'_>,
    time: Vec<f64>,
    sampled: Sampled,
) -> Result<PhaseRecord> {
    if let Some(failure) = sampled.failure {
        return Err(failure);
    }
    let state = sampled.states;
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
        cost: state.iter().map(|s| problem.cost.value(s)).collect(),
        residual: state.iter().map(|s| phase.residual(s)).collect(),
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
    /// Reads a simulation from the text of its record.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}
