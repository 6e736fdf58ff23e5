//! `eqprop spectrum`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::dynamics::At;
use eqprop::experiment::{SpectrumRecord, spectra};
use eqprop::figure::spectrum_figure;

use super::Command;
use crate::cli::{ChangeArguments, CostArgument, OutputArguments, SolverArguments};
use crate::report::{Verdict, known, waiting};

/// Eigenvalues of the Jacobian, with the cone in which equilibrium propagation descends
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop spectrum problem.json --asymmetry 0,0.5,1 --out spectrum.pdf --width 86")]
pub struct SpectrumArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// Asymmetries λ of the weights W = S + λA, drawn over each other
    #[arg(
        long,
        value_name = "L1,L2,…",
        value_delimiter = ',',
        default_value = "1",
        allow_negative_numbers = true
    )]
    pub asymmetry: Vec<f64>,
    /// At this fixed point instead of the one that is reached: `unstable`, or the one nearest to a
    /// state
    #[arg(long, value_name = "unstable|S0,S1,…", allow_hyphen_values = true)]
    pub at: Option<At>,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
    #[command(flatten)]
    pub output: OutputArguments,
    #[command(flatten)]
    pub solver: SolverArguments,
}

impl Command for SpectrumArguments {
    fn json(&self) -> bool {
        self.output.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &SpectrumArguments) -> eqprop::Result<Verdict> {
    arguments.output.check()?;
    let problem = arguments
        .changes
        .read(&arguments.problem, Some(&arguments.cost))?;
    problem.allow_full_matrices()?;
    let solver = arguments.solver.settings()?;
    let at = arguments.at.as_ref();
    let record = waiting(|| spectra(&problem, &arguments.asymmetry, at, &solver))?;
    arguments
        .output
        .give(&record, |record| Some(spectrum_figure(record)), table)
}

fn table(record: &SpectrumRecord) -> String {
    let mut text = format!(
        "{:>10} {:>15} {:>15} {:>14} {:>10} {:>12} {:>12}\n",
        "asymmetry",
        "Re λ₁, Jacobian",
        "Re λ₁, dynamics",
        "largest angle",
        "departure",
        "certificate",
        "EP off by"
    );
    for spectrum in &record.spectra {
        let leading = |values: &[[f64; 2]]| {
            let real = values.iter().map(|value| value[0]);
            real.fold(f64::NEG_INFINITY, f64::max)
        };
        let _ = writeln!(
            text,
            "{:>10} {:>15.9} {:>15.9} {:>13.6}° {:>10.6} {:>12} {:>12}",
            spectrum.asymmetry,
            leading(&spectrum.jacobian),
            leading(&spectrum.dynamics),
            spectrum.largest_angle_degrees,
            spectrum.departure_from_normality,
            known(spectrum.descent_certificate, 6, ""),
            known(spectrum.update_angle_degrees, 6, "°"),
        );
    }
    text
}
