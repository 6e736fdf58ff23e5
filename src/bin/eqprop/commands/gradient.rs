//! `eqprop gradient`.

use std::path::PathBuf;

use clap::Args;
use eqprop::dynamics::{At, SolverSettings};
use eqprop::experiment::Provenance;
use eqprop::gradient::{
    Budget, Estimator, EstimatorOptions, FreePhase, GradientReport, ListedEigenvalues,
    NudgeOptions, budget, gradient_listing,
};
use serde::Serialize;
use serde_json::Value;

use super::Command;
use crate::cli::{ChangeArguments, CostArgument, SolverArguments};
use crate::report::gradient::{budget_text, gradient_summary};
use crate::report::{Verdict, print_json, print_text, waiting};

/// The gradient of one problem: true, and by equilibrium propagation
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop gradient problem.json
  eqprop gradient problem.json --estimator centred --beta 0.01 --budget
  eqprop gradient problem.json --json --summary")]
pub struct GradientArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// How the EP error vector is estimated
    #[arg(long, value_enum, default_value = "linear_response")]
    pub estimator: Estimator,
    /// Influence parameter β of a nudged estimator [default: 0.001, holomorphic 0.05]
    #[arg(long, allow_hyphen_values = true)]
    pub beta: Option<f64>,
    /// Points on the circle of the holomorphic estimator [default: 8]
    #[arg(long, allow_negative_numbers = true)]
    pub points: Option<usize>,
    /// Learning rate η of the continual estimator [default: a thousandth of |β|]
    #[arg(long, allow_hyphen_values = true)]
    pub learning_rate: Option<f64>,
    /// End the nudged phases after this time instead of at rest
    #[arg(long, allow_hyphen_values = true)]
    pub settle_time: Option<f64>,
    /// Let trajectories arrive by themselves: no Newton step after them
    #[arg(long)]
    pub no_polish: bool,
    /// At this fixed point instead of the one that is reached: `unstable`, or the one nearest to a
    /// state. It is for linear_response only
    #[arg(long, value_name = "unstable|S0,S1,…", allow_hyphen_values = true)]
    pub at: Option<At>,
    /// Eigenvalues to list, the rightmost first [default: all up to 300 neurons, else 20]
    #[arg(long, value_name = "K|all", allow_hyphen_values = true)]
    pub eigenvalues: Option<Eigenvalues>,
    /// Leave vectors and matrices out of the JSON document
    #[arg(long)]
    pub summary: bool,
    /// Split the error by its sources, and propose a β
    #[arg(long)]
    pub budget: bool,
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

/// How many eigenvalues are listed.
#[derive(Debug, Clone, Copy)]
pub enum Eigenvalues {
    /// All.
    All,
    /// The rightmost.
    Rightmost(usize),
}

impl std::str::FromStr for Eigenvalues {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => match text.parse() {
                Ok(most) if most > 0 => Ok(Self::Rightmost(most)),
                _ => Err(format!("expected `all` or a number from 1, found `{text}`")),
            },
        }
    }
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    report: GradientReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    provenance: Provenance,
}

impl GradientArguments {
    fn needs_full_matrices(&self, settings: &SolverSettings) -> bool {
        self.estimator != Estimator::LinearResponse
            || self.at.is_some()
            || self.budget
            || matches!(self.eigenvalues, Some(Eigenvalues::All))
            || !settings.method.is_explicit()
    }

    /// A summary of a large network names no eigenvalue, so that none is computed for it.
    fn listed(&self) -> ListedEigenvalues {
        match self.eigenvalues {
            Some(Eigenvalues::All) => ListedEigenvalues::All,
            Some(Eigenvalues::Rightmost(most)) => ListedEigenvalues::Rightmost(most),
            None if self.summary && self.json => ListedEigenvalues::Unlisted,
            None => ListedEigenvalues::Usual,
        }
    }
}

