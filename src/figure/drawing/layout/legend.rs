//! Legends measured: one entry per label, with samples of everything that carries it.

use crate::figure::drawing::sizes::TICK_SIZE;
use crate::figure::drawing::text::paragraph::Paragraph;
use crate::figure::drawing::{Element, LegendPlacement};

/// Width of a sample.
pub(crate) const SAMPLE_WIDTH: f64 = 19.0;
/// Between a sample and its label.
pub(crate) const SAMPLE_GAP: f64 = 4.0;
/// Between columns.
pub(crate) const COLUMN_GAP: f64 = 12.0;
/// Height of an entry.
pub(crate) const LINE_HEIGHT: f64 = 10.5;

/// A label with the elements that carry it.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    pub label: &'a str,
    pub samples: Vec<&'a Element>,
    /// The label in lines, once arranged.
    pub text: Paragraph,
}

/// Entries and, once arranged, their size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legend<'a> {
    pub entries: Vec<Entry<'a>>,
    /// Width of each column.
    pub columns: Vec<f64>,
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
                    text: Paragraph::default(),
                }),
            }
        }
        Self {
            entries,
            ..Self::default()
        }
    }

    /// Height of a row: of its entry with the most lines.
    pub fn row_height(&self, row: usize) -> f64 {
        let columns = self.columns.len().max(1);
        let entries = self.entries.iter().skip(row * columns).take(columns);
        let lines = entries.map(|entry| entry.text.lines.len().max(1)).max();
        LINE_HEIGHT * lines.unwrap_or(0) as f64
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
        let sample = SAMPLE_WIDTH + SAMPLE_GAP;
        for entry in &mut self.entries {
            entry.text = Paragraph::new(entry.label, TICK_SIZE, room - sample);
        }
        let of = |entry: &Entry| sample + entry.text.width();
        let widths: Vec<f64> = self.entries.iter().map(of).collect();
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
        self.height = (0..rows).map(|row| self.row_height(row)).sum();
        self
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::drawing::Stroke;

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
