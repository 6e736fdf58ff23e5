//! Which records are one curve.

use super::super::look::Look;
use super::super::{Element, Fill, Marker, Stroke};
use super::labels::coordinate_label;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Coordinate, SweepAxis};
use crate::gradient::Estimator;

/// Records drawn as one curve, with its legend entry (empty if there is but one curve).
pub(super) struct Series<'a> {
    pub label: String,
    pub records: Vec<&'a SweepRecord>,
    /// How what tells it from the others looks in every figure, if one thing does.
    look: Option<Look>,
}

impl Series<'_> {
    /// Its line, being the curve with this number.
    pub fn stroke(&self, index: usize) -> Stroke {
        self.look.map_or(Stroke::series(index), Look::stroke)
    }

    /// Its marker, being the curve with this number.
    pub fn marker(&self, index: usize) -> Marker {
        // shapes repeat after eight: then they are open
        let fill = if index < Marker::CYCLE.len() {
            Fill::Full
        } else {
            Fill::Open
        };
        self.look
            .map_or(Marker::series(index).fill(fill), Look::marker)
    }
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

/// One curve per combination of the values of those `axes` that vary, the first ones first, as long
/// as there are no more than `most` curves.
pub(super) fn series<'a>(
    records: impl IntoIterator<Item = &'a SweepRecord>,
    axes: &[SweepAxis],
    most: usize,
) -> Vec<Series<'a>> {
    let mut all = vec![Series {
        label: String::new(),
        records: records.into_iter().collect(),
        look: None,
    }];
    for axis in axes {
        let split: Vec<Series> = all.iter().flat_map(|series| divide(series, axis)).collect();
        if split.len() <= most {
            all = split;
        }
    }
    if let [alone] = &mut all[..] {
        let first = alone.records.first();
        alone.look = first.and_then(|record| {
            let value = SweepAxis::Dynamics.of(&record.point);
            Look::of(&value.to_string())
        });
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
        let alone = series.label.is_empty() && several;
        Series {
            look: if alone {
                Look::of(&value.to_string())
            } else {
                series.look.filter(|_| !several)
            },
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
pub(super) fn curve(
    series: &Series,
    index: usize,
    x: &[f64],
    y: &[f64],
    label: &str,
) -> [Element; 2] {
    let sparse = |values: &[f64]| -> Vec<f64> {
        let stride = if values.len() > 6 { 3 } else { 1 };
        values
            .iter()
            .copied()
            .skip(index % stride)
            .step_by(stride)
            .collect()
    };
    [
        Element::line(x, y, series.stroke(index).width(1.1)),
        Element::markers(sparse(x), sparse(y), series.marker(index).size(3.8)),
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
