//! Joining the parts of a sweep into what one process would have written.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::point::Grid;
use super::record::SweepOutcome;
use super::shard::Shard;
use super::store::{Manifest, next_record, record_files};
use super::summary::Counts;
use crate::error::{Error, Result};
use crate::io::{Line, Lines, lock_shared, open, replace_whole};

/// Missing points are listed one by one up to this many ranges.
const LISTED: usize = 8;

/// What was joined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MergeSummary {
    /// Points of the sweep.
    pub points: u64,
    /// Records that were joined.
    pub records: u64,
    /// Files that they came from.
    pub files: usize,
    /// Whether there is a record for every point.
    pub complete: bool,
    /// Points without a record.
    pub missing: u64,
    /// The first of them, as ranges `[from, to]` of the index.
    pub missing_ranges: Vec<[u64; 2]>,
    /// Files whose last line was torn. The point counts as missing.
    pub torn: Vec<PathBuf>,
    /// Records by outcome.
    pub outcomes: Counts,
    /// Whether the parts were computed by different builds of the program.
    pub mixed_programs: bool,
}

/// Joins the records in `directories` into `out`, which has then the files that a single process
/// would have written there. Memory does not grow with the number of points.
///
/// # Errors
/// [`Error::InvalidInput`] if the directories hold different sweeps, a point twice, or (unless
/// `partial`) not every point, or if a part is still being written, and [`Error::Io`]. Nothing is
/// written then.
pub fn merge(directories: &[PathBuf], out: &Path, partial: bool) -> Result<MergeSummary> {
    let (manifest, mixed_programs) = common_manifest(directories)?;
    let grid = Grid::new(&manifest.config);
    let mut paths = Vec::new();
    for directory in directories {
        paths.extend(record_files(directory)?);
    }
    let mut sources = Sources::open(&grid, &paths)?;
    std::fs::create_dir_all(out).map_err(|source| Error::io(out, source))?;
    let path = out.join(Shard::WHOLE.file_name());
    let io = |source| Error::io(&path, source);
    let mut joined = MergeSummary {
        points: grid.points(),
        records: 0,
        files: paths.len(),
        complete: false,
        missing: 0,
        missing_ranges: Vec::new(),
        torn: Vec::new(),
        outcomes: Counts::default(),
        mixed_programs,
    };
    let mut failure = None;
    let written = replace_whole(&path, |file| {
        let mut writer = BufWriter::new(file);
        if let Err(error) = sources.join(&path, &mut writer, &mut joined, partial) {
            failure = Some(error);
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        writer.flush()?;
        // the description comes first: records without it could not be used
        manifest.write(out).map_err(|error| {
            failure = Some(error);
            std::io::ErrorKind::Other.into()
        })
    });
    match failure {
        Some(error) => Err(error),
        None => written.map(|()| joined).map_err(io),
    }
}

/// The description that all directories share, and whether their programs differ.
fn common_manifest(directories: &[PathBuf]) -> Result<(Manifest, bool)> {
    let mut common: Option<Manifest> = None;
    let mut mixed = false;
    for directory in directories {
        let manifest = Manifest::read(directory)?.ok_or_else(|| Error::NotFound {
            path: Manifest::path(directory),
        })?;
        match &common {
            None => common = Some(manifest),
            Some(first) if first.config_hash == manifest.config_hash => {
                mixed |= first.provenance != manifest.provenance;
            }
            Some(first) => {
                let message = format!(
                    "is another configuration (hash {:.12}) than that of {} ({:.12}). Only parts of one sweep can be joined",
                    manifest.config_hash,
                    directories[0].display(),
                    first.config_hash
                );
                return Err(Error::invalid("config", message).in_file(&Manifest::path(directory)));
            }
        }
    }
    common
        .map(|manifest| (manifest, mixed))
        .ok_or_else(|| Error::invalid("directories", "missing. Give the directories of the parts"))
}

/// Files of records, each in increasing order of the index, read side by side.
struct Sources<'a> {
    grid: &'a Grid,
    files: Vec<Lines<Box<dyn BufRead>>>,
    /// Held while they are read.
    locks: Vec<File>,
    /// Index, file and outcome of the next record of each file, smallest index on top.
    heads: BinaryHeap<Reverse<(u64, usize, SweepOutcome)>>,
    torn: Vec<PathBuf>,
}

