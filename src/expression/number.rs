//! What an expression can be evaluated over: real, complex and dual numbers and intervals, with the
//! partial derivatives of every operation written once for all of them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use nalgebra::Complex;

use super::error_function::{erf, erfc};
use super::operation::{Binary, Unary};

/// A number that an expression can be evaluated over.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A real number.
    fn constant(value: f64) -> Self;

    /// Whether it is 0 and nothing else.
    fn is_zero(self) -> bool;

    /// Whether it is one number, and finite. Intervals are not.
    fn is_finite(self) -> bool {
        false
    }

    /// f(x).
    fn unary(self, function: Unary) -> Self;

    /// f(x, y).
    fn binary(self, function: Binary, other: Self) -> Self;

    /// xᵏ.
    fn power(self, exponent: i32) -> Self;

    /// `yes` where this is not 0, else `no`.
    fn select(self, yes: Self, no: Self) -> Self;

    /// 1 where this is less than `other`, else 0.
    fn less(self, other: Self) -> Self {
        self.binary(Binary::Less, other)
    }
}

/// f′(x), given f(x). At a kink it is that of the flat side, as everywhere in this crate.
pub(super) fn derivative<N: Number>(function: Unary, x: N, value: N) -> N {
    let number = N::constant;
    let one = number(1.0);
    match function {
        Unary::Negative => -one,
        Unary::Sin => x.unary(Unary::Cos),
        Unary::Cos => -x.unary(Unary::Sin),
        Unary::Tan => one + value.power(2),
        Unary::Asin => one / (one - x.power(2)).unary(Unary::Sqrt),
        Unary::Acos => -one / (one - x.power(2)).unary(Unary::Sqrt),
        Unary::Atan => one / (one + x.power(2)),
        Unary::Sinh => x.unary(Unary::Cosh),
        Unary::Cosh => x.unary(Unary::Sinh),
        Unary::Tanh => one / x.unary(Unary::Cosh).power(2),
        Unary::Asinh => one / (one + x.power(2)).unary(Unary::Sqrt),
        Unary::Acosh => one / (x.power(2) - one).unary(Unary::Sqrt),
        Unary::Atanh => one / (one - x.power(2)),
        Unary::Exp => value,
        Unary::Ln => one / x,
        Unary::Log10 => number(std::f64::consts::LOG10_E) / x,
        Unary::Sqrt => number(0.5) / value,
        Unary::Logistic => x.unary(Unary::Logistic) * (-x).unary(Unary::Logistic),
        Unary::Softplus => x.unary(Unary::Logistic),
        Unary::Erf => number(std::f64::consts::FRAC_2_SQRT_PI) * (-x.power(2)).unary(Unary::Exp),
        Unary::Erfc => -number(std::f64::consts::FRAC_2_SQRT_PI) * (-x.power(2)).unary(Unary::Exp),
        Unary::Relu => number(0.0).less(x),
        Unary::HardSigmoid => number(0.0).less(x) * x.less(one),
        Unary::Abs => x.unary(Unary::Sign),
        Unary::Guarded => one,
        Unary::Sign | Unary::Step | Unary::Floor | Unary::Ceiling | Unary::Not => number(0.0),
    }
}

/// The two partial derivatives of f(x, y), given its value.
pub(super) fn partials<N: Number>(function: Binary, x: N, y: N, value: N) -> (N, N) {
    let number = N::constant;
    let (zero, one) = (number(0.0), number(1.0));
    match function {
        Binary::Add => (one, one),
        Binary::Subtract => (one, -one),
        Binary::Multiply => (y, x),
        Binary::Divide => (one / y, -value / y),
        Binary::Power => (
            y * x.binary(Binary::Power, y - one),
            if value.is_zero() {
                zero
            } else {
                value * x.unary(Unary::Ln)
            },
        ),
        Binary::Atan2 => {
            let square = x.power(2) + y.power(2);
            (y / square, -x / square)
        }
        Binary::Minimum => {
            let first = x.binary(Binary::LessOrEqual, y);
            (first, one - first)
        }
        Binary::Maximum => {
            let second = x.less(y);
            (one - second, second)
        }
        Binary::Modulo => (one, -(x / y).unary(Unary::Floor)),
        Binary::Less | Binary::LessOrEqual | Binary::Equal => (zero, zero),
    }
}

