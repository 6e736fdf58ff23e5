//! A grid of equally wide frames whose edges line up, around margins of any size.

use super::margins::Margins;
use crate::figure::drawing::geometry::Rectangle;
use crate::figure::drawing::sizes::LABEL_SIZE;
use crate::figure::drawing::text::measure::CAPITAL;

/// Room around and between the panels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spacing {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub column_gap: f64,
    pub row_gap: f64,
}

/// The solved grid.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grid {
    pub frame_width: f64,
    pub height: f64,
    /// Left edge of each column's frames, and of its labels.
    lefts: Vec<(f64, f64)>,
    /// Upper edge and height of each row's frames, and the upper edge of its labels.
    rows: Vec<(f64, f64, f64)>,
}

impl Grid {
    /// Every column takes the largest margins of its panels, and so does every row. The frames
    /// share the rest. Where the page's height is free, they have the panels' aspects or, if that
    /// is more, their `least` heights.
    pub fn solve(
        width: f64,
        height: Option<f64>,
        columns: usize,
        spacing: &Spacing,
        margins: &[Margins],
        aspects: &[f64],
        least: &[f64],
    ) -> Self {
        let rows = margins.len().div_ceil(columns);
        let in_column = |column: usize, side: fn(&Margins) -> f64| {
            margins
                .iter()
                .skip(column)
                .step_by(columns)
                .map(side)
                .fold(0.0, f64::max)
        };
        let in_row = |row: usize, side: fn(&Margins) -> f64| {
            margins
                .iter()
                .skip(row * columns)
                .take(columns)
                .map(side)
                .fold(0.0, f64::max)
        };
        let gaps = spacing.column_gap * (columns - 1) as f64;
        let sides: f64 = (0..columns)
            .map(|c| in_column(c, |m| m.left) + in_column(c, |m| m.right))
            .sum();
        let frame_width = (width - spacing.left - spacing.right - gaps - sides) / columns as f64;

        let mut left = spacing.left;
        let mut lefts = Vec::with_capacity(columns);
        for column in 0..columns {
            let labels = left;
            left += in_column(column, |m| m.left);
            lefts.push((left, labels));
            left += frame_width + in_column(column, |m| m.right) + spacing.column_gap;
        }

        let gaps = spacing.row_gap * (rows - 1) as f64;
        let ends: f64 = (0..rows)
            .map(|r| in_row(r, |m| m.top) + in_row(r, |m| m.bottom))
            .sum();
        let even = height
            .map(|height| (height - spacing.top - spacing.bottom - gaps - ends) / rows as f64);
        let mut top = spacing.top;
        let mut placed = Vec::with_capacity(rows);
        for row in 0..rows {
            let heights = aspects.iter().zip(least);
            let tallest = heights
                .skip(row * columns)
                .take(columns)
                .map(|(aspect, least)| (aspect * frame_width).max(*least))
                .fold(0.0, f64::max);
            let frame_height = even.unwrap_or(tallest);
            let labels = top;
            top += in_row(row, |m| m.top);
            placed.push((top, frame_height, labels));
            top += frame_height + in_row(row, |m| m.bottom) + spacing.row_gap;
        }
        let height = height.unwrap_or(top - spacing.row_gap + spacing.bottom);
        Self {
            frame_width,
            height,
            lefts,
            rows: placed,
        }
    }

    /// The frame of a panel.
    pub fn frame(&self, index: usize) -> Rectangle {
        let columns = self.lefts.len().max(1);
        let (top, height, _) = self.rows[index / columns];
        Rectangle {
            left: self.lefts[index % columns].0,
            top,
            width: self.frame_width,
            height,
        }
    }

    /// Left edge of a panel's labels, and the baseline of its tag and title.
    pub fn label_corner(&self, index: usize) -> (f64, f64) {
        let columns = self.lefts.len().max(1);
        let top = self.rows[index / columns].2;
        (
            self.lefts[index % columns].1,
            top + 1.0 + CAPITAL * LABEL_SIZE,
        )
    }

    /// Height of the lowest frame.
    pub fn lowest_frame(&self) -> f64 {
        self.rows
            .iter()
            .map(|row| row.1)
            .fold(f64::INFINITY, f64::min)
    }

    pub fn left_edge(&self) -> f64 {
        self.lefts.first().map_or(0.0, |left| left.0)
    }

    pub fn right_edge(&self) -> f64 {
        self.lefts
            .last()
            .map_or(0.0, |left| left.0 + self.frame_width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_line_up_and_fill_the_page() {
        let margin = |left| Margins {
            left,
            right: 5.0,
            top: 10.0,
            bottom: 20.0,
        };
        let margins = [margin(20.0), margin(30.0), margin(40.0), margin(10.0)];
        let spacing = Spacing {
            column_gap: 8.0,
            row_gap: 6.0,
            ..Spacing::default()
        };
        let solve = |height, least: &[f64]| {
            Grid::solve(300.0, height, 2, &spacing, &margins, &[0.5; 4], least)
        };
        let grid = solve(Some(200.0), &[0.0; 4]);
        let frames: Vec<Rectangle> = (0..4).map(|index| grid.frame(index)).collect();
        assert_eq!(frames[0].left, frames[2].left);
        assert_eq!(frames[1].left, frames[3].left);
        assert_eq!(frames[0].top, frames[1].top);
        assert!((frames[1].right() + 5.0 - 300.0).abs() < 1e-9);
        assert!((frames[3].bottom() + 20.0 - 200.0).abs() < 1e-9);
        let free = solve(None, &[0.0, 90.0, 0.0, 0.0]);
        assert_eq!(
            free.frame(0).height,
            90.0,
            "a row is as high as its highest panel"
        );
        assert_eq!(free.frame(2).height, 0.5 * free.frame(2).width);
    }
}
