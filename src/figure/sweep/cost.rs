//! What an error costs: the fewest evaluations by which each estimator reaches it.

use super::super::{Axis, Element, Figure, LegendPlacement, Panel};
use super::series::{Series, estimated, series};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Aggregation, Group, Measure, SweepAxis};

const MOST_CURVES: usize = 12;
/// Errors beyond this say nothing.
const WORST: f64 = 1.0;
/// What a setting that costs more has to lower the error to.
const LOWER: f64 = 0.8;
/// Where an error of 0 stands.
const LEAST: f64 = 1e-16;

/// Evaluations against error, towards the estimator's own limit and towards the gradient, or `None`
/// unless an estimator was run with several β or tolerances.
pub(super) fn figure(records: &[SweepRecord]) -> Option<Figure> {
    let curves = series(
        estimated(records),
        &[SweepAxis::Estimator, SweepAxis::Dynamics],
        MOST_CURVES,
    );
    let panels: Vec<Panel> = [
        (Measure::EstimatorError, "error towards its own limit"),
        (Measure::RelativeError, "error towards the gradient"),
    ]
    .into_iter()
    .map(|(measure, label)| panel(&curves, measure, label))
    .collect();
    let several = panels.iter().any(|panel| !panel.elements.is_empty());
    several.then(|| {
        Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        panels,
        legend: LegendPlacement::Below,
        share_y: true,
        description: Some(
            "For every median error, the fewest evaluations of the right-hand side (median over \
             networks) by which an estimator reaches it, over all β and tolerances. Markers are \
             settings that no other one beats, each with an error a fifth or more below that of \
             the next cheaper one."
                .into(),
        ),
        ..Figure::default()
    }
    .lettered()
    })
}

fn panel(curves: &[Series], measure: Measure, label: &str) -> Panel {
    let mut panel = Panel::new(
        Axis::log(format!("relative {label}")),
        Axis::log("evaluations of the nudged phases"),
    );
    panel.aspect = Some(0.72);
    for (index, series) in curves.iter().enumerate() {
        let settings = frontier(settings(series, measure));
        if settings.is_empty() {
            continue;
        }
        let (x, y) = stairs(&settings);
        let line = Element::line(x, y, series.stroke(index).width(1.1));
        let (x, y): (Vec<f64>, Vec<f64>) = settings.into_iter().unzip();
        let markers = Element::markers(x, y, series.marker(index).size(3.8));
        let both = [line, markers].map(|element| element.labelled(&*series.label));
        panel.elements.extend(both);
    }
    panel
}

/// The median error over all networks and the median cost of every β and tolerance.
fn settings(series: &Series, measure: Measure) -> Vec<(f64, f64)> {
    let groups = Aggregation::of(
        series.records.iter().copied(),
        &[SweepAxis::Beta, SweepAxis::Rtol],
        &[measure, Measure::NudgedRhsEvaluations],
    )
    .finish();
    // a point without estimate has an infinite error, and counts
    let of = |group: &Group| Some((group.median_of_all(0)?, group.quantile(1, 0.5)?));
    groups.iter().filter_map(of).collect()
}

/// The settings that no other one beats in both, `(error, cost)` by increasing error. One that costs
/// more is among them if it lowers the error by more than a fifth.
fn frontier(mut settings: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    // a linear solve costs no evaluation, and has no place on a logarithmic axis
    settings.retain(|(error, cost)| *error <= WORST && *cost > 0.0);
    for (error, _) in &mut settings {
        *error = error.max(LEAST);
    }
    settings.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
    let mut best = f64::INFINITY;
    settings.retain(|(error, _)| {
        let better = *error < LOWER * best;
        if better {
            best = *error;
        }
        better
    });
    settings.reverse();
    settings
}

/// The fewest evaluations for every error from that of the best setting to the worst of all.
fn stairs(settings: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for (k, &(error, cost)) in settings.iter().enumerate() {
        let end = settings.get(k + 1).map_or(WORST, |next| next.0);
        x.extend([error, end]);
        y.extend([cost, cost]);
    }
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_least_cost_of_every_error() {
        let all = vec![
            (1e-3, 50.0),
            (1e-6, 200.0),
            // beaten by the first, and by nothing else
            (1e-2, 60.0),
            // not worth its cost
            (0.09, 30.0),
            (0.1, 20.0),
            (0.0, 900.0),
            (f64::INFINITY, 1.0),
            (1e-8, 0.0),
        ];
        let best = frontier(all.clone());
        assert_eq!(
            best,
            [(LEAST, 900.0), (1e-6, 200.0), (1e-3, 50.0), (0.1, 20.0)]
        );
        let (x, y) = stairs(&best);
        let at = |error: f64| {
            let known = best.iter().filter(|(e, _)| *e <= error);
            known.map(|(_, cost)| *cost).fold(f64::INFINITY, f64::min)
        };
        for k in (0..x.len()).step_by(2) {
            assert_eq!((y[k], y[k + 1]), (at(x[k]), at(x[k + 1] * 0.999)));
        }
        assert_eq!((x[7], y[7]), (WORST, 20.0));
        assert!(frontier(vec![(2.0, 1.0)]).is_empty());
    }
}
