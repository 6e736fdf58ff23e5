//! Dual numbers: a number with its derivative along one direction, over any other numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::number::{Number, derivative, partials, power_derivative};
use super::operation::{Binary, Unary};

/// A number with its derivative along one direction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dual<N> {
    pub value: N,
    pub slope: N,
}

impl<N: Number> Dual<N> {
    /// A slope of 0 stays 0 where the factor is not finite.
    fn along(value: N, terms: [(N, N); 2]) -> Self {
        let mut slope = N::constant(0.0);
        for (factor, along) in terms {
            if !along.is_zero() {
                slope = slope + factor * along;
            }
        }
        Self { value, slope }
    }

    fn none() -> (N, N) {
        (N::constant(0.0), N::constant(0.0))
    }
}

impl<N: Number> Add for Dual<N> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
}

impl<N: Number> Sub for Dual<N> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<N: Number> Mul for Dual<N> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        self.binary(Binary::Multiply, other)
    }
}

impl<N: Number> Div for Dual<N> {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        self.binary(Binary::Divide, other)
    }
}

impl<N: Number> Neg for Dual<N> {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            value: -self.value,
            slope: -self.slope,
        }
    }
}

impl<N: Number> Number for Dual<N> {
    fn constant(value: f64) -> Self {
        Self {
            value: N::constant(value),
            slope: N::constant(0.0),
        }
    }

    fn is_zero(self) -> bool {
        self.value.is_zero() && self.slope.is_zero()
    }

    fn is_finite(self) -> bool {
        self.value.is_finite() && self.slope.is_finite()
    }

    fn unary(self, function: Unary) -> Self {
        let value = self.value.unary(function);
        let factor = derivative(function, self.value, value);
        Self::along(value, [(factor, self.slope), Self::none()])
    }

    fn binary(self, function: Binary, other: Self) -> Self {
        let value = self.value.binary(function, other.value);
        let (first, second) = partials(function, self.value, other.value, value);
        Self::along(value, [(first, self.slope), (second, other.slope)])
    }

    fn power(self, exponent: i32) -> Self {
        let factor = power_derivative(self.value, exponent);
        let value = self.value.power(exponent);
        Self::along(value, [(factor, self.slope), Self::none()])
    }

    fn select(self, yes: Self, no: Self) -> Self {
        Self {
            value: self.value.select(yes.value, no.value),
            slope: self.value.select(yes.slope, no.slope),
        }
    }
}
