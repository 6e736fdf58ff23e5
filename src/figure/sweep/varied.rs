//! What EP does along the values of a problem.

use super::super::statistics::{BAND, BAND_LABEL};
use super::super::{Axis, Colour, Dash, Element, Figure, LegendPlacement, Panel, Scale, Stroke};
use super::labels::{axis_label, measure_label, own_names, panel_axis};
use super::series::{Series, curve, series, values};
use super::varied_axes;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};
use crate::numeric::quantile;

/// Curves that can be told apart.
const MOST_CURVES: usize = 8;
/// From this many times the median on, an error takes the room of all others.
const TOWER: f64 = 1e3;

/// Angle, error, asymmetry and leading eigenvalue against the first value that is varied, a curve
/// for each of the others, with gaps where nothing rests. Values for which there are too many curves
/// share one, the median with its band.
pub(super) fn figure(records: &[SweepRecord]) -> Figure {
    let several = |axis: &SweepAxis| values(records, axis).len() > 1;
    let x = varied_axes(records)
        .find(several)
        .or_else(|| varied_axes(records).next())
        .unwrap_or(SweepAxis::Beta);
    let names = own_names(records);
    let x_axis = Axis {
        scale: spacing(records, &x),
        ..Axis::linear(axis_label(&x, &names))
    };
    let others: Vec<SweepAxis> = varied_axes(records)
        .chain([SweepAxis::Estimator, SweepAxis::Beta, SweepAxis::Rtol])
        .filter(|axis| *axis != x)
        .collect();
    let curves = series(records, &others, MOST_CURVES);
    let panels = [
        Measure::AngleDegrees,
        Measure::RelativeError,
        Measure::JacobianAsymmetry,
        Measure::SpectralAbscissa,
    ];
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: 2,
        panels: panels
            .into_iter()
            .map(|measure| panel(&curves, &x, &x_axis, measure, &names))
            .collect(),
        legend: LegendPlacement::Below,
        share_x: true,
        description: Some(format!(
            "Angle and relative error of the update, asymmetry of the Jacobian and leading \
             eigenvalue against {}. Dashed: the error for the worst target. There are gaps where \
             the free phase does not rest. Bands are from 10 to 90 % of the values that share a \
             curve, and its line is their median.",
            x.name()
        )),
        ..Figure::default()
    }
    .lettered()
}

/// The scale on which the values along an axis are spaced more evenly.
fn spacing(records: &[SweepRecord], axis: &SweepAxis) -> Scale {
    let known = values(records, axis);
    let mut known: Vec<f64> = known.iter().filter_map(|value| value.number()).collect();
    known.sort_by(f64::total_cmp);
    let unevenness = |place: fn(f64) -> f64| {
        let steps = known.windows(2).map(|pair| place(pair[1]) - place(pair[0]));
        let (least, most) = steps.fold((f64::INFINITY, 0.0_f64), |(least, most), step| {
            (least.min(step), most.max(step))
        });
        most / least
    };
    let positive = known.first().is_some_and(|least| *least > 0.0);
    if positive && known.len() > 2 && unevenness(f64::ln) < unevenness(|value| value) {
        Scale::Log
    } else {
        Scale::Linear
    }
}

/// Quantiles of a measure at each x, records at the same x being together. They are NaN (not drawn)
/// where fewer than half of them know it.
fn quantiles<const N: usize>(
    groups: &[Vec<&SweepRecord>],
    measure: Measure,
    wanted: [f64; N],
) -> [Vec<f64>; N] {
    let mut curves = [const { Vec::new() }; N];
    for group in groups {
        let known = group.iter().filter_map(|record| measure.of(record));
        let mut known: Vec<f64> = known.collect();
        known.sort_by(f64::total_cmp);
        let enough = 2 * known.len() >= group.len();
        for (curve, q) in curves.iter_mut().zip(wanted) {
            curve.push(quantile(&known, q).filter(|_| enough).unwrap_or(f64::NAN));
        }
    }
    curves
}

/// Whether some error is so large, where the gradient nearly vanishes, that it hides all others.
fn towers(curves: &[Series]) -> bool {
    let records = curves.iter().flat_map(|curve| &curve.records);
    let errors = records.filter_map(|record| Measure::RelativeError.of(record));
    let mut errors: Vec<f64> = errors.collect();
    errors.sort_by(f64::total_cmp);
    let largest = errors.last().copied().unwrap_or(0.0);
    quantile(&errors, 0.5).is_some_and(|median| median > 0.0 && largest > TOWER * median)
}

