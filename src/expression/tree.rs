//! The tree of an expression, as it was written.

/// An expression. Chains of one operator are one node, so that the depth of a tree is that of its
/// parentheses. Positions are bytes of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Number(f64),
    Name(Box<str>, usize),
    Negative(Box<Tree>),
    Not(Box<Tree>),
    /// Terms, each with whether it is subtracted.
    Sum(Vec<(bool, Tree)>),
    /// Factors, each with the place of the sign if it divides.
    Product(Vec<(Option<usize>, Tree)>),
    /// Base and exponents, from the left.
    Power(Box<Tree>, Vec<Tree>),
    /// A comparison: `<`, `<=`, `>`, `>=`, `==` or `!=`.
    Compare(&'static str, Box<(Tree, Tree)>),
    /// All of these.
    And(Vec<Tree>),
    /// Any of these.
    Or(Vec<Tree>),
    Call(Box<str>, usize, Vec<Tree>),
    /// An element of an array.
    Element(Box<str>, usize, Box<Tree>),
}

impl Tree {
    /// Every name that stands in it, as a value, a function or an array.
    pub fn names<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Number(_) => {}
            Self::Name(name, _) => found.push(name),
            Self::Negative(inner) | Self::Not(inner) => inner.names(found),
            Self::Sum(terms) => terms.iter().for_each(|(_, term)| term.names(found)),
            Self::Product(factors) => factors.iter().for_each(|(_, factor)| factor.names(found)),
            Self::Power(base, exponents) => {
                base.names(found);
                exponents.iter().for_each(|exponent| exponent.names(found));
            }
            Self::Compare(_, sides) => {
                sides.0.names(found);
                sides.1.names(found);
            }
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.names(found)),
            Self::Call(name, _, arguments) => {
                found.push(name);
                arguments.iter().for_each(|argument| argument.names(found));
            }
            Self::Element(name, _, index) => {
                found.push(name);
                index.names(found);
            }
        }
    }
}
