//! The velocity of the nudged neurons beside that of recurrent backpropagation, along time.

use super::super::look::{EP, GRADIENT};
use super::super::{Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Panel, Stroke};
use crate::experiment::TimeRecord;

/// Components shown of each network.
const COMPONENTS: usize = 3;

/// The velocity of the nudged neurons beside that of recurrent backpropagation.
pub(super) fn figure(records: &[TimeRecord]) -> Figure {
    let mut top = Vec::new();
    let mut bottom = Vec::new();
    for record in records {
        let title = format!("Jacobian asymmetry {:.2}", record.jacobian_asymmetry);
        top.push(components(record).titled(title));
        bottom.push(norms(record));
    }
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: records.len().max(1),
        panels: top.into_iter().chain(bottom).collect(),
        legend: LegendPlacement::Below,
        share_x: true,
        share_y: true,
        description: Some(
            "Velocity of the nudged neurons and of recurrent backpropagation along time.".into(),
        ),
        ..Figure::default()
    }
    .lettered()
}

fn time_axis() -> Axis {
    Axis::linear("time since the nudge (time constants)")
}

fn component(rows: &[Vec<f64>], i: usize) -> Vec<f64> {
    rows.iter().map(|row| row[i]).collect()
}

/// The components that move most, nudged and backpropagated.
fn components(record: &TimeRecord) -> Panel {
    let n = record.nudged_velocity.first().map_or(0, Vec::len);
    let largest = |i: &usize| {
        component(&record.nudged_velocity, *i)
            .iter()
            .fold(0.0, |largest: f64, v| largest.max(v.abs()))
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| largest(b).total_cmp(&largest(a)));
    let mut panel = Panel::new(time_axis(), Axis::linear("velocity (1/time constant)"));
    panel.aspect = Some(0.75);
    for (series, &i) in order.iter().take(COMPONENTS).enumerate() {
        panel.elements.push(Element::Line {
            x: record.time.clone(),
            y: component(&record.nudged_predicted, i),
            stroke: EP.stroke(),
            label: (series == 0).then(|| "EP: $-e^{\\mathrm{Jac}·t}c$".into()),
        });
        panel.elements.push(Element::Line {
            x: record.time.clone(),
            y: component(&record.backpropagation_predicted, i),
            stroke: GRADIENT.stroke(),
            label: (series == 0).then(|| "gradient: $-e^{\\mathrm{Jac}ᵀ·t}c$".into()),
        });
        let shown = |values: Vec<f64>| values.into_iter().step_by(8).collect::<Vec<_>>();
        panel.elements.push(Element::Markers {
            x: shown(record.time.clone()),
            y: shown(component(&record.nudged_velocity, i)),
            marker: EP.marker().size(3.0).fill(Fill::Open),
            colour_by: None,
            label: (series == 0).then(|| "EP: measured on the neurons".into()),
        });
    }
    panel
}

/// The norms of both velocities and of their difference.
fn norms(record: &TimeRecord) -> Panel {
    let norm = |row: &[f64]| row.iter().map(|v| v * v).sum::<f64>().sqrt();
    let norms = |rows: &[Vec<f64>]| rows.iter().map(|row| norm(row)).collect::<Vec<_>>();
    let gap: Vec<f64> = record
        .nudged_velocity
        .iter()
        .zip(&record.backpropagation_velocity)
        .map(|(a, b)| norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>()))
        .collect();
    // rounding before they part is not data
    let gap = gap
        .into_iter()
        .map(|gap| if gap > 1e-6 { gap } else { f64::NAN })
        .collect();
    let line = |y, stroke: Stroke, label: &str| Element::Line {
        x: record.time.clone(),
        y,
        stroke,
        label: Some(label.into()),
    };
    let mut panel = Panel::new(
        time_axis(),
        Axis::log("norm of the velocity (1/time constant)"),
    )
    .with(line(
        norms(&record.nudged_velocity),
        EP.stroke(),
        "EP: norm",
    ))
    .with(line(
        norms(&record.backpropagation_velocity),
        GRADIENT.stroke(),
        "gradient: norm",
    ))
    .with(line(
        gap,
        Stroke::new(Colour::Foreground).dash(Dash::DashDotted),
        "norm of their difference",
    ));
    panel.aspect = Some(0.75);
    panel
}
