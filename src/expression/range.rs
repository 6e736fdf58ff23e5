//! Expressions over whole intervals: every value that they take there lies in the result.

use super::number::Number;
use super::operation::{Binary, Unary};
use crate::numeric::Interval;

/// Relative error of an elementary function of the standard library, with much to spare.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// The range of an increasing function.
fn increasing(x: Interval, function: impl Fn(f64) -> f64) -> Interval {
    Interval::new(function(x.low), function(x.high)).widened(ROUNDING)
}

/// The same of one that is exact.
fn step(x: Interval, function: Unary) -> Interval {
    Interval::new(x.low.unary(function), x.high.unary(function))
}

/// Of a function on a part of the line: only there does it have values.
fn on(x: Interval, low: f64, high: f64, function: impl Fn(f64) -> f64) -> Interval {
    match x.intersect(Interval::new(low, high)) {
        Some(x) => {
            let image = increasing(x, function);
            // the logarithm of 0
            if image.low.is_nan() || image.high.is_nan() {
                Interval::LINE
            } else {
                image
            }
        }
        None => Interval::LINE,
    }
}

/// The range of cos: its turns are the multiples of π.
fn cosine(x: Interval) -> Interval {
    use std::f64::consts::PI;
    if !(x.width() < 2.0 * PI && x.magnitude() < 1e9) {
        return Interval::new(-1.0, 1.0);
    }
    let mut out = Interval::point(x.low.cos()).hull(Interval::point(x.high.cos()));
    // room for what π and the quotient are rounded by
    let room = 1e-15 * (1.0 + x.magnitude());
    let first = ((x.low - room) / PI).ceil();
    let last = ((x.high + room) / PI).floor();
    let mut turn = first;
    while turn <= last {
        let even = turn.rem_euclid(2.0) == 0.0;
        out = out.hull(Interval::point(if even { 1.0 } else { -1.0 }));
        turn += 1.0;
    }
    out.widened(1e-15 * (1.0 + x.magnitude()) + ROUNDING)
        .clamp(Interval::new(-1.0, 1.0))
}

/// A condition that may hold, or not.
fn truth(surely: bool, surely_not: bool) -> Interval {
    Interval::new(
        f64::from(u8::from(surely)),
        f64::from(u8::from(!surely_not)),
    )
}

fn even_power(x: Interval, exponent: i32) -> Interval {
    let most = x.magnitude();
    let least = if x.contains(0.0) {
        0.0
    } else {
        x.low.abs().min(x.high.abs())
    };
    integer_power(Interval::new(least, most), exponent)
}

/// On an interval where it increases.
fn integer_power(x: Interval, exponent: i32) -> Interval {
    let products = f64::from(exponent) * f64::EPSILON;
    increasing(x, |x| x.powi(exponent)).widened(products)
}

impl Number for Interval {
    fn constant(value: f64) -> Self {
        Self::point(value)
    }

    fn is_zero(self) -> bool {
        self == Self::ZERO
    }

    fn unary(self, function: Unary) -> Self {
        let plain = |x: f64| x.unary(function);
        match function {
            Unary::Negative => -self,
            Unary::Cos => cosine(self),
            Unary::Sin => cosine(self - Self::point(std::f64::consts::FRAC_PI_2).widened(ROUNDING)),
            Unary::Tan => self.unary(Unary::Sin) / self.unary(Unary::Cos),
            Unary::Asin => on(self, -1.0, 1.0, plain),
            Unary::Acos => {
                Self::point(std::f64::consts::FRAC_PI_2).widened(ROUNDING)
                    - on(self, -1.0, 1.0, f64::asin)
            }
            Unary::Atanh => on(self, -1.0, 1.0, plain),
            Unary::Acosh => on(self, 1.0, f64::INFINITY, plain),
            Unary::Ln | Unary::Log10 | Unary::Sqrt => on(self, 0.0, f64::INFINITY, plain),
            Unary::Cosh => {
                let least = if self.contains(0.0) {
                    0.0
                } else {
                    self.low.abs().min(self.high.abs())
                };
                increasing(Self::new(least, self.magnitude()), plain)
            }
            Unary::Atan
            | Unary::Sinh
            | Unary::Tanh
            | Unary::Asinh
            | Unary::Exp
            | Unary::Logistic
            | Unary::Softplus
            | Unary::Erf => increasing(self, plain),
            Unary::Erfc => Self::point(1.0) - self.unary(Unary::Erf),
            Unary::Relu
            | Unary::HardSigmoid
            | Unary::Sign
            | Unary::Step
            | Unary::Floor
            | Unary::Ceiling => step(self, function),
            Unary::Abs => even_power(self, 1),
            Unary::Not => truth(self.is_zero(), !self.contains(0.0)),
            Unary::Guarded => self.hull(Self::point(if self.contains(0.0) {
                2.23e-15
            } else {
                self.high
            })),
        }
    }

    fn binary(self, function: Binary, other: Self) -> Self {
        match function {
            Binary::Add => self + other,
            Binary::Subtract => self - other,
            Binary::Multiply => self * other,
            Binary::Divide => self / other,
            Binary::Power if self.low > 0.0 => (other * self.unary(Unary::Ln)).unary(Unary::Exp),
            Binary::Power => Self::LINE,
            Binary::Atan2 => {
                Self::new(-std::f64::consts::PI, std::f64::consts::PI).widened(ROUNDING)
            }
            Binary::Minimum => Self::new(self.low.min(other.low), self.high.min(other.high)),
            Binary::Maximum => Self::new(self.low.max(other.low), self.high.max(other.high)),
            Binary::Modulo => self - other * (self / other).unary(Unary::Floor),
            Binary::Less => truth(self.high < other.low, self.low >= other.high),
            Binary::LessOrEqual => truth(self.high <= other.low, self.low > other.high),
            Binary::Equal => truth(
                self.low == other.high && self.high == other.low,
                self.intersect(other).is_none(),
            ),
        }
    }

    fn power(self, exponent: i32) -> Self {
        if exponent < 0 {
            return Self::point(1.0) / self.power(exponent.saturating_neg());
        }
        if exponent % 2 == 0 {
            even_power(self, exponent)
        } else {
            integer_power(self, exponent)
        }
    }

    fn select(self, yes: Self, no: Self) -> Self {
        if self.is_zero() {
            no
        } else if self.contains(0.0) {
            yes.hull(no)
        } else {
            yes
        }
    }
}
