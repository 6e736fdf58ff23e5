//! The panels of one run: everything against the epoch.

use std::slice::from_ref;

use super::super::look::{FREE, Look, NUDGED};
use super::super::{
    Axis, Colour, Dash, Element, LegendPlacement, Marker, MarkerShape, Panel, Stroke,
};
use super::share_axis::ShareAxis;
use crate::experiment::training::{
    EpochRecord, Observables, Quantiles, SavedRun, SetRecord, SettleRecord,
};

/// Up to this many epochs each one is marked.
const FEW: usize = 12;

/// Epochs, with one value each where it is known.
pub(super) fn curve(
    run: &SavedRun,
    value: impl Fn(&EpochRecord) -> Option<f64>,
) -> (Vec<f64>, Vec<f64>) {
    let known = run
        .records
        .iter()
        .filter_map(|record| Some((record.epoch as f64, value(record)?)));
    known.unzip()
}

/// The axis of epochs, the same for what is known from the start on and for what is not. Of few
/// epochs, each has its tick.
pub(super) fn epoch_axis(runs: &[SavedRun]) -> Axis {
    let epochs = || {
        let records = runs.iter().flat_map(|run| &run.records);
        records.map(|record| record.epoch)
    };
    let (first, last) = (epochs().min().unwrap_or(0), epochs().max().unwrap_or(0));
    let ticks = || (0..=last).map(|epoch| (epoch as f64, epoch.to_string()));
    let axis = Axis::linear("epoch");
    let room = axis.margin * (last - first) as f64;
    Axis {
        range: (first < last).then_some((first as f64 - room, last as f64 + room)),
        ticks: (last <= FEW).then(|| ticks().collect()),
        ..axis
    }
}

/// A curve that belongs to a label and a stroke.
struct Series {
    label: String,
    stroke: Stroke,
    x: Vec<f64>,
    y: Vec<f64>,
}

fn series(
    run: &SavedRun,
    label: impl Into<String>,
    stroke: Stroke,
    value: impl Fn(&EpochRecord) -> Option<f64>,
) -> Series {
    let (x, y) = curve(run, value);
    Series {
        label: label.into(),
        stroke: stroke.width(1.2),
        x,
        y,
    }
}

/// Markers on the points of a curve that has few of them: between them nothing was measured.
pub(super) fn points(x: &[f64], y: &[f64], stroke: Stroke) -> Option<Element> {
    let marker = Marker::new(MarkerShape::Circle, stroke.colour).size(2.6);
    (x.len() <= FEW).then(|| Element::markers(x, y, marker))
}

/// The panel with the curves that have points, and its legend.
fn with_series(mut panel: Panel, series: Vec<Series>) -> Panel {
    for series in series.into_iter().filter(|series| !series.x.is_empty()) {
        panel
            .elements
            .extend(points(&series.x, &series.y, series.stroke));
        let line = Element::line(series.x, series.y, series.stroke);
        panel.elements.push(line.labelled(series.label));
    }
    panel.aspect = Some(0.62);
    panel.with_legend(LegendPlacement::Below)
}

fn shares(run: &SavedRun, label: &str, mut series: Vec<Series>) -> Panel {
    let axis = ShareAxis::new(series.iter().flat_map(|series| series.y.iter().copied()));
    for y in series.iter_mut().flat_map(|series| &mut series.y) {
        *y = axis.place(*y);
    }
    with_series(axis.panel(epoch_axis(from_ref(run)), label), series)
}

type OfSet = fn(&EpochRecord) -> Option<SetRecord>;

const SETS: [(&str, OfSet); 3] = [
    ("training", |record| record.training),
    ("test", |record| record.test),
    ("validation", |record| record.validation),
];

fn of_sets(run: &SavedRun, value: fn(SetRecord) -> f64) -> Vec<Series> {
    let of_set = |(k, (name, set)): (usize, (&str, OfSet))| {
        series(run, name, Stroke::series(k), move |record| {
            set(record).map(value)
        })
    };
    SETS.into_iter().enumerate().map(of_set).collect()
}

pub(super) fn error(run: &SavedRun) -> Panel {
    shares(run, "error (%)", of_sets(run, |set| set.error))
}

pub(super) fn cost(run: &SavedRun) -> Panel {
    let panel = Panel::new(
        epoch_axis(from_ref(run)),
        Axis::log("cost $C$ (dimensionless)"),
    );
    with_series(panel, of_sets(run, |set| set.cost))
}

/// One curve per pair of layers.
fn of_pairs(run: &SavedRun, value: fn(&Observables, usize) -> Option<f64>) -> Vec<Series> {
    let pairs = run.settings.network.sizes.len().saturating_sub(2);
    let of_pair = |k: usize| {
        series(
            run,
            format!("$W_{{{}}}$, $B_{{{}}}$", k + 2, k + 1),
            Stroke::series(k),
            move |record| value(record.observables.as_ref()?, k),
        )
    };
    (0..pairs).map(of_pair).collect()
}

fn zero_line() -> Element {
    Element::HorizontalLine {
        at: 0.0,
        stroke: Stroke::new(Colour::Muted).width(0.6),
        label: None,
    }
}

pub(super) fn cosine(run: &SavedRun) -> Panel {
    let label = "$\\cos(W_{k+1}, B_k^⊤)$ (dimensionless)";
    let panel = Panel::new(epoch_axis(from_ref(run)), Axis::linear(label)).with(zero_line());
    with_series(
        panel,
        of_pairs(run, |observables, k| observables.pairs.get(k)?.cosine),
    )
}

