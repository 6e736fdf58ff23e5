//! `eqprop aggregate`.

use std::io::{IsTerminal, stdout};
use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::sweep::aggregate::{
    Aggregation, Group, Measure, SweepAxis, for_each_record,
};
use eqprop::io::{refuse_existing, write_whole};

use super::Command;
use crate::report::{Verdict, known, print_text};

/// Group the records of a sweep: counts by outcome, shares, medians and quantiles, as CSV
///
/// On a terminal a short table is printed unless --measures is given.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop aggregate grid --by dynamics,asymmetry --out summary.csv")]
pub struct AggregateArguments {
    /// A sweep's directory, or its records (.jsonl or .jsonl.gz)
    pub result: PathBuf,
    /// Axes to group by, such as asymmetry,gain or the names that are varied [default: none, one row]
    #[arg(long, value_name = "AXIS,…", value_delimiter = ',')]
    pub by: Vec<SweepAxis>,
    /// Numbers to take quantiles of [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub measures: Vec<Measure>,
    /// CSV to write [default: standard output]
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replace an earlier file
    #[arg(long)]
    pub force: bool,
}

impl Command for AggregateArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        run(self)
    }
}

fn run(arguments: &AggregateArguments) -> eqprop::Result<Verdict> {
    if let Some(path) = &arguments.out {
        refuse_existing(path, arguments.force)?;
    }
    let measures: &[Measure] = match arguments.measures.as_slice() {
        [] => &Measure::ALL,
        some => some,
    };
    let mut groups = Aggregation::new(&arguments.by, measures);
    let mut first = None;
    for_each_record(&arguments.result, |record| {
        groups.add(&record);
        first.get_or_insert(record.point);
    })?;
    if let Some(point) = first {
        SweepAxis::expect("--by", &arguments.by, &point)?;
    }
    match &arguments.out {
        Some(path) => write_whole(path, groups.to_csv().as_bytes())
            .map_err(|source| eqprop::Error::io(path, source))?,
        None if arguments.measures.is_empty() && stdout().is_terminal() => {
            print_text(&terse(&arguments.by, &groups.finish()))?;
        }
        None => print_text(&groups.to_csv())?,
    }
    Ok(Verdict::Done)
}

/// The columns that people look at first, aligned. `groups` have all measures.
fn terse(axes: &[SweepAxis], groups: &[Group]) -> String {
    let mut rows = vec![axes.iter().map(|axis| axis.name().to_owned()).collect()];
    let shown = ["points", "settled", "descending", "angle", "relative error"];
    let first: &mut Vec<String> = &mut rows[0];
    first.extend(shown.map(String::from));
    for group in groups {
        let percent = |count| format!("{:.1} %", 100.0 * group.share(count));
        let median = |measure: Measure, digits: usize, unit| {
            let position = Measure::ALL.iter().position(|other| *other == measure);
            known(position.and_then(|k| group.quantile(k, 0.5)), digits, unit)
        };
        let coordinates = group.coordinates.iter();
        let mut row: Vec<String> = coordinates.map(|one| short(&one.to_string())).collect();
        row.extend([
            group.points().to_string(),
            percent(group.settled()),
            percent(group.descending),
            median(Measure::AngleDegrees, 3, "°"),
            median(Measure::RelativeError, 4, ""),
        ]);
        rows.push(row);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).filter_map(width).collect();
    let aligned = |row: &Vec<String>| -> String {
        let cells = row.iter().zip(&widths);
        let cells = cells.map(|(cell, width)| format!("{cell:>width$}"));
        cells.collect::<Vec<_>>().join("  ") + "\n"
    };
    let table: String = rows.iter().map(aligned).collect();
    table + "Angle and error are medians. A pipe or --out FILE.csv gets every column.\n"
}

/// A fraction with the six digits that tell it from its neighbours. Whatever else there is stays as
/// it is.
fn short(text: &str) -> String {
    let fraction = text
        .parse::<f64>()
        .ok()
        .filter(|value| value.fract() != 0.0);
    let rounded = fraction.and_then(|value| format!("{value:.5e}").parse::<f64>().ok());
    rounded.map_or_else(|| text.to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use eqprop::experiment::sweep::SweepRecord;

    use super::*;

    #[test]
    fn a_terminal_gets_a_table_that_fits_it() {
        let study = "plots/sweep_symmetry/records.jsonl.gz";
        let study = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(study);
        let axes = [SweepAxis::Dynamics, SweepAxis::Asymmetry];
        let mut groups = Aggregation::new(&axes, &Measure::ALL);
        for_each_record(&study, |record: SweepRecord| groups.add(&record)).unwrap();
        let table = terse(&axes, &groups.finish());
        let mut lines = table.lines();
        let head: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(head[..4], ["dynamics", "asymmetry", "points", "settled"]);
        assert!(table.lines().all(|line| line.chars().count() <= 80));
        assert!(lines.next().unwrap().trim_start().starts_with("leaky"));
        let shorter = [
            ("0.30000000000000004", "0.3"),
            ("1234567", "1234567"),
            ("tanh", "tanh"),
        ];
        assert!(shorter.iter().all(|(text, wanted)| short(text) == *wanted));
    }
}
