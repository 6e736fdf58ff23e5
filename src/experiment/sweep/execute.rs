//! Running a sweep: groups in parallel, records in order.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::config::SweepConfig;
use super::measure::measure;
use super::point::Grid;
use super::record::SweepRecord;
use super::shard::Shard;
use super::store::{Existing, RecordFile};
use super::summary::{Counts, SweepSummary};
use crate::error::{Error, Result};
use crate::io::json_line;

/// Groups that may be computed ahead of the first that is not finished, for each thread.
const WINDOW: u64 = 256;
/// The same until it is known how long a group takes.
const FIRST: u64 = 4;
/// What a thread takes at once should keep it busy for so long: handing over small networks one by
/// one costs a third as much as the networks.
const BUSY: Duration = Duration::from_millis(4);
/// The most groups that are handed over at once.
const MOST: u128 = WINDOW as u128 / 4;

/// Which part of a sweep is run, and how.
#[derive(Debug, Clone, Copy)]
pub struct SweepOptions {
    /// The part. Default all of it.
    pub shard: Shard,
    /// Threads. Default as many as there are processors (or `RAYON_NUM_THREADS`).
    pub threads: Option<usize>,
    /// What may be done with earlier records. Default nothing.
    pub existing: Existing,
}

impl Default for SweepOptions {
    fn default() -> Self {
        Self {
            shard: Shard::WHOLE,
            threads: None,
            existing: Existing::Refuse,
        }
    }
}

/// Runs a sweep, or a part of one, and appends its records to the file in `directory`.
///
/// The records stand in the order of their index and do not depend on the number of threads, on
/// the division into parts, or on how often the run was ended and resumed. Memory does not grow
/// with the number of points. When `stop` is set, the run ends with what is finished.
/// `progress` is told the numbers of records and of points.
///
/// # Errors
/// [`Error::InvalidInput`] and [`Error::Io`] as of [`RecordFile::open`]. Whatever was finished
/// before an error is saved.
pub fn sweep(
    config: &SweepConfig,
    directory: &Path,
    options: &SweepOptions,
    stop: &AtomicBool,
    progress: &dyn Fn(u64, u64),
) -> Result<SweepSummary> {
    let begun = Instant::now();
    config.validate()?;
    let grid = Grid::open(config)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads.unwrap_or(0))
        .build()
        .map_err(|error| Error::invalid("threads", error.to_string()))?;
    let mut file = RecordFile::open(directory, &grid, options.shard, options.existing)?;
    let found = file.found;
    let mut run = Execution {
        grid: &grid,
        shard: options.shard,
        halt: AtomicBool::new(false),
        counts: found,
    };
    let points = options.shard.count(grid.groups()) * grid.group_size();
    progress(found.total(), points);
    run.all(&pool, &mut file, stop, progress)?;
    file.sync()?;
    let wall_seconds = begun.elapsed().as_secs_f64();
    let records = run.counts.total();
    let summary = SweepSummary {
        shard: (options.shard != Shard::WHOLE).then(|| options.shard.to_string()),
        points,
        records,
        found: found.total(),
        complete: records == points,
        outcomes: run.counts,
        threads: pool.current_num_threads(),
        wall_seconds,
        records_per_second: (records - found.total()) as f64 / wall_seconds,
        mixed_programs: file.other_program,
        unlocked: !file.locked,
        config_hash: grid.config().hash(),
    };
    summary.write(directory, options.shard)?;
    Ok(summary)
}

struct Execution<'a> {
    grid: &'a Grid,
    shard: Shard,
    /// Set when nothing can be written any more.
    halt: AtomicBool,
    counts: Counts,
}

impl Execution<'_> {
    /// Computes all groups from the first unfinished one on, and writes them in order.
    fn all(
        &mut self,
        pool: &rayon::ThreadPool,
        file: &mut RecordFile,
        stop: &AtomicBool,
        progress: &dyn Fn(u64, u64),
    ) -> Result<()> {
        let (grid, shard) = (self.grid, self.shard);
        let size = grid.group_size();
        let groups = shard.count(grid.groups());
        let first = self.counts.total() / size;
        let threads = pool.current_num_threads() as u64;
        let (sender, receiver) = mpsc::channel();
        let halt = &self.halt;
        let counts = &mut self.counts;
        let stopped = move || stop.load(Ordering::Relaxed) || halt.load(Ordering::Relaxed);
        pool.in_place_scope_fifo(|scope| {
            let mut outcome = Ok(());
            let mut finished = BTreeMap::new();
            let (mut launched, mut received, mut written) = (first, first, first);
            let mut together = 1;
            loop {
                let window = threads * if received == first { FIRST } else { WINDOW };
                while launched < groups && !stopped() {
                    let end = groups.min(launched + together);
                    // less than a thread takes at once is not launched: it would come back in such pieces, too
                    if end > written + window {
                        break;
                    }
                    let sender = sender.clone();
                    let positions = launched..end;
                    launched = positions.end;
                    scope.spawn_fifo(move |_| {
                        let begun = Instant::now();
                        let own = positions.clone();
                        let records: Vec<_> = own
                            .map_while(|at| measure(grid, shard.group(at), &stopped))
                            .collect();
                        // the receiver lives as long as the scope
                        let _ = sender.send((positions, records, begun.elapsed()));
                    });
                }
                if received == launched {
                    break outcome;
                }
                let Ok((positions, records, time)) = receiver.recv() else {
                    break outcome;
                };
                let count = positions.end - positions.start;
                received += count;
                let each = time.as_nanos() / u128::from(count);
                together = (BUSY.as_nanos() / each.max(1)).clamp(1, MOST) as u64;
                finished.insert(positions.start, records);
                while let Some(records) = finished.remove(&written) {
                    // a run that was ended within a group has written its first records
                    let done = (counts.total() - written * size) as usize;
                    written += records.len() as u64;
                    let records = records.concat();
                    let records = records.get(done..).unwrap_or_default();
                    if outcome.is_ok() {
                        outcome = file.append(&lines(records));
                    }
                    if outcome.is_err() {
                        halt.store(true, Ordering::Relaxed);
                        break;
                    }
                    records.iter().for_each(|record| counts.add(record.outcome));
                    progress(counts.total(), groups * size);
                }
            }
        })
    }
}

fn lines(records: &[SweepRecord]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        // numbers, names and strings: nothing that JSON could not hold
        out.extend(json_line(record).unwrap_or_default());
    }
    out
}
