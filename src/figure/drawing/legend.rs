//! Legends: one entry a label, with samples of everything that carries it.

use super::draw_lines::ink;
use super::draw_markers::draw_marker;
use super::geometry::{Point, Rectangle};
use super::layout::TICK_SIZE;
use super::surface::{Align, Surface, TextInk};
use super::text::label_width;
use super::{Colour, Element, FigureError, LegendPlacement, Stroke, Theme};
const SAMPLE_WIDTH: f64 = 19.0;
const SAMPLE_GAP: f64 = 4.0;
const COLUMN_GAP: f64 = 12.0;
const LINE_HEIGHT: f64 = 10.5;

/// A label with the elements that carry it.
#[derive(Clone, Debug)]
struct Entry<'a> {
    label: &'a str,
    samples: Vec<&'a Element>,
}

/// Entries and, once arranged, their size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legend<'a> {
    entries: Vec<Entry<'a>>,
    /// Width of each column.
    columns: Vec<f64>,
    pub width: f64,
    pub height: f64,
}

impl<'a> Legend<'a> {
    /// Collects labels in order of appearance; equal labels share an entry.
    pub fn new(elements: impl IntoIterator<Item = &'a Element>) -> Self {
        let mut entries: Vec<Entry<'a>> = Vec::new();
        for element in elements {
            let Some(label) = element.label() else {
                continue;
            };
            match entries.iter_mut().find(|entry| entry.label == label) {
                // Panels that repeat a series need one sample of it.
                Some(entry) => {
                    if !entry
                        .samples
                        .iter()
                        .any(|sample| looks_alike(sample, element))
                    {
                        entry.samples.push(element);
                    }
                }
                None => entries.push(Entry {
                    label,
                    samples: vec![element],
                }),
            }
        }
        Self {
            entries,
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Chooses the columns: one beside the frame, as many as fit below it.
    pub fn arranged(mut self, placement: LegendPlacement, room: f64) -> Self {
        let count = self.entries.len();
        if count == 0 {
            return self;
        }
        let widths: Vec<f64> = self
            .entries
            .iter()
            .map(|entry| SAMPLE_WIDTH + SAMPLE_GAP + label_width(entry.label, TICK_SIZE))
            .collect();
        let columns_of = |columns: usize| -> Vec<f64> {
            (0..columns)
                .map(|column| {
                    widths
                        .iter()
                        .skip(column)
                        .step_by(columns)
                        .copied()
                        .fold(0.0, f64::max)
                })
                .collect()
        };
        let total =
            |columns: &[f64]| columns.iter().sum::<f64>() + COLUMN_GAP * (columns.len() - 1) as f64;
        let most = if placement == LegendPlacement::Right {
            1
        } else {
            count
        };
        let fitting = (1..=most)
            .rev()
            .find(|&n| total(&columns_of(n)) <= room)
            .unwrap_or(1);
        // As many rows as needed, then as few columns as fill them evenly.
        let rows = count.div_ceil(fitting);
        self.columns = columns_of(count.div_ceil(rows));
        self.width = total(&self.columns);
        self.height = LINE_HEIGHT * rows as f64;
        self
    }

    /// Draws the entries from the upper left corner.
    pub fn draw(
        &self,
        surface: &Surface,
        theme: Theme,
        left: f64,
        top: f64,
    ) -> Result<(), FigureError> {
        let columns = self.columns.len().max(1);
        for (index, entry) in self.entries.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let before: f64 = self.columns[..column]
                .iter()
                .map(|width| width + COLUMN_GAP)
                .sum();
            let middle = top + LINE_HEIGHT * (row as f64 + 0.5);
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
            let baseline = Point::new(area.right() + SAMPLE_GAP, middle + 0.35 * TICK_SIZE);
            surface.text(entry.label, baseline, &text)?;
        }
        Ok(())
    }
}

/// Whether two elements would give the same sample.
fn looks_alike(one: &Element, other: &Element) -> bool {
    match (one, other) {
        (Element::Line { stroke: a, .. }, Element::Line { stroke: b, .. }) => a == b,
        (Element::Markers { marker: a, .. }, Element::Markers { marker: b, .. }) => a == b,
        (Element::Band { fill: a, .. }, Element::Band { fill: b, .. })
        | (Element::Polygon { fill: a, .. }, Element::Polygon { fill: b, .. }) => a == b,
        (Element::VerticalLine { stroke: a, .. }, Element::VerticalLine { stroke: b, .. })
        | (Element::HorizontalLine { stroke: a, .. }, Element::HorizontalLine { stroke: b, .. }) => {
            a == b
        }
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_labels_share_an_entry_and_columns_fit() {
        let line = |i: usize| {
            Element::line([0.0], [0.0], Stroke::series(i)).labelled(format!("series {}", i % 5))
        };
        let elements: Vec<Element> = (0..10).map(line).collect();
        let legend = Legend::new(&elements).arranged(LegendPlacement::Below, 150.0);
        assert_eq!(legend.entries.len(), 5);
        assert!(legend.width <= 150.0 && legend.columns.len() > 1);
        let narrow = legend.arranged(LegendPlacement::Below, 10.0);
        assert_eq!(narrow.columns.len(), 1);
    }
}
