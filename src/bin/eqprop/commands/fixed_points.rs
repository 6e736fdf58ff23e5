//! `eqprop fixed-points`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::Error;
use eqprop::dynamics::{
    Degeneracy, FixedPointRecord, FixedPointSearch, FoundPoint, Phase, SearchRecord,
    SearchSettings, find_fixed_points,
};
use eqprop::experiment::Provenance;
use serde::Serialize;

use super::Command;
use crate::cli::{ChangeArguments, CostArgument};
use crate::report::{Verdict, eigenvalue, print_json, print_text, waiting};

/// All fixed points of one problem, stable or not
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop fixed-points problem.json
  eqprop fixed-points problem.json --beta 0.1 --json")]
pub struct FixedPointsArguments {
    /// Problem file (JSON or .ode of XPPAUT), or - for standard input
    pub problem: PathBuf,
    /// Influence parameter β: fixed points of the nudged phase [default: 0, the free phase]
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0)]
    pub beta: f64,
    /// Search LO ≤ s ≤ HI only [default: a box that holds all fixed points, where one is known]
    #[arg(
        long = "box",
        value_name = "LO,HI",
        value_delimiter = ',',
        num_args = 1,
        allow_hyphen_values = true
    )]
    pub region: Option<Vec<f64>>,
    /// End after this many starts in a row that led to nothing new [default: 128, fewer for more
    /// than 50 neurons]
    #[arg(long)]
    pub patience: Option<usize>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub changes: ChangeArguments,
    #[command(flatten)]
    pub cost: CostArgument,
}

/// A fixed point, with the names of the states if they have any of their own.
#[derive(Serialize)]
struct NamedPoint {
    #[serde(flatten)]
    record: FixedPointRecord,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

#[derive(Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    fixed_points: Vec<NamedPoint>,
    search: SearchRecord,
    provenance: Provenance,
}

impl Command for FixedPointsArguments {
    fn json(&self) -> bool {
        self.json
    }

    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &FixedPointsArguments) -> eqprop::Result<Verdict> {
    if !arguments.beta.is_finite() {
        return Err(Error::invalid("--beta", "expected a finite number"));
    }
    let region = arguments.region.as_deref().map(region).transpose()?;
    let problem = arguments
        .changes
        .read(&arguments.problem, Some(&arguments.cost))?;
    problem.expect_autonomous()?;
    if arguments.beta != 0.0 {
        problem.expect_cost()?;
    }
    problem.allow_full_matrices()?;
    let field = problem.field();
    let mut phase = Phase::of_problem(&problem, &field);
    if arguments.beta != 0.0 {
        phase = phase.nudged(&problem.cost, arguments.beta);
    }
    if let (Some((low, high)), Some((least, most))) = (region, phase.bounds())
        && (high < least || low > most)
    {
        let message = format!("does not meet `state_bounds` [{least}, {most}]");
        return Err(Error::invalid("--box", message));
    }
    let defaults = SearchSettings::for_dimension(phase.dimension());
    let settings = SearchSettings {
        region,
        patience: arguments.patience.unwrap_or(defaults.patience),
        ..defaults
    };
    let search = waiting(|| find_fixed_points(&phase, &settings));
    warn(&search);
    let document = Document {
        names: problem.own_names(),
        fixed_points: (search.points.iter())
            .map(|point| NamedPoint {
                record: FixedPointRecord::from(point),
                names: problem.own_names(),
            })
            .collect(),
        search: search.record,
        provenance: Provenance::current(),
    };
    if arguments.json {
        print_json(&document)?;
    } else {
        print_text(&table(&document))?;
    }
    Ok(Verdict::Done)
}

fn region(ends: &[f64]) -> eqprop::Result<(f64, f64)> {
    match *ends {
        [low, high] if low < high && low.is_finite() && high.is_finite() => Ok((low, high)),
        _ => Err(Error::invalid(
            "--box",
            "expected LO,HI with LO < HI, such as -3,3",
        )),
    }
}

fn warn(search: &FixedPointSearch) {
    if search.record.truncated {
        eprintln!("warning: the search reached its limit while new fixed points still came");
    }
    if search.record.index_sum.is_some_and(|sum| sum != 1) {
        eprintln!(
            "warning: the indices of the points do not sum to 1, so that some are missing. Raise --patience"
        );
    }
    if !search.record.proven_complete && search.record.index_sum.is_none_or(|sum| sum == 1) {
        eprintln!(
            "warning: the list is not proven to be complete. Raise --patience to look for more"
        );
    }
    let named = |what: Degeneracy| search.points.iter().any(|p| p.degeneracy == Some(what));
    if named(Degeneracy::Line) {
        eprintln!(
            "warning: fixed points lie on a line (or a surface): each that is listed stands for a continuum"
        );
    }
    if named(Degeneracy::NearlyDouble) {
        eprintln!(
            "warning: near a fold two fixed points nearly coincide, and no test tells whether there are two, one or none. Move a parameter"
        );
    }
    let unexplained = |point: &FoundPoint| !point.kantorovich.holds && point.degeneracy.is_none();
    if search.points.iter().any(unexplained) {
        eprintln!(
            "warning: the Newton–Kantorovich test does not hold at every point: one is degenerate, or next to a kink"
        );
    }
}

fn table(document: &Document) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<&str> = document
        .names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect();
    let states = if shown.is_empty() {
        "state".into()
    } else {
        shown.join(", ")
    };
    let mut text = format!(
        "{:<4}{:<17}{:<29}{:>10}{:>10}  {states}\n",
        "", "kind", "leading eigenvalue", "residual", "h"
    );
    for (k, NamedPoint { record: point, .. }) in document.fixed_points.iter().enumerate() {
        let leading = point.eigenvalues.first().map_or_else(
            || "none: all are held".to_owned(),
            |value| eigenvalue(*value),
        );
        let h = point
            .kantorovich
            .h
            .map_or_else(|| "∞".to_owned(), |h| format!("{h:.1e}"));
        let shown: Vec<String> = point
            .state
            .iter()
            .take(SHOWN)
            .map(|s| format!("{s:.9}"))
            .collect();
        let more = if point.state.len() > SHOWN {
            ", …"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{:<4}{:<17}{leading:<29}{:>10.1e}{h:>10}  {}{more}",
            k + 1,
            point.kind.name(),
            point.residual,
            shown.join(", ")
        );
    }
    let search = &document.search;
    let many = match document.fixed_points.len() {
        0 => "no fixed point".to_owned(),
        1 => "1 fixed point".to_owned(),
        many => format!("{many} fixed points"),
    };
    let claim = match (search.proven_complete, search.box_holds_all) {
        (true, true) => "proven to be all",
        (true, false) => "proven to be all in the box searched",
        (false, true) => "not proven to be all. They are all inside the box searched",
        (false, false) => "not proven to be all",
    };
    let _ = writeln!(
        text,
        "{many}, {claim} ({} starts, {} Newton iterations, {} boxes)",
        search.starts, search.newton_iterations, search.proof_boxes
    );
    text
}
