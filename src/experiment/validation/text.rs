//! A validation as a person reads it: the table for the terminal, the report in Markdown.

use std::fmt::Write;

use super::Validation;
use super::checks::{ENOUGH_NETWORKS, median};
use super::network_record::NetworkRecord;
use super::verdict::Check;

/// A figure to three digits, whatever its size.
fn short(value: Option<f64>) -> String {
    match value {
        None => "no case".into(),
        Some(value) if value == value.trunc() && value.abs() < 1e6 => value.to_string(),
        Some(value) if (1e-3..1e4).contains(&value.abs()) => format!("{value:.4}"),
        Some(value) => format!("{value:.2e}"),
    }
}

fn verdict(check: &Check) -> &'static str {
    if check.passed { "holds" } else { "FAILS" }
}

/// `text` in lines of at most `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

impl Validation {
    /// The verdicts as a table of 100 columns.
    pub fn table(&self) -> String {
        const CLAIM: usize = 58;
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{:<4}{:<CLAIM$}  {:>9}  {:<17}{:>5}  verdict",
            "", "claim", "measured", "tolerance", "cases"
        );
        for check in &self.checks {
            let lines = wrap(&check.claim, CLAIM);
            let _ = writeln!(
                out,
                "{:<4}{:<CLAIM$}  {:>9}  {:<17}{:>5}  {}",
                check.id,
                lines[0],
                short(check.measured),
                check.criterion.to_string(),
                check.cases,
                verdict(check)
            );
            for line in &lines[1..] {
                let _ = writeln!(out, "    {line}");
            }
        }
        let _ = writeln!(out, "{}", self.conclusion());
        out
    }

    fn conclusion(&self) -> String {
        let failed: Vec<&str> = self
            .checks
            .iter()
            .filter(|check| !check.passed)
            .map(|check| check.id.as_str())
            .collect();
        if failed.is_empty() {
            format!("all {} checks hold{}", self.checks.len(), self.left_out())
        } else {
            format!(
                "{} of {} checks FAIL: {}",
                failed.len(),
                self.checks.len(),
                failed.join(", ")
            )
        }
    }

    fn left_out(&self) -> String {
        if self.is_study() && self.settings.networks < ENOUGH_NETWORKS {
            format!(
                ". Those that need more than {} networks are left out",
                self.settings.networks
            )
        } else {
            String::new()
        }
    }

    /// Whether it is the study of random networks, and not of a problem.
    fn is_study(&self) -> bool {
        !self.closed_form.is_empty()
    }

    /// The report, referring to the figures that stand beside it.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let settings = &self.settings;
        let _ = writeln!(
            out,
            "# Theorem 1 of arXiv:1808.04873, checked numerically\n\n\
             **{}.** eqprop {} (commit {}), seed {}, {} networks, {} steps, {} evaluations of the \
             vector field.\n",
            self.conclusion(),
            self.provenance.version,
            self.provenance.commit.as_deref().unwrap_or("unknown"),
            settings.seed,
            self.networks.len(),
            self.statistics.steps,
            self.statistics.all_rhs_evaluations(),
        );
        if let Some(fault) = settings.fault {
            let _ = writeln!(out, "A fault was planted on purpose: `{fault:?}`.\n");
        }
        out.push_str(
            "With μ the vector field, Jac = ∂μ/∂s and c = ∂C/∂s at the free fixed point, the theorem \
             says that the gradient is −∂J/∂θ = (∂μ/∂θ)ᵀ Jac⁻ᵀc while equilibrium propagation \
             computes ν = (∂μ/∂θ)ᵀ Jac⁻¹c.\n\n\
             | | claim | measured | tolerance | cases | verdict |\n|---|---|---:|---|---:|---|\n",
        );
        for check in &self.checks {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                check.id,
                check.claim.replace('|', "\\|"),
                short(check.measured),
                check.criterion,
                check.cases,
                if check.passed { "holds" } else { "**fails**" }
            );
        }
        if self.is_study() {
            let _ = writeln!(
                out,
                "\nEach figure is the worst of its cases (an order: the median). Trajectories by {}, \
             rtol {:e}, atol {:e}. Centred estimates at β = {:e}. Finite differences of J over a \
             step of {:e} in parameter space, every fixed point reached anew. {} draws were \
             rejected because the dynamics did not settle or came within 0.005 of a kink.\n",
                settings.solver.method.name(),
                settings.solver.rtol,
                settings.solver.atol,
                settings.beta,
                settings.difference_step,
                self.redrawn,
            );
        }
        out.push_str("## Error against asymmetry\n\n![](asymmetry.svg)\n\n");
        if self.is_study() {
            out.push_str(
                "Every point is a network. Leaky networks with symmetric weights keep an error, \
                 because their Jacobian is not symmetric. Hopfield networks lose it.\n\n",
            );
        }
        if !self.orders.is_empty() {
            out.push_str("## Error against β\n\n![](beta.svg)\n\n");
        }
        if self.is_study() {
            out.push_str("## The closed form\n\n![](closed_form.svg)\n\n");
        }
        out.push_str(
            "## Along time\n\n![](time_resolved.svg)\n\n## The networks\n\n\
             | family | networks | neurons | median angle | median error | median bound | certified |\n\
             |---|---:|---:|---:|---:|---:|---:|\n",
        );
        for (family, records) in self.families() {
            let of = |figure: fn(&NetworkRecord) -> Option<f64>| {
                median(records.iter().filter_map(|record| figure(record)).collect())
            };
            let neurons = records.iter().map(|record| record.neurons);
            let certified = records
                .iter()
                .filter(|record| record.descent_certificate.is_some_and(|value| value > 0.0));
            let _ = writeln!(
                out,
                "| {family} | {} | {} – {} | {:.2}° | {:.4} | {:.4} | {} |",
                records.len(),
                neurons.clone().min().unwrap_or(0),
                neurons.max().unwrap_or(0),
                of(|record| record.angle_degrees),
                of(|record| record.relative_error),
                of(|record| record.error_bound),
                certified.count(),
            );
        }
        out.push_str(
            "\nEvery figure above is in `report.json`. `eqprop plot report.json --out FILE` draws \
             the pictures again.\n",
        );
        out
    }

    /// The networks by family, in the order of their first appearance.
    fn families(&self) -> Vec<(&str, Vec<&NetworkRecord>)> {
        let mut out: Vec<(&str, Vec<&NetworkRecord>)> = Vec::new();
        for record in &self.networks {
            match out.iter_mut().find(|(family, _)| *family == record.family) {
                Some((_, records)) => records.push(record),
                None => out.push((&record.family, vec![record])),
            }
        }
        out
    }
}