fn panel(
    curves: &[Series],
    x: &SweepAxis,
    x_axis: &Axis,
    measure: Measure,
    names: &[String],
) -> Panel {
    let scale = if measure == Measure::RelativeError && towers(curves) {
        Scale::Log
    } else {
        Scale::Linear
    };
    let axis = panel_axis(measure_label(measure, names), scale);
    let mut panel = Panel::new(x_axis.clone(), axis);
    panel.aspect = Some(0.62);
    let mut bands = Vec::new();
    for (index, one) in curves.iter().enumerate() {
        let mut records: Vec<(f64, &SweepRecord)> = (one.records.iter())
            .filter_map(|record| Some((x.of(&record.point).number()?, *record)))
            .collect();
        records.sort_by(|a, b| a.0.total_cmp(&b.0));
        let groups = || records.chunk_by(|a, b| a.0 == b.0);
        let at: Vec<f64> = groups().map(|group| group[0].0).collect();
        let shared = at.len() < records.len();
        let groups: Vec<Vec<&SweepRecord>> = groups()
            .map(|group| group.iter().map(|(_, record)| *record).collect())
            .collect();
        let [low, median, high] = quantiles(&groups, measure, BAND);
        let colour = one.stroke(index).colour;
        if shared {
            let band = Element::band(at.as_slice(), low, high, colour);
            bands.push(band.labelled(BAND_LABEL));
        }
        panel
            .elements
            .extend(curve(one, index, &at, &median, &one.label));
        if measure == Measure::RelativeError {
            let stroke = Stroke::new(colour).dash(Dash::Dashed);
            let [worst] = quantiles(&groups, Measure::ErrorBound, [0.5]);
            let bound = Element::line(at.as_slice(), worst, stroke);
            panel.elements.push(bound.labelled("worst target"));
        }
    }
    panel.elements.splice(0..0, bands);
    let level = match measure {
        Measure::AngleDegrees => Some((90.0, "90°: no descent beyond")),
        Measure::SpectralAbscissa => Some((0.0, "0: not stable beyond")),
        _ => None,
    };
    panel
        .elements
        .extend(level.map(|(at, label)| Element::HorizontalLine {
            at,
            stroke: Stroke::new(Colour::Muted).dash(Dash::Dotted),
            label: Some(label.into()),
        }));
    panel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::sweep::aggregate::read_records;

    fn fitzhugh_nagumo() -> Vec<SweepRecord> {
        let study = "plots/fields_study/FitzHugh-Nagumo";
        read_records(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(study)).unwrap()
    }

    #[test]
    fn values_that_share_a_curve_are_a_median_with_its_band() {
        let records = fitzhugh_nagumo();
        let figure = figure(&records);
        let panel = &figure.panels[0];
        assert_eq!(panel.x.label, "wv (model\u{a0}units)");
        assert_eq!(panel.x.scale, Scale::Log);
        let mut lines = 0;
        for element in &panel.elements {
            if let Element::Line { x, y, .. } = element {
                lines += 1;
                assert!(x.is_sorted_by(|a, b| a < b), "one value at each x: {x:?}");
                // the line at the first x, from the records themselves
                let at = |record: &&SweepRecord| {
                    SweepAxis::Varied("wv".into()).of(&record.point).number() == Some(x[0])
                };
                let angles = records
                    .iter()
                    .filter(at)
                    .filter_map(|r| r.measured.angle_degrees);
                let (low, high) =
                    angles.fold((f64::INFINITY, 0.0_f64), |(l, h), a| (l.min(a), h.max(a)));
                assert!(y[0].is_nan() || (low <= y[0] && y[0] <= high));
            }
        }
        let bands = panel
            .elements
            .iter()
            .filter(|element| matches!(element, Element::Band { .. }));
        assert!(lines == 6 && bands.count() == 6, "a curve for each vw");
    }

    #[test]
    fn one_value_at_each_point_has_no_band_and_no_empty_legend_entry() {
        let mut records = fitzhugh_nagumo();
        let first = records[0].point.clone();
        records.retain(|record| {
            let mut pairs = record.point.varied().iter().zip(first.varied());
            pairs.all(|(here, there)| here.0 == "wv" || here == there)
        });
        let figure = figure(&records);
        for element in figure.panels.iter().flat_map(|panel| &panel.elements) {
            assert!(!matches!(element, Element::Band { .. }));
            assert_ne!(element.label(), Some(""));
        }
    }
}
