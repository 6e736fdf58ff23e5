//! Rasters of classes: equal neighbours merged into rectangles.

use std::collections::HashMap;

use crate::figure::drawing::colour::Rgb;
use crate::figure::drawing::geometry::Rectangle;
use crate::figure::drawing::layout::projection::{AxisRange, Projection};
use crate::figure::drawing::surface::Surface;
use crate::figure::drawing::{Colour, Element, FigureError, Theme};

/// Cells of one class: columns `from..to` of rows `low..high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    class: u16,
    from: usize,
    to: usize,
    low: usize,
    high: usize,
}

/// Cells reach this far under their right and upper neighbours, so that no viewer shows seams.
const OVERLAP: f64 = 0.1;

/// Draws the cells of a raster element.
pub(crate) fn draw_raster(
    surface: &Surface,
    theme: Theme,
    projection: &Projection,
    element: &Element,
) -> Result<(), FigureError> {
    let Element::Raster {
        x_range,
        y_range,
        columns,
        rows,
        class,
        palette,
        opacity,
    } = element
    else {
        return Ok(());
    };
    if *columns == 0 || *rows == 0 {
        return Ok(());
    }
    let frame = projection.frame;
    let Some((left, right)) = edges(&projection.x, *x_range) else {
        return Ok(());
    };
    let Some((low, high)) = edges(&projection.y, *y_range) else {
        return Ok(());
    };
    let across = |column: usize| {
        let fraction = left + (right - left) * column as f64 / *columns as f64;
        frame.left + frame.width * fraction.clamp(-0.1, 1.1)
    };
    let up = |row: usize| {
        let fraction = low + (high - low) * row as f64 / *rows as f64;
        frame.bottom() - frame.height * fraction.clamp(-0.1, 1.1)
    };
    let page = theme.resolve(Colour::Background);
    let mut blocks = blocks(class, *columns);
    blocks.sort_by_key(|block| (block.class, block.low, block.from));
    for block in blocks {
        let Some(colour) = palette.get(usize::from(block.class)) else {
            continue;
        };
        let (one, other) = (across(block.from), across(block.to));
        let (bottom, top) = (up(block.low), up(block.high));
        let area = Rectangle {
            left: one.min(other),
            top: top.min(bottom) - OVERLAP,
            width: (other - one).abs() + OVERLAP,
            height: (bottom - top).abs() + OVERLAP,
        };
        // Opaque, because overlapping transparent cells would show their overlap.
        surface.fill(
            &area,
            blend(page, theme.resolve(*colour), *opacity),
            1.0,
            true,
        )?;
    }
    Ok(())
}

/// What a transparent colour looks like on the page.
fn blend(page: Rgb, colour: Rgb, opacity: f64) -> Rgb {
    let opacity = opacity.clamp(0.0, 1.0);
    let part = |page: u8, colour: u8| {
        (f64::from(page) * (1.0 - opacity) + f64::from(colour) * opacity).round() as u8
    };
    (
        part(page.0, colour.0),
        part(page.1, colour.1),
        part(page.2, colour.2),
    )
}

fn edges(axis: &AxisRange, (one, other): (f64, f64)) -> Option<(f64, f64)> {
    Some((axis.fraction(one)?, axis.fraction(other)?))
}

/// Runs of equal cells in each row, joined with equal runs of the row below.
fn blocks(class: &[u16], columns: usize) -> Vec<Block> {
    let mut finished = Vec::new();
    let mut open: HashMap<(u16, usize, usize), usize> = HashMap::new();
    for (row, cells) in class.chunks(columns).enumerate() {
        let mut still_open = HashMap::new();
        let mut from = 0;
        for run in cells.chunk_by(|left, right| left == right) {
            let to = from + run.len();
            let key = (run[0], from, to);
            still_open.insert(key, open.remove(&key).unwrap_or(row));
            from = to;
        }
        finished.extend(open.drain().map(|(key, low)| block(key, low, row)));
        open = still_open;
    }
    let rows = class.len().div_ceil(columns);
    finished.extend(open.drain().map(|(key, low)| block(key, low, rows)));
    finished
}

fn block((class, from, to): (u16, usize, usize), low: usize, high: usize) -> Block {
    Block {
        class,
        from,
        to,
        low,
        high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_every_cell_once() {
        let class: Vec<u16> = (0..600_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 30) as u16)
            .collect();
        let mut seen = vec![None; 600];
        for block in blocks(&class, 30) {
            for row in block.low..block.high {
                for column in block.from..block.to {
                    assert_eq!(seen[row * 30 + column].replace(block.class), None);
                }
            }
        }
        assert!(
            seen.iter()
                .zip(&class)
                .all(|(seen, class)| *seen == Some(*class))
        );
    }

    #[test]
    fn a_uniform_raster_is_one_block() {
        assert_eq!(blocks(&[3; 100], 10), vec![block((3, 0, 10), 0, 10)]);
    }
}
