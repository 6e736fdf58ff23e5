//! The tree of an expression, as it was written.

use std::borrow::Cow;

/// An expression, whose names may be pieces of the text. Chains of one operator are one node, so that the depth of a tree is that of its
/// parentheses. Positions are bytes of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree<'t> {
    Number(f64),
    Name(Cow<'t, str>, usize),
    Negative(Box<Tree<'t>>),
    Not(Box<Tree<'t>>),
    /// Terms, each with whether it is subtracted.
    Sum(Vec<(bool, Tree<'t>)>),
    /// Factors, each with the place of the sign if it divides.
    Product(Vec<(Option<usize>, Tree<'t>)>),
    /// Base and exponents, from the left.
    Power(Box<Tree<'t>>, Vec<Tree<'t>>),
    /// A comparison: `<`, `<=`, `>`, `>=`, `==` or `!=`.
    Compare(&'static str, Box<(Tree<'t>, Tree<'t>)>),
    /// All of these.
    And(Vec<Tree<'t>>),
    /// Any of these.
    Or(Vec<Tree<'t>>),
    Call(Cow<'t, str>, usize, Vec<Tree<'t>>),
    /// An element of an array.
    Element(Cow<'t, str>, usize, Box<Tree<'t>>),
}

impl Tree<'_> {
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

    /// The same with names of its own.
    pub fn into_owned(self) -> Tree<'static> {
        let owned = |name: Cow<'_, str>| Cow::Owned(name.into_owned());
        let boxed = |tree: Box<Tree<'_>>| Box::new(tree.into_owned());
        let all = |trees: Vec<Tree<'_>>| trees.into_iter().map(Tree::into_owned).collect();
        match self {
            Self::Number(value) => Tree::Number(value),
            Self::Name(name, at) => Tree::Name(owned(name), at),
            Self::Negative(inner) => Tree::Negative(boxed(inner)),
            Self::Not(inner) => Tree::Not(boxed(inner)),
            Self::Sum(terms) => {
                let terms = terms.into_iter();
                Tree::Sum(
                    terms
                        .map(|(sign, term)| (sign, term.into_owned()))
                        .collect(),
                )
            }
            Self::Product(factors) => {
                let factors = factors.into_iter();
                Tree::Product(
                    factors
                        .map(|(at, factor)| (at, factor.into_owned()))
                        .collect(),
                )
            }
            Self::Power(base, exponents) => Tree::Power(boxed(base), all(exponents)),
            Self::Compare(sign, sides) => {
                Tree::Compare(sign, Box::new((sides.0.into_owned(), sides.1.into_owned())))
            }
            Self::And(parts) => Tree::And(all(parts)),
            Self::Or(parts) => Tree::Or(all(parts)),
            Self::Call(name, at, arguments) => Tree::Call(owned(name), at, all(arguments)),
            Self::Element(name, at, index) => Tree::Element(owned(name), at, boxed(index)),
        }
    }
}
