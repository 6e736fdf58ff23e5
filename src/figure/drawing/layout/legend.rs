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
/// Most entries that have a row of their own.
const MOST_LONG: usize = 2;
/// From this many times the width of the others on, an entry leaves its place if that takes no row
/// more. A shorter one leaves it for two rows less.
const LONG: f64 = 1.3;
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
    /// How many entries stand in these columns. The others follow, with a row each.
    in_grid: usize,
    pub width: f64,
    pub height: f64,
}

impl<'a> Legend<'a> {
    /// Collects labels in order of appearance. Equal labels share an entry.
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

    /// Row and column of an entry: those behind the grid have a row each.
    pub fn place(&self, index: usize) -> (usize, usize) {
        let columns = self.columns.len().max(1);
        if index < self.in_grid {
            return (index / columns, index % columns);
        }
        (self.in_grid.div_ceil(columns) + index - self.in_grid, 0)
    }

    /// Height of a row: of its entry with the most lines.
    pub fn row_height(&self, row: usize) -> f64 {
        let entries = self.entries.iter().enumerate();
        let of_row = entries.filter(|(index, _)| self.place(*index).0 == row);
        let lines = of_row.map(|(_, entry)| entry.text.lines.len().max(1)).max();
        LINE_HEIGHT * lines.unwrap_or(0) as f64
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Chooses the columns: one beside the frame, as many as fit below it. One or two long entries
    /// go behind the others, with a row each, where that saves rows.
    pub fn arranged(mut self, placement: LegendPlacement, room: f64) -> Self {
        let count = self.entries.len();
        if count == 0 {
            return self;
        }
        let sample = SAMPLE_WIDTH + SAMPLE_GAP;
        for entry in &mut self.entries {
            entry.text = Paragraph::new(entry.label, TICK_SIZE, room - sample);
        }
        let width = |entry: &Entry| sample + entry.text.width();
        let mut by_width: Vec<f64> = self.entries.iter().map(width).collect();
        by_width.sort_by(|a, b| b.total_cmp(a));
        let most = if placement == LegendPlacement::Right {
            1
        } else {
            count
        };
        let mut fewest = usize::MAX;
        let mut longest = f64::INFINITY;
        for long in 0..=MOST_LONG.min(count - 1) {
            // the widest of those in the grid
            let limit = by_width[long];
            let fits = self.entries.iter().map(width).filter(|w| *w <= limit);
            let widths: Vec<f64> = fits.collect();
            let columns = columns_of(&widths, most, room);
            let rows = widths.len().div_ceil(columns.len()) + count - widths.len();
            let gain = match long {
                0 => 1,
                // below each other nothing is gained by another order
                _ if columns.len() == 1 => usize::MAX,
                _ if by_width[long - 1] > LONG * limit => 0,
                _ => 2,
            };
            if fewest.saturating_sub(rows) >= gain && rows <= fewest {
                (fewest, longest, self.in_grid) = (rows, limit, widths.len());
                self.columns = columns;
            }
        }
        let (grid, long): (Vec<_>, Vec<_>) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| width(entry) <= longest);
        let widest = long.iter().map(width).fold(total(&self.columns), f64::max);
        self.entries = grid.into_iter().chain(long).collect();
        self.width = widest;
        self.height = (0..fewest).map(|row| self.row_height(row)).sum();
        self
    }
}

/// Width of columns with the gaps between them.
fn total(columns: &[f64]) -> f64 {
    columns.iter().sum::<f64>() + COLUMN_GAP * (columns.len() - 1) as f64
}

/// The widths of as many columns as fit the room, `most` at most, for entries of these widths.
fn columns_of(widths: &[f64], most: usize, room: f64) -> Vec<f64> {
    let split = |columns: usize| -> Vec<f64> {
        let column = |first: usize| widths.iter().skip(first).step_by(columns).copied();
        (0..columns)
            .map(|first| column(first).fold(0.0, f64::max))
            .collect()
    };
    let fitting = (1..=most).rev().find(|&n| total(&split(n)) <= room);
    // As many rows as needed, then as few columns as fill them evenly.
    let rows = widths.len().div_ceil(fitting.unwrap_or(1));
    split(widths.len().div_ceil(rows))
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

    #[test]
    fn entries_below_each_other_keep_their_order() {
        let line = |text: &str| Element::line([0.0], [0.0], Stroke::series(0)).labelled(text);
        let elements = [line("a long entry"), line("short"), line("")];
        let legend = Legend::new(&elements).arranged(LegendPlacement::Below, 85.0);
        let labels: Vec<&str> = legend.entries.iter().map(|entry| entry.label).collect();
        assert_eq!(
            labels,
            ["a long entry", "short"],
            "and without text there is none"
        );
        assert_eq!(legend.columns.len(), 1);
    }

    #[test]
    fn one_long_entry_does_not_put_the_others_into_one_column() {
        let line = |text: &str| Element::line([0.0], [0.0], Stroke::series(0)).labelled(text);
        let long = "a label that takes nearly all of the line";
        let elements = [
            line("one"),
            line(long),
            line("two"),
            line("three"),
            line("four"),
        ];
        let legend = Legend::new(&elements).arranged(LegendPlacement::Below, 180.0);
        let labels: Vec<&str> = legend.entries.iter().map(|entry| entry.label).collect();
        assert_eq!(labels, ["one", "two", "three", "four", long]);
        let places: Vec<_> = (0..5).map(|index| legend.place(index)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]);
        assert_eq!(legend.height, 3.0 * LINE_HEIGHT);
        assert!(legend.width <= 180.0, "{}", legend.width);
    }
}
