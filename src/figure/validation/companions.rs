//! Error against β, and the closed form of two linear neurons.

use super::super::look::{CENTRED, EP, Look, ONE_SIDED};
use super::super::{
    Anchor, Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Panel, Stroke,
};
use crate::experiment::{ClosedFormRecord, OrderRecord};
use crate::numeric::median;

type Errors = fn(&OrderRecord) -> &Vec<f64>;

/// Error of the two finite-β estimates against β, with guides of slope 1 and 2.
pub(super) fn beta(orders: &[OrderRecord]) -> Figure {
    let mut panel = Panel::new(
        Axis::log("influence parameter $β$ (dimensionless)"),
        Axis::log("relative error of the estimate of $a$"),
    )
    .with_legend(LegendPlacement::Below);
    panel.aspect = Some(0.72);
    let estimates: [(Look, Errors, i32); 2] = [
        (ONE_SIDED, |record| &record.one_sided, 1),
        (CENTRED, |record| &record.centred, 2),
    ];
    for (look, errors, order) in estimates {
        let Look { name, colour, .. } = look;
        for record in orders {
            let thin = Stroke::new(colour).width(0.4).opacity(0.45);
            let line = Element::line(record.beta.as_slice(), errors(record).as_slice(), thin);
            panel.elements.push(line.labelled("single networks"));
        }
        let Some(first) = orders.first() else {
            continue;
        };
        let median: Vec<f64> = (0..first.beta.len())
            .filter_map(|k| median(orders.iter().map(|record| errors(record)[k]).collect()))
            .collect();
        // the guide stands a little above the curve that it explains
        let guide: Vec<f64> = first
            .beta
            .iter()
            .map(|b| {
                2.0 * median[median.len() / 2] * (b / first.beta[median.len() / 2]).powi(order)
            })
            .collect();
        panel.elements.push(Element::Line {
            x: first.beta.clone(),
            y: guide,
            stroke: Stroke::new(Colour::Muted).width(0.8).dash(if order == 1 {
                Dash::Dashed
            } else {
                Dash::Dotted
            }),
            label: Some(format!("slope {order}")),
        });
        panel.elements.push(Element::Line {
            x: first.beta.clone(),
            y: median.clone(),
            stroke: Stroke::new(colour).width(1.3),
            label: None,
        });
        panel.elements.push(Element::Markers {
            x: first.beta.clone(),
            y: median,
            marker: look.marker(),
            colour_by: None,
            label: Some(format!("{name}, median")),
        });
    }
    Figure {
        description: Some("Error of one-sided and centred estimates against β.".into()),
        ..Figure::new(vec![panel])
    }
}

/// The angle of the two-neuron family against its closed form.
pub(super) fn closed_form(records: &[ClosedFormRecord]) -> Figure {
    let ratio: Vec<f64> = (0..=220).map(|k| f64::from(k) / 100.0).collect();
    let curve: Vec<f64> = ratio.iter().map(|r| 2.0 * r.atan().to_degrees()).collect();
    let muted = Stroke::new(Colour::Muted).width(0.8).dash(Dash::Dashed);
    let mut panel = Panel::new(
        Axis::linear("$ω/α$ (dimensionless)").between(0.0, 2.2),
        Axis::linear("angle to gradient (°)").between(0.0, 135.0),
    )
    .with(Element::Polygon {
        points: vec![(0.0, 90.0), (2.2, 90.0), (2.2, 135.0), (0.0, 135.0)],
        fill: Colour::Muted,
        opacity: 0.14,
        label: None,
    })
    .with(Element::HorizontalLine {
        at: 90.0,
        stroke: muted,
        label: None,
    })
    .with(Element::Text {
        x: 0.08,
        y: 112.0,
        text: "EP ascends".into(),
        anchor: Anchor::Left,
        size: 7.0,
        colour: Colour::Foreground,
    })
    .with(Element::Line {
        x: ratio,
        y: curve,
        stroke: Stroke::new(Colour::Foreground).width(1.0),
        label: Some("2 $\\arctan(ω/α)$".into()),
    })
    .with(Element::Markers {
        x: records.iter().map(|record| record.ratio).collect(),
        y: records
            .iter()
            .map(|record| record.measured_degrees.unwrap_or(f64::NAN))
            .collect(),
        marker: EP.marker().fill(Fill::Open),
        colour_by: None,
        label: Some("EP, measured on trajectories".into()),
    })
    .with_legend(LegendPlacement::Below);
    panel.aspect = Some(0.66);
    panel.y.ticks = Some(
        [0, 30, 60, 90, 120]
            .map(|t| (f64::from(t), t.to_string()))
            .to_vec(),
    );
    Figure {
        description: Some("Angle between EP update and gradient of two linear neurons.".into()),
        ..Figure::new(vec![panel])
    }
}
