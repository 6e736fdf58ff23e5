//! One number over two axes of the grid, as colours.

use super::super::{
    Colour, ColourBar, ColourMap, ColourScale, Element, Figure, LegendPlacement, Panel, Scale,
};
use super::cells::Cells;
use super::labels::{measure_label, own_names};
use super::series::series;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};

/// Vector fields side by side.
const MOST_PANELS: usize = 2;
/// Colours told apart.
const SHADES: u16 = 256;
/// Amounts over more than this ratio are better seen on a logarithmic scale.
const WIDE: f64 = 30.0;
/// The smallest amount, over the largest, that has a colour of its own.
const DEEPEST: f64 = 1e-6;

/// The median of a number over all records of a cell that know it, one panel per vector field.
pub(super) fn figure(records: &[SweepRecord], axes: &[SweepAxis; 2], measure: Measure) -> Figure {
    let fields = series(records, &[SweepAxis::Dynamics], MOST_PANELS);
    let maps: Vec<(Cells, Vec<f64>)> = fields
        .iter()
        .map(|field| {
            let cells = Cells::new(field.records.iter().copied(), axes, &[measure]);
            let values = cells.values(|group| group.quantile(0, 0.5));
            (cells, values)
        })
        .collect();
    let all: Vec<f64> = maps.iter().flat_map(|map| map.1.iter().copied()).collect();
    let scale = colour_scale(&all, measure);
    let mut panels: Vec<Panel> = fields
        .iter()
        .zip(&maps)
        .map(|(field, (cells, values))| {
            let mut panel = Panel::new(cells.x.panel_axis(), cells.y.panel_axis())
                .with(shaded(cells, values, &scale));
            if values.iter().any(|value| value.is_nan()) {
                panel.elements.push(unknown());
            }
            panel.title = Some(field.label.clone()).filter(|label| !label.is_empty());
            panel.aspect = Some(0.8);
            panel
        })
        .collect();
    let columns = panels.len();
    if let Some(last) = panels.last_mut() {
        last.colour_bar = Some(ColourBar {
            scale,
            label: format!("median {}", measure_label(measure, &own_names(records))),
        });
    }
    Figure {
        width_mm: if columns > 1 {
            Figure::TWO_COLUMNS_MM
        } else {
            Figure::ONE_COLUMN_MM
        },
        columns,
        panels,
        legend: LegendPlacement::Below,
        share_y: true,
        description: Some(format!(
            "Median of {} over {} and {}.",
            measure.name(),
            axes[0].name(),
            axes[1].name()
        )),
        ..Figure::default()
    }
    .lettered()
}

/// Amounts in viridis, logarithmic if they span much (angles never), and signed numbers from blue
/// over white to red.
fn colour_scale(values: &[f64], measure: Measure) -> ColourScale {
    let known = || values.iter().copied().filter(|value| value.is_finite());
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    if low < 0.0 && high > 0.0 {
        let most = high.max(-low);
        ColourScale::linear(-most, most).map(ColourMap::BlueRed)
    } else if measure != Measure::AngleDegrees && low > 0.0 && high > WIDE * low {
        // what is exact but for rounding must not take most of the colours
        ColourScale::log(low.max(DEEPEST * high), high)
    } else {
        ColourScale::linear(low, high)
    }
}

/// The cells in the colours of a scale. Those without a number are grey.
pub(super) fn shaded(cells: &Cells, values: &[f64], scale: &ColourScale) -> Element {
    let (low, high) = scale.range;
    let position = |value: f64| match scale.scale {
        Scale::Linear => (value - low) / (high - low),
        Scale::Log => (value / low).ln() / (high / low).ln(),
    };
    let class = |value: &f64| {
        let position = if high > low { position(*value) } else { 0.5 };
        if value.is_nan() {
            SHADES
        } else {
            (position.clamp(0.0, 1.0) * f64::from(SHADES - 1)).round() as u16
        }
    };
    let mut palette: Vec<Colour> = (0..SHADES)
        .map(|shade| {
            let (red, green, blue) = scale.map.at(f64::from(shade) / f64::from(SHADES - 1));
            Colour::Rgb(red, green, blue)
        })
        .collect();
    palette.push(Colour::Grid);
    cells.raster(values.iter().map(class).collect(), palette)
}

/// The legend entry of grey cells.
pub(super) fn unknown() -> Element {
    Element::Polygon {
        points: Vec::new(),
        fill: Colour::Grid,
        opacity: 1.0,
        label: Some("no value".into()),
    }
}
