//! `eqprop validate`.

use std::path::PathBuf;

use clap::Args;
use eqprop::dynamics::At;
use eqprop::experiment::{Fault, StudySettings, Validation, validate, validate_problem};
use eqprop::figure::{SaveOptions, validation_figures};
use eqprop::io::{refuse_existing, unused_directory, write_whole};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::Command;
use crate::cli::{ChangeArguments, CostArgument};
use crate::report::{Verdict, print_json, print_text};

/// Check Theorem 1 numerically: table, report and figures (exit code 1 if a check fails)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop validate
  eqprop validate problem.json --out problem-validation")]
pub struct ValidateArguments {
    /// A problem file (JSON or .ode of XPPAUT), or - for standard input, to check the theorem on, instead of the study of random networks
    pub problem: Option<PathBuf>,
    /// With a problem: at this fixed point instead of the one that is reached: `unstable`, or the one
    /// nearest to a state
    #[arg(
        long,
        value_name = "unstable|S0,S1,…",
        allow_hyphen_values = true,
        requires = "problem"
    )]
    pub at: Option<At>,
    /// Directory for report.json, report.md and the figures [default: a new eqprop-validation]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replace an earlier report in that directory
    #[arg(long)]
    pub force: bool,
    /// Print the report as one JSON document
    #[arg(long)]
    pub json: bool,
    /// Seed of the random networks
    #[arg(long, default_value_t = StudySettings::default().seed, allow_negative_numbers = true)]
    pub seed: u64,
    /// Number of random networks
    #[arg(long, default_value_t = StudySettings::default().networks, allow_negative_numbers = true)]
    pub networks: usize,
    /// Plant a fault, to see that the checks can fail
    #[arg(long, value_enum)]
    pub plant: Option<Fault>,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
}

impl Command for ValidateArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &ValidateArguments) -> eqprop::Result<Verdict> {
    let settings = StudySettings {
        seed: arguments.seed,
        networks: arguments.networks,
        fault: arguments.plant,
        ..StudySettings::default()
    };
    settings.validate()?;
    let problem = arguments
        .problem
        .as_deref()
        .map(|path| arguments.changes.read(path, Some(&arguments.cost)))
        .transpose()?;
    if let Some(problem) = &problem {
        problem.allow_full_matrices()?;
    }
    let directory = match &arguments.out {
        Some(directory) => {
            refuse_existing(&directory.join("report.json"), arguments.force)?;
            directory.clone()
        }
        None => unused_directory("eqprop-validation"),
    };
    // before the work, so that a place that cannot be written to loses nothing
    std::fs::create_dir_all(&directory).map_err(|source| eqprop::Error::io(&directory, source))?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} networks, {elapsed}") {
        bar.set_style(style);
    }
    let validation = match &problem {
        Some(problem) => validate_problem(problem, arguments.at.as_ref(), &settings)?,
        None => validate(&settings, &|done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        })?,
    };
    bar.finish_and_clear();
    save(&validation, &directory)?;
    if arguments.json {
        print_json(&validation)?;
    } else {
        print_text(&validation.table())?;
        print_text(&format!(
            "report.json, report.md and figures are in {} ({:.1} s)\n",
            directory.display(),
            validation.wall_seconds
        ))?;
    }
    Ok(if validation.passed {
        Verdict::Done
    } else {
        Verdict::ChecksFailed
    })
}

fn save(validation: &Validation, directory: &std::path::Path) -> eqprop::Result<()> {
    let path = |name: &str| -> PathBuf { directory.join(name) };
    let text = serde_json::to_string(validation)
        .map_err(|error| eqprop::Error::io(&path("report.json"), std::io::Error::from(error)))?;
    for (name, text) in [
        ("report.json", &text),
        ("report.md", &validation.markdown()),
    ] {
        write_whole(&path(name), text.as_bytes())
            .map_err(|source| eqprop::Error::io(&path(name), source))?;
    }
    // figures are drawn from what was saved, as anyone else would draw them
    let saved = Validation::from_json(&text)?;
    let figures = validation_figures(&saved);
    (figures.par_iter()).try_for_each(|(name, figure)| {
        ["svg", "png", "pdf"].into_iter().try_for_each(|extension| {
            let file = path(&format!("{name}.{extension}"));
            figure.save(&file, &SaveOptions::default())
        })
    })?;
    Ok(())
}
