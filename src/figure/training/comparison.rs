//! Several runs over each other: what the estimators cost, and what the seeds change.

use super::super::{Axis, Element, Figure, LegendPlacement, Panel};
use super::groups::{Repeats, Spread, groups};
use super::panels::{epoch_axis, points, right_angle};
use super::share_axis::ShareAxis;
use crate::experiment::training::{EpochRecord, SavedRun};

type Measure = fn(&EpochRecord) -> Option<f64>;

/// Errors, angle, alignment, asymmetry and settling of every group.
pub(super) fn figure(runs: &[SavedRun]) -> Figure {
    let groups = groups(runs);
    let linear = |label: &str, measure: Measure| {
        let panel = Panel::new(epoch_axis(runs), Axis::linear(label));
        with_curves(panel, &groups, &|group| group.spread(measure))
    };
    let mut angle = linear("angle to gradient (°)", |record| {
        record.observables.as_ref()?.angle.as_ref()?.all
    });
    angle.elements.insert(0, right_angle());
    let mut panels = vec![
        shares(runs, "training error (%)", &groups, |record| {
            Some(record.training?.error)
        }),
        shares(runs, "test error (%)", &groups, |record| {
            Some(record.test?.error)
        }),
        angle,
        linear("mean $\\cos(W_{k+1}, B_k^⊤)$ (dimensionless)", mean_cosine),
        linear("Jacobian asymmetry (dimensionless)", |record| {
            record.observables.as_ref()?.jacobian_asymmetry
        }),
        shares(runs, "free phases not settled (%)", &groups, |record| {
            Some(1.0 - record.free.as_ref()?.settled)
        }),
    ];
    // what no run observed has no panel
    let drawn = |panel: &Panel| {
        let mut elements = panel.elements.iter();
        elements.any(|element| matches!(element, Element::Line { .. }))
    };
    if panels.iter().any(drawn) {
        panels.retain(drawn);
    }
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        legend: LegendPlacement::Below,
        share_x: true,
        description: Some(
            "Training and test error, angle between update and gradient, alignment of the weights, \
             asymmetry of the Jacobian and share of unsettled phases against the epoch. Lines are \
             means over seeds, and bands are the range over seeds."
                .into(),
        ),
        ..Figure::new(panels)
    }
    .lettered()
}

fn mean_cosine(record: &EpochRecord) -> Option<f64> {
    let pairs = &record.observables.as_ref()?.pairs;
    let cosines: Vec<f64> = pairs.iter().filter_map(|pair| pair.cosine).collect();
    (!cosines.is_empty()).then(|| cosines.iter().sum::<f64>() / cosines.len() as f64)
}

fn shares(runs: &[SavedRun], label: &str, groups: &[Repeats<'_>], measure: Measure) -> Panel {
    let spreads: Vec<Spread> = groups.iter().map(|group| group.spread(measure)).collect();
    let axis = ShareAxis::new(
        spreads
            .iter()
            .flat_map(|s| s.lowest.iter().chain(&s.highest).copied()),
    );
    let place = |values: Vec<f64>| values.into_iter().map(|value| axis.place(value)).collect();
    with_curves(axis.panel(epoch_axis(runs), label), groups, &|group| {
        let spread = group.spread(measure);
        Spread {
            mean: place(spread.mean),
            lowest: place(spread.lowest),
            highest: place(spread.highest),
            ..spread
        }
    })
}

fn with_curves(
    mut panel: Panel,
    groups: &[Repeats<'_>],
    spread: &dyn Fn(&Repeats<'_>) -> Spread,
) -> Panel {
    for group in groups {
        let spread = spread(group);
        if spread.epoch.is_empty() {
            continue;
        }
        if group.runs.len() > 1 {
            let (x, low, high) = (spread.epoch.clone(), spread.lowest, spread.highest);
            panel
                .elements
                .push(Element::band(x, low, high, group.stroke.colour));
        }
        let stroke = group.stroke.width(1.2);
        let marked = points(&spread.epoch, &spread.mean, stroke);
        panel.elements.extend(marked);
        let line = Element::line(spread.epoch, spread.mean, stroke);
        panel.elements.push(line.labelled(group.label.clone()));
    }
    panel.aspect = Some(0.62);
    panel
}
