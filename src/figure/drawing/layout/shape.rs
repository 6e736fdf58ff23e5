//! How high a frame is for its width.

use super::projection::AxisRange;
use super::{LOWEST_FRAME, OVERHANG};
use crate::figure::drawing::geometry::Rectangle;
use crate::figure::drawing::sizes::LABEL_SIZE;
use crate::figure::drawing::text::paragraph::width_of_two_lines;
use crate::figure::drawing::{Figure, Panel, Scale};

/// Least height over width of a frame beside others in a narrow figure.
const CROWDED_ASPECT: f64 = 0.85;
/// Greatest height over width of frames below each other in a wide figure.
const STACKED_ASPECT: f64 = 0.4;

/// The least height of a panel's frame where the page's height is free.
pub(super) fn least_height(panel: &Panel, (x, y): (AxisRange, AxisRange)) -> f64 {
    match data_aspect(panel, &x, &y) {
        Some(_) => 0.0,
        None => needed_height(panel),
    }
}

/// Height of a frame along which its upright labels take two lines: a third would narrow all frames.
fn needed_height(panel: &Panel) -> f64 {
    let bar = panel.colour_bar.as_ref().map_or("", |bar| &bar.label);
    let lengths = [&panel.y.label, bar].map(|label| width_of_two_lines(label, LABEL_SIZE));
    lengths[0].max(lengths[1]) - 2.0 * OVERHANG + 0.1
}

/// Height of a panel's frame divided by its width where the page's height is free.
pub(super) fn aspect(figure: &Figure, index: usize, (x, y): (AxisRange, AxisRange)) -> f64 {
    let panel = &figure.panels[index];
    if let Some(ratio) = data_aspect(panel, &x, &y) {
        return ratio.clamp(0.2, 4.0);
    }
    let rows = figure.panels.len().div_ceil(figure.columns);
    let is_wide = figure.width_mm / figure.columns as f64 > 120.0;
    let chosen = match (figure.columns, rows, is_wide) {
        (1, 1, true) => 0.5,
        (1, 2, true) => 0.3,
        (1, 2, false) => 0.5,
        (1, 3.., true) => 0.16,
        (1, 3.., false) => 0.3,
        _ => 0.68,
    };
    // beside others in a narrow figure, upright labels need height more than curves need width
    let crowded = figure.columns > 1 && figure.width_mm < Figure::WIDE_MM;
    panel
        .aspect
        .filter(|aspect| aspect.is_finite() && *aspect > 0.0)
        .unwrap_or(chosen)
        .clamp(
            if crowded { CROWDED_ASPECT } else { 0.1 },
            if is_wide && rows > 1 {
                STACKED_ASPECT
            } else {
                10.0
            },
        )
}

/// Height over width that makes units equally long, if the panel asks for it.
fn data_aspect(panel: &Panel, x: &AxisRange, y: &AxisRange) -> Option<f64> {
    let is_linear = x.scale == Scale::Linear && y.scale == Scale::Linear;
    let ratio = (y.upper / 2.0 - y.lower / 2.0) / (x.upper / 2.0 - x.lower / 2.0);
    (panel.equal_aspect && is_linear && ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

/// The largest frame within a cell that has the panel's aspect.
pub(super) fn shaped(
    figure: &Figure,
    index: usize,
    cell: Rectangle,
    (x, y): (AxisRange, AxisRange),
) -> Rectangle {
    let Some(ratio) = data_aspect(&figure.panels[index], &x, &y) else {
        return cell;
    };
    let width = cell.width.min(cell.height / ratio).max(LOWEST_FRAME);
    let height = (width * ratio).min(cell.height).max(LOWEST_FRAME);
    let centre = cell.centre();
    Rectangle {
        left: centre.x - width / 2.0,
        top: centre.y - height / 2.0,
        width,
        height,
    }
}
