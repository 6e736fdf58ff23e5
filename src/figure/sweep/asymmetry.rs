//! Error and angle of many networks against the asymmetry of the Jacobian and of the weights.

use super::super::look::left_out;
use super::super::statistics::{BAND, BAND_LABEL, log_bands};
use super::super::{Axis, Colour, Dash, Element, Figure, LegendPlacement, Panel, Scale, Stroke};
use super::labels::{measure_label, panel_axis};
use super::series::{Series, series};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};

/// Curves that can be told apart when each has bands.
const MOST_CURVES: usize = 4;
/// Bins along the horizontal axis, and the fewest networks in one.
const BINS: usize = 25;
const SMALLEST_BIN: usize = 12;
/// Rounding errors are not data.
const ROUNDING: f64 = 1e-9;

/// Median and 10–90 % of error and angle, and the median error for the worst target.
pub(super) fn figure(records: &[SweepRecord]) -> Figure {
    let curves = series(
        records,
        &[
            SweepAxis::Estimator,
            SweepAxis::Dynamics,
            SweepAxis::Depth,
            SweepAxis::Activation,
        ],
        MOST_CURVES,
    );
    let mut panels = Vec::new();
    for y in [Measure::RelativeError, Measure::AngleDegrees] {
        for x in [Measure::JacobianAsymmetry, Measure::WeightAsymmetry] {
            panels.push(panel(&curves, x, y));
        }
    }
    let symmetric = |record: &&SweepRecord| {
        let weights = Measure::WeightAsymmetry.of(record);
        weights.is_some_and(|asymmetry| asymmetry <= ROUNDING)
    };
    let note = left_out(records.iter().filter(symmetric).count());
    panels[0].elements.extend(note);
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        panels,
        legend: LegendPlacement::Below,
        share_x: true,
        share_y: true,
        description: Some(
            "Relative error of the update and its angle to the gradient, against the asymmetry of \
             the Jacobian and of the weights. Medians over networks and 10 to 90 %. Dashed: the \
             median error for the worst target."
                .into(),
        ),
        ..Figure::default()
    }
    .lettered()
}

fn panel(curves: &[Series], x: Measure, y: Measure) -> Panel {
    let axis = |measure| -> Axis { panel_axis(measure_label(measure, &[]), Scale::Log) };
    let mut panel = Panel::new(axis(x), axis(y));
    panel.aspect = Some(0.62);
    // all bands behind all lines
    let (mut back, mut front, mut bounds) = (Vec::new(), Vec::new(), Vec::new());
    for (index, curve) in curves.iter().enumerate() {
        let name = if curve.label.is_empty() {
            String::new()
        } else {
            format!("{}: ", curve.label)
        };
        let points = points(curve, x, y);
        let bands = log_bands(&points, BINS, SMALLEST_BIN, BAND);
        let [low, median, high] = bands.y;
        let colour = curve.stroke(index).colour;
        let band = Element::band(bands.x.clone(), low, high, colour);
        back.push(band.labelled(format!("{name}{BAND_LABEL}")));
        // a second cue beside colour
        let marker = curve.marker(index).size(3.4);
        front.push(Element::Line {
            x: bands.x.clone(),
            y: median.clone(),
            stroke: Stroke::new(colour).width(1.3),
            label: Some(format!("{name}median")),
        });
        front.push(Element::Markers {
            x: bands.x.into_iter().skip(2 * index).step_by(5).collect(),
            y: median.into_iter().skip(2 * index).step_by(5).collect(),
            marker,
            colour_by: None,
            label: Some(format!("{name}median")),
        });
        if y == Measure::RelativeError {
            bounds.push(bound(curve, x, colour, &name));
        }
    }
    if y == Measure::AngleDegrees {
        bounds.push(Element::HorizontalLine {
            at: 90.0,
            stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
            label: Some("90°: no descent beyond".into()),
        });
    }
    panel.elements = back.into_iter().chain(front).chain(bounds).collect();
    panel
}

fn points(curve: &Series, x: Measure, y: Measure) -> Vec<(f64, f64)> {
    // a symmetric network has no place on a logarithmic axis
    curve
        .records
        .iter()
        .filter_map(|record| Some((x.of(record)?, y.of(record)?)))
        .filter(|(x, y)| *x > ROUNDING && *y > ROUNDING)
        .collect()
}

fn bound(curve: &Series, x: Measure, colour: Colour, name: &str) -> Element {
    let points = points(curve, x, Measure::ErrorBound);
    let bands = log_bands(&points, BINS, SMALLEST_BIN, [0.5]);
    let [median] = bands.y;
    Element::Line {
        x: bands.x,
        y: median,
        stroke: Stroke::new(colour).dash(Dash::Dashed),
        label: Some(format!("{name}worst target")),
    }
}
