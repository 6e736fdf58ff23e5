//! `eqprop compare`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::{Against, BlockComparison, UpdateComparison, compare_update};
use eqprop::gradient::{Estimator, gradient};

use super::Command;
use crate::cli::{ChangeArguments, CostArgument, SolverArguments};
use crate::report::{Verdict, known, print_json, print_text, waiting};

/// Compare an update of your own with the EP update and the true gradient
///
/// For each block and each of the two: the angle, the error ‖update − reference‖/‖reference‖, and
/// the scale, which is the factor that brings the update nearest to the reference.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop compare problem.json update.npz
  eqprop compare problem.json update.json --json")]
pub struct CompareArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// The update, a direction to add to θ: .npz or .json, one array per block (weights, bias,
    /// forward_0, … or parameters). Blocks may be missing
    pub update: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
    #[command(flatten)]
    pub solver: SolverArguments,
}

impl Command for CompareArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        let problem = self.changes.read(&self.problem, Some(&self.cost))?;
        let settings = self.solver.settings()?;
        let report = waiting(|| gradient(&problem, Estimator::LinearResponse, None, &settings))?;
        let compared = compare_update(&self.update, &report.ep_update, &report.negative_gradient)?;
        if self.json {
            print_json(&compared)?;
        } else {
            print_text(&table(&compared))?;
        }
        Ok(Verdict::Done)
    }
}

fn table(compared: &UpdateComparison) -> String {
    let mut text = format!(
        "{:<16}{:>14}{:>14}{:>14}{:>14}{:>14}{:>14}  closer to\n",
        "block", "to EP", "error", "scale", "to gradient", "error", "scale"
    );
    let blocks = compared
        .blocks
        .iter()
        .map(|(name, block)| (name.as_str(), block));
    for (name, block) in blocks.chain([("all", &compared.all)]) {
        let _ = writeln!(
            text,
            "{name:<16}{}{}  {}",
            against(&block.to_ep),
            against(&block.to_gradient),
            closer(block)
        );
    }
    text
}

fn against(to: &Against) -> String {
    format!(
        "{:>14}{:>14}{:>14}",
        known(to.angle_degrees, 6, "°"),
        known(to.relative_error, 6, ""),
        known(to.scale, 6, "")
    )
}

fn closer(block: &BlockComparison) -> String {
    serde_json::to_value(block.closer_to)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
