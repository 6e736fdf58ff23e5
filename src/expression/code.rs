//! The operations of a tape over real numbers, each applied to many operands.

use super::graph::{Id, Node};
use super::operation::{Binary, Unary};
use crate::numeric::{Elementary, vectorised};

/// Registers that a byte can name.
pub(super) const FEW: usize = 256;

/// Where operations find their operands.
pub(super) trait Registers {
    fn at(&self, id: Id) -> f64;
    fn put(&mut self, id: Id, value: f64);
    fn all(&mut self) -> &mut [f64];
}

impl Registers for [f64] {
    #[inline(always)]
    fn at(&self, id: Id) -> f64 {
        self[id as usize]
    }
    #[inline(always)]
    fn put(&mut self, id: Id, value: f64) {
        self[id as usize] = value;
    }
    fn all(&mut self) -> &mut [f64] {
        self
    }
}

/// Any byte is one of them, so that nothing has to be checked.
impl Registers for [f64; FEW] {
    #[inline(always)]
    fn at(&self, id: Id) -> f64 {
        self[usize::from(id as u8)]
    }
    #[inline(always)]
    fn put(&mut self, id: Id, value: f64) {
        self[usize::from(id as u8)] = value;
    }
    fn all(&mut self) -> &mut [f64] {
        self
    }
}

/// Numbers that are in vector registers together.
const LANES: usize = 8;
/// Beyond it, e^x is no normal number.
const LARGEST_EXPONENT: f64 = 708.0;

/// What is done to all operands of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negative,
    Square,
    Cube,
    Fourth,
    Abs,
    Less,
    /// Many terms.
    Sum,
    /// What has no code of its own.
    Node,
    /// eˣ and 1/(1 + e⁻ˣ).
    Exponential,
    Tanh,
}

/// Beside the operand of [`Code::Exponential`]: which of the two it is.
const POWER: u32 = 0;
const LOGISTIC: u32 = 1;

impl Code {
    pub fn of(node: Node) -> Self {
        match node {
            Node::Unary(Unary::Negative, _) => Self::Negative,
            Node::Unary(Unary::Exp | Unary::Logistic, _) => Self::Exponential,
            Node::Unary(Unary::Tanh, _) => Self::Tanh,
            Node::Unary(Unary::Abs, _) => Self::Abs,
            Node::Binary(Binary::Less, ..) => Self::Less,
            Node::Power(_, 2) => Self::Square,
            Node::Power(_, 3) => Self::Cube,
            Node::Power(_, 4) => Self::Fourth,
            Node::Binary(Binary::Add, ..) => Self::Add,
            Node::Binary(Binary::Subtract, ..) => Self::Subtract,
            Node::Binary(Binary::Multiply, ..) => Self::Multiply,
            Node::Binary(Binary::Divide, ..) => Self::Divide,
            _ => Self::Node,
        }
    }

    /// Whether it is worth waiting for others of its kind.
    pub fn has_lanes(self) -> bool {
        matches!(self, Self::Exponential | Self::Tanh)
    }
}

/// Applies an operation that has operands to all of a run, whose results stand from `first` on.
#[inline]
pub(super) fn apply<R: Registers + ?Sized>(
    code: Code,
    registers: &mut R,
    first: Id,
    pairs: &[[Id; 2]],
) {
    match code {
        Code::Add => fill(registers, first, pairs, |x, y| x + y),
        Code::Subtract => fill(registers, first, pairs, |x, y| x - y),
        Code::Multiply => fill(registers, first, pairs, |x, y| x * y),
        Code::Divide => fill(registers, first, pairs, |x, y| x / y),
        Code::Negative => fill(registers, first, pairs, |x, _| -x),
        Code::Square => fill(registers, first, pairs, |x, _| x * x),
        Code::Cube => fill(registers, first, pairs, |x, _| x * x * x),
        Code::Fourth => fill(registers, first, pairs, |x, _| (x * x) * (x * x)),
        Code::Abs => fill(registers, first, pairs, |x, _| x.abs()),
        Code::Less => fill(registers, first, pairs, |x, y| f64::from(u8::from(x < y))),
        Code::Exponential => {
            let (before, results) = registers.all().split_at_mut(first as usize);
            exponentials(before, pairs, results);
        }
        Code::Tanh => {
            fill(registers, first, pairs, |x, _| x);
            let results = &mut registers.all()[first as usize..][..pairs.len()];
            in_lanes(results, f64::hyperbolic_tangent);
        }
        // these have no pairs
        Code::Sum | Code::Node => {}
    }
}

/// The operands of what has a code of its own.
pub(super) fn operands(node: Node) -> [Id; 2] {
    match node {
        Node::Unary(Unary::Exp, a) => [a, POWER],
        Node::Unary(Unary::Logistic, a) => [a, LOGISTIC],
        Node::Unary(_, a) | Node::Power(a, _) => [a, a],
        Node::Binary(_, a, b) => [a, b],
        _ => [0, 0],
    }
}

#[inline(always)]
fn fill<R: Registers + ?Sized>(
    registers: &mut R,
    first: Id,
    pairs: &[[Id; 2]],
    of: impl Fn(f64, f64) -> f64,
) {
    for (result, &[a, b]) in (first..).zip(pairs) {
        registers.put(result, of(registers.at(a), registers.at(b)));
    }
}

/// eˣ or 1/(1 + e⁻ˣ) of every operand.
fn exponentials(before: &[f64], pairs: &[[u32; 2]], results: &mut [f64]) {
    for (results, pairs) in results.chunks_mut(LANES).zip(pairs.chunks(LANES)) {
        let mut lanes = [0.0; LANES];
        for (lane, [operand, which]) in lanes.iter_mut().zip(pairs) {
            let x = before[*operand as usize];
            *lane = if *which == POWER { x } else { -x };
        }
        // all are looked at, side by side
        let inside = lanes
            .iter()
            .fold(true, |all, x| all & (x.abs() < LARGEST_EXPONENT));
        if inside {
            vectorised(
                #[inline(always)]
                || lanes.iter_mut().for_each(|x| *x = x.exponential()),
            );
        } else {
            lanes.iter_mut().for_each(|x| *x = x.exp());
        }
        for ((result, power), [_, which]) in results.iter_mut().zip(lanes).zip(pairs) {
            *result = if *which == POWER {
                power
            } else {
                1.0 / (1.0 + power)
            };
        }
    }
}

#[inline(always)]
fn in_lanes(values: &mut [f64], function: impl Fn(f64) -> f64) {
    vectorised(
        #[inline(always)]
        || {
            for values in values.chunks_mut(LANES) {
                let mut lanes = [0.0; LANES];
                lanes[..values.len()].copy_from_slice(values);
                for lane in &mut lanes {
                    *lane = function(*lane);
                }
                values.copy_from_slice(&lanes[..values.len()]);
            }
        },
    );
}
