//! The figures of a validation of the theorem.

use super::statistics::bands;
use super::{
    Anchor, Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Marker, MarkerShape, Panel,
    Stroke,
};
use crate::experiment::{NetworkRecord, OrderRecord, TimeRecord, Validation};

/// The figures of a validation, each with the name of its file.
pub fn validation_figures(validation: &Validation) -> Vec<(&'static str, Figure)> {
    vec![
        ("asymmetry", asymmetry(&validation.networks)),
        ("beta", beta(&validation.orders)),
        ("closed_form", closed_form(validation)),
        ("time_resolved", time_resolved(&validation.time_resolved)),
    ]
}

type Measure = fn(&NetworkRecord) -> Option<f64>;

/// One kind of network in the asymmetry figure.
struct Kind {
    name: &'static str,
    marker: MarkerShape,
    series: usize,
}

const KINDS: [Kind; 2] = [
    Kind {
        name: "leaky",
        marker: MarkerShape::Circle,
        series: 1,
    },
    Kind {
        name: "hopfield",
        marker: MarkerShape::TriangleUp,
        series: 0,
    },
];

/// Error and angle of every network against the asymmetry of its Jacobian and of its weights.
fn asymmetry(networks: &[NetworkRecord]) -> Figure {
    let jacobian: fn(&NetworkRecord) -> f64 = |record| record.jacobian_asymmetry;
    let weights: fn(&NetworkRecord) -> f64 = |record| record.weight_asymmetry;
    let error: Measure = |record| record.relative_error;
    let angle: Measure = |record| record.angle_degrees;
    let panels = [
        (
            "a",
            jacobian,
            "Jacobian asymmetry",
            error,
            "relative error of EP",
        ),
        (
            "b",
            weights,
            "weight asymmetry",
            error,
            "relative error of EP",
        ),
        (
            "c",
            jacobian,
            "Jacobian asymmetry",
            angle,
            "angle to gradient (°)",
        ),
        (
            "d",
            weights,
            "weight asymmetry",
            angle,
            "angle to gradient (°)",
        ),
    ];
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        legend: LegendPlacement::Below,
        panels: panels
            .into_iter()
            .map(|(tag, x, x_label, y, y_label)| {
                let mut panel = Panel::new(Axis::log(x_label), Axis::log(y_label)).tagged(tag);
                panel.aspect = Some(0.62);
                for kind in &KINDS {
                    panel.elements.extend(cloud(networks, kind, x, y));
                }
                if tag == "a" || tag == "b" {
                    panel
                        .elements
                        .extend(KINDS.iter().map(|kind| bound(networks, kind, x)));
                }
                panel
            })
            .collect(),
        title: None,
        description: Some(
            "Relative error and angle of the equilibrium-propagation update against the asymmetry \
             of the Jacobian and of the weights, one point a network, medians and 10–90 % bands."
                .into(),
        ),
        ..Figure::default()
    }
}

fn members<'a>(
    networks: &'a [NetworkRecord],
    kind: &'a Kind,
) -> impl Iterator<Item = &'a NetworkRecord> {
    networks
        .iter()
        .filter(|record| record.asymmetry.is_some() && record.family.contains(kind.name))
}

fn points(
    networks: &[NetworkRecord],
    kind: &Kind,
    x: fn(&NetworkRecord) -> f64,
    y: Measure,
) -> Vec<(f64, f64)> {
    // a symmetric network has no place on a logarithmic axis; rounding errors are not data
    members(networks, kind)
        .filter_map(|record| Some((x(record), y(record)?)))
        .filter(|(x, y)| *x > 1e-9 && *y > 1e-9)
        .collect()
}

fn cloud(
    networks: &[NetworkRecord],
    kind: &Kind,
    x: fn(&NetworkRecord) -> f64,
    y: Measure,
) -> Vec<Element> {
    let points = points(networks, kind, x, y);
    let bands = bands(&points, 12);
    let colour = Colour::Series(kind.series);
    let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    vec![
        Element::Band {
            x: bands.x.clone(),
            lower: bands.low,
            upper: bands.high,
            fill: colour,
            opacity: 0.18,
            label: Some(format!("{}: 10–90 %", kind.name)),
        },
        Element::Markers {
            x,
            y,
            marker: Marker::new(kind.marker, colour).size(2.6).opacity(0.55),
            colour_by: None,
            label: Some(format!("{}: networks", kind.name)),
        },
        Element::Line {
            x: bands.x,
            y: bands.median,
            stroke: Stroke::new(colour).width(1.4),
            label: Some(format!("{}: median", kind.name)),
        },
    ]
}

fn bound(networks: &[NetworkRecord], kind: &Kind, x: fn(&NetworkRecord) -> f64) -> Element {
    let bands = bands(&points(networks, kind, x, |record| record.error_bound), 12);
    Element::Line {
        x: bands.x,
        y: bands.median,
        stroke: Stroke::new(Colour::Series(kind.series)).dash(Dash::Dashed),
        label: Some(format!("{}: median bound", kind.name)),
    }
}

type Errors = fn(&OrderRecord) -> &Vec<f64>;

