//! Sweeps of several problems side by side: error and angle against the asymmetry of the Jacobian.

use super::super::{
    Colour, Dash, Element, Figure, Fill, LegendPlacement, Marker, Panel, Scale, Stroke,
};
use super::labels::{measure_label, panel_axis};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::Measure;

/// Rounding errors are not data.
const ROUNDING: f64 = 1e-6;

/// One marker a record, one kind of marker a sweep, which is given with its name. Points whose angle or
/// error is rounding have no place on logarithmic axes.
pub fn several_sweeps(sweeps: &[(String, Vec<SweepRecord>)]) -> Figure {
    let panels = [(Measure::AngleDegrees, "a"), (Measure::RelativeError, "b")];
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        panels: panels
            .into_iter()
            .map(|(measure, tag)| panel(sweeps, measure).tagged(tag))
            .collect(),
        legend: LegendPlacement::Below,
        description: Some(
            "Angle of the update to the gradient and its relative error against the asymmetry of \
             the Jacobian, one marker a fixed point, one kind of marker a problem."
                .into(),
        ),
        ..Figure::default()
    }
}

fn panel(sweeps: &[(String, Vec<SweepRecord>)], measure: Measure) -> Panel {
    let axis = |measure| panel_axis(measure_label(measure), Scale::Log);
    let mut panel = Panel::new(axis(Measure::JacobianAsymmetry), axis(measure));
    panel.aspect = Some(0.8);
    for (index, (name, records)) in sweeps.iter().enumerate() {
        let points = records.iter().filter_map(|record| {
            let of = |measure: Measure| measure.of(record).filter(|value| *value > ROUNDING);
            Some((of(Measure::JacobianAsymmetry)?, of(measure)?))
        });
        let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
        let fill = if index < Marker::CYCLE.len() {
            Fill::Full
        } else {
            Fill::Open
        };
        let marker = Marker::series(index).size(3.2).fill(fill);
        panel
            .elements
            .push(Element::markers(x, y, marker).labelled(name.clone()));
    }
    if measure == Measure::AngleDegrees {
        panel.elements.push(Element::HorizontalLine {
            at: 90.0,
            stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
            label: Some("90°: no descent beyond".into()),
        });
    }
    panel
}
