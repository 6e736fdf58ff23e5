//! "Good parameters": the share of networks, or of points of a problem, that settle and descend.

use super::super::{
    Colour, ColourBar, ColourMap, ColourScale, Dash, Figure, LegendPlacement, Panel, Stroke,
};
use super::cells::Cells;
use super::heat_map::shaded;
use super::series::series;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Group, SweepAxis};

type Count = fn(&Group) -> usize;

/// What is counted, in one panel each.
const COUNTS: [(&str, Count); 3] = [
    ("settle", Group::settled),
    ("descend", |group| group.descending),
    ("certified", |group| group.certified),
];
/// Fields that fit below each other.
const MOST_ROWS: usize = 3;

/// Shares over two axes, of all records of a cell, with their contours at 50 % and 95 %.
pub(super) fn figure(records: &[SweepRecord], axes: &[SweepAxis; 2]) -> Figure {
    let of_networks = records
        .first()
        .is_some_and(|one| one.point.network().is_some());
    let what = if of_networks { "networks" } else { "points" };
    let mut panels = Vec::new();
    for row in series(records, &[SweepAxis::Dynamics], MOST_ROWS) {
        let cells = Cells::new(row.records, axes, &[]);
        for (column, (name, count)) in COUNTS.into_iter().enumerate() {
            let title = if row.label.is_empty() {
                name.into()
            } else {
                format!("{}: {name}", row.label)
            };
            let mut panel = panel(&cells, count, what).titled(title);
            if column + 1 == COUNTS.len() {
                panel.colour_bar = Some(ColourBar {
                    scale: scale(),
                    label: format!("share of {what} (%)"),
                });
            }
            panels.push(panel);
        }
    }
    Figure {
        width_mm: Figure::TWO_COLUMNS_MM,
        columns: COUNTS.len(),
        panels,
        legend: LegendPlacement::Below,
        share_x: true,
        share_y: true,
        description: Some(format!(
            "Share of {what} that settle, that settle and whose update descends for the drawn \
             target, and for every target, over {} and {}, with contours at 50 and 95 %.",
            axes[0].name(),
            axes[1].name()
        )),
        ..Figure::default()
    }
    .lettered()
}

fn scale() -> ColourScale {
    ColourScale::linear(0.0, 100.0).map(ColourMap::Cividis)
}

fn panel(cells: &Cells, count: Count, what: &str) -> Panel {
    let shares = cells.values(|group| Some(100.0 * group.share(count(group))));
    let mut panel = Panel::new(cells.x.panel_axis(), cells.y.panel_axis());
    panel.elements.push(shaded(cells, &shares, &scale()));
    for (level, dash) in [(50.0, Dash::Solid), (95.0, Dash::Dashed)] {
        // a halo: the line crosses dark and bright cells
        let halo = Stroke::new(Colour::Rgb(255, 255, 255)).width(2.2);
        let line = Stroke::new(Colour::Rgb(0, 0, 0)).width(1.0).dash(dash);
        let contour = |stroke| cells.contour(&shares, level, stroke);
        panel.elements.extend(contour(halo));
        let label = format!("{level} % of the {what}");
        panel.elements.extend(
            contour(line)
                .into_iter()
                .map(|line| line.labelled(label.clone())),
        );
    }
    panel.aspect = Some(1.0);
    panel
}