impl Command for GradientArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &GradientArguments) -> eqprop::Result<Verdict> {
    let settings = SolverSettings {
        polish: !arguments.no_polish,
        ..arguments.solver.settings()?
    };
    let problem = arguments
        .changes
        .read(&arguments.problem, Some(&arguments.cost))?;
    if arguments.needs_full_matrices(&settings) {
        problem.allow_full_matrices()?;
    }
    let options = EstimatorOptions {
        beta: arguments.beta,
        points: arguments.points,
        learning_rate: arguments.learning_rate,
    };
    let nudging = NudgeOptions {
        settle_time: arguments.settle_time,
        ..NudgeOptions::new(&settings)
    };
    nudging.validate()?;
    // before the free phase, which may take long
    arguments.estimator.with(&options)?;
    let field = problem.field();
    let (estimator, listed) = (arguments.estimator, arguments.listed());
    let free = waiting(|| match &arguments.at {
        None => FreePhase::of_problem(&problem, &field, &settings),
        Some(at) => FreePhase::at(&problem, &field, at, &settings),
    })?;
    let report =
        waiting(|| gradient_listing(&problem, &free, estimator, &options, &nudging, listed))?;
    warn(&report, arguments.at.is_some());
    if arguments.beta.is_some() && report.beta.is_none() {
        eprintln!("warning: this estimator has no β. --beta was not used");
    }
    let budget = arguments
        .budget
        .then(|| budget(&free, arguments.estimator, &options, &nudging))
        .transpose()?;
    if arguments.json {
        let document = Document {
            report,
            budget,
            provenance: Provenance::current(),
        };
        if arguments.summary {
            print_json(&shortened(document)?)?;
        } else {
            print_json(&document)?;
        }
    } else {
        let mut text = gradient_summary(&report, arguments.estimator);
        if let Some(budget) = &budget {
            text.push_str(&budget_text(budget));
        }
        print_text(&text)?;
    }
    Ok(Verdict::Done)
}

/// The document without its vectors and matrices.
fn shortened(mut document: Document) -> eqprop::Result<Value> {
    // emptied first: as values, the numbers of a large network would take longer than all else
    let report = &mut document.report;
    report.ep_update.blocks.clear();
    report.negative_gradient.blocks.clear();
    report.eigenvalues.clear();
    let text = |error: serde_json::Error| {
        eqprop::Error::io(std::path::Path::new("standard output"), error.into())
    };
    let mut value = serde_json::to_value(document).map_err(text)?;
    if let Value::Object(fields) = &mut value {
        for name in [
            "fixed_point",
            "eigenvalues",
            "error_vector",
            "ep_update",
            "negative_gradient",
        ] {
            fields.remove(name);
        }
    }
    Ok(value)
}

fn warn(report: &GradientReport, named: bool) {
    match report.stable {
        Some(true) => {}
        _ if named => {}
        Some(false) => eprintln!(
            "warning: the fixed point is not stable. The dynamics rest there only from this start"
        ),
        None => eprintln!(
            "warning: whether the fixed point is stable is within rounding of its eigenvalues"
        ),
    }
    if !report.on_kink.is_empty() {
        eprintln!(
            "warning: neurons {:?} sit on a kink of the activation, where the theorem is silent",
            report.on_kink
        );
    }
    if !report.on_edge.is_empty() {
        eprintln!(
            "warning: neurons {:?} rest exactly on a bound with no force on them: nudges inward move them, nudges outward do not, and the theorem holds on one side only{}",
            report.on_edge,
            match &report.one_sided {
                Some(slopes) => format!(
                    " (∂s/∂β of these neurons is {:?} for β > 0 and {:?} for β < 0)",
                    of(&report.on_edge, &slopes.positive),
                    of(&report.on_edge, &slopes.negative)
                ),
                None => String::new(),
            }
        );
    }
    warn_of_nudges(report);
}

fn of(neurons: &[usize], values: &[f64]) -> Vec<f64> {
    neurons.iter().map(|&i| values[i]).collect()
}

/// What is doubtful about a nudge.
fn warn_of_nudges(report: &GradientReport) {
    if !report.jumped.is_empty() {
        eprintln!(
            "warning: nudged by β = {:?} the state goes to another branch of fixed points, and the estimate means nothing. Lower |β|",
            report.jumped
        );
    }
    if !report.undecided.is_empty() {
        eprintln!(
            "warning: whether the state nudged by β = {:?} continues s⁰ could not be decided: the branch of fixed points was lost at a corner. A smaller |β| may show",
            report.undecided
        );
    }
    if let Some(convergence) = &report.convergence
        && convergence.inside == Some(false)
    {
        let radius = convergence
            .radius
            .map_or(String::new(), |radius| format!(" (about {radius:.3})"));
        eprintln!(
            "warning: |β| is not inside the radius of convergence{radius} as far as the points on the circle show. Lower --beta"
        );
    }
}
