//! Gradients as text.

use super::{eigenvalue, known};
use std::fmt::Write;

use eqprop::gradient::{Budget, Estimator, GradientReport};

/// Where the error comes from, as text.
pub fn budget_text(budget: &Budget) -> String {
    let norms = &budget.norms;
    let mut text = String::from("error budget, relative to |true gradient|\n");
    let mut line = |name: &str, value: Option<f64>, unknown: &str| {
        let value = value.map_or(unknown.into(), |value| format!("{value:.3e}"));
        let _ = writeln!(text, "  {name:<26}{value}");
    };
    line("asymmetry", norms.asymmetry, "none");
    line("finite β", norms.finite_beta, "none");
    line("settling time", norms.settling_time, "none");
    line("solver tolerance", norms.solver_tolerance, "none");
    line("rounding", norms.rounding, "not told from finite β");
    line("all together", norms.total, "none");
    if let Some(proposed) = &budget.proposed {
        let _ = writeln!(
            text,
            "proposed β                  {:.3e}: finite β + tolerance + rounding {:.1e} (now {:.1e}), all together {:.3e}",
            proposed.beta,
            proposed.measurable_error,
            proposed.measurable_error_now,
            proposed.total_error
        );
    }
    text
}

/// A gradient as text.
pub fn gradient_summary(report: &GradientReport, estimator: Estimator) -> String {
    let number = |value: Option<f64>| known(value, 9, "");
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
            match report.stable {
                Some(true) => "stable",
                Some(false) => "unstable",
                None => "of undecided stability",
            },
            report.residual,
            report.solver.settling_time
        ),
    );
    line("cost", format!("{:.12}", report.cost));
    if let Some(&leading) = report.eigenvalues.first() {
        line("leading eigenvalue", eigenvalue(leading));
    }
    let name = estimator.name();
    line(
        "estimator",
        report
            .beta
            .map_or(name.into(), |beta| format!("{name}, β = {beta}")),
    );
    line("|EP update|", format!("{:.9e}", report.ep_update.norm()));
    line(
        "|true gradient|",
        format!("{:.9e}", report.negative_gradient.norm()),
    );
    line("angle between them", known(report.angle_degrees, 9, "°"));
    line("relative error", number(report.relative_error));
    line("  bound over all targets", number(report.error_bound));
    line("descent certificate", number(report.descent_certificate));
    line(
        "Jacobian asymmetry",
        format!("{:.9}", report.jacobian_asymmetry),
    );
    line(
        "weight asymmetry",
        report
            .weight_asymmetry
            .map_or("none: the field is in text".into(), |value| {
                format!("{value:.9}")
            }),
    );
    line(
        "integration",
        format!(
            "{}, rtol {:e}: {} free, {} nudged and {} Newton steps, {} evaluations",
            report.solver.method,
            report.solver.rtol,
            report.solver.free_steps,
            report.solver.nudged_steps,
            report.solver.newton_steps,
            report.solver.rhs_evaluations
        ),
    );
    text
}
