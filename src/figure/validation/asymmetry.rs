//! Error and angle of many networks against their asymmetry.

use super::super::look::{HOPFIELD, LEAKY, Look, left_out};
use super::super::statistics::{BAND, BAND_LABEL, bands};
use super::super::{Axis, Dash, Element, Figure, LegendPlacement, Panel, Stroke};
use crate::experiment::NetworkRecord;

type Measure = fn(&NetworkRecord) -> Option<f64>;

/// One kind of network in the asymmetry figure.
struct Kind {
    /// What the family's name holds.
    family: &'static str,
    look: Look,
}

const KINDS: [Kind; 2] = [
    Kind {
        family: "leaky",
        look: LEAKY,
    },
    Kind {
        family: "hopfield",
        look: HOPFIELD,
    },
];
/// What is smaller has no place on the logarithmic axes: it is rounding.
const ROUNDING: f64 = 1e-9;
/// Bins of networks along the horizontal axis.
const BINS: usize = 12;

/// Error and angle of every network against the asymmetry of its Jacobian and of its weights.
pub(super) fn figure(networks: &[NetworkRecord]) -> Figure {
    let jacobian: fn(&NetworkRecord) -> f64 = |record| record.jacobian_asymmetry;
    let weights: fn(&NetworkRecord) -> f64 = |record| record.weight_asymmetry.unwrap_or(f64::NAN);
    let error: Measure = |record| record.relative_error;
    let angle: Measure = |record| record.angle_degrees;
    let of_jacobian = (jacobian, "Jacobian asymmetry (dimensionless)");
    let of_weights = (weights, "weight asymmetry (dimensionless)");
    let mut panels = Vec::new();
    for (y, y_label, bounded) in [
        (error, "relative error of EP", true),
        (angle, "angle to gradient (°)", false),
    ] {
        for (x, x_label) in [of_jacobian, of_weights] {
            let mut panel = Panel::new(Axis::log(x_label), Axis::log(y_label));
            panel.aspect = Some(0.62);
            let layers: [&dyn Fn(&Kind) -> Element; 3] = [
                &|kind| band(kind, &points(networks, kind, x, y)),
                &|kind| cloud(kind, points(networks, kind, x, y)),
                &|kind| median(kind, &points(networks, kind, x, y)),
            ];
            // both families of one kind of element stand beside each other in the legend
            let layers = layers.into_iter().flat_map(|layer| KINDS.iter().map(layer));
            panel.elements.extend(layers);
            if bounded {
                let bounds = KINDS.iter().map(|kind| bound(networks, kind, x));
                panel.elements.extend(bounds);
            }
            panels.push(panel);
        }
    }
    let drawn = networks.iter().filter(|record| record.asymmetry.is_some());
    let symmetric = drawn.filter(|record| weights(record) <= ROUNDING);
    panels[0].elements.extend(left_out(symmetric.count()));
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        legend: LegendPlacement::Below,
        share_x: true,
        panels,
        description: Some(
            "Relative error and angle of the equilibrium-propagation update against the asymmetry \
             of the Jacobian and of the weights, one point a network, medians and 10–90 % bands."
                .into(),
        ),
        ..Figure::default()
    }
    .lettered()
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
    members(networks, kind)
        .filter_map(|record| Some((x(record), y(record)?)))
        .filter(|(x, y)| *x > ROUNDING && *y > ROUNDING)
        .collect()
}

type Points = [(f64, f64)];

fn band(kind: &Kind, points: &Points) -> Element {
    let bands = bands(points, BINS, BAND);
    let [lower, _, upper] = bands.y;
    Element::Band {
        x: bands.x,
        lower,
        upper,
        fill: kind.look.colour,
        opacity: 0.18,
        label: Some(format!("{}: {BAND_LABEL}", kind.look.name)),
    }
}

fn cloud(kind: &Kind, points: Vec<(f64, f64)>) -> Element {
    let (x, y) = points.into_iter().unzip();
    Element::Markers {
        x,
        y,
        marker: kind.look.marker().size(2.6).opacity(0.55),
        colour_by: None,
        label: Some(format!("{}: networks", kind.look.name)),
    }
}

fn median(kind: &Kind, points: &Points) -> Element {
    let bands = bands(points, BINS, [0.5]);
    let [median] = bands.y;
    let stroke = Stroke::new(kind.look.colour).width(1.4);
    Element::line(bands.x, median, stroke).labelled(format!("{}: median", kind.look.name))
}

fn bound(networks: &[NetworkRecord], kind: &Kind, x: fn(&NetworkRecord) -> f64) -> Element {
    let points = points(networks, kind, x, |record| record.error_bound);
    let bands = bands(&points, BINS, [0.5]);
    let [median] = bands.y;
    Element::Line {
        x: bands.x,
        y: median,
        stroke: Stroke::new(kind.look.colour).dash(Dash::Dashed),
        label: Some(format!("{}: worst target", kind.look.name)),
    }
}
