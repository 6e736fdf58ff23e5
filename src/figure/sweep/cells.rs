//! Records in the cells of a map over two axes of the grid.

use super::super::{Axis, Element, Scale, Stroke};
use super::contour::{contour, join};
use super::labels::{axis_label, coordinate_label, own_names};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Aggregation, Coordinate, Group, Measure, SweepAxis};

/// Most labels along an axis.
const MOST_LABELS: usize = 8;

/// How the values of an axis are spaced.
enum Spacing {
    /// The first value, and the difference of neighbours.
    Linear(f64, f64),
    /// The first value, and the ratio of neighbours.
    Log(f64, f64),
    /// Neither: one cell per value, each labelled.
    Listed,
}

/// The cells along one axis.
pub(super) struct Positions {
    axis: SweepAxis,
    label: String,
    values: Vec<Coordinate>,
    spacing: Spacing,
}

impl Positions {
    fn new(axis: SweepAxis, mut values: Vec<Coordinate>, names: &[String]) -> Self {
        // numbers ascend, names stay in their order
        let numbers: Option<Vec<f64>> = values.iter().map(Coordinate::number).collect();
        let spacing = match numbers {
            Some(mut numbers) if numbers.len() > 1 => {
                numbers.sort_by(f64::total_cmp);
                values = numbers.iter().copied().map(Coordinate::Number).collect();
                spacing(&numbers)
            }
            _ => Spacing::Listed,
        };
        Self {
            label: axis_label(&axis, names),
            axis,
            values,
            spacing,
        }
    }

    /// Where the cell with this index is, whole numbers being the centres.
    fn at(&self, index: f64) -> f64 {
        match self.spacing {
            Spacing::Linear(first, step) => first + step * index,
            Spacing::Log(first, ratio) => first * ratio.powf(index),
            Spacing::Listed => index,
        }
    }

    fn range(&self) -> (f64, f64) {
        (self.at(-0.5), self.at(self.values.len() as f64 - 0.5))
    }

    /// The axis that shows exactly the cells, with ticks at their own values.
    pub fn panel_axis(&self) -> Axis {
        let (low, high) = self.range();
        let labels = self.values.iter().map(|value| short(&self.axis, value));
        let labels: Vec<String> = labels.collect();
        let ticks = labelled(&labels);
        let ticks = ticks.map(|k| (self.at(k as f64), labels[k].clone()));
        Axis {
            scale: match self.spacing {
                Spacing::Log(..) => Scale::Log,
                Spacing::Linear(..) | Spacing::Listed => Scale::Linear,
            },
            ticks: Some(ticks.collect()),
            ..Axis::linear(&*self.label).between(low, high)
        }
    }
}

/// Which of the cells are labelled: equally far apart, not too many, and those whose labels are
/// short.
fn labelled(labels: &[String]) -> impl Iterator<Item = usize> {
    let count = labels.len();
    let fewest = count.div_ceil(MOST_LABELS).max(1);
    let choices = (fewest..2 * fewest).flat_map(|stride| (0..stride).map(move |k| (stride, k)));
    let letters = |(stride, first): &(usize, usize)| {
        let chosen = labels.iter().skip(*first).step_by(*stride);
        let (sum, n) = chosen.fold((0, 0), |(sum, n), label| (sum + label.len(), n + 1));
        sum as f64 / f64::from(n)
    };
    let best = choices.min_by(|a, b| letters(a).total_cmp(&letters(b)));
    let (stride, first) = best.unwrap_or((1, 0));
    (first..count).step_by(stride)
}

/// A value at a tick: what it is stands beside the axis.
fn short(axis: &SweepAxis, value: &Coordinate) -> String {
    match value {
        Coordinate::Number(number) if number.abs() < 1e-3 && *number != 0.0 => {
            format!("{number:.3e}")
        }
        // three digits tell neighbours apart, and 0.30000000000000004 is 0.3
        Coordinate::Number(number) => ((number * 1e3).round() / 1e3).to_string(),
        _ => coordinate_label(axis, value),
    }
}

