//! What EP does along the values of a problem.

use super::super::{Axis, Colour, Dash, Element, Figure, LegendPlacement, Panel, Scale, Stroke};
use super::labels::{axis_label, measure_label, panel_axis};
use super::series::{Series, curve, series};
use super::varied_axes;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};
use crate::numeric::quantile;

/// Curves that can be told apart.
const MOST_CURVES: usize = 8;
/// From this many times the median on, an error takes the room of all others.
const TOWER: f64 = 1e3;

/// Angle, error, asymmetry and leading eigenvalue against the first value that is varied, a curve
/// for each of the others, with gaps where nothing rests.
pub(super) fn figure(records: &[SweepRecord]) -> Figure {
    let mut axes = varied_axes(records);
    let x = axes.next().unwrap_or(SweepAxis::Beta);
    let others: Vec<SweepAxis> = axes
        .chain([SweepAxis::Estimator, SweepAxis::Beta, SweepAxis::Rtol])
        .filter(|axis| *axis != x)
        .collect();
    let curves = series(records, &others, MOST_CURVES);
    let panels = [
        Measure::AngleDegrees,
        Measure::RelativeError,
        Measure::JacobianAsymmetry,
        Measure::SpectralAbscissa,
    ];
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        panels: panels
            .into_iter()
            .map(|measure| panel(&curves, &x, measure))
            .collect(),
        legend: LegendPlacement::Below,
        share_x: true,
        description: Some(format!(
            "Angle and relative error of the update, asymmetry of the Jacobian and leading \
             eigenvalue against {}. Dashed: the error for the worst target. There are gaps where the free \
             phase does not rest.",
            x.name()
        )),
        ..Figure::default()
    }
    .lettered()
}

/// Whether some error is so large, where the gradient nearly vanishes, that it hides all others.
fn towers(curves: &[Series]) -> bool {
    let records = curves.iter().flat_map(|curve| &curve.records);
    let errors = records.filter_map(|record| Measure::RelativeError.of(record));
    let mut errors: Vec<f64> = errors.collect();
    errors.sort_by(f64::total_cmp);
    let largest = errors.last().copied().unwrap_or(0.0);
    quantile(&errors, 0.5).is_some_and(|median| median > 0.0 && largest > TOWER * median)
}

fn panel(curves: &[Series], x: &SweepAxis, measure: Measure) -> Panel {
    let scale = if measure == Measure::RelativeError && towers(curves) {
        Scale::Log
    } else {
        Scale::Linear
    };
    let axis = panel_axis(measure_label(measure), scale);
    let mut panel = Panel::new(Axis::linear(axis_label(x)), axis);
    panel.aspect = Some(0.62);
    for (index, one) in curves.iter().enumerate() {
        let mut records: Vec<(f64, &SweepRecord)> = (one.records.iter())
            .filter_map(|record| Some((x.of(&record.point).number()?, *record)))
            .collect();
        records.sort_by(|a, b| a.0.total_cmp(&b.0));
        let at: Vec<f64> = records.iter().map(|(x, _)| *x).collect();
        let of = |measure: Measure| -> Vec<f64> {
            let values = records.iter();
            values
                .map(|(_, record)| measure.of(record).unwrap_or(f64::NAN))
                .collect()
        };
        panel
            .elements
            .extend(curve(one, index, &at, &of(measure), &one.label));
        if measure == Measure::RelativeError {
            let stroke = Stroke::new(one.stroke(index).colour).dash(Dash::Dashed);
            let bound = Element::line(at.as_slice(), of(Measure::ErrorBound), stroke);
            panel.elements.push(bound.labelled("worst target"));
        }
    }
    let level = match measure {
        Measure::AngleDegrees => Some((90.0, "90°: no descent beyond")),
        Measure::SpectralAbscissa => Some((0.0, "0: no longer stable")),
        _ => None,
    };
    panel
        .elements
        .extend(level.map(|(at, label)| Element::HorizontalLine {
            at,
            stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
            label: Some(label.into()),
        }));
    panel
}