/// k xᵏ⁻¹.
pub(super) fn power_derivative<N: Number>(x: N, exponent: i32) -> N {
    let factor = N::constant(f64::from(exponent));
    match exponent {
        0 => N::constant(0.0),
        1 => factor,
        2 => factor * x,
        _ => factor * x.power(exponent - 1),
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

impl Number for f64 {
    fn constant(value: f64) -> Self {
        value
    }

    fn is_zero(self) -> bool {
        self == 0.0
    }

    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }

    fn unary(self, function: Unary) -> Self {
        match function {
            Unary::Negative => -self,
            Unary::Sin => self.sin(),
            Unary::Cos => self.cos(),
            Unary::Tan => self.tan(),
            Unary::Asin => self.asin(),
            Unary::Acos => self.acos(),
            Unary::Atan => self.atan(),
            Unary::Sinh => self.sinh(),
            Unary::Cosh => self.cosh(),
            Unary::Tanh => self.tanh(),
            Unary::Asinh => self.asinh(),
            Unary::Acosh => self.acosh(),
            Unary::Atanh => self.atanh(),
            Unary::Exp => self.exp(),
            Unary::Ln => self.ln(),
            Unary::Log10 => self.log10(),
            Unary::Sqrt => self.sqrt(),
            Unary::Logistic => 1.0 / (1.0 + (-self).exp()),
            Unary::Softplus => (if self > 0.0 { self } else { 0.0 }) + (-self.abs()).exp().ln_1p(),
            Unary::Erf => erf(self),
            Unary::Erfc => erfc(self),
            // not f64::max, which would turn a NaN into a number
            Unary::Relu if self < 0.0 => 0.0,
            Unary::Relu => self,
            Unary::HardSigmoid => self.clamp(0.0, 1.0),
            Unary::Abs => self.abs(),
            Unary::Sign if self == 0.0 => 0.0,
            Unary::Sign => self.signum(),
            Unary::Step => truth(self >= 0.0),
            Unary::Floor => self.floor(),
            Unary::Ceiling => self.ceil(),
            Unary::Not => truth(self == 0.0),
            Unary::Guarded if self == 0.0 => 2.23e-15,
            Unary::Guarded => self,
        }
    }

    fn binary(self, function: Binary, other: Self) -> Self {
        match function {
            Binary::Add => self + other,
            Binary::Subtract => self - other,
            Binary::Multiply => self * other,
            Binary::Divide => self / other,
            Binary::Power => self.powf(other),
            Binary::Atan2 => self.atan2(other),
            Binary::Minimum if self <= other || self.is_nan() => self,
            Binary::Minimum => other,
            Binary::Maximum if self >= other || self.is_nan() => self,
            Binary::Maximum => other,
            Binary::Modulo => self - other * (self / other).floor(),
            Binary::Less => truth(self < other),
            Binary::LessOrEqual => truth(self <= other),
            Binary::Equal => truth(self == other),
        }
    }

    fn power(self, exponent: i32) -> Self {
        match exponent {
            2 => self * self,
            3 => self * self * self,
            _ => self.powi(exponent),
        }
    }

    fn select(self, yes: Self, no: Self) -> Self {
        if self == 0.0 { no } else { yes }
    }
}

/// Complex numbers continue analytic functions. The others have no value there.
impl Number for Complex<f64> {
    fn constant(value: f64) -> Self {
        Self::new(value, 0.0)
    }

    fn is_zero(self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }

    fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    fn unary(self, function: Unary) -> Self {
        let one = Self::new(1.0, 0.0);
        match function {
            Unary::Negative => -self,
            Unary::Sin => self.sin(),
            Unary::Cos => self.cos(),
            Unary::Tan => self.tan(),
            Unary::Asin => self.asin(),
            Unary::Acos => self.acos(),
            Unary::Atan => self.atan(),
            Unary::Sinh => self.sinh(),
            Unary::Cosh => self.cosh(),
            Unary::Tanh => (self * 2.0).unary(Unary::Logistic) * 2.0 - one,
            Unary::Asinh => self.asinh(),
            Unary::Acosh => self.acosh(),
            Unary::Atanh => self.atanh(),
            Unary::Exp => self.exp(),
            Unary::Ln => self.ln(),
            Unary::Log10 => self.ln() * std::f64::consts::LOG10_E,
            Unary::Sqrt => self.sqrt(),
            // without overflow on either side
            Unary::Logistic if self.re >= 0.0 => one / (one + (-self).exp()),
            Unary::Logistic => {
                let power = self.exp();
                power / (one + power)
            }
            Unary::Softplus if self.re > 0.0 => self + (one + (-self).exp()).ln(),
            Unary::Softplus => (one + self.exp()).ln(),
            Unary::Guarded if self.is_zero() => Self::constant(2.23e-15),
            Unary::Guarded => self,
            _ => Self::new(f64::NAN, f64::NAN),
        }
    }

    fn binary(self, function: Binary, other: Self) -> Self {
        match function {
            Binary::Add => self + other,
            Binary::Subtract => self - other,
            Binary::Multiply => self * other,
            Binary::Divide => self / other,
            Binary::Power if self.is_zero() => Self::constant(0.0f64.powf(other.re)),
            Binary::Power => (self.ln() * other).exp(),
            // the angle φ of exp(iφ) = (x + iy)/√(x² + y²)
            Binary::Atan2 => {
                let i = Self::i();
                let length = (self * self + other * other).sqrt();
                -i * ((other + i * self) / length).ln()
            }
            // values of conditions that hold no state
            _ => Self::constant(self.re.binary(function, other.re)),
        }
    }

    fn power(self, exponent: i32) -> Self {
        self.powi(exponent)
    }

    fn select(self, yes: Self, no: Self) -> Self {
        if self.is_zero() { no } else { yes }
    }
}
