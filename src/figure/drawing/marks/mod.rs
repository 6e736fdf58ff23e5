//! Draws a whole figure: page, panels, legends, titles.

mod axes;
mod clip;
mod colour_bar;
mod elements;
mod legend;
mod lines;
mod markers;
mod raster;
mod simplify;

use self::axes::{draw_axes, draw_grid};
use self::colour_bar::draw_colour_bar;
use self::elements::{draw_element, draw_text};
use self::legend::draw_legend;
use crate::figure::drawing::geometry::{Point, Rectangle};
use crate::figure::drawing::layout::colour_bar::room;
use crate::figure::drawing::layout::margins::bottom_of_labels;
use crate::figure::drawing::layout::{Layout, PlacedPanel, layout};
use crate::figure::drawing::sizes::LEGEND_GAP;
use crate::figure::drawing::sizes::{LABEL_SIZE, TITLE_SIZE};
use crate::figure::drawing::surface::{Align, Surface, TextInk};
use crate::figure::drawing::text::markup;
use crate::figure::drawing::{Colour, Figure, FigureError, LegendPlacement, Theme};

/// The figure as SVG.
pub(crate) fn draw(figure: &Figure) -> Result<String, FigureError> {
    let placed = layout(figure)?;
    let surface = Surface::new(placed.width, placed.height);
    let page = Rectangle {
        left: 0.0,
        top: 0.0,
        width: placed.width,
        height: placed.height,
    };
    surface.fill(&page, figure.theme.resolve(Colour::Background), 1.0, false)?;
    for panel in &placed.panels {
        draw_panel(&surface, figure.theme, panel)?;
    }
    if let Some((legend, left, top)) = &placed.legend {
        draw_legend(legend, &surface, figure.theme, *left, *top)?;
    }
    draw_title(&surface, figure, &placed)?;
    let name = figure.title.as_deref().or(figure.description.as_deref());
    let name = plain(name.unwrap_or("Figure"));
    Ok(surface.finish(
        &name,
        &plain(figure.description.as_deref().unwrap_or_default()),
    ))
}

/// A label's letters without their markup, for readers that cannot show it.
fn plain(label: &str) -> String {
    markup::parse(label)
        .into_iter()
        .map(|run| run.text)
        .collect()
}

fn draw_title(surface: &Surface, figure: &Figure, placed: &Layout) -> Result<(), FigureError> {
    let Some(title) = &figure.title else {
        return Ok(());
    };
    let foreground = figure.theme.resolve(Colour::Foreground);
    let text = TextInk {
        bold: true,
        ..TextInk::new(foreground, TITLE_SIZE, Align::Centre)
    };
    surface.text(title, Point::new(placed.title.0, placed.title.1), &text)
}

fn draw_panel(surface: &Surface, theme: Theme, placed: &PlacedPanel) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    surface.clipped(&frame, |surface| {
        draw_grid(surface, theme, placed)?;
        placed
            .panel
            .elements
            .iter()
            .try_for_each(|element| draw_element(surface, theme, &placed.projection, element))
    })?;
    draw_axes(surface, theme, placed)?;
    // Annotations may touch the frame: they are not cut.
    for element in &placed.panel.elements {
        draw_text(surface, theme, &placed.projection, element)?;
    }
    if let Some((bar, ticks)) = placed.panel.colour_bar.as_ref().zip(placed.bar.as_ref()) {
        draw_colour_bar(surface, theme, bar, ticks, placed)?;
    }
    draw_panel_title(surface, theme, placed)?;
    match placed.legend_placement {
        LegendPlacement::None => Ok(()),
        LegendPlacement::Right => {
            let bar = room(placed).unwrap_or(2.0);
            draw_legend(
                &placed.legend,
                surface,
                theme,
                frame.right() + bar + LEGEND_GAP,
                frame.top,
            )
        }
        LegendPlacement::Below => {
            let left = frame.left + (frame.width - placed.legend.width) / 2.0;
            let left = left.min(frame.right() - placed.legend.width);
            let top = frame.bottom() + bottom_of_labels(placed) + LEGEND_GAP;
            draw_legend(&placed.legend, surface, theme, left, top)
        }
    }
}

/// Tag and title above the frame.
fn draw_panel_title(
    surface: &Surface,
    theme: Theme,
    placed: &PlacedPanel,
) -> Result<(), FigureError> {
    let frame = placed.projection.frame;
    let foreground = theme.resolve(Colour::Foreground);
    let baseline = placed.title_baseline;
    if let Some(tag) = &placed.panel.tag {
        let text = TextInk {
            bold: true,
            ..TextInk::new(foreground, TITLE_SIZE, Align::Left)
        };
        surface.text(tag, Point::new(placed.left_edge, baseline), &text)?;
    }
    let text = TextInk::new(foreground, LABEL_SIZE, Align::Centre);
    for (line, step) in placed.title.placed() {
        surface.text(line, Point::new(frame.centre().x, baseline + step), &text)?;
    }
    Ok(())
}
