//! Which records are one curve.

use super::labels::coordinate_label;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Coordinate, SweepAxis};

/// Records drawn as one curve, with its legend entry (empty if there is but one curve).
pub(super) struct Series<'a> {
    pub label: String,
    pub records: Vec<&'a SweepRecord>,
}

/// The values of the records along an axis, in the order in which they come.
pub(super) fn values<'a>(
    records: impl IntoIterator<Item = &'a SweepRecord>,
    axis: SweepAxis,
) -> Vec<Coordinate> {
    let mut values = Vec::new();
    for record in records {
        let value = axis.of(&record.point);
        // neighbours mostly agree
        if values.last() != Some(&value) && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// One curve a combination of the values of those `axes` that vary, the first ones first, as long
/// as there are no more than `most` curves.
pub(super) fn series<'a>(
    records: impl IntoIterator<Item = &'a SweepRecord>,
    axes: &[SweepAxis],
    most: usize,
) -> Vec<Series<'a>> {
    let mut all = vec![Series {
        label: String::new(),
        records: records.into_iter().collect(),
    }];
    for &axis in axes {
        let split: Vec<Series> = all.iter().flat_map(|series| divide(series, axis)).collect();
        if split.len() <= most {
            all = split;
        }
    }
    all
}

fn divide<'a>(series: &Series<'a>, axis: SweepAxis) -> Vec<Series<'a>> {
    let values = values(series.records.iter().copied(), axis);
    let several = values.len() > 1;
    let part = |value: Coordinate| {
        let name = if several {
            coordinate_label(axis, &value)
        } else {
            String::new()
        };
        Series {
            label: [series.label.as_str(), &name]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            records: series
                .records
                .iter()
                .copied()
                .filter(|record| axis.of(&record.point) == value)
                .collect(),
        }
    };
    values.into_iter().map(part).collect()
}
