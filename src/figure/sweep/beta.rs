//! Error of the estimates against β, with the order of each in the legend.

use std::collections::HashMap;

use super::super::statistics::BAND;
use super::super::{Axis, Colour, Dash, Element, Figure, LegendPlacement, Panel, Stroke};
use super::series::{Series, curve, estimated, series};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, OrderFit, SweepAxis, fit_order};
use crate::numeric::{median, quantile};

/// Curves that the legend can hold.
const MOST_CURVES: usize = 12;

/// One curve per estimator, or `None` unless |β| takes three values or more.
pub(super) fn figure(records: &[SweepRecord]) -> Option<Figure> {
    let curves = series(
        estimated(records),
        &[SweepAxis::Estimator, SweepAxis::Rtol, SweepAxis::Dynamics],
        MOST_CURVES,
    );
    let (mut back, mut front) = (Vec::new(), Vec::new());
    let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
    for (index, series) in curves.iter().enumerate() {
        let errors = Errors::of(series);
        if errors.beta.len() < 3 {
            front.extend(without_beta(series, index));
            continue;
        }
        smallest = smallest.min(errors.beta[0]);
        largest = largest.max(errors.beta[errors.beta.len() - 1]);
        let fit = fit_order(&errors.beta, &errors.networks);
        let (band, lines) = elements(&errors, series, index, fit);
        back.push(band);
        front.extend(lines);
    }
    if largest == 0.0 {
        return None;
    }
    back.push(Element::Line {
        x: vec![smallest, largest],
        y: vec![f64::EPSILON / smallest, f64::EPSILON / largest],
        stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
        label: Some("rounding: $ε/β$".into()),
    });
    let mut panel = Panel::new(
        Axis::log("influence parameter $β$ (dimensionless)"),
        Axis::log("relative error of the estimate"),
    )
    .with_legend(LegendPlacement::Right);
    panel.elements = back.into_iter().chain(front).collect();
    panel.aspect = Some(0.8);
    Some(Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        description: Some(
            "Relative error of every estimator against β, each towards its own limit: medians \
             over networks and 10 to 90 %, with the fitted order. \
             Errors of rounding grow as 1/β."
                .into(),
        ),
        ..Figure::new(vec![panel])
    })
}

/// Errors of one curve: ascending |β|, and for each network one error per β.
struct Errors {
    beta: Vec<f64>,
    networks: Vec<Vec<Option<f64>>>,
}

impl Errors {
    fn of(series: &Series) -> Self {
        let size = |record: &SweepRecord| record.point.beta.map(f64::abs);
        let mut beta: Vec<f64> = series.records.iter().filter_map(|r| size(r)).collect();
        beta.sort_by(f64::total_cmp);
        beta.dedup();
        let mut networks: Vec<Vec<Option<f64>>> = Vec::new();
        let mut rows = HashMap::new();
        for record in &series.records {
            let column = beta.iter().position(|beta| Some(*beta) == size(record));
            let Some(column) = column else { continue };
            // all that is not β, but for its sign
            let mut point = record.point.clone();
            point.beta = point.beta.map(f64::signum);
            let row = *rows.entry(format!("{point:?}")).or_insert_with(|| {
                networks.push(vec![None; beta.len()]);
                networks.len() - 1
            });
            networks[row][column] = Measure::EstimatorError.of(record);
        }
        Self { beta, networks }
    }

    /// A quantile over the networks, β by β. It is NaN (not drawn) where half of them or more have
    /// none.
    fn quantiles(&self, q: f64) -> Vec<f64> {
        let at = |k: usize| {
            let mut known: Vec<f64> = self.networks.iter().filter_map(|row| row[k]).collect();
            known.sort_by(f64::total_cmp);
            let enough = 2 * known.len() > self.networks.len();
            quantile(&known, q).filter(|_| enough).unwrap_or(f64::NAN)
        };
        (0..self.beta.len()).map(at).collect()
    }
}

/// Band, and the lines before all bands.
fn elements(
    errors: &Errors,
    series: &Series,
    index: usize,
    fit: Option<OrderFit>,
) -> (Element, Vec<Element>) {
    let name = &series.label;
    let [low, median, high] = BAND.map(|q| errors.quantiles(q));
    let order = fit.map_or_else(String::new, |fit| {
        let half = 0.5 * (fit.range.1 - fit.range.0);
        format!("slope {:.2} ± {half:.2}", fit.order)
    });
    let label = match (name.is_empty(), order.is_empty()) {
        (false, false) => format!("{name}: {order}"),
        _ => format!("{name}{order}"),
    };
    let band = Element::band(errors.beta.clone(), low, high, series.stroke(index).colour);
    (
        band,
        curve(series, index, &errors.beta, &median, &label).to_vec(),
    )
}

/// The median of an estimator that has no β, or none if it is exact.
fn without_beta(series: &Series, index: usize) -> Option<Element> {
    let errors = series.records.iter();
    let errors = errors.filter_map(|record| Measure::EstimatorError.of(record));
    let median = median(errors.collect()).filter(|median| *median > 0.0)?;
    Some(Element::HorizontalLine {
        at: median,
        stroke: series.stroke(index),
        label: Some(format!("{}: has no $β$", series.label)),
    })
}
