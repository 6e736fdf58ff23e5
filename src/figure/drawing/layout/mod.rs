//! Where everything stands: frames, ticks and legends of all panels, found together.

pub(crate) mod colour_bar;
mod fit_ticks;
mod grid;
pub(crate) mod legend;
mod log_ticks;
pub(crate) mod margins;
mod number;
pub(crate) mod projection;
mod range;
mod shape;
pub(crate) mod ticks;

use self::colour_bar::bar_ticks;
use self::fit_ticks::{X_SPACING, horizontal_ticks, spaced_ticks, vertical_ticks};
use self::grid::{Grid, Spacing};
use self::legend::Legend;
use self::margins::{Margins, align_y_labels, left_of_labels, margins};
use self::projection::{AxisRange, Projection};
use self::range::ranges;
use self::shape::{aspect, least_height, shaped};
use self::ticks::Ticks;
use crate::figure::drawing::geometry::Rectangle;
use crate::figure::drawing::sizes::{LABEL_SIZE, TITLE_SIZE};
use crate::figure::drawing::surface::POINTS_PER_MM;
use crate::figure::drawing::text::measure::{self, label_width};
use crate::figure::drawing::text::paragraph::Paragraph;
use crate::figure::drawing::{Figure, FigureError, LegendPlacement, Panel};

/// Room between everything and the edge of the page.
const PAGE_MARGIN: f64 = 2.5;
const COLUMN_GAP: f64 = 11.0;
const ROW_GAP: f64 = 9.0;
const SHARED_ROW_GAP: f64 = 3.0;
/// Room between the frames and the legend of the whole figure.
const LEGEND_GAP: f64 = 7.0;
const NARROWEST_FRAME: f64 = 24.0;
const LOWEST_FRAME: f64 = 14.0;
/// How far a label may reach beyond either end of its frame.
const OVERHANG: f64 = 2.0;
/// Between a panel's tag and its title.
const TAG_GAP: f64 = 4.0;

/// One panel, placed.
pub(crate) struct PlacedPanel<'a> {
    pub panel: &'a Panel,
    pub projection: Projection,
    pub x_ticks: Ticks,
    pub y_ticks: Ticks,
    pub shows_x_labels: bool,
    pub shows_y_labels: bool,
    /// Labels of the axes and the title, in lines, or none where they are not shown.
    pub x_label: Paragraph,
    pub y_label: Paragraph,
    pub title: Paragraph,
    /// The axis and the ticks of the colour bar, and its label.
    pub bar: Option<(AxisRange, Ticks)>,
    pub bar_label: Paragraph,
    pub legend: Legend<'a>,
    pub legend_placement: LegendPlacement,
    pub margins: Margins,
    /// Left edge of the panel's grid column, where tags line up.
    pub left_edge: f64,
    /// Left edge of the vertical axis' label.
    pub y_label_left: f64,
    /// Baseline of the tags and titles of the panel's grid row.
    pub title_baseline: f64,
}

/// A figure, placed. Lengths are points.
pub(crate) struct Layout<'a> {
    pub width: f64,
    pub height: f64,
    pub panels: Vec<PlacedPanel<'a>>,
    /// Legend of the whole figure and its upper left corner.
    pub legend: Option<(Legend<'a>, f64, f64)>,
    /// Centre and baseline of the figure's title.
    pub title: (f64, f64),
}

/// Places everything.
pub(crate) fn layout(figure: &Figure) -> Result<Layout<'_>, FigureError> {
    let width = figure.width_mm * POINTS_PER_MM;
    let ranges = ranges(figure);
    let columns = figure.columns.min(figure.panels.len());
    let mut shared = shared_legend(figure, width);
    let right = match (&shared, figure.legend) {
        (Some(legend), LegendPlacement::Right) => legend.width + LEGEND_GAP,
        _ => 0.0,
    };
    let below = match (&shared, figure.legend) {
        (Some(legend), LegendPlacement::Below) => legend.height + LEGEND_GAP,
        _ => 0.0,
    };
    let spacing = Spacing {
        left: PAGE_MARGIN,
        right: PAGE_MARGIN + right,
        top: PAGE_MARGIN + figure.title.as_ref().map_or(0.0, |_| TITLE_SIZE + 5.0),
        bottom: PAGE_MARGIN + below,
        column_gap: COLUMN_GAP,
        row_gap: if figure.share_x {
            SHARED_ROW_GAP
        } else {
            ROW_GAP
        },
    };
    let page_height = figure.height_mm.map(|height| height * POINTS_PER_MM);
    let aspects: Vec<f64> = (0..ranges.len())
        .map(|index| aspect(figure, index, ranges[index]))
        .collect();
    let least: Vec<f64> = (figure.panels.iter().zip(&ranges))
        .map(|(panel, range)| least_height(panel, *range))
        .collect();

    // Labels decide the margins, margins the frames, frames the labels: four rounds settle it.
    let guess = 0.75 * width / columns as f64;
    let mut frames: Vec<Rectangle> = (aspects.iter().zip(&least))
        .map(|(aspect, least)| Rectangle {
            left: 0.0,
            top: 0.0,
            width: guess,
            height: (guess * aspect).max(*least),
        })
        .collect();
    let mut placed = Vec::new();
    let mut grid = Grid::default();
    for _ in 0..4 {
        placed = (0..frames.len())
            .map(|index| place(figure, index, ranges[index], frames[index]))
            .collect();
        let all: Vec<Margins> = placed
            .iter()
            .map(|panel: &PlacedPanel| panel.margins)
            .collect();
        grid = Grid::solve(
            width,
            page_height,
            columns,
            &spacing,
            &all,
            &aspects,
            &least,
        );
        if grid.frame_width < NARROWEST_FRAME || grid.lowest_frame() < LOWEST_FRAME {
            return Err(FigureError::TooSmall {
                width_mm: grid.frame_width / POINTS_PER_MM,
                height_mm: grid.lowest_frame() / POINTS_PER_MM,
            });
        }
        frames = (0..frames.len())
            .map(|index| shaped(figure, index, grid.frame(index), ranges[index]))
            .collect();
    }
    for (index, panel) in placed.iter_mut().enumerate() {
        panel.projection.frame = frames[index];
        (panel.left_edge, panel.title_baseline) = grid.label_corner(index);
        // A frame narrower than its cell keeps its labels close.
        panel.left_edge += frames[index].left - grid.frame(index).left;
        panel.title_baseline += frames[index].top - grid.frame(index).top;
    }
    align_y_labels(&mut placed, columns);
    for panel in &placed {
        let room = panel.projection.frame.right() - panel.left_edge;
        if panel.legend_placement == LegendPlacement::Below {
            check_legend(&panel.legend, room)?;
        }
    }
    if let Some(legend) = &shared {
        check_legend(legend, width - 2.0 * PAGE_MARGIN)?;
    }
    let content = (grid.left_edge(), grid.right_edge());
    let legend = shared.take().map(|legend| match figure.legend {
        LegendPlacement::Right => {
            let top = (grid.height - legend.height) / 2.0;
            let left = width - PAGE_MARGIN - legend.width;
            (legend, left, top)
        }
        _ => {
            let centre = f64::midpoint(content.0, content.1);
            let left = (centre - legend.width / 2.0).min(width - PAGE_MARGIN - legend.width);
            let top = grid.height - PAGE_MARGIN - legend.height;
            (legend, left.max(PAGE_MARGIN), top)
        }
    });
    let title = (
        f64::midpoint(content.0, content.1),
        PAGE_MARGIN + TITLE_SIZE * measure::CAPITAL + 1.0,
    );
    Ok(Layout {
        width,
        height: grid.height,
        panels: placed,
        legend,
        title,
    })
}

