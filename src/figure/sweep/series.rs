//! Which records are one curve.

use super::super::{Colour, Dash, Element, Fill, Marker, Stroke};
use super::labels::coordinate_label;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Coordinate, SweepAxis};
use crate::gradient::Estimator;

/// Records drawn as one curve, with its legend entry (empty if there is but one curve).
pub(super) struct Series<'a> {
    pub label: String,
    pub records: Vec<&'a SweepRecord>,
}

/// The values of the records along an axis, in the order in which they come.
pub(super) fn values<'a>(
    records: impl IntoIterator<Item = &'a SweepRecord>,
    axis: &SweepAxis,
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
    for axis in axes {
        let split: Vec<Series> = all.iter().flat_map(|series| divide(series, axis)).collect();
        if split.len() <= most {
            all = split;
        }
    }
    all
}

fn divide<'a>(series: &Series<'a>, axis: &SweepAxis) -> Vec<Series<'a>> {
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

/// A line in the colour and dash of a series, and markers at every third point, staggered: curves
/// that coincide are all seen.
pub(super) fn curve(index: usize, x: &[f64], y: &[f64], label: &str) -> [Element; 2] {
    let sparse = |values: &[f64]| -> Vec<f64> {
        let stride = if values.len() > 6 { 3 } else { 1 };
        values
            .iter()
            .copied()
            .skip(index % stride)
            .step_by(stride)
            .collect()
    };
    let dash = Dash::CYCLE[index % Dash::CYCLE.len()];
    // shapes repeat after eight: then they are open
    let fill = if index < Marker::CYCLE.len() {
        Fill::Full
    } else {
        Fill::Open
    };
    let marker = Marker::series(index).size(3.8).fill(fill);
    [
        Element::line(
            x,
            y,
            Stroke::new(Colour::Series(index)).width(1.1).dash(dash),
        ),
        Element::markers(sparse(x), sparse(y), marker),
    ]
    .map(|element| element.labelled(label))
}

/// The estimators that have an error of their own: all but the limit of EP itself, which is one
/// linear solve.
pub(super) fn estimated(records: &[SweepRecord]) -> impl Iterator<Item = &SweepRecord> {
    records
        .iter()
        .filter(|record| record.point.estimator.0 != Estimator::LinearResponse)
}