/// Error of the two finite-β estimates against β, with guides of slope 1 and 2.
fn beta(orders: &[OrderRecord]) -> Figure {
    let mut panel = Panel::new(
        Axis::log("$β$"),
        Axis::log("relative error of the estimate of $a$"),
    )
    .with_legend(LegendPlacement::Below);
    panel.aspect = Some(0.72);
    let estimates: [(&str, Errors, i32); 2] = [
        ("one-sided", |record| &record.one_sided, 1),
        ("centred", |record| &record.centred, 2),
    ];
    for (series, (name, errors, order)) in estimates.into_iter().enumerate() {
        let colour = Colour::Series(series);
        for record in orders {
            panel.elements.push(Element::line(
                record.beta.clone(),
                errors(record).clone(),
                Stroke::new(colour).width(0.4).opacity(0.35),
            ));
        }
        let Some(first) = orders.first() else {
            continue;
        };
        let median: Vec<f64> = (0..first.beta.len())
            .map(|k| {
                let mut column: Vec<f64> = orders.iter().map(|record| errors(record)[k]).collect();
                column.sort_by(f64::total_cmp);
                column[column.len() / 2]
            })
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
            marker: Marker::series(series),
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
fn closed_form(validation: &Validation) -> Figure {
    let records = &validation.closed_form;
    let ratio: Vec<f64> = (0..=220).map(|k| f64::from(k) / 100.0).collect();
    let curve: Vec<f64> = ratio.iter().map(|r| 2.0 * r.atan().to_degrees()).collect();
    let muted = Stroke::new(Colour::Muted).width(0.8).dash(Dash::Dashed);
    let mut panel = Panel::new(
        Axis::linear("$ω/α$").between(0.0, 2.2),
        Axis::linear("angle to gradient (°)").between(0.0, 135.0),
    )
    .with(Element::Polygon {
        points: vec![(0.0, 90.0), (2.2, 90.0), (2.2, 135.0), (0.0, 135.0)],
        fill: Colour::Series(1),
        opacity: 0.10,
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
        stroke: Stroke::new(Colour::Series(0)).width(1.2),
        label: Some("$2\\arctan(ω/α)$".into()),
    })
    .with(Element::Markers {
        x: records.iter().map(|record| record.ratio).collect(),
        y: records
            .iter()
            .map(|record| record.measured_degrees.unwrap_or(f64::NAN))
            .collect(),
        marker: Marker::new(MarkerShape::Circle, Colour::Series(1)).fill(Fill::Open),
        colour_by: None,
        label: Some("measured on trajectories".into()),
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

/// Components shown of each network.
const COMPONENTS: usize = 3;

/// The velocity of the nudged neurons beside that of recurrent backpropagation.
fn time_resolved(records: &[TimeRecord]) -> Figure {
    let mut top = Vec::new();
    let mut bottom = Vec::new();
    for (column, record) in records.iter().enumerate() {
        let title = format!("Jacobian asymmetry {:.2}", record.jacobian_asymmetry);
        let tags = [["a", "b", "c"], ["d", "e", "f"]];
        let tag = |row: usize| tags[row][column % 3];
        top.push(components(record).tagged(tag(0)).titled(title));
        bottom.push(norms(record).tagged(tag(1)));
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
    let mut panel = Panel::new(Axis::linear(""), Axis::linear("velocity"));
    panel.aspect = Some(0.75);
    for (series, &i) in order.iter().take(COMPONENTS).enumerate() {
        let colour = Colour::Series(series);
        panel.elements.push(Element::Line {
            x: record.time.clone(),
            y: component(&record.nudged_predicted, i),
            stroke: Stroke::new(colour),
            label: (series == 0).then(|| "$-e^{\\mathrm{Jac}·t}c$".into()),
        });
        panel.elements.push(Element::Line {
            x: record.time.clone(),
            y: component(&record.backpropagation_predicted, i),
            stroke: Stroke::new(colour).dash(Dash::Dashed),
            label: (series == 0).then(|| "$-e^{\\mathrm{Jac}ᵀ·t}c$".into()),
        });
        let shown = |values: Vec<f64>| values.into_iter().step_by(8).collect::<Vec<_>>();
        panel.elements.push(Element::Markers {
            x: shown(record.time.clone()),
            y: shown(component(&record.nudged_velocity, i)),
            marker: Marker::new(MarkerShape::Circle, colour)
                .size(3.0)
                .fill(Fill::Open),
            colour_by: None,
            label: (series == 0).then(|| "nudged neurons, measured".into()),
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
    let mut panel = Panel::new(Axis::linear("time since the nudge"), Axis::log("norm"))
        .with(line(
            norms(&record.nudged_velocity),
            Stroke::new(Colour::Foreground),
            "norm, nudged neurons",
        ))
        .with(line(
            norms(&record.backpropagation_velocity),
            Stroke::new(Colour::Foreground).dash(Dash::Dashed),
            "norm, backpropagation",
        ))
        .with(line(
            gap,
            Stroke::new(Colour::Series(3)).dash(Dash::DashDotted),
            "norm of their difference",
        ));
    panel.aspect = Some(0.75);
    panel
}
