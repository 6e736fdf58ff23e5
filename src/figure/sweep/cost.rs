//! What an error costs: the fewest evaluations by which each estimator reaches it.

use super::super::{Axis, Figure, LegendPlacement, Panel};
use super::series::{Series, curve, estimated, series};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Aggregation, Measure, SweepAxis};

const MOST_CURVES: usize = 12;
/// Error levels a decade.
const LEVELS: i32 = 2;

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
            "For every level of the median error, the fewest evaluations of the right-hand side \
             (median over networks) by which an estimator reaches it, over all β and tolerances."
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
        let (x, y) = envelope(series, measure).into_iter().unzip();
        let (x, y): (Vec<f64>, Vec<f64>) = (x, y);
        if x.is_empty() {
            continue;
        }
        panel
            .elements
            .extend(curve(series, index, &x, &y, &series.label));
    }
    panel
}

/// Error levels, each with the least cost of a β and a tolerance that reach it in half of all
/// networks or more.
fn envelope(series: &Series, measure: Measure) -> Vec<(f64, f64)> {
    let groups = Aggregation::of(
        series.records.iter().copied(),
        &[SweepAxis::Beta, SweepAxis::Rtol],
        &[measure, Measure::NudgedRhsEvaluations],
    )
    .finish();
    // a point without estimate has an infinite error, and counts
    let settings: Vec<(f64, f64)> = groups
        .iter()
        .filter_map(|group| Some((group.median_of_all(0)?, group.quantile(1, 0.5)?)))
        .collect();
    let mut levels = Vec::new();
    for exponent in -16 * LEVELS..=0 {
        let level = 10_f64.powf(f64::from(exponent) / f64::from(LEVELS));
        let reached = settings.iter().filter(|(error, _)| *error <= level);
        let cheapest = reached
            .map(|setting| setting.1)
            .fold(f64::INFINITY, f64::min);
        // a linear solve costs no evaluation, and has no place on a logarithmic axis
        if cheapest.is_finite() && cheapest > 0.0 {
            levels.push((level, cheapest));
        }
    }
    levels
}
