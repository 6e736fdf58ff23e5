//! What the user may ask, and the one translation into library settings.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{Args, Parser, Subcommand};
use eqprop::dynamics::{Method, SolverSettings};
use eqprop::figure::{Figure, SaveOptions, Theme};

use crate::aggregate::AggregateArguments;
use crate::continue_command::ContinueArguments;
use crate::evaluate::EvaluateArguments;
use crate::export::ExportArguments;
use crate::fixed_points::FixedPointsArguments;
use crate::gradient::GradientArguments;
use crate::merge::MergeArguments;
use crate::plot::PlotArguments;
use crate::portrait::PortraitArguments;
use crate::schema::SchemaArguments;
use crate::simulate::SimulateArguments;
use crate::spectrum::SpectrumArguments;
use crate::sweep::SweepArguments;
use crate::train::TrainArguments;
use crate::validate::ValidateArguments;

/// The arguments with `--range LO HI` written as `--range=LO,HI`: a negative number is no option.
pub fn with_ranges(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let number = |text: &OsStr| {
        text.to_str()
            .is_some_and(|text| text.parse::<f64>().is_ok())
    };
    let mut out: Vec<OsString> = Vec::new();
    for argument in arguments {
        match out.as_slice() {
            [.., option, low] if option == "--range" && number(low) && number(&argument) => {
                let mut joined = OsString::from("--range=");
                joined.push(low);
                joined.push(",");
                joined.push(argument);
                out.truncate(out.len() - 2);
                out.push(joined);
            }
            _ => out.push(argument),
        }
    }
    out
}

/// Equilibrium propagation in vector-field dynamics, solved as explicit ODEs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The gradient of one problem: true, and by equilibrium propagation
    Gradient(GradientArguments),
    /// Follow the free, then the nudged phase: trajectory, record and figure
    Simulate(SimulateArguments),
    /// All fixed points of one problem, stable or not
    FixedPoints(FixedPointsArguments),
    /// Follow a fixed point along a parameter: folds, Hopf points, how far it can be nudged
    Continue(ContinueArguments),
    /// Eigenvalues of the Jacobian, with the cone in which equilibrium propagation descends
    Spectrum(SpectrumArguments),
    /// Check Theorem 1 numerically: table, report and figures (exit code 1 if a check fails)
    Validate(ValidateArguments),
    /// A record for every point of a grid of random networks, nudges and solvers
    Sweep(SweepArguments),
    /// Join the parts of a sweep into what one process would have written
    Merge(MergeArguments),
    /// The JSON Schema of a kind of file
    Schema(SchemaArguments),
    /// The phase plane of two neurons: streamlines, nullclines, fixed points, manifolds, basins
    Portrait(PortraitArguments),
    /// Group the records of a sweep: counts by outcome, shares, medians and quantiles, as CSV
    Aggregate(AggregateArguments),
    /// Train a layered network by equilibrium propagation: records, checkpoints, resume
    Train(TrainArguments),
    /// Cost and error of a checkpoint's training, validation and test sets
    Evaluate(EvaluateArguments),
    /// A checkpoint's weights as a NumPy archive, or as a problem file
    Export(ExportArguments),
    /// Draw a figure again from a saved record
    Plot(PlotArguments),
}

impl Command {
    pub fn json(&self) -> bool {
        match self {
            Self::Gradient(arguments) => arguments.json,
            Self::Simulate(arguments) => arguments.json,
            Self::FixedPoints(arguments) => arguments.json,
            Self::Continue(arguments) => arguments.json,
            Self::Spectrum(arguments) => arguments.json,
            Self::Sweep(arguments) => arguments.json,
            Self::Merge(arguments) => arguments.json,
            Self::Validate(arguments) => arguments.json,
            Self::Train(arguments) => arguments.json,
            Self::Evaluate(arguments) => arguments.json,
            Self::Aggregate(_)
            | Self::Export(_)
            | Self::Plot(_)
            | Self::Portrait(_)
            | Self::Schema(_) => false,
        }
    }
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MethodName {
    Tsit45,
    Bdf,
    TrBdf2,
    Esdirk34,
    Euler,
}

/// How trajectories are integrated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Integration")]
pub struct SolverArguments {
    /// Integrator
    #[arg(long, value_enum, default_value = "tsit45")]
    pub method: MethodName,
    /// Relative tolerance of a step
    #[arg(long, default_value = "1e-9", allow_hyphen_values = true)]
    pub rtol: f64,
    /// Absolute tolerance of a step
    #[arg(long, default_value = "1e-12", allow_hyphen_values = true)]
    pub atol: f64,
    /// Step of the Euler method
    #[arg(long, allow_hyphen_values = true)]
    pub dt: Option<f64>,
    /// Longest time to wait for a steady state, in units of the largest time constant
    #[arg(long, default_value = "1e5", allow_hyphen_values = true)]
    pub max_time: f64,
    /// Largest number of steps
    #[arg(long, default_value_t = SolverSettings::default().max_steps, allow_negative_numbers = true)]
    pub max_steps: usize,
}

impl SolverArguments {
    /// The validated settings.
    pub fn settings(&self) -> eqprop::Result<SolverSettings> {
        let method = match (self.method, self.dt) {
            (MethodName::Euler, Some(dt)) => Method::Euler { dt },
            (MethodName::Euler, None) => {
                return Err(eqprop::Error::invalid(
                    "--dt",
                    "missing; Euler needs a step",
                ));
            }
            (_, Some(_)) => {
                return Err(eqprop::Error::invalid(
                    "--dt",
                    "only --method euler has a fixed step; leave it out",
                ));
            }
            (MethodName::Tsit45, None) => Method::Tsit45,
            (MethodName::Bdf, None) => Method::Bdf,
            (MethodName::TrBdf2, None) => Method::TrBdf2,
            (MethodName::Esdirk34, None) => Method::Esdirk34,
        };
        let settings = SolverSettings {
            method,
            rtol: self.rtol,
            atol: self.atol,
            max_time: self.max_time,
            max_steps: self.max_steps,
            ..SolverSettings::default()
        };
        settings.validate()?;
        Ok(settings)
    }
}

/// How a figure is drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Figure")]
pub struct FigureArguments {
    /// Colours of page and ink
    #[arg(long, value_enum, default_value = "light")]
    pub theme: ThemeName,
    /// Width on paper in millimetres [default: what suits the figure]
    #[arg(long, allow_hyphen_values = true)]
    pub width: Option<f64>,
    /// Resolution of PNG, dots per inch
    #[arg(long, default_value_t = SaveOptions::default().dpi, allow_negative_numbers = true)]
    pub dpi: f64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ThemeName {
    Light,
    Dark,
}

impl FigureArguments {
    /// Draws `figure` as asked into `path` (SVG, PNG or PDF by its extension).
    pub fn save(&self, figure: Figure, path: &Path) -> eqprop::Result<()> {
        let theme = match self.theme {
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        };
        let figure = Figure {
            theme,
            width_mm: self.width.unwrap_or(figure.width_mm),
            ..figure
        };
        Ok(figure.save(path, &SaveOptions { dpi: self.dpi })?)
    }
}