fn spacing(numbers: &[f64]) -> Spacing {
    let n = numbers.len();
    let even = |steps: Vec<f64>| {
        let mean = steps.iter().sum::<f64>() / steps.len() as f64;
        let fits = steps
            .iter()
            .all(|step| (step - mean).abs() < 1e-6 * mean.abs());
        fits.then_some(mean)
    };
    let pairs = || numbers.windows(2);
    if let Some(step) = even(pairs().map(|pair| pair[1] - pair[0]).collect()) {
        return Spacing::Linear(numbers[0], step);
    }
    let logarithms = || pairs().map(|pair| (pair[1] / pair[0]).ln()).collect();
    match (numbers[0] > 0.0 && n > 1)
        .then(|| even(logarithms()))
        .flatten()
    {
        Some(step) => Spacing::Log(numbers[0], step.exp()),
        None => Spacing::Listed,
    }
}

/// Groups of records over two axes.
pub(super) struct Cells {
    pub x: Positions,
    pub y: Positions,
    /// Row by row from the lowest, or `None` where there is no record.
    groups: Vec<Option<Group>>,
}

impl Cells {
    /// The records of each cell, with quantiles of `measures`.
    pub fn new<'a>(
        records: impl IntoIterator<Item = &'a SweepRecord> + Clone,
        axes: &[SweepAxis; 2],
        measures: &[Measure],
    ) -> Self {
        let names = own_names(records.clone());
        let groups = Aggregation::of(records, axes, measures).finish();
        let distinct = |k: usize| {
            let mut values: Vec<Coordinate> = Vec::new();
            for group in &groups {
                if !values.contains(&group.coordinates[k]) {
                    values.push(group.coordinates[k].clone());
                }
            }
            values
        };
        let [x, y] = axes.clone();
        let (x, y) = (
            Positions::new(x, distinct(0), &names),
            Positions::new(y, distinct(1), &names),
        );
        let columns = x.values.len();
        let mut cells: Vec<Option<Group>> = (0..columns * y.values.len()).map(|_| None).collect();
        for group in groups {
            let place = |positions: &Positions, k: usize| {
                let mut values = positions.values.iter();
                values.position(|value| *value == group.coordinates[k])
            };
            if let (Some(column), Some(row)) = (place(&x, 0), place(&y, 1)) {
                cells[row * columns + column] = Some(group);
            }
        }
        Self {
            x,
            y,
            groups: cells,
        }
    }

    /// One number per cell, or NaN where it is unknown.
    pub fn values(&self, of: impl Fn(&Group) -> Option<f64>) -> Vec<f64> {
        let value = |group: &Option<Group>| group.as_ref().and_then(&of).unwrap_or(f64::NAN);
        self.groups.iter().map(value).collect()
    }

    /// The cells in colours.
    pub fn raster(&self, class: Vec<u16>, palette: Vec<super::super::Colour>) -> Element {
        Element::Raster {
            x_range: self.x.range(),
            y_range: self.y.range(),
            columns: self.x.values.len(),
            rows: self.y.values.len(),
            class,
            palette,
            opacity: 1.0,
        }
    }

    /// Lines along which the values reach a level.
    pub fn contour(&self, values: &[f64], level: f64, stroke: Stroke) -> Vec<Element> {
        join(contour(values, self.x.values.len(), level))
            .into_iter()
            .map(|line| {
                let (x, y): (Vec<f64>, Vec<f64>) = line
                    .into_iter()
                    .map(|(column, row)| (self.x.at(column), self.y.at(row)))
                    .unzip();
                Element::line(x, y, stroke)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_with_short_values_are_labelled() {
        let of = |count: u32, step: f64| -> Vec<String> {
            let values = (1..=count).map(|k| Coordinate::Number(f64::from(k) * step));
            let labels: Vec<String> = values.map(|v| short(&SweepAxis::Gain, &v)).collect();
            labelled(&labels).map(|k| labels[k].clone()).collect()
        };
        assert_eq!(of(20, 0.15), ["0.6", "1.2", "1.8", "2.4", "3"]);
        assert_eq!(of(4, 0.25), ["0.25", "0.5", "0.75", "1"]);
        assert_eq!(labelled(&[]).count(), 0);
    }
}
