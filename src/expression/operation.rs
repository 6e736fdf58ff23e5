//! What a node of an expression does, and the names under which people ask for it.

/// Functions of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Unary {
    Negative,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Ln,
    Log10,
    Sqrt,
    Logistic,
    Softplus,
    Erf,
    Erfc,
    Relu,
    HardSigmoid,
    Abs,
    /// −1, 0 or 1.
    Sign,
    /// 1 from 0 on.
    Step,
    Floor,
    Ceiling,
    /// 1 of 0, 0 of all else.
    Not,
    /// XPPAUT's denominators: 0 becomes 2.23e−15.
    Guarded,
}

/// Functions of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Atan2,
    Minimum,
    Maximum,
    /// Of the sign of the second number.
    Modulo,
    /// 1 or 0.
    Less,
    /// 1 or 0.
    LessOrEqual,
    /// 1 or 0.
    Equal,
}

impl Unary {
    /// Whether it has no derivative somewhere inside its domain.
    pub fn has_kink(self) -> bool {
        matches!(self, Self::Relu | Self::HardSigmoid | Self::Abs) || self.jumps()
    }

    /// Whether it jumps somewhere.
    pub fn jumps(self) -> bool {
        matches!(
            self,
            Self::Sign | Self::Step | Self::Floor | Self::Ceiling | Self::Not
        )
    }

    /// Whether x is where it has no derivative, to within rounding.
    pub fn kink_at(self, x: f64) -> bool {
        let near = |kink: f64| (x - kink).abs() <= 1e-12 * (1.0 + kink.abs());
        match self {
            Self::Relu | Self::Abs | Self::Sign | Self::Step | Self::Not => near(0.0),
            Self::HardSigmoid => near(0.0) || near(1.0),
            Self::Floor | Self::Ceiling => near(x.round()),
            _ => false,
        }
    }
}

impl Binary {
    /// Whether it has no derivative somewhere inside its domain.
    pub fn has_kink(self) -> bool {
        matches!(self, Self::Minimum | Self::Maximum) || self.jumps()
    }

    /// Whether it jumps somewhere.
    pub fn jumps(self) -> bool {
        matches!(
            self,
            Self::Modulo | Self::Less | Self::LessOrEqual | Self::Equal
        )
    }

    /// Whether a and b are where it has no derivative, to within rounding.
    pub fn kink_at(self, a: f64, b: f64) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + a.abs().max(b.abs()));
        match self {
            Self::Modulo => near(a / b, (a / b).round()),
            _ => self.has_kink() && near(a, b),
        }
    }
}

/// A function that is there without being defined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Builtin {
    One(Unary),
    Two(Binary),
    /// Of two numbers or more.
    Many(Binary),
    Identity,
    /// `1/(1 + e^{2 − 4x})`
    SteepLogistic,
    Log2,
    /// `if(c, a, b)`
    If,
    /// `sum(i, first, last, term)`
    Sum,
    /// Of XPPAUT: the name that stands so many places further on.
    Shift,
}

/// Functions by name.
const FUNCTIONS: [(&str, Builtin); 42] = [
    ("sin", Builtin::One(Unary::Sin)),
    ("cos", Builtin::One(Unary::Cos)),
    ("tan", Builtin::One(Unary::Tan)),
    ("asin", Builtin::One(Unary::Asin)),
    ("acos", Builtin::One(Unary::Acos)),
    ("atan", Builtin::One(Unary::Atan)),
    ("atan2", Builtin::Two(Binary::Atan2)),
    ("sinh", Builtin::One(Unary::Sinh)),
    ("cosh", Builtin::One(Unary::Cosh)),
    ("tanh", Builtin::One(Unary::Tanh)),
    ("asinh", Builtin::One(Unary::Asinh)),
    ("acosh", Builtin::One(Unary::Acosh)),
    ("atanh", Builtin::One(Unary::Atanh)),
    ("exp", Builtin::One(Unary::Exp)),
    ("ln", Builtin::One(Unary::Ln)),
    ("log", Builtin::One(Unary::Ln)),
    ("log10", Builtin::One(Unary::Log10)),
    ("log2", Builtin::Log2),
    ("sqrt", Builtin::One(Unary::Sqrt)),
    ("logistic", Builtin::One(Unary::Logistic)),
    ("sigmoid", Builtin::One(Unary::Logistic)),
    ("steep_logistic", Builtin::SteepLogistic),
    ("softplus", Builtin::One(Unary::Softplus)),
    ("hard_sigmoid", Builtin::One(Unary::HardSigmoid)),
    ("relu", Builtin::One(Unary::Relu)),
    ("identity", Builtin::Identity),
    ("erf", Builtin::One(Unary::Erf)),
    ("erfc", Builtin::One(Unary::Erfc)),
    ("abs", Builtin::One(Unary::Abs)),
    ("sign", Builtin::One(Unary::Sign)),
    ("heav", Builtin::One(Unary::Step)),
    ("floor", Builtin::One(Unary::Floor)),
    ("flr", Builtin::One(Unary::Floor)),
    ("ceil", Builtin::One(Unary::Ceiling)),
    ("not", Builtin::One(Unary::Not)),
    ("min", Builtin::Many(Binary::Minimum)),
    ("max", Builtin::Many(Binary::Maximum)),
    ("mod", Builtin::Two(Binary::Modulo)),
    ("pow", Builtin::Two(Binary::Power)),
    ("if", Builtin::If),
    ("sum", Builtin::Sum),
    ("shift", Builtin::Shift),
];

/// The function of a name.
pub(super) fn builtin(name: &str) -> Option<Builtin> {
    let found = FUNCTIONS.iter().find(|(known, _)| *known == name);
    found.map(|(_, function)| *function)
}

/// The names of all functions.
pub(super) fn builtin_names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// Whether a name belongs to the language itself.
pub(crate) fn is_reserved(name: &str) -> bool {
    name == "t" || name == "pi" || builtin(name).is_some()
}