impl<'a> Sources<'a> {
    fn open(grid: &'a Grid, paths: &[PathBuf]) -> Result<Self> {
        let mut sources = Self {
            grid,
            files: Vec::new(),
            locks: Vec::new(),
            heads: BinaryHeap::new(),
            torn: Vec::new(),
        };
        for (number, path) in paths.iter().enumerate() {
            let file = File::open(path).map_err(|source| Error::io(path, source))?;
            lock_shared(&file, path)?;
            sources.locks.push(file);
            sources.files.push(Lines::new(path, open(path)?));
            sources.advance(number, None)?;
        }
        Ok(sources)
    }

    /// Reads the next record of a file, whose index has to exceed `before`.
    fn advance(&mut self, number: usize, before: Option<u64>) -> Result<()> {
        let file = &mut self.files[number];
        match next_record(file, self.grid)? {
            Line::Record(record) if before.is_none_or(|before| record.index > before) => {
                let head = (record.index, number, record.outcome);
                self.heads.push(Reverse(head));
            }
            Line::Record(_) => return Err(file.damaged("is out of order")),
            Line::Torn => self.torn.push(file.path().to_path_buf()),
            Line::End => {}
        }
        Ok(())
    }

    /// Writes all records in order to `out`, the file at `path`.
    fn join(
        &mut self,
        path: &Path,
        out: &mut impl Write,
        joined: &mut MergeSummary,
        partial: bool,
    ) -> Result<()> {
        let mut next = 0;
        let mut last = 0;
        while let Some(Reverse((index, number, outcome))) = self.heads.pop() {
            if index < next {
                let message = format!(
                    "point {index} is in {} and in {}. Name every part once",
                    self.files[last].path().display(),
                    self.files[number].path().display()
                );
                return Err(Error::invalid("directories", message));
            }
            if index > next {
                joined.miss(next..=index - 1);
            }
            out.write_all(self.files[number].bytes())
                .map_err(|source| Error::io(path, source))?;
            joined.outcomes.add(outcome);
            (next, last) = (index + 1, number);
            self.advance(number, Some(index))?;
        }
        if next < joined.points {
            joined.miss(next..=joined.points - 1);
        }
        joined.torn = std::mem::take(&mut self.torn);
        joined.records = joined.outcomes.total();
        joined.complete = joined.missing == 0;
        if joined.complete || partial {
            return Ok(());
        }
        Err(Error::invalid(
            "directories",
            format!(
                "{}. Run or resume those parts, or join what there is (`partial`)",
                joined.missing_text()
            ),
        ))
    }
}

impl MergeSummary {
    fn miss(&mut self, range: RangeInclusive<u64>) {
        self.missing += range.end() - range.start() + 1;
        if self.missing_ranges.len() < LISTED {
            self.missing_ranges.push([*range.start(), *range.end()]);
        }
    }

    /// Which points have no record, in words.
    pub fn missing_text(&self) -> String {
        let ranges = self.missing_ranges.iter().map(|[from, to]| {
            if from == to {
                from.to_string()
            } else {
                format!("{from}–{to}")
            }
        });
        let listed: u64 = self.missing_ranges.iter().map(|[a, b]| b - a + 1).sum();
        let more = if listed < self.missing { ", …" } else { "" };
        format!(
            "{} of {} points have no record ({}{more})",
            self.missing,
            self.points,
            ranges.collect::<Vec<_>>().join(", ")
        )
    }
}
