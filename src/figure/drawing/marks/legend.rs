//! Legends drawn: samples and labels, column by column.

use super::lines::ink;
use super::markers::draw_marker;
use crate::figure::drawing::geometry::{Point, Rectangle};
use crate::figure::drawing::layout::legend::{
    COLUMN_GAP, LINE_HEIGHT, Legend, SAMPLE_GAP, SAMPLE_WIDTH,
};
use crate::figure::drawing::sizes::TICK_SIZE;
use crate::figure::drawing::surface::{Align, Surface, TextInk};
use crate::figure::drawing::{Colour, Element, FigureError, Stroke, Theme};

/// Draws the entries from the upper left corner.
pub(crate) fn draw_legend(
    legend: &Legend,
    surface: &Surface,
    theme: Theme,
    left: f64,
    top: f64,
) -> Result<(), FigureError> {
    for (index, entry) in legend.entries.iter().enumerate() {
        let (row, column) = legend.place(index);
        let before: f64 = legend.columns[..column]
            .iter()
            .map(|width| width + COLUMN_GAP)
            .sum();
        let above: f64 = (0..row).map(|row| legend.row_height(row)).sum();
        let middle = top + above + 0.5 * LINE_HEIGHT;
        let area = Rectangle {
            left: left + before,
            top: middle - 3.5,
            width: SAMPLE_WIDTH,
            height: 7.0,
        };
        for (index, sample) in entry.samples.iter().enumerate() {
            draw_sample(surface, theme, sample, &share(&entry.samples, index, &area))?;
        }
        let text = TextInk::new(theme.resolve(Colour::Foreground), TICK_SIZE, Align::Left);
        for (line, step) in entry.text.placed() {
            let baseline = middle + 0.35 * TICK_SIZE + step;
            surface.text(line, Point::new(area.right() + SAMPLE_GAP, baseline), &text)?;
        }
    }
    Ok(())
}

/// The part of the sample area for one sample: several of one kind stand side by side.
fn share(samples: &[&Element], index: usize, area: &Rectangle) -> Rectangle {
    let kind = |element: &Element| std::mem::discriminant(element);
    let is_same = |other: &&&Element| kind(other) == kind(samples[index]);
    let count = samples.iter().filter(is_same).count() as f64;
    let before = samples[..index].iter().filter(is_same).count() as f64;
    let width = area.width / count;
    Rectangle {
        left: area.left + before * width,
        width,
        ..*area
    }
}

fn draw_sample(
    surface: &Surface,
    theme: Theme,
    element: &Element,
    area: &Rectangle,
) -> Result<(), FigureError> {
    let middle = area.centre();
    let line = |stroke: &Stroke| {
        let ends = [
            Point::new(area.left, middle.y),
            Point::new(area.right(), middle.y),
        ];
        surface.path(&ends, &ink(theme, stroke))
    };
    match element {
        Element::Line { stroke, .. } | Element::HorizontalLine { stroke, .. } => line(stroke),
        Element::VerticalLine { stroke, .. } => {
            let ends = [
                Point::new(middle.x, area.top - 1.0),
                Point::new(middle.x, area.bottom() + 1.0),
            ];
            surface.path(&ends, &ink(theme, stroke))
        }
        Element::Markers { marker, .. } => draw_marker(surface, theme, middle, marker, None),
        Element::Band { fill, opacity, .. } | Element::Polygon { fill, opacity, .. } => {
            surface.fill(area, theme.resolve(*fill), *opacity, false)
        }
        _ => Ok(()),
    }
}