fn check_legend(legend: &Legend, room: f64) -> Result<(), FigureError> {
    // Rounding must not refuse a legend that was arranged to fit exactly.
    if legend.width <= room + 0.5 {
        return Ok(());
    }
    Err(FigureError::LegendTooWide {
        needed_mm: legend.width / POINTS_PER_MM,
        available_mm: room / POINTS_PER_MM,
    })
}

fn shared_legend(figure: &Figure, width: f64) -> Option<Legend<'_>> {
    if figure.legend == LegendPlacement::None {
        return None;
    }
    let legend = Legend::new(figure.panels.iter().flat_map(|panel| &panel.elements));
    let room = width - 2.0 * PAGE_MARGIN;
    (!legend.is_empty()).then(|| legend.arranged(figure.legend, room))
}

/// Ticks, legend and margins of one panel in a frame.
fn place(
    figure: &Figure,
    index: usize,
    range: (AxisRange, AxisRange),
    frame: Rectangle,
) -> PlacedPanel<'_> {
    let panel = &figure.panels[index];
    let is_lowest = index + figure.columns >= figure.panels.len();
    let is_leftmost = index.is_multiple_of(figure.columns);
    let placement = if figure.legend == LegendPlacement::None {
        panel.legend
    } else {
        LegendPlacement::None
    };
    let shows_x_labels = panel.x.labelled && (is_lowest || !figure.share_x);
    let shows_y_labels = panel.y.labelled && (is_leftmost || !figure.share_y);
    let label = |text: &str, shown: bool, length: f64| {
        Paragraph::new(
            if shown { text } else { "" },
            LABEL_SIZE,
            length + 2.0 * OVERHANG,
        )
    };
    let (tag, bar) = (panel.tag.as_deref(), panel.colour_bar.as_ref());
    let mut placed = PlacedPanel {
        panel,
        projection: Projection {
            x: range.0,
            y: range.1,
            frame,
        },
        x_ticks: horizontal_ticks(&panel.x, &range.0, frame.width),
        y_ticks: if panel.equal_aspect {
            // Equal units deserve equal steps.
            spaced_ticks(&panel.y, &range.1, frame.height, X_SPACING)
        } else {
            vertical_ticks(&panel.y, &range.1, frame.height)
        },
        shows_x_labels,
        shows_y_labels,
        x_label: label(&panel.x.label, shows_x_labels, frame.width),
        y_label: label(&panel.y.label, shows_y_labels, frame.height),
        title: Paragraph::default(),
        bar: bar.map(|bar| bar_ticks(bar, frame.height)),
        bar_label: label(bar.map_or("", |bar| &bar.label), true, frame.height),
        legend: Legend::default(),
        legend_placement: placement,
        margins: Margins::default(),
        left_edge: 0.0,
        y_label_left: 0.0,
        title_baseline: 0.0,
    };
    if let Some(title) = &panel.title {
        // the tag stands on the same line, at the left edge of the labels
        let tag = tag.map_or(0.0, |tag| label_width(tag, TITLE_SIZE) + TAG_GAP);
        let beside = (tag - left_of_labels(&placed)).max(0.0);
        placed.title = Paragraph::new(title, LABEL_SIZE, frame.width - 2.0 * beside);
    }
    if placement != LegendPlacement::None {
        // A legend below may also use the room under the labels of the vertical axis.
        let room = frame.width + left_of_labels(&placed);
        placed.legend = Legend::new(&panel.elements).arranged(placement, room);
    }
    placed.margins = margins(&placed);
    placed
}
