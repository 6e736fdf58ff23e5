//! `eqprop aggregate`.

use std::path::PathBuf;

use clap::Args;
use eqprop::experiment::sweep::aggregate::{Aggregation, Measure, SweepAxis, for_each_record};
use eqprop::io::{refuse_existing, write_whole};

use super::Command;
use crate::report::{Verdict, print_text};

/// Group the records of a sweep: counts by outcome, shares, medians and quantiles, as CSV
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
    let table = groups.to_csv();
    match &arguments.out {
        Some(path) => {
            write_whole(path, table.as_bytes()).map_err(|source| eqprop::Error::io(path, source))?
        }
        None => print_text(&table)?,
    }
    Ok(Verdict::Done)
}
