//! What `eqprop simulate` prints: one JSON document, or a table.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use eqprop::dynamics::Statistics;
use eqprop::experiment::{PhaseRecord, Provenance, Simulation, SimulationSettings};
use serde::Serialize;

/// Where the results go.
pub struct Places<'a> {
    pub table: &'a Path,
    pub record: PathBuf,
    pub figure: Option<&'a Path>,
}

#[derive(Serialize)]
pub struct Document<'a> {
    out: &'a Path,
    record: &'a Path,
    plot: Option<&'a Path>,
    settings: &'a SimulationSettings,
    free: PhaseSummary<'a>,
    nudged: PhaseSummary<'a>,
    plasticity: Option<PlasticitySummary<'a>>,
    euler: Vec<EulerSummary>,
    provenance: &'a Provenance,
}

/// A phase by its end.
#[derive(Serialize)]
struct PhaseSummary<'a> {
    rows: usize,
    end_time: f64,
    beta: f64,
    state: &'a [f64],
    cost: Option<f64>,
    residual: f64,
    statistics: Statistics,
}

#[derive(Serialize)]
struct PlasticitySummary<'a> {
    along: &'a Option<serde_json::Value>,
    two_point: &'a Option<serde_json::Value>,
    along_norm: Option<f64>,
    two_point_norm: Option<f64>,
    relative_difference: Option<f64>,
}

#[derive(Serialize)]
struct EulerSummary {
    dt: f64,
    largest_error: Option<f64>,
    time_of_largest: Option<f64>,
    diverged_at: Option<f64>,
    statistics: Statistics,
}

impl<'a> PhaseSummary<'a> {
    fn new(phase: &'a PhaseRecord) -> Self {
        let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
        Self {
            rows: phase.time.len(),
            end_time: last(&phase.time),
            beta: phase.beta,
            state: phase.state.last().map_or(&[], Vec::as_slice),
            cost: phase.cost.last().copied(),
            residual: last(&phase.residual),
            statistics: phase.statistics,
        }
    }
}

impl<'a> Document<'a> {
    pub fn new(simulation: &'a Simulation, places: &'a Places<'_>) -> Self {
        Self {
            out: places.table,
            record: &places.record,
            plot: places.figure,
            settings: &simulation.settings,
            free: PhaseSummary::new(&simulation.free),
            nudged: PhaseSummary::new(&simulation.nudged),
            plasticity: simulation
                .plasticity
                .as_ref()
                .map(|record| PlasticitySummary {
                    along: &record.along,
                    two_point: &record.two_point,
                    along_norm: record.along_norm,
                    two_point_norm: record.two_point_norm,
                    relative_difference: record.relative_difference,
                }),
            euler: simulation
                .euler
                .iter()
                .map(|record| EulerSummary {
                    dt: record.dt,
                    largest_error: record.largest_error,
                    time_of_largest: record.time_of_largest,
                    diverged_at: record.diverged_at,
                    statistics: record.statistics,
                })
                .collect(),
            provenance: &simulation.provenance,
        }
    }
}

/// What the user reads.
pub fn summary(simulation: &Simulation, places: &Places<'_>) -> String {
    let mut text = String::new();
    let solver = &simulation.settings.solver;
    let _ = writeln!(
        text,
        "{}, rtol {:e}, atol {:e}, β = {}\n",
        solver.method.name(),
        solver.rtol,
        solver.atol,
        simulation.nudged.beta
    );
    let _ = writeln!(
        text,
        "{:<8}{:>10}{:>12}{:>14}{:>8}{:>10}{:>10}{:>10}{:>6}",
        "phase", "last row", "|μ| there", "cost", "steps", "rejected", "rhs", "Jacobians", "LU"
    );
    for (name, phase) in simulation.phases() {
        let end = PhaseSummary::new(phase);
        let counts = end.statistics;
        let _ = writeln!(
            text,
            "{name:<8}{:>10.4}{:>12.1e}{:>14}{:>8}{:>10}{:>10}{:>10}{:>6}",
            end.end_time,
            end.residual,
            end.cost.map_or("none".into(), |cost| format!("{cost:.6e}")),
            counts.steps,
            counts.rejected,
            counts.rhs_evaluations,
            counts.jacobian_evaluations,
            counts.lu_factorisations
        );
    }
    if let Some(record) = &simulation.plasticity
        && let (Some(along), Some(two_point)) = (record.along_norm, record.two_point_norm)
    {
        let difference = record.relative_difference;
        let _ = writeln!(
            text,
            "\n|EP update|: {along:.6e} summed along the nudged phase, {two_point:.6e} from its two \
             ends, relative difference {}",
            difference.map_or("none".into(), |value| format!("{value:.3e}"))
        );
    }
    if !simulation.euler.is_empty() {
        let _ = writeln!(
            text,
            "\n{:<14}{:>16}{:>10}{:>8}",
            "Euler, dt", "largest error", "at t", "steps"
        );
    }
    for euler in &simulation.euler {
        let found = match (
            euler.largest_error,
            euler.time_of_largest,
            euler.diverged_at,
        ) {
            (Some(error), Some(time), _) => format!("{error:>16.3e}{time:>10.4}"),
            (_, _, Some(time)) => format!("{:>16}{time:>10.4}", "diverged"),
            _ => format!("{:>26}", "unknown"),
        };
        let _ = writeln!(text, "{:<14}{found}{:>8}", euler.dt, euler.statistics.steps);
    }
    let _ = writeln!(text, "\ntrajectory {}", places.table.display());
    let _ = writeln!(text, "record     {}", places.record.display());
    if let Some(figure) = places.figure {
        let _ = writeln!(text, "figure     {}", figure.display());
    }
    text
}
