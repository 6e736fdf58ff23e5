//! Room that a panel's labels, legend and colour bar need around its frame.

use super::PlacedPanel;
use super::colour_bar;
use super::projection::AxisRange;
use super::ticks::Ticks;
use crate::figure::drawing::LegendPlacement;
use crate::figure::drawing::sizes::{LABEL_GAP, LEGEND_GAP, TICK_GAP, TICK_LENGTH, TITLE_GAP};
use crate::figure::drawing::sizes::{LABEL_SIZE, TICK_SIZE};
use crate::figure::drawing::text::measure::{CAPITAL, label_width};

/// Room around a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// The room a panel needs.
pub(crate) fn margins(placed: &PlacedPanel) -> Margins {
    let (below, above) = overhang(
        &placed.y_ticks,
        &placed.projection.y,
        placed.projection.frame.height,
        |_| TICK_SIZE * CAPITAL,
    );
    let (before, after) = if placed.shows_x_labels {
        overhang(
            &placed.x_ticks,
            &placed.projection.x,
            placed.projection.frame.width,
            |label| label_width(label, TICK_SIZE),
        )
    } else {
        (0.0, 0.0)
    };
    let axis = bottom_of_labels(placed);
    let mut result = Margins {
        left: left_of_labels(placed).max(before),
        right: after.max(0.5),
        top: top_of_titles(placed).max(above),
        bottom: axis.max(below),
    };
    if let Some(room) = colour_bar::room(placed) {
        result.right = result.right.max(room);
    }
    match placed.legend_placement {
        LegendPlacement::Right if !placed.legend.is_empty() => {
            result.right += LEGEND_GAP + placed.legend.width;
        }
        LegendPlacement::Below if !placed.legend.is_empty() => {
            result.bottom += LEGEND_GAP + placed.legend.height;
        }
        _ => {}
    }
    result
}

/// Room left of the frame for tick labels and axis label.
pub(crate) fn left_of_labels(placed: &PlacedPanel) -> f64 {
    if !placed.shows_y_labels {
        return TICK_LENGTH;
    }
    let label = placed.y_label.height();
    let gap = if label > 0.0 { LABEL_GAP } else { 0.0 };
    tick_label_reach(&placed.y_ticks) + gap + label
}

/// Lets the vertical labels of one grid column line up beside its longest tick label.
pub(crate) fn align_y_labels(placed: &mut [PlacedPanel], columns: usize) {
    for column in 0..columns {
        let labelled = placed.iter().skip(column).step_by(columns);
        let reach = labelled
            .filter(|panel| panel.shows_y_labels)
            .map(|panel| tick_label_reach(&panel.y_ticks))
            .fold(0.0, f64::max);
        for panel in placed.iter_mut().skip(column).step_by(columns) {
            let right = panel.projection.frame.left - reach - LABEL_GAP;
            panel.y_label_left = (right - panel.y_label.height()).max(panel.left_edge);
        }
    }
}

/// From the frame to the far end of the longest vertical tick label.
pub(crate) fn tick_label_reach(ticks: &Ticks) -> f64 {
    let widest = ticks
        .major
        .iter()
        .map(|tick| label_width(&tick.label, TICK_SIZE))
        .fold(0.0, f64::max);
    TICK_LENGTH + if widest > 0.0 { TICK_GAP + widest } else { 0.0 }
}

/// Room below the frame for tick labels and axis label.
pub(crate) fn bottom_of_labels(placed: &PlacedPanel) -> f64 {
    if !placed.shows_x_labels {
        return TICK_LENGTH;
    }
    // A factor common to the tick labels stands on the label's line, or on its own.
    let factor = x_factor_line(placed);
    let label = placed.x_label.height();
    let label = match (label > 0.0, placed.x_ticks.multiplier.is_some()) {
        (false, false) => 0.0,
        (false, true) => LABEL_GAP + TICK_SIZE,
        (true, _) => LABEL_GAP + factor + label,
    };
    x_tick_label_height(&placed.x_ticks) + label
}

/// Height of the line of the horizontal axis' factor, if it does not fit beside the label.
pub(crate) fn x_factor_line(placed: &PlacedPanel) -> f64 {
    let Some(multiplier) = &placed.x_ticks.multiplier else {
        return 0.0;
    };
    let factor = label_width(multiplier, TICK_SIZE) + 6.0;
    if placed.x_label.width() + 2.0 * factor > placed.projection.frame.width {
        TICK_SIZE + 3.0
    } else {
        0.0
    }
}

/// From the frame to the lower end of the horizontal axis' tick labels.
pub(crate) fn x_tick_label_height(ticks: &Ticks) -> f64 {
    // One height for plain labels and powers, so that all labels of a row line up.
    let any = ticks.major.iter().any(|tick| !tick.label.is_empty());
    TICK_LENGTH + if any { TICK_GAP + 0.8 * TICK_SIZE } else { 0.0 }
}

/// Room above the frame for the multiplier of the vertical axis, the tag and the title.
fn top_of_titles(placed: &PlacedPanel) -> f64 {
    let line = |letters: f64| TITLE_GAP + letters + 1.0;
    let title = match (&placed.panel.tag, placed.title.lines.len()) {
        (None, 0) => 0.0,
        (Some(_), 0) => line(CAPITAL * LABEL_SIZE),
        (_, 1) => line(CAPITAL * LABEL_SIZE),
        _ => line(placed.title.height() - 0.22 * LABEL_SIZE),
    };
    match &placed.y_ticks.multiplier {
        Some(multiplier) if placed.shows_y_labels => {
            let factor = label_width(multiplier, TICK_SIZE) + 6.0;
            let name = placed.title.width();
            // The factor shares the title's line unless the title is wide.
            let is_wide = name + 2.0 * factor > placed.projection.frame.width;
            let line = TICK_SIZE + 3.0;
            if is_wide {
                title + line
            } else {
                title.max(line)
            }
        }
        _ => title,
    }
}

/// How far tick labels centred on their ticks reach beyond either end of an axis.
fn overhang(
    ticks: &Ticks,
    range: &AxisRange,
    length: f64,
    extent: impl Fn(&str) -> f64,
) -> (f64, f64) {
    let mut beyond = (0.0_f64, 0.0_f64);
    for tick in &ticks.major {
        if let Some(fraction) = range.fraction(tick.value) {
            let half = extent(&tick.label) / 2.0;
            beyond.0 = beyond.0.max(half - fraction * length);
            beyond.1 = beyond.1.max(half - (1.0 - fraction) * length);
        }
    }
    beyond
}
