//! `eqprop simulate`.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use eqprop::experiment::{Simulation, SimulationSettings, simulate};
use eqprop::figure::{FigureError, simulation_figures};
use eqprop::io::{refuse_existing, write_whole};
use eqprop::{Error, Result};

use super::Command;
use crate::cli::{ChangeArguments, CostArgument, FigureArguments, MethodName, SolverArguments};
use crate::report::simulation::{Document, Places, summary};
use crate::report::{Verdict, print_json, print_text, waiting};

/// Follow the free, then the nudged phase: trajectory, record and figure
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop simulate problem.json --beta 0.5 --out run.csv --plot run.svg
  eqprop simulate problem.json --compare-euler 0.1,0.5 --out euler.csv")]
pub struct SimulateArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// Trajectory to write (.csv or .npz). A record for `eqprop plot` goes to .json beside it
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
    /// Time between rows [default: 200 rows a phase, and more where it bends]
    #[arg(long, allow_negative_numbers = true)]
    pub dt_out: Option<f64>,
    /// Times of rows, counted through both phases. The start and the switch always have rows
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
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
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

impl Command for SimulateArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &SimulateArguments) -> Result<Verdict> {
    let settings = settings(arguments)?;
    let places = places(arguments)?;
    let problem = arguments
        .changes
        .read(&arguments.problem, Some(&arguments.cost))?;
    let simulation = waiting(|| simulate(&problem, &settings))?;
    for (phase, residual) in simulation.unrested() {
        eprintln!(
            "warning: the {phase} phase does not rest at its end: |μ| is {residual:.1e} there. Give it more time, or leave out its length"
        );
    }
    let record = save(&simulation, &places)?;
    if let Some(path) = places.figure {
        // drawn from what was saved, as anyone else would draw it
        let figures = simulation_figures(&Simulation::from_json(&record)?);
        for (_, figure) in figures.into_iter().take(1) {
            arguments.style.save(figure, path)?;
        }
    }
    if arguments.json {
        print_json(&Document::new(&simulation, &places))?;
    } else {
        print_text(&summary(&simulation, &places))?;
    }
    Ok(Verdict::Done)
}

fn settings(arguments: &SimulateArguments) -> Result<SimulationSettings> {
    if matches!(arguments.solver.method, MethodName::Euler) && !arguments.compare_euler.is_empty() {
        let message = "compares with an adaptive method. Leave out --method euler";
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

/// Writes table and record, and returns the record's text.
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
