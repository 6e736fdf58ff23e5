//! `eqprop portrait`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use eqprop::Error;
use eqprop::experiment::portrait::{NudgedView, PortraitSettings, SpeedScale, Window, portrait};
use eqprop::figure::portrait_figure;
use eqprop::io::{refuse_existing, write_whole};

use super::Command;
use crate::cli::{ChangeArguments, CostArgument, FigureArguments};
use crate::report::{Verdict, waiting};

/// The phase plane of two neurons: streamlines, nullclines, fixed points, manifolds, basins
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop portrait problem.json --out plane.svg
  eqprop portrait problem.json --beta 0.5 --nudged beside --out nudged.pdf")]
pub struct PortraitArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// Picture to write: .svg, .png or .pdf
    #[arg(long)]
    pub out: PathBuf,
    /// Save the numbers behind the picture, for `eqprop plot`
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// Replace earlier files
    #[arg(long)]
    pub force: bool,
    /// The two neurons shown
    #[arg(long, value_name = "I,J", value_delimiter = ',', default_value = "0,1")]
    pub coordinates: Vec<usize>,
    /// State of all neurons that the section goes through [default: the fixed point reached]
    #[arg(
        long,
        value_name = "S0,S1,…",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub at: Option<Vec<f64>>,
    /// Of more than two neurons, true trajectories projected in place of a section
    #[arg(long, conflicts_with = "at")]
    pub project: bool,
    /// Edges of the window [default: all fixed points, cycles and trajectories, with room]
    #[arg(
        long,
        value_name = "X0,X1,Y0,Y1",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub window: Option<Vec<f64>>,
    /// Start of one more trajectory. It may be repeated
    #[arg(long, value_name = "X,Y", value_parser = point, allow_hyphen_values = true)]
    pub start: Vec<[f64; 2]>,
    /// Show the field nudged by β as well
    #[arg(long, allow_negative_numbers = true)]
    pub beta: Option<f64>,
    /// The nudged field in the same panel, or in one of its own
    #[arg(long, value_enum, default_value = "overlay", requires = "beta")]
    pub nudged: NudgedName,
    /// Colour scale of the speed
    #[arg(long, value_enum, default_value = "auto")]
    pub speed: SpeedName,
    /// Distance of streamlines in sides of the frame [default: 0.045, or 0.032 on wide figures]
    #[arg(long)]
    pub separation: Option<f64>,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
    #[command(flatten)]
    pub without: WithoutArguments,
    #[command(flatten)]
    pub style: FigureArguments,
}

/// What is left out.
#[derive(Debug, Args)]
#[command(next_help_heading = "Elements to leave out")]
pub struct WithoutArguments {
    /// No streamlines
    #[arg(long)]
    pub no_streamlines: bool,
    /// No nullclines
    #[arg(long)]
    pub no_nullclines: bool,
    /// No fixed points
    #[arg(long)]
    pub no_fixed_points: bool,
    /// No stable and unstable manifolds of saddles
    #[arg(long)]
    pub no_manifolds: bool,
    /// No limit cycles
    #[arg(long)]
    pub no_cycles: bool,
    /// No basins of attraction
    #[arg(long)]
    pub no_basins: bool,
    /// No trajectories
    #[arg(long)]
    pub no_trajectories: bool,
    /// No path of the fixed points as β grows
    #[arg(long)]
    pub no_path: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum NudgedName {
    Overlay,
    Beside,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SpeedName {
    Auto,
    Linear,
    Log,
}

fn point(text: &str) -> Result<[f64; 2], String> {
    let wrong = || format!("expected two numbers X,Y, found {text:?}");
    let (x, y) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse().map_err(|_| wrong());
    Ok([number(x)?, number(y)?])
}

/// Exactly N values of one argument.
fn exactly<const N: usize, T: Copy>(name: &str, values: &[T]) -> eqprop::Result<[T; N]> {
    values.try_into().map_err(|_| {
        Error::invalid(
            name,
            format!("expected {N} numbers, found {}", values.len()),
        )
    })
}

impl PortraitArguments {
    fn settings(&self) -> eqprop::Result<PortraitSettings> {
        let window = match &self.window {
            Some(edges) => {
                let [x0, x1, y0, y1] = exactly("--window", edges)?;
                Some(Window {
                    x: (x0, x1),
                    y: (y0, y1),
                })
            }
            None => None,
        };
        // what is even on a small figure is sparse on a large one
        let wide = self.style.width.is_some_and(|width| width >= 130.0);
        Ok(PortraitSettings {
            coordinates: exactly("--coordinates", &self.coordinates)?,
            at: self.at.clone(),
            window,
            project: self.project,
            starts: self.start.clone(),
            beta: self.beta,
            nudged: match self.nudged {
                NudgedName::Overlay => NudgedView::Overlay,
                NudgedName::Beside => NudgedView::Beside,
            },
            speed: match self.speed {
                SpeedName::Auto => SpeedScale::Auto,
                SpeedName::Linear => SpeedScale::Linear,
                SpeedName::Log => SpeedScale::Log,
            },
            separation: self.separation.unwrap_or(if wide { 0.032 } else { 0.045 }),
            streamlines: !self.without.no_streamlines,
            nullclines: !self.without.no_nullclines,
            fixed_points: !self.without.no_fixed_points,
            manifolds: !self.without.no_manifolds,
            cycles: !self.without.no_cycles,
            basins: !self.without.no_basins,
            trajectories: !self.without.no_trajectories,
            path: !self.without.no_path,
            ..PortraitSettings::default()
        })
    }
}

impl Command for PortraitArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &PortraitArguments) -> eqprop::Result<Verdict> {
    refuse_existing(&arguments.out, arguments.force)?;
    if let Some(record) = &arguments.record {
        refuse_existing(record, arguments.force)?;
    }
    let problem = arguments
        .changes
        .read(&arguments.problem, Some(&arguments.cost))?;
    problem.allow_full_matrices()?;
    let settings = arguments.settings()?;
    let portrait = waiting(|| portrait(&problem, &settings))?;
    if let Some(record) = &arguments.record {
        let text =
            serde_json::to_string(&portrait).map_err(|error| Error::io(record, error.into()))?;
        write_whole(record, text.as_bytes()).map_err(|source| Error::io(record, source))?;
    }
    let figure = portrait_figure(&portrait, arguments.style.width);
    arguments.style.save(figure, &arguments.out)?;
    Ok(Verdict::Done)
}
