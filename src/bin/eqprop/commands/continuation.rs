//! `eqprop continue`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::Error;
use eqprop::dynamics::{At, BranchEnd, ContinuationSettings, EventKind, Parameter};
use eqprop::experiment::{
    BranchRecord, ContinuationRecord, ContinuationRequest, EventRecord, continuation,
};
use eqprop::figure::continuation_figures;

use super::Command;
use crate::cli::{ChangeArguments, OutputArguments, SolverArguments};
use crate::report::{Verdict, waiting};

/// Follow a fixed point along a parameter: folds, Hopf points, how far it can be nudged
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop continue problem.json --parameter beta --range -0.5,1 --out nudge.svg
  eqprop continue problem.json --parameter gain --range 0,2 --all --record gain.json")]
pub struct ContinueArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// What is varied: beta, asymmetry (λ of W = S + λA), gain (g of gW) or bias:I
    #[arg(long)]
    pub parameter: Parameter,
    /// From where to where (`LO,HI` or `LO HI`). The value in the problem (β 0, λ 1, g 1) has to be
    /// inside
    #[arg(
        long,
        value_name = "LO,HI",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub range: Vec<f64>,
    /// Influence parameter β while another parameter varies
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0)]
    pub beta: f64,
    /// Follow all other fixed points too, and all branches that cross
    #[arg(long)]
    pub all: bool,
    /// Follow this fixed point: `unstable`, or the one nearest to a state `s0,s1,…` [default: the one
    /// that the dynamics reach]
    #[arg(long, allow_hyphen_values = true, value_name = "STATE")]
    pub at: Option<At>,
    /// The neuron drawn [default: the first output]
    #[arg(long)]
    pub component: Option<usize>,
    /// Draw the cost instead
    #[arg(long)]
    pub cost: bool,
    /// Largest step along the branch
    #[arg(long, default_value_t = ContinuationSettings::default().max_step)]
    pub step: f64,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub output: OutputArguments,
    #[command(flatten)]
    pub solver: SolverArguments,
}

impl Command for ContinueArguments {
    fn json(&self) -> bool {
        self.output.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &ContinueArguments) -> eqprop::Result<Verdict> {
    arguments.output.check()?;
    let [low, high] = arguments.range[..] else {
        return Err(Error::invalid("--range", "expected LO,HI, such as -1,1"));
    };
    if !(1e-6..=1e3).contains(&arguments.step) || !arguments.beta.is_finite() {
        return Err(Error::invalid(
            "--step",
            "expected a step from 1e-6 to 1000, and a finite --beta",
        ));
    }
    let defaults = ContinuationSettings::default();
    let request = ContinuationRequest {
        parameter: arguments.parameter.clone(),
        range: (low, high),
        beta: arguments.beta,
        all: arguments.all,
        at: arguments.at.clone(),
        component: arguments.component,
        settings: ContinuationSettings {
            max_step: arguments.step,
            first_step: defaults.first_step.min(arguments.step),
            ..defaults
        },
    };
    let problem = arguments.changes.read(&arguments.problem, None)?;
    problem.allow_full_matrices()?;
    if arguments.cost {
        problem.expect_cost()?;
    }
    let solver = arguments.solver.settings()?;
    let record = waiting(|| continuation(&problem, &request, &solver))?;
    let wanted = if arguments.cost { "cost" } else { "component" };
    let figure = |record: &ContinuationRecord| {
        let mut figures = continuation_figures(record).into_iter();
        figures
            .find(|(name, _)| *name == wanted)
            .map(|(_, figure)| figure)
    };
    arguments.output.give(&record, figure, summary)
}

fn summary(record: &ContinuationRecord) -> String {
    let mut text = String::new();
    for (k, branch) in record.branches.iter().enumerate() {
        let _ = writeln!(
            text,
            "branch {}: {} points, {} = {:.9} … {:.9} ({} … {})",
            k + 1,
            branch.parameter.len(),
            record.parameter,
            branch.parameter[0],
            branch.parameter[branch.parameter.len() - 1],
            branch.ends[0].name(),
            branch.ends[1].name(),
        );
        for event in &branch.events {
            let state: Vec<String> = event
                .state
                .iter()
                .take(6)
                .map(|s| format!("{s:.9}"))
                .collect();
            let more = if event.state.len() > 6 { ", …" } else { "" };
            let _ = writeln!(
                text,
                "  {:<13}{} = {:.12}, state {}{more}{}",
                event.kind.name(),
                record.parameter,
                event.parameter,
                state.join(", "),
                remark(branch, event),
            );
        }
    }
    let branch = &record.branches[0];
    let _ = match record.symmetric_window {
        Some(reach) => writeln!(
            text,
            "the fixed point is carried through {} ± {reach:.12}",
            record.nominal
        ),
        None if branch.ends.iter().all(|end| *end == BranchEnd::RangeEnd) => writeln!(
            text,
            "the fixed point is carried through the range: it does not turn, and {}",
            match branch.unstable.first() {
                Some(0) | None => "stays stable".into(),
                Some(count) => format!("keeps its {count} unstable eigenvalues"),
            }
        ),
        None => writeln!(
            text,
            "the fixed point is carried as far as its branch could be followed"
        ),
    };
    if record.truncated {
        let _ = writeln!(
            text,
            "there are more branches than {}: some are missing",
            record.settings.max_branches
        );
    }
    text
}

/// What several eigenvalues or neurons do together, and how stability changes.
fn remark(branch: &BranchRecord, event: &EventRecord) -> String {
    let together = match (event.kind, event.multiplicity) {
        (_, 1) | (EventKind::Hopf, _) => String::new(),
        (EventKind::Bound | EventKind::Kink, count) => format!("; {count} neurons together"),
        (_, count) => format!("; {count} eigenvalues together"),
    };
    let count = |position: usize| branch.unstable.get(position);
    let change = match (
        event.position.checked_sub(1).and_then(count),
        count(event.position),
    ) {
        (Some(before), Some(after)) if before != after => {
            format!("; unstable eigenvalues {before} → {after}")
        }
        _ => String::new(),
    };
    let turn = match event.kind {
        EventKind::Bound | EventKind::Kink if event.turns => "; the branch turns",
        _ => "",
    };
    together + turn + &change
}