pub(super) fn trace(run: &SavedRun) -> Panel {
    let label = "tr$(B_k W_{k+1})$ (dimensionless)";
    let panel = Panel::new(epoch_axis(from_ref(run)), Axis::linear(label)).with(zero_line());
    let trace = |observables: &Observables, k: usize| Some(observables.pairs.get(k)?.trace);
    with_series(panel, of_pairs(run, trace))
}

/// The angle of every matrix, feedforward `W_k` and feedback `B_k`. Biases are left out.
pub(super) fn angle(run: &SavedRun) -> Panel {
    let layers = run.settings.network.sizes.len() - 1;
    let blocks = (0..layers)
        .map(|k| ("forward", "W", k, Dash::Solid))
        .chain((0..layers.saturating_sub(1)).map(|k| ("feedback", "B", k, Dash::Dashed)));
    let all = series(run, "all", Stroke::new(Colour::Foreground), |record| {
        record.observables.as_ref()?.angle.as_ref()?.all
    });
    let mut curves = vec![Series {
        stroke: all.stroke.width(2.0),
        ..all
    }];
    for (name, symbol, k, dash) in blocks {
        let block = format!("{name}[{k}]");
        let stroke = Stroke::new(Colour::Series(k)).dash(dash);
        let label = format!("${symbol}_{{{}}}$", k + 1);
        curves.push(series(run, label, stroke, |record| {
            let angle = record.observables.as_ref()?.angle.as_ref()?;
            angle
                .blocks
                .iter()
                .find(|value| value.block == block)?
                .value
        }));
    }
    let panel = Panel::new(
        epoch_axis(from_ref(run)),
        Axis::linear("angle to gradient (°)"),
    )
    .with(right_angle());
    with_series(panel, curves)
}

/// Beyond it the update ascends.
pub(super) fn right_angle() -> Element {
    Element::HorizontalLine {
        at: 90.0,
        stroke: Stroke::new(Colour::Muted).width(0.8).dash(Dash::Dotted),
        label: Some("90°".into()),
    }
}

pub(super) fn asymmetry(run: &SavedRun) -> Panel {
    let panel = Panel::new(
        epoch_axis(from_ref(run)),
        Axis::linear("Jacobian asymmetry (dimensionless)"),
    );
    let curve = series(run, "", Stroke::series(0), |record| {
        record.observables.as_ref()?.jacobian_asymmetry
    });
    with_series(panel.with(zero_line()), vec![curve])
}

pub(super) fn abscissa(run: &SavedRun) -> Panel {
    let label = "spectral abscissa (1/time constant)";
    let panel = Panel::new(epoch_axis(from_ref(run)), Axis::linear(label));
    let curve = series(run, "", Stroke::series(0), |record| {
        record.observables.as_ref()?.spectral_abscissa
    });
    with_series(panel.with(zero_line()), vec![curve])
}

type OfPhase = fn(&EpochRecord) -> Option<&SettleRecord>;

const PHASES: [(Look, OfPhase); 2] = [
    (FREE, |record| record.free.as_ref()),
    (NUDGED, |record| record.nudged.as_ref()),
];

/// One curve per phase.
fn of_phases(run: &SavedRun, value: fn(&SettleRecord) -> Option<f64>) -> Vec<Series> {
    let of_phase = |(look, phase): (Look, OfPhase)| {
        series(run, look.name, look.stroke(), move |record| {
            value(phase(record)?)
        })
    };
    PHASES.into_iter().map(of_phase).collect()
}

pub(super) fn unsettled(run: &SavedRun) -> Panel {
    let curves = of_phases(run, |phase| Some(1.0 - phase.settled));
    shares(run, "phases not settled (%)", curves)
}

pub(super) fn sweeps(run: &SavedRun) -> Panel {
    let panel = Panel::new(
        epoch_axis(from_ref(run)),
        Axis::linear("mean sweeps of a phase"),
    );
    with_series(panel, of_phases(run, |phase| phase.mean_sweeps))
}

type OfQuantiles = fn(&Quantiles) -> Option<f64>;

pub(super) fn residual(run: &SavedRun) -> Panel {
    let quantiles: [(&str, Dash, OfQuantiles); 3] = [
        ("median", Dash::Solid, |q| q.median),
        ("99 %", Dash::Dashed, |q| q.p99),
        ("99.9 %", Dash::Dotted, |q| q.p999),
    ];
    // the colour says which phase, the dash which quantile
    let mut curves = Vec::new();
    for (look, phase) in PHASES {
        for (name, dash, value) in quantiles {
            let label = if name == "median" { look.name } else { "" };
            let stroke = look.stroke().dash(dash);
            curves.push(series(run, label, stroke, move |record| {
                value(&phase(record)?.residual)
            }));
        }
    }
    let dashes = quantiles.map(|(name, dash, _)| {
        let stroke = Stroke::new(Colour::Foreground).dash(dash).width(1.2);
        Element::line([], [], stroke).labelled(name)
    });
    let tolerance = Element::HorizontalLine {
        at: run.settings.settle.tolerance,
        stroke: Stroke::new(Colour::Muted).width(0.8).dash(Dash::Dotted),
        label: Some("tolerance".into()),
    };
    let label = "residual $‖Π(μ)‖_∞$ (dimensionless)";
    let panel = Panel::new(epoch_axis(from_ref(run)), Axis::log(label));
    let mut panel = with_series(panel.with(tolerance), curves);
    panel.elements.extend(dashes);
    panel
}
