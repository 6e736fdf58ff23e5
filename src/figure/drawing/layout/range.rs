//! Axis ranges from the data.

use super::projection::AxisRange;
use crate::figure::drawing::{Axis, Element, Figure, Panel, Scale};

/// Ends beyond this are cut, so that differences and ratios stay finite.
const LARGEST: f64 = 1e300;

/// The two axes of every panel, shared along grid columns and rows where the figure asks for it.
pub(crate) fn ranges(figure: &Figure) -> Vec<(AxisRange, AxisRange)> {
    let of = |panel: &Panel| (extent(panel, true), extent(panel, false));
    let own: Vec<(Extent, Extent)> = figure.panels.iter().map(of).collect();
    let columns = figure.columns;
    let shared = |index: usize| {
        let (mut x, mut y) = own[index];
        for (other, extents) in own.iter().enumerate() {
            if figure.share_x && other % columns == index % columns {
                x = x.and(extents.0);
            }
            if figure.share_y && other / columns == index / columns {
                y = y.and(extents.1);
            }
        }
        let panel = &figure.panels[index];
        (axis_range(&panel.x, x), axis_range(&panel.y, y))
    };
    (0..own.len()).map(shared).collect()
}

/// Smallest and largest value seen. The range is empty while the first exceeds the second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    lower: f64,
    upper: f64,
}

impl Extent {
    const EMPTY: Self = Self {
        lower: f64::INFINITY,
        upper: f64::NEG_INFINITY,
    };

    fn and(self, other: Self) -> Self {
        Self {
            lower: self.lower.min(other.lower),
            upper: self.upper.max(other.upper),
        }
    }

    fn include(&mut self, value: f64, scale: Scale) {
        if value.is_finite() && (scale == Scale::Linear || value > 0.0) {
            *self = self.and(Self {
                lower: value,
                upper: value,
            });
        }
    }
}

/// What a panel's elements, or its fixed range, cover along one axis.
fn extent(panel: &Panel, horizontal: bool) -> Extent {
    let axis = if horizontal { &panel.x } else { &panel.y };
    let mut extent = Extent::EMPTY;
    if let Some((one, other)) = axis.range {
        extent.include(one, axis.scale);
        extent.include(other, axis.scale);
        return extent;
    }
    for element in &panel.elements {
        for value in coordinates(element, horizontal) {
            extent.include(value, axis.scale);
        }
    }
    extent
}

/// Coordinates of an element that the axis must show.
fn coordinates(element: &Element, horizontal: bool) -> Box<dyn Iterator<Item = f64> + '_> {
    let pick = move |x, y| if horizontal { x } else { y };
    match element {
        Element::Line { x, y, .. }
        | Element::ColouredLine { x, y, .. }
        | Element::Markers { x, y, .. } => {
            // A point that one axis cannot show should not stretch the other.
            let shown = x
                .iter()
                .zip(y)
                .filter(|(x, y)| x.is_finite() && y.is_finite());
            Box::new(shown.map(move |(&x, &y)| pick(x, y)))
        }
        Element::Band {
            x, lower, upper, ..
        } => {
            if horizontal {
                Box::new(x.iter().copied())
            } else {
                Box::new(lower.iter().chain(upper).copied())
            }
        }
        Element::Polygon { points, .. } => Box::new(points.iter().map(move |&(x, y)| pick(x, y))),
        Element::Raster {
            x_range, y_range, ..
        } => {
            let (one, other) = if horizontal { *x_range } else { *y_range };
            Box::new([one, other].into_iter())
        }
        Element::VerticalLine { at, .. } if horizontal => Box::new(std::iter::once(*at)),
        Element::HorizontalLine { at, .. } if !horizontal => Box::new(std::iter::once(*at)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The axis that shows an extent: widened by the margin unless the user fixed it, never of length zero.
fn axis_range(axis: &Axis, extent: Extent) -> AxisRange {
    let scale = axis.scale;
    let has_margin = axis.range.is_none() && axis.margin.is_finite();
    let margin = if has_margin {
        axis.margin.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (lower, upper) = match (scale, extent.lower <= extent.upper) {
        (Scale::Linear, false) => (0.0, 1.0),
        (Scale::Log, false) => (0.1, 10.0),
        (Scale::Linear, true) => widen_linear(extent, margin),
        (Scale::Log, true) => widen_log(extent, margin),
    };
    AxisRange {
        scale,
        lower,
        upper,
    }
}

fn widen_linear(extent: Extent, margin: f64) -> (f64, f64) {
    let (lower, upper) = (extent.lower.max(-LARGEST), extent.upper.min(LARGEST));
    let size = lower.abs().max(upper.abs());
    // Differences at the level of rounding are no range: ticks would repeat themselves.
    if upper - lower <= 1e-12 * size || upper - lower < 1e-300 {
        let half = if size < 1e-290 { 1.0 } else { 0.1 * size };
        let middle = lower / 2.0 + upper / 2.0;
        return (middle - half, middle + half);
    }
    let extra = (upper - lower) * margin;
    (lower - extra, upper + extra)
}

fn widen_log(extent: Extent, margin: f64) -> (f64, f64) {
    let lower = extent.lower.clamp(1.0 / LARGEST, LARGEST).log10();
    let upper = extent.upper.clamp(1.0 / LARGEST, LARGEST).log10();
    if upper - lower < 1e-9 {
        return (10_f64.powf(lower - 0.5), 10_f64.powf(upper + 0.5));
    }
    let extra = (upper - lower) * margin;
    // A range fixed by the user keeps its exact ends.
    if extra == 0.0 {
        return (extent.lower.max(1.0 / LARGEST), extent.upper.min(LARGEST));
    }
    (
        10_f64.powf((lower - extra).max(-304.0)),
        10_f64.powf((upper + extra).min(304.0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::drawing::Stroke;

    fn of(y: &[f64], axis: Axis) -> AxisRange {
        let x: Vec<f64> = y.iter().map(|_| 0.0).collect();
        let panel = Panel::new(Axis::default(), axis).with(Element::line(x, y, Stroke::default()));
        ranges(&Figure::new(vec![panel]))[0].1
    }

    #[test]
    fn ranges_are_never_empty() {
        for axis in [Axis::linear(""), Axis::log("")] {
            for y in [
                vec![],
                vec![f64::NAN],
                vec![3.0],
                vec![0.0, 0.0],
                vec![-1.0],
                vec![f64::MAX, f64::MIN],
                vec![f64::MIN_POSITIVE, f64::INFINITY],
                vec![5e-324],
                vec![1e300, 1e-300],
                vec![1.0, 1.0 + f64::EPSILON],
            ] {
                let range = of(&y, axis.clone());
                assert!(range.lower < range.upper, "{y:?} {range:?}");
                assert!(range.lower.is_finite() && range.upper.is_finite());
                assert!(range.fraction(range.upper) == Some(1.0), "{y:?} {range:?}");
            }
        }
    }

    #[test]
    fn a_log_axis_ignores_what_it_cannot_show() {
        let range = of(
            &[0.0, -3.0, 1e-3, 1.0],
            Axis {
                margin: 0.0,
                ..Axis::log("")
            },
        );
        assert_eq!((range.lower, range.upper), (1e-3, 1.0));
    }

    #[test]
    fn a_fixed_range_is_kept_and_ordered() {
        let range = of(&[5.0], Axis::linear("").between(2.0, -1.0));
        assert_eq!((range.lower, range.upper), (-1.0, 2.0));
    }
}
