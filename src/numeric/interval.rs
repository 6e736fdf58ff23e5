//! Interval arithmetic with outward rounding, as much of it as a proof of completeness needs.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// All numbers from `low` to `high`, either of which may be infinite. Every operation returns an
/// interval that contains every result: ends are moved outward by one unit in the last place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least of them.
    pub low: f64,
    /// The largest of them.
    pub high: f64,
}

impl Interval {
    /// All numbers.
    pub const LINE: Self = Self::new(f64::NEG_INFINITY, f64::INFINITY);
    /// 0 alone.
    pub const ZERO: Self = Self::new(0.0, 0.0);

    /// From `low` to `high`.
    pub const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// One number.
    pub const fn point(value: f64) -> Self {
        Self::new(value, value)
    }

    fn outward(low: f64, high: f64) -> Self {
        // ∞ − ∞ says nothing about the end that it stands for
        let low = if low.is_nan() {
            f64::NEG_INFINITY
        } else {
            low.next_down()
        };
        let high = if high.is_nan() {
            f64::INFINITY
        } else {
            high.next_up()
        };
        Self { low, high }
    }

    /// The smallest interval that holds both.
    pub fn hull(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    /// What both have in common, if anything.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self::new(self.low.max(other.low), self.high.min(other.high));
        (both.low <= both.high).then_some(both)
    }

    /// Whether the number is in it.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether all of it is in `other`.
    pub fn is_within(self, other: Self) -> bool {
        other.low <= self.low && self.high <= other.high
    }

    /// Whether all of it is in `other`, ends left out.
    pub fn is_inside(self, other: Self) -> bool {
        other.low < self.low && self.high < other.high
    }

    /// The number half-way between its ends.
    pub fn middle(self) -> f64 {
        0.5 * self.low + 0.5 * self.high
    }

    /// The distance of its ends.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// The largest absolute value.
    pub fn magnitude(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// The largest relative error of an elementary function is far below this many units.
    pub fn widened(self, relative: f64) -> Self {
        let margin = |end: f64| {
            if end.is_finite() {
                relative * end.abs() + f64::MIN_POSITIVE
            } else {
                0.0
            }
        };
        Self::outward(self.low - margin(self.low), self.high + margin(self.high))
    }

    /// The same with its ends held inside `other`, as `clamp` does to every number in it.
    pub fn clamp(self, other: Self) -> Self {
        Self::new(
            self.low.clamp(other.low, other.high),
            self.high.clamp(other.low, other.high),
        )
    }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::outward(self.low + other.low, self.high + other.high)
    }
}

impl Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::outward(self.low - other.high, self.high - other.low)
    }
}

impl Mul for Interval {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        if self == Self::ZERO || other == Self::ZERO {
            return Self::ZERO;
        }
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        let products = [
            product(self.low, other.low),
            product(self.low, other.high),
            product(self.high, other.low),
            product(self.high, other.high),
        ];
        let low = products.into_iter().fold(f64::INFINITY, f64::min);
        let high = products.into_iter().fold(f64::NEG_INFINITY, f64::max);
        Self::outward(low, high)
    }
}

impl Neg for Interval {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(-self.high, -self.low)
    }
}

impl Div for Interval {
    type Output = Self;

    /// The whole line where the denominator may be 0.
    fn div(self, other: Self) -> Self {
        if other.contains(0.0) {
            return Self::LINE;
        }
        // 1/y is monotone on either side of 0
        let reciprocal = Self::outward(1.0 / other.high, 1.0 / other.low);
        self * reciprocal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn results_contain_every_result(
            a in -3.0..3.0f64, b in 0.0..2.0f64, c in -3.0..3.0f64, d in 0.0..2.0f64,
            u in 0.0..1.0f64, v in 0.0..1.0f64,
        ) {
            let (x, y) = (Interval::new(a, a + b), Interval::new(c, c + d));
            let (p, q) = ((a + u * b).min(a + b), (c + v * d).min(c + d));
            prop_assert!((x + y).contains(p + q));
            prop_assert!((x - y).contains(p - q));
            prop_assert!((x * y).contains(p * q));
            prop_assert!((x / y).contains(p / q));
            prop_assert!((-x).contains(-p));
        }
    }

    #[test]
    fn the_whole_line_times_nothing_is_nothing() {
        assert_eq!(Interval::LINE * Interval::ZERO, Interval::ZERO);
        assert!((Interval::LINE - Interval::LINE).contains(1e300));
        assert!((Interval::new(0.1, 0.1) + Interval::new(0.2, 0.2)).width() > 0.0);
    }
}
