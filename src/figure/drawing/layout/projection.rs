//! From values to positions: one axis as a range, two axes and a frame as a projection.

use crate::figure::drawing::Scale;
use crate::figure::drawing::geometry::{Point, Rectangle};

/// Fractions beyond this are cut. Far outside the frame only the direction matters.
const FAR: f64 = 1e6;

/// An axis with both ends known. The lower end is below the upper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AxisRange {
    pub scale: Scale,
    pub lower: f64,
    pub upper: f64,
}

impl AxisRange {
    /// Position along the axis: 0 at the lower end, 1 at the upper, or `None` if it cannot be
    /// shown.
    pub fn fraction(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.scale == Scale::Log && value <= 0.0) {
            return None;
        }
        let (lower, upper, value) = (
            self.along(self.lower),
            self.along(self.upper),
            self.along(value),
        );
        // Halves keep differences finite for ends near the largest number.
        let fraction = (value / 2.0 - lower / 2.0) / (upper / 2.0 - lower / 2.0);
        fraction.is_finite().then_some(fraction.clamp(-FAR, FAR))
    }

    /// The value in units in which the axis is even.
    fn along(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        }
    }
}

/// Two axes over a frame on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Projection {
    pub x: AxisRange,
    pub y: AxisRange,
    pub frame: Rectangle,
}

impl Projection {
    /// Where a pair of values stands on the page.
    pub fn point(&self, x: f64, y: f64) -> Option<Point> {
        Some(Point::new(self.horizontal(x)?, self.vertical(y)?))
    }

    pub fn horizontal(&self, x: f64) -> Option<f64> {
        Some(self.frame.left + self.x.fraction(x)? * self.frame.width)
    }

    pub fn vertical(&self, y: f64) -> Option<f64> {
        Some(self.frame.bottom() - self.y.fraction(y)? * self.frame.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: AxisRange = AxisRange {
        scale: Scale::Log,
        lower: 1e-4,
        upper: 1.0,
    };

    #[test]
    fn fractions_run_from_zero_to_one() {
        let linear = AxisRange {
            scale: Scale::Linear,
            lower: -2.0,
            upper: 6.0,
        };
        for axis in [linear, LOG] {
            assert_eq!(axis.fraction(axis.lower), Some(0.0));
            assert_eq!(axis.fraction(axis.upper), Some(1.0));
        }
        assert_eq!(linear.fraction(2.0), Some(0.5));
        assert!((LOG.fraction(1e-2).unwrap() - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_shown_has_no_place() {
        assert_eq!(LOG.fraction(0.0), None);
        assert_eq!(LOG.fraction(-1.0), None);
        assert_eq!(LOG.fraction(f64::NAN), None);
        let huge = AxisRange {
            scale: Scale::Linear,
            lower: -1e308,
            upper: 1e308,
        };
        assert_eq!(huge.fraction(0.0), Some(0.5));
    }
}
