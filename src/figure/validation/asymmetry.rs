//! Error and angle of many networks against their asymmetry.

use super::super::statistics::bands;
use super::super::{
    Axis, Colour, Dash, Element, Figure, LegendPlacement, Marker, MarkerShape, Panel, Stroke,
};
use crate::experiment::NetworkRecord;

type Measure = fn(&NetworkRecord) -> Option<f64>;

/// One kind of network in the asymmetry figure.
struct Kind {
    /// What the family's name holds, and what the legend says.
    family: &'static str,
    name: &'static str,
    marker: MarkerShape,
    series: usize,
}

const KINDS: [Kind; 2] = [
    Kind {
        family: "leaky",
        name: "leaky",
        marker: MarkerShape::Circle,
        series: 1,
    },
    Kind {
        family: "hopfield",
        name: "Hopfield",
        marker: MarkerShape::TriangleUp,
        series: 0,
    },
];

/// Error and angle of every network against the asymmetry of its Jacobian and of its weights.
pub(super) fn figure(networks: &[NetworkRecord]) -> Figure {
    let jacobian: fn(&NetworkRecord) -> f64 = |record| record.jacobian_asymmetry;
    let weights: fn(&NetworkRecord) -> f64 = |record| record.weight_asymmetry.unwrap_or(f64::NAN);
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
        .filter(|record| record.asymmetry.is_some() && record.family.contains(kind.family))
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
    let bands = bands(&points, 12, [0.1, 0.5, 0.9]);
    let [lower, median, upper] = bands.y;
    let colour = Colour::Series(kind.series);
    let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    vec![
        Element::Band {
            x: bands.x.clone(),
            lower,
            upper,
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
            y: median,
            stroke: Stroke::new(colour).width(1.4),
            label: Some(format!("{}: median", kind.name)),
        },
    ]
}

fn bound(networks: &[NetworkRecord], kind: &Kind, x: fn(&NetworkRecord) -> f64) -> Element {
    let points = points(networks, kind, x, |record| record.error_bound);
    let bands = bands(&points, 12, [0.5]);
    let [median] = bands.y;
    Element::Line {
        x: bands.x,
        y: median,
        stroke: Stroke::new(Colour::Series(kind.series)).dash(Dash::Dashed),
        label: Some(format!("{}: median bound", kind.name)),
    }
}
