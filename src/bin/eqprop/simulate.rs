//! `eqprop simulate`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use eqprop::dynamics::Statistics;
use eqprop::experiment::{PhaseRecord, Provenance, Simulation, SimulationSettings, simulate};
use eqprop::figure::{FigureError, simulation_figures};
use eqprop::files::{refuse_existing, write_whole};
use eqprop::model::Problem;
use eqprop::{Error, Result};
use serde::Serialize;

use crate::arguments::{FigureArguments, MethodName, SolverArguments};
use crate::report::{Verdict, print_json, print_text};

#[derive(Debug, Args)]
pub struct SimulateArguments {
    /// Problem file (JSON)
    pub problem: PathBuf,
    /// Trajectory to write: .csv or .npz; a record for `eqprop plot` goes to .json beside it
    #[arg(long)]
    pub out: PathBuf,
    /// Length of the free phase, or `auto`: until it rests
    #[arg(long, default_value = "auto", allow_negative_numbers = true)]
    pub t_free: Length,
    /// Length of the nudged phase, or `auto`: until it rests
    #[arg(long, default_value = "auto", allow_negative_numbers = true)]
    pub t_nudged: Length,
    /// Influence parameter β of the nudged phase
    #[arg(long, default_value_t = SimulationSettings::default().beta, allow_negative_numbers = true)]
    pub beta: f64,
    /// Time between rows [default: 200 rows a phase]
    #[arg(long, allow_negative_numbers = true)]
    pub dt_out: Option<f64>,
    /// Times of rows, counted through both phases (start and switch are rows anyhow)
    #[arg(
        long,
        value_delimiter = ',',
        conflicts_with = "dt_out",
        allow_negative_numbers = true
    )]
    pub times: Option<Vec<f64>>,
    /// Steps at which Euler's method is run for comparison
    #[arg(long, value_name = "DT", value_delimiter = ',', num_args = 1.., allow_negative_numbers = true)]
    pub compare_euler: Vec<f64>,
    /// Figure to draw: .svg, .png or .pdf
    #[arg(long, value_name = "FIGURE")]
    pub plot: Option<PathBuf>,
    /// Replace earlier results
    #[arg(long)]
    pub force: bool,
    /// Print a summary as one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub solver: SolverArguments,
    #[command(flatten)]
    pub style: FigureArguments,
}

/// The length of a phase.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    Auto,
    Time(f64),
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            number => number
                .parse()
                .map(Self::Time)
                .map_err(|_| "expected a number or `auto`".into()),
        }
    }
}

impl Length {
    fn time(self) -> Option<f64> {
        match self {
            Self::Auto => None,
            Self::Time(time) => Some(time),
        }
    }
}

/// Where the results go.
struct Places<'a> {
    table: &'a Path,
    record: PathBuf,
    figure: Option<&'a Path>,
}

pub fn run(arguments: &SimulateArguments) -> Result<Verdict> {
    let settings = settings(arguments)?;
    let places = places(arguments)?;
    let problem = Problem::read(&arguments.problem)?;
    let simulation = simulate(&problem, &settings)?;
    let record = save(&simulation, &places)?;
    if let Some(path) = places.figure {
        // drawn from what was saved, as anyone else would draw it
        let figures = simulation_figures(&Simulation::from_json(&record)?);
        for (_, figure) in figures.into_iter().take(1) {
            arguments.style.save(figure, path)?;
        }
    }
    if arguments.json {
        print_json(&Document::new(&simulation, &places));
    } else {
        print_text(&summary(&simulation, &places));
    }
    Ok(Verdict::Done)
}

fn settings(arguments: &SimulateArguments) -> Result<SimulationSettings> {
    if matches!(arguments.solver.method, MethodName::Euler) && !arguments.compare_euler.is_empty() {
        let message = "compares with an adaptive method; leave out --method euler";
        return Err(Error::invalid("--compare-euler", message));
    }
    let settings = SimulationSettings {
        t_free: arguments.t_free.time(),
        t_nudged: arguments.t_nudged.time(),
        beta: arguments.beta,
        dt_out: arguments.dt_out,
        times: arguments.times.clone(),
        compare_euler: arguments.compare_euler.clone(),
        solver: arguments.solver.settings()?,
    };
    settings.validate()?;
    Ok(settings)
}

/// The files to write, refused before any work is done.
fn places(arguments: &SimulateArguments) -> Result<Places<'_>> {
    let table = arguments.out.as_path();
    if !matches!(extension(table).as_str(), "csv" | "npz") {
        let message = "expected a name that ends in .csv or .npz";
        return Err(Error::invalid("--out", message).in_file(table));
    }
    let figure = arguments.plot.as_deref();
    if let Some(path) =
        figure.filter(|path| !matches!(extension(path).as_str(), "svg" | "png" | "pdf"))
    {
        return Err(FigureError::Extension {
            path: path.to_owned(),
        }
        .into());
    }
    let mut record = table.with_extension("json");
    if same_file(&record, &arguments.problem) {
        record = table.with_extension("simulation.json");
    }
    for path in [table, &record].into_iter().chain(figure) {
        refuse_existing(path, arguments.force)?;
    }
    Ok(Places {
        table,
        record,
        figure,
    })
}

fn extension(path: &Path) -> String {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default().to_ascii_lowercase()
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Writes table and record; the record's text.
fn save(simulation: &Simulation, places: &Places<'_>) -> Result<String> {
    let record = serde_json::to_string(simulation)
        .map_err(|error| Error::io(&places.record, std::io::Error::from(error)))?;
    let table = if extension(places.table) == "npz" {
        simulation.to_npz()
    } else {
        simulation.to_csv().into_bytes()
    };
    for (path, bytes) in [
        (places.table, table.as_slice()),
        (&places.record, record.as_bytes()),
    ] {
        write_whole(path, bytes).map_err(|source| Error::io(path, source))?;
    }
    Ok(record)
}

#[derive(Serialize)]
struct Document<'a> {
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
    cost: f64,
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
            cost: last(&phase.cost),
            residual: last(&phase.residual),
            statistics: phase.statistics,
        }
    }
}

impl<'a> Document<'a> {
    fn new(simulation: &'a Simulation, places: &'a Places<'_>) -> Self {
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

fn summary(simulation: &Simulation, places: &Places<'_>) -> String {
    let mut text = String::new();
    let solver = &simulation.settings.solver;
    let _ = writeln!(
        text,
        "{}, rtol {:e}, atol {:e}; β = {}\n",
        solver.method.name(),
        solver.rtol,
        solver.atol,
        simulation.nudged.beta
    );
    let _ = writeln!(
        text,
        "{:<8}{:>10}{:>12}{:>14}{:>8}{:>10}{:>10}{:>10}{:>6}",
        "phase", "ends at", "|μ| there", "cost", "steps", "rejected", "rhs", "Jacobians", "LU"
    );
    for (name, phase) in simulation.phases() {
        let end = PhaseSummary::new(phase);
        let counts = end.statistics;
        let _ = writeln!(
            text,
            "{name:<8}{:>10.4}{:>12.1e}{:>14.6e}{:>8}{:>10}{:>10}{:>10}{:>6}",
            end.end_time,
            end.residual,
            end.cost,
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
            "\nplasticity / β: {along:.6e} along the way, {two_point:.6e} by the two-point formula, \
             relative difference {}",
            difference.map_or("undefined".into(), |value| format!("{value:.3e}"))
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
