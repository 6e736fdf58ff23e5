//! Sweeps of several problems side by side: what EP does against the asymmetry of the Jacobian.

use super::super::statistics::{BAND, BAND_LABEL, log_bands};
use super::super::{
    Axis, Colour, Dash, Element, Figure, LegendPlacement, Marker, MarkerShape, Panel, Scale, Stroke,
};
use super::labels::{measure_label, panel_axis};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::Measure;

/// Rounding errors are not data.
const ROUNDING: f64 = 1e-6;
/// Bins along the horizontal axis of a sweep of random networks, and the fewest networks in one.
const BINS: usize = 25;
const SMALLEST_BIN: usize = 12;
/// Panels side by side.
const MOST_COLUMNS: usize = 5;
/// Free part of a common axis beyond the data, as a factor.
const MARGIN: f64 = 1.4;

type Points = Vec<(f64, f64)>;

/// A measure against the asymmetry of the Jacobian: a panel for each sweep of a problem, under its name,
/// all with the same axes, a marker a record. Numbers that are rounding have no place on logarithmic axes.
///
/// Sweeps of random networks are what the problems are compared with: their median and 10–90 % stand in
/// every panel.
pub fn several_sweeps(sweeps: &[(String, Vec<SweepRecord>)], measure: Measure) -> Figure {
    let (networks, mut problems): (Vec<_>, Vec<_>) = (sweeps.iter())
        .map(|(name, records)| (name, records, points(records, measure)))
        .partition(|(_, records, _)| records.iter().any(|one| one.point.network().is_some()));
    let known: Points = networks
        .iter()
        .flat_map(|(_, _, points)| points.iter().copied())
        .collect();
    let reference = if known.is_empty() {
        Vec::new()
    } else {
        reference(&known)
    };
    if problems.is_empty() {
        problems.clone_from(&networks);
    }
    let all: Points = (problems.iter().flat_map(|(_, _, points)| points.iter()))
        .copied()
        .collect();
    let columns = problems.len().clamp(1, MOST_COLUMNS);
    let panels = problems.iter().map(|(name, _, points)| {
        let mut panel = Panel::new(
            common_axis(Measure::JacobianAsymmetry, all.iter().map(|(x, _)| *x)),
            common_axis(measure, all.iter().map(|(_, y)| *y)),
        )
        .titled(name.as_str());
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let marker = Marker::new(MarkerShape::Circle, Colour::Series(0)).size(2.0);
        panel.aspect = Some(1.0);
        panel.elements = vec![Element::markers(x, y, marker).labelled("a fixed point")];
        panel.elements.extend(reference.iter().cloned());
        panel
            .elements
            .extend((measure == Measure::AngleDegrees).then(right_angle));
        panel
    });
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns,
        panels: panels.collect(),
        legend: LegendPlacement::Below,
        share_x: true,
        share_y: true,
        description: Some(format!(
            "{} against the asymmetry of the Jacobian, a panel for each problem, one marker a fixed \
             point.",
            measure.name()
        )),
        ..Figure::default()
    }
    .lettered()
}

/// Asymmetry and measure of the records that know both.
fn points(records: &[SweepRecord], measure: Measure) -> Points {
    let point = |record| {
        let of = |measure: Measure| measure.of(record).filter(|value| *value > ROUNDING);
        Some((of(Measure::JacobianAsymmetry)?, of(measure)?))
    };
    records.iter().filter_map(point).collect()
}

/// A logarithmic axis that holds all these values.
fn common_axis(measure: Measure, values: impl Iterator<Item = f64> + Clone) -> Axis {
    let axis = panel_axis(measure_label(measure, &[]), Scale::Log);
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(0.0, f64::max);
    if low <= high {
        axis.between(low / MARGIN, high * MARGIN)
    } else {
        axis
    }
}

fn reference(points: &[(f64, f64)]) -> Vec<Element> {
    let bands = log_bands(points, BINS, SMALLEST_BIN, BAND);
    let [low, median, high] = bands.y;
    let band = Element::band(bands.x.clone(), low, high, Colour::Muted);
    let line = Element::line(bands.x, median, Stroke::new(Colour::Foreground).width(1.1));
    vec![
        band.labelled(format!("random networks: {BAND_LABEL}")),
        line.labelled("random networks: median"),
    ]
}

fn right_angle() -> Element {
    Element::HorizontalLine {
        at: 90.0,
        stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
        label: Some("90°: no descent beyond".into()),
    }
}
