//! `eqprop gradient`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::Provenance;
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::Problem;
use serde::Serialize;

use crate::arguments::SolverArguments;
use crate::report::{Verdict, print_json, print_text};

#[derive(Debug, Args)]
pub struct GradientArguments {
    /// Problem file (JSON)
    pub problem: PathBuf,
    /// How the EP error vector is estimated
    #[arg(long, value_enum, default_value = "linear_response")]
    pub estimator: Estimator,
    /// Influence parameter β of a nudged estimator [default: 0.001; holomorphic: 0.05]
    #[arg(long, allow_hyphen_values = true)]
    pub beta: Option<f64>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub solver: SolverArguments,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    report: GradientReport,
    provenance: Provenance,
}

pub fn run(arguments: &GradientArguments) -> eqprop::Result<Verdict> {
    let settings = arguments.solver.settings()?;
    let problem = Problem::read(&arguments.problem)?;
    let report = gradient(&problem, arguments.estimator, arguments.beta, &settings)?;
    warn(&report);
    if arguments.json {
        print_json(&Document {
            report,
            provenance: Provenance::current(),
        })?;
    } else {
        print_text(&summary(&report, arguments.estimator))?;
    }
    Ok(Verdict::Done)
}

fn warn(report: &GradientReport) {
    if !report.stable {
        eprintln!(
            "warning: the fixed point is not stable; the dynamics rest there only from this start"
        );
    }
    if !report.on_kink.is_empty() {
        eprintln!(
            "warning: neurons {:?} sit on a kink of the activation, where the theorem is silent",
            report.on_kink
        );
    }
}

fn summary(report: &GradientReport, estimator: Estimator) -> String {
    let number = |value: Option<f64>| value.map_or("undefined".into(), |v| format!("{v:.9}"));
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<28}{value}");
    };
    let neurons = report.fixed_point.len();
    line(
        "neurons, parameters",
        format!("{neurons}, {}", report.ep_update.len()),
    );
    line(
        "fixed point",
        format!(
            "{}, residual {:.1e}, reached at t = {:.3}",
            if report.stable { "stable" } else { "unstable" },
            report.residual,
            report.solver.settling_time
        ),
    );
    line("cost", format!("{:.12}", report.cost));
    if let Some([re, im]) = report.eigenvalues.first() {
        line("leading eigenvalue", format!("{re:.9} {im:+.9}i"));
    }
    let name = clap::ValueEnum::to_possible_value(&estimator);
    let name = name.map_or(String::new(), |name| name.get_name().to_owned());
    line(
        "estimator",
        report
            .beta
            .map_or(name.clone(), |beta| format!("{name}, β = {beta}")),
    );
    line("|EP update|", format!("{:.9e}", report.ep_update.norm()));
    line(
        "|true gradient|",
        format!("{:.9e}", report.negative_gradient.norm()),
    );
    line(
        "angle between them",
        format!("{}°", number(report.angle_degrees)),
    );
    line("relative error", number(report.relative_error));
    line("  bound over all targets", number(report.error_bound));
    line("descent certificate", number(report.descent_certificate));
    line(
        "Jacobian asymmetry",
        format!("{:.9}", report.jacobian_asymmetry),
    );
    line(
        "weight asymmetry",
        format!("{:.9}", report.weight_asymmetry),
    );
    line(
        "integration",
        format!(
            "{}, rtol {:e}, {} steps, {} evaluations",
            report.solver.method,
            report.solver.rtol,
            report.solver.steps,
            report.solver.rhs_evaluations
        ),
    );
    text
}
