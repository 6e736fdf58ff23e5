//! The words of the three languages that problems are written in.

use crate::expression::{Binary, Language, Unary};

/// The name of a function that all languages share, if they do.
fn common(function: Unary) -> Option<&'static str> {
    Some(match function {
        Unary::Sin => "sin",
        Unary::Cos => "cos",
        Unary::Tan => "tan",
        Unary::Asin => "asin",
        Unary::Acos => "acos",
        Unary::Atan => "atan",
        Unary::Sinh => "sinh",
        Unary::Cosh => "cosh",
        Unary::Tanh => "tanh",
        Unary::Exp => "exp",
        Unary::Ln => "ln",
        Unary::Log10 => "log10",
        Unary::Sqrt => "sqrt",
        Unary::Abs => "abs",
        _ => return None,
    })
}

/// What is made of others where a language lacks it.
fn by_others(function: Unary, x: &str) -> Option<String> {
    Some(match function {
        Unary::Logistic => format!("(1/(1+exp(-{x})))"),
        Unary::Softplus => format!("(max({x},0)+ln(1+exp(-abs({x}))))"),
        Unary::Relu => format!("max({x},0)"),
        Unary::HardSigmoid => format!("min(max({x},0),1)"),
        Unary::Asinh => format!("ln({x}+sqrt({x}*{x}+1))"),
        Unary::Acosh => format!("ln({x}+sqrt({x}*{x}-1))"),
        Unary::Atanh => format!("(0.5*ln((1+{x})/(1-{x})))"),
        _ => return None,
    })
}

fn comparison(function: Binary) -> Option<&'static str> {
    match function {
        Binary::Less => Some("<"),
        Binary::LessOrEqual => Some("<="),
        Binary::Equal => Some("=="),
        _ => None,
    }
}

/// The name of a function of two numbers in the languages that have them all.
fn of_two(function: Binary) -> Option<&'static str> {
    match function {
        Binary::Atan2 => Some("atan2"),
        Binary::Minimum => Some("min"),
        Binary::Maximum => Some("max"),
        Binary::Modulo => Some("mod"),
        _ => None,
    }
}

/// A whole power where `^` is safe.
fn whole_power(x: &str, exponent: i32) -> String {
    format!("({x}^({exponent}))")
}

/// That of problem files.
pub(super) struct Json;

impl Language for Json {
    fn unary(&self, function: Unary, x: &str) -> Option<String> {
        let name = match function {
            Unary::Logistic => "logistic",
            Unary::Softplus => "softplus",
            Unary::Relu => "relu",
            Unary::HardSigmoid => "hard_sigmoid",
            Unary::Asinh => "asinh",
            Unary::Acosh => "acosh",
            Unary::Atanh => "atanh",
            Unary::Erf => "erf",
            Unary::Erfc => "erfc",
            Unary::Sign => "sign",
            Unary::Step => "heav",
            Unary::Floor => "floor",
            Unary::Ceiling => "ceil",
            Unary::Not => "not",
            Unary::Guarded => return Some(format!("if({x} == 0, 2.23e-15, {x})")),
            _ => common(function)?,
        };
        Some(format!("{name}({x})"))
    }

    fn binary(&self, function: Binary, x: &str, y: &str) -> Option<String> {
        if let Some(sign) = comparison(function) {
            return Some(format!("({x} {sign} {y})"));
        }
        if function == Binary::Power {
            return Some(format!("({x}^{y})"));
        }
        of_two(function).map(|name| format!("{name}({x}, {y})"))
    }

    fn power(&self, x: &str, exponent: i32) -> String {
        whole_power(x, exponent)
    }

    fn select(&self, condition: &str, yes: &str, no: &str) -> String {
        format!("if({condition}, {yes}, {no})")
    }
}

/// That of XPPAUT, without blanks and without a sign after an operator.
pub(super) struct Ode;

impl Language for Ode {
    fn unary(&self, function: Unary, x: &str) -> Option<String> {
        let name = match function {
            Unary::Erf => "erf",
            Unary::Erfc => "erfc",
            Unary::Sign => "sign",
            Unary::Step => "heav",
            Unary::Floor => "flr",
            Unary::Not => "not",
            Unary::Ceiling => return Some(format!("(-flr(-{x}))")),
            // every quotient of XPPAUT is
            Unary::Guarded => return Some(x.to_owned()),
            _ => match common(function) {
                Some(name) => name,
                None => return by_others(function, x),
            },
        };
        Some(format!("{name}({x})"))
    }

    fn binary(&self, function: Binary, x: &str, y: &str) -> Option<String> {
        if let Some(sign) = comparison(function) {
            return Some(format!("({x}{sign}{y})"));
        }
        if function == Binary::Power {
            return Some(format!("({x}^{y})"));
        }
        of_two(function).map(|name| format!("{name}({x},{y})"))
    }

    fn power(&self, x: &str, exponent: i32) -> String {
        whole_power(x, exponent)
    }

    fn select(&self, condition: &str, yes: &str, no: &str) -> String {
        format!("(if({condition})then({yes})else({no}))")
    }
}

/// That of ngspice's behavioural sources.
pub(super) struct Spice;

impl Language for Spice {
    fn unary(&self, function: Unary, x: &str) -> Option<String> {
        let name = match function {
            Unary::Floor => "floor",
            Unary::Ceiling => "ceil",
            Unary::Sign => "sgn",
            Unary::Step => return Some(format!("(({x}>=0)?1:0)")),
            Unary::Not => return Some(format!("(({x}==0)?1:0)")),
            Unary::Guarded => return Some(format!("(({x}==0)?2.23e-15:{x})")),
            _ => match common(function) {
                Some(name) => name,
                None => return by_others(function, x),
            },
        };
        Some(format!("{name}({x})"))
    }

    fn binary(&self, function: Binary, x: &str, y: &str) -> Option<String> {
        if let Some(sign) = comparison(function) {
            return Some(format!("(({x}{sign}{y})?1:0)"));
        }
        match function {
            // its own powers have signs and groups of their own
            Binary::Power => Some(format!("exp({y}*ln({x}))")),
            Binary::Minimum => Some(format!("min({x},{y})")),
            Binary::Maximum => Some(format!("max({x},{y})")),
            Binary::Modulo => Some(format!("({x}-{y}*floor({x}/{y}))")),
            _ => None,
        }
    }

    fn power(&self, x: &str, exponent: i32) -> String {
        let product = vec![x; exponent.unsigned_abs() as usize].join("*");
        if exponent < 0 {
            format!("(1/({product}))")
        } else {
            format!("({product})")
        }
    }

    fn select(&self, condition: &str, yes: &str, no: &str) -> String {
        format!("(({condition}!=0)?{yes}:{no})")
    }

    fn quantity(&self, name: &str) -> String {
        format!("V({name})")
    }
}
