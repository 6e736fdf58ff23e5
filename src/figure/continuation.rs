//! A bifurcation diagram: how far a fixed point can be carried.

use super::look::{rate_unit, unit};
use super::state_name::state_axis;
use super::{
    Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Marker, MarkerShape, Panel, Stroke,
};
use crate::dynamics::EventKind;
use crate::experiment::{BranchRecord, ContinuationRecord, EventRecord};

/// The figures of a continuation: a component over the leading eigenvalue, and the cost over it if the
/// problem has one.
pub fn continuation_figures(record: &ContinuationRecord) -> Vec<(&'static str, Figure)> {
    let i = record.component;
    let component = diagram(
        record,
        &state_axis(&record.names, i),
        &|b, k| b.state[k][i],
        &|e| e.state[i],
    );
    let mut figures = vec![("component", component)];
    if record.branches.iter().all(|branch| !branch.cost.is_empty()) {
        let of_event: OfEvent<'_> = &|event| event.cost.unwrap_or(f64::NAN);
        let label = format!("cost $C$ ({})", unit(&record.names));
        let cost = diagram(record, &label, &|b, k| b.cost[k], of_event);
        figures.push(("cost", cost));
    }
    figures
}

type OfPoint<'a> = &'a dyn Fn(&BranchRecord, usize) -> f64;
type OfEvent<'a> = &'a dyn Fn(&EventRecord) -> f64;

fn name(record: &ContinuationRecord) -> String {
    let parameter = record.parameter.as_str();
    let name = match parameter.split_once(':') {
        Some((_, neuron)) => format!("bias $b_{{{neuron}}}$"),
        None if parameter == "beta" => "influence parameter $β$".into(),
        None if parameter == "gain" => "gain $g$".into(),
        None if parameter == "asymmetry" => "asymmetry $λ$".into(),
        None => return format!("{parameter} ({})", unit(&record.names)),
    };
    format!("{name} (dimensionless)")
}

fn diagram(
    record: &ContinuationRecord,
    label: &str,
    of_point: OfPoint<'_>,
    of_event: OfEvent<'_>,
) -> Figure {
    let leading: OfPoint<'_> =
        &|branch, k| branch.leading_eigenvalue[k].map_or(f64::NAN, |value| value[0]);
    let leading_of_event: OfEvent<'_> =
        &|event| event.eigenvalues.first().map_or(f64::NAN, |v| v[0]);
    let [low, high] = record.range;
    let axis = || Axis::linear(name(record)).between(low, high);
    let mut upper = panel(
        record,
        Panel::new(axis(), Axis::linear(label)),
        of_point,
        of_event,
    );
    let abscissa = format!("spectral abscissa ({})", rate_unit(&record.names));
    let lower = Panel::new(axis(), Axis::linear(abscissa)).with(Element::HorizontalLine {
        at: 0.0,
        stroke: Stroke::new(Colour::Muted).width(0.6),
        label: None,
    });
    let mut lower = panel(record, lower, leading, leading_of_event);
    (upper.aspect, lower.aspect) = (Some(0.62), Some(0.45));
    Figure {
        share_x: true,
        legend: LegendPlacement::Below,
        description: Some(format!(
            "Fixed points against {}: stable solid, unstable dashed. Folds, Hopf points and branch points are marked.",
            record.parameter
        )),
        ..Figure::new(vec![upper, lower])
    }
    .lettered()
}

fn panel(
    record: &ContinuationRecord,
    mut panel: Panel,
    of_point: OfPoint<'_>,
    of_event: OfEvent<'_>,
) -> Panel {
    if let Some(reach) = record.symmetric_window {
        let ends = [record.nominal - reach, record.nominal + reach];
        for (k, at) in ends.into_iter().enumerate() {
            panel.elements.push(Element::VerticalLine {
                at,
                stroke: Stroke::new(Colour::Muted).width(0.7).dash(Dash::Dotted),
                label: (k == 0).then(|| format!("symmetric window, ±{reach:.4}")),
            });
        }
    }
    for (wanted, text) in [(true, "stable"), (false, "unstable")] {
        let stroke = if wanted {
            Stroke::new(Colour::Series(0)).width(1.3)
        } else {
            Stroke::new(Colour::Series(1)).width(1.0).dash(Dash::Dashed)
        };
        let branches = record.branches.iter();
        let pieces = branches.flat_map(|branch| pieces(branch, of_point, of_event));
        let mut label = Some(text.into());
        for (_, x, y) in pieces.filter(|(stable, _, _)| *stable == wanted) {
            panel.elements.push(Element::Line {
                x,
                y,
                stroke,
                label: label.take(),
            });
        }
    }
    let start = &record.branches[0];
    panel.elements.push(Element::Markers {
        x: vec![start.parameter[start.start]],
        y: vec![of_point(start, start.start)],
        marker: Marker::new(MarkerShape::Circle, Colour::Series(0)).size(4.6),
        colour_by: None,
        label: Some(match record.at {
            None => "reached by the dynamics".into(),
            Some(_) => "followed from here".into(),
        }),
    });
    for (kinds, shape, text) in [
        (&[EventKind::Fold][..], MarkerShape::Square, "fold"),
        (
            &[EventKind::Hopf, EventKind::DoubleHopf, EventKind::ZeroHopf],
            MarkerShape::Diamond,
            "Hopf",
        ),
        (
            &[EventKind::BranchPoint],
            MarkerShape::TriangleUp,
            "branch point",
        ),
        (
            &[EventKind::Bound, EventKind::Kink],
            MarkerShape::Circle,
            "bound or kink",
        ),
    ] {
        let events = record.branches.iter().flat_map(|branch| &branch.events);
        let of_kind: Vec<_> = events.filter(|event| kinds.contains(&event.kind)).collect();
        if of_kind.is_empty() {
            continue;
        }
        panel.elements.push(Element::Markers {
            x: of_kind.iter().map(|event| event.parameter).collect(),
            y: of_kind.iter().map(|event| of_event(event)).collect(),
            marker: Marker::new(shape, Colour::Foreground)
                .size(4.6)
                .fill(Fill::Open),
            colour_by: None,
            label: Some(text.into()),
        });
    }
    panel
}

/// The branch cut where its stability changes, each piece reaching the event that ends it.
fn pieces(
    branch: &BranchRecord,
    of_point: OfPoint<'_>,
    of_event: OfEvent<'_>,
) -> Vec<(bool, Vec<f64>, Vec<f64>)> {
    let mut out: Vec<(bool, Vec<f64>, Vec<f64>)> = Vec::new();
    for k in 0..branch.parameter.len() {
        let stable = branch.stable(k);
        for event in branch.events.iter().filter(|event| event.position == k) {
            match out.last_mut() {
                Some((_, x, y)) => {
                    x.push(event.parameter);
                    y.push(of_event(event));
                }
                // a branch that leaves another one begins there
                None => out.push((stable, vec![event.parameter], vec![of_event(event)])),
            }
        }
        if out.last().is_none_or(|(last, _, _)| *last != stable) {
            let joint = out
                .last()
                .and_then(|(_, x, y)| Some((*x.last()?, *y.last()?)));
            let (x, y) = joint.map_or((vec![], vec![]), |(x, y)| (vec![x], vec![y]));
            out.push((stable, x, y));
        }
        if let Some((_, x, y)) = out.last_mut() {
            x.push(branch.parameter[k]);
            y.push(of_point(branch, k));
        }
    }
    out
}
