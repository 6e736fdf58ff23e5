//! `eqprop plot`.

use std::path::PathBuf;

use clap::Args;
use eqprop::Error;
use eqprop::experiment::portrait::Portrait;
use eqprop::experiment::sweep::aggregate::{Measure, SweepAxis, is_sweep, read_records};
use eqprop::experiment::training::SavedRun;
use eqprop::experiment::{ContinuationRecord, Simulation, SpectrumRecord, Validation};
use eqprop::figure::{
    Figure, SweepView, continuation_figures, portrait_figure, several_sweeps, simulation_figures,
    spectrum_figure, sweep_figures, training_figures, validation_figures,
};
use eqprop::io::refuse_existing;

use super::Command;
use crate::cli::FigureArguments;
use crate::report::Verdict;

/// Draw a figure again from a saved record
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop plot run.json --out run.pdf --width 86
  eqprop plot grid --figure asymmetry --out grid.png --dpi 300
  eqprop plot trained --out trained.svg --theme dark")]
pub struct PlotArguments {
    /// A saved record, such as report.json or records.jsonl, or the directory that holds it (or training runs)
    pub result: PathBuf,
    /// More directories of training runs or of sweeps, to compare with the first
    pub more: Vec<PathBuf>,
    /// Picture to write: .svg, .png or .pdf
    #[arg(long)]
    pub out: PathBuf,
    /// Which figure, for records that have several [default: the first]
    #[arg(long)]
    pub figure: Option<String>,
    /// Maps of a sweep: horizontal and vertical axis, such as gain,asymmetry or the names that are varied
    #[arg(long, value_name = "X,Y", value_delimiter = ',')]
    pub axes: Vec<SweepAxis>,
    /// Heat map of a sweep, or several sweeps side by side: the number shown
    #[arg(long, value_enum, default_value = "angle_degrees")]
    pub measure: Measure,
    /// Replace an earlier picture
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub style: FigureArguments,
}

impl Command for PlotArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &PlotArguments) -> eqprop::Result<Verdict> {
    refuse_existing(&arguments.out, arguments.force)?;
    let runs = SavedRun::places(&arguments.result)?;
    let figures = if !runs.is_empty() {
        figures_of_training(&runs, &arguments.more)?
    } else if !arguments.more.is_empty() && is_sweep(&arguments.result) {
        figures_of_sweeps(arguments)?
    } else if let Some(second) = arguments.more.first() {
        let message = "only directories of training runs, or of sweeps, are compared. Draw one record at a time";
        return Err(Error::invalid("RESULT", message).in_file(second));
    } else if is_sweep(&arguments.result) {
        let records = read_records(&arguments.result)?;
        SweepAxis::expect("--axes", &arguments.axes, &records[0].point)?;
        sweep_figures(&records, &view(arguments)?)
    } else {
        figures_of_document(arguments)?
    };
    let names: Vec<&str> = figures.iter().map(|(name, _)| *name).collect();
    let wanted = arguments.figure.as_deref().unwrap_or(names[0]);
    let Some(position) = names.iter().position(|name| *name == wanted) else {
        let message = match names[..] {
            [only] => format!("this record has one figure, {only}, found {wanted}"),
            _ => format!("expected one of {}, found {wanted}", names.join(", ")),
        };
        return Err(Error::invalid("--figure", message));
    };
    let (_, figure) = figures.into_iter().nth(position).unwrap_or_default();
    arguments.style.save(figure, &arguments.out)?;
    Ok(Verdict::Done)
}

fn view(arguments: &PlotArguments) -> eqprop::Result<SweepView> {
    let axes = match &arguments.axes[..] {
        [] => None,
        [x, y] if x != y => Some([x.clone(), y.clone()]),
        _ => {
            let message = "expected two different axes, such as gain,asymmetry";
            return Err(Error::invalid("--axes", message));
        }
    };
    Ok(SweepView {
        axes,
        measure: arguments.measure,
    })
}

fn figures_of_training(
    first: &[PathBuf],
    more: &[PathBuf],
) -> eqprop::Result<Vec<(&'static str, Figure)>> {
    let mut places = first.to_vec();
    for path in more {
        let found = SavedRun::places(path)?;
        // what is no run says so when it is read
        places.extend(if found.is_empty() {
            vec![path.clone()]
        } else {
            found
        });
    }
    let runs: Vec<SavedRun> = places
        .iter()
        .map(|place| SavedRun::read(place))
        .collect::<eqprop::Result<_>>()?;
    Ok(training_figures(&runs))
}

/// Each sweep by the name of its directory.
fn figures_of_sweeps(arguments: &PlotArguments) -> eqprop::Result<Vec<(&'static str, Figure)>> {
    let paths = std::iter::once(&arguments.result).chain(&arguments.more);
    let sweeps = paths.map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok((name.replace('_', " "), read_records(path)?))
    });
    let sweeps: Vec<_> = sweeps.collect::<eqprop::Result<_>>()?;
    Ok(vec![(
        "asymmetry",
        several_sweeps(&sweeps, arguments.measure),
    )])
}

fn figures_of_document(arguments: &PlotArguments) -> eqprop::Result<Vec<(&'static str, Figure)>> {
    let path = if arguments.result.is_dir() {
        arguments.result.join("report.json")
    } else {
        arguments.result.clone()
    };
    let text = std::fs::read_to_string(&path).map_err(|source| Error::io(&path, source))?;
    figures(&text, arguments.style.width).map_err(|error| error.in_file(&path))
}

/// The figures of a record, at least one, by what its `kind` says that it is.
fn figures(text: &str, width_mm: Option<f64>) -> eqprop::Result<Vec<(&'static str, Figure)>> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let message = format!("is not a record of eqprop, which is JSON: {error}");
        Error::invalid("(file)", message)
    })?;
    let Some(kind) = document["kind"].as_str() else {
        let message = "is not a record of eqprop, which has a field `kind`. `simulate` says where \
                       its record is, and other commands write one by --record or into --out";
        return Err(Error::invalid("(file)", message));
    };
    match kind {
        "validation" => Ok(validation_figures(&Validation::from_json(text)?)),
        "simulation" => Ok(simulation_figures(&Simulation::from_json(text)?)),
        "continuation" => Ok(continuation_figures(&ContinuationRecord::from_json(text)?)),
        "portrait" => {
            let figure = portrait_figure(&Portrait::from_json(text)?, width_mm);
            Ok(vec![("portrait", figure)])
        }
        "spectrum" => {
            let figure = spectrum_figure(&SpectrumRecord::from_json(text)?);
            Ok(vec![("spectrum", figure)])
        }
        other => {
            let kinds = "validation, simulation, portrait, continuation, spectrum";
            Err(Error::invalid(
                "kind",
                format!("expected one of {kinds}, found {other:?}"),
            ))
        }
    }
}
