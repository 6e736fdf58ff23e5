//! From text to tree, by recursive descent with a limit on how deep expressions nest.

use super::text::Text;
use super::token::{Dialect, Lexer, Symbol, Token, Unreadable};
use super::tree::Tree;
use crate::error::Result;

/// How deep parentheses, calls and signs may nest.
const DEEPEST: usize = 200;

type Parsed<T> = std::result::Result<T, Unreadable>;

/// The tree of a text.
///
/// # Errors
/// [`crate::Error::InvalidInput`] with the column, and what is expected there.
pub(crate) fn parse(text: &Text, dialect: Dialect) -> Result<Tree<'_>> {
    tree(&text.source, dialect).map_err(|error| text.fault(error.at, error.message))
}

fn tree(source: &str, dialect: Dialect) -> Parsed<Tree<'_>> {
    let mut parser = Parser {
        lexer: Lexer::new(source, dialect),
        dialect,
        token: Token::End,
        at: 0,
        depth: 0,
    };
    parser.advance()?;
    let tree = parser.expression()?;
    match parser.token {
        Token::End => Ok(tree),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    dialect: Dialect,
    /// The token that comes next, and its place.
    token: Token<'a>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Parsed<()> {
        (self.token, self.at) = self.lexer.next()?;
        Ok(())
    }

    /// Goes past one of these symbols, if it comes next.
    fn take(&mut self, symbols: &[Symbol]) -> Parsed<Option<Symbol>> {
        match self.token {
            Token::Symbol(symbol) if symbols.contains(&symbol) => {
                self.advance()?;
                Ok(Some(symbol))
            }
            _ => Ok(None),
        }
    }

    fn expect(&mut self, symbol: Symbol) -> Parsed<()> {
        match self.take(&[symbol])? {
            Some(_) => Ok(()),
            None => Err(self.unexpected(&format!("`{}`", symbol.text()))),
        }
    }

    fn expect_name(&mut self, name: &str) -> Parsed<()> {
        match self.token {
            Token::Name(found) if found == name => self.advance(),
            _ => Err(self.unexpected(&format!("`{name}`"))),
        }
    }

    fn unexpected(&self, expected: &str) -> Unreadable {
        let found = match self.token {
            Token::Number(number) => format!("the number {number}"),
            Token::Name(name) => format!("the name `{name}`"),
            Token::Symbol(symbol) => format!("`{}`", symbol.text()),
            Token::End => "the end".into(),
        };
        Unreadable::new(self.at, format!("expected {expected}, found {found}"))
    }

    /// One level deeper.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEEPEST {
            let message = format!(
                "expressions may nest {DEEPEST} deep. Give a part of this one a name of its own"
            );
            return Err(Unreadable::new(self.at, message));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn expression(&mut self) -> Parsed<Tree<'a>> {
        self.chain(&[Symbol::Or, Symbol::DoubleOr], Self::conjunction, Tree::Or)
    }

    fn conjunction(&mut self) -> Parsed<Tree<'a>> {
        self.chain(
            &[Symbol::And, Symbol::DoubleAnd],
            Self::comparison,
            Tree::And,
        )
    }

    fn chain(
        &mut self,
        symbols: &[Symbol],
        part: fn(&mut Self) -> Parsed<Tree<'a>>,
        whole: fn(Vec<Tree<'a>>) -> Tree<'a>,
    ) -> Parsed<Tree<'a>> {
        let first = part(self)?;
        if self.take(symbols)?.is_none() {
            return Ok(first);
        }
        let mut parts = vec![first, part(self)?];
        while self.take(symbols)?.is_some() {
            parts.push(part(self)?);
        }
        Ok(whole(parts))
    }

    fn comparison(&mut self) -> Parsed<Tree<'a>> {
        const SIGNS: [Symbol; 6] = [
            Symbol::Less,
            Symbol::LessOrEqual,
            Symbol::Greater,
            Symbol::GreaterOrEqual,
            Symbol::Equal,
            Symbol::NotEqual,
        ];
        let left = self.sum()?;
        let Some(sign) = self.take(&SIGNS)? else {
            return Ok(left);
        };
        let right = self.sum()?;
        match self.token {
            Token::Symbol(next) if SIGNS.contains(&next) => Err(Unreadable::new(
                self.at,
                "comparisons do not chain. Write `a < b & b < c`",
            )),
            _ => Ok(Tree::Compare(sign.text(), Box::new((left, right)))),
        }
    }

    fn sum(&mut self) -> Parsed<Tree<'a>> {
        let mut first = Some(self.product(true)?);
        let mut terms = Vec::new();
        while let Some(sign) = self.take(&[Symbol::Plus, Symbol::Minus])? {
            terms.extend(first.take().map(|first| (false, first)));
            let term = self.product(self.dialect == Dialect::Mathematics)?;
            terms.push((sign == Symbol::Minus, term));
        }
        Ok(first.unwrap_or(Tree::Sum(terms)))
    }

    fn product(&mut self, may_be_signed: bool) -> Parsed<Tree<'a>> {
        let mut first = Some(self.signed(may_be_signed)?);
        let mut factors = Vec::new();
        loop {
            let at = self.at;
            let Some(sign) = self.take(&[Symbol::Times, Symbol::Over])? else {
                break;
            };
            if let Some(first) = first.take() {
                // most products have two
                factors.reserve_exact(2);
                factors.push((None, first));
            }
            let factor = self.signed(self.dialect == Dialect::Mathematics)?;
            factors.push(((sign == Symbol::Over).then_some(at), factor));
        }
        Ok(first.unwrap_or(Tree::Product(factors)))
    }

    fn signed(&mut self, may_be_signed: bool) -> Parsed<Tree<'a>> {
        let xpp = self.dialect == Dialect::Xpp;
        if !may_be_signed && matches!(self.token, Token::Symbol(Symbol::Plus | Symbol::Minus)) {
            let message = "XPPAUT takes no sign after an operator. Put it in parentheses";
            return Err(Unreadable::new(self.at, message));
        }
        match self.take(if xpp {
            &[Symbol::Minus]
        } else {
            &[Symbol::Minus, Symbol::Plus, Symbol::Not]
        })? {
            Some(Symbol::Minus) => self
                .nested(|parser| parser.signed(!xpp))
                .map(|inner| Tree::Negative(Box::new(inner))),
            Some(Symbol::Not) => self
                .nested(|parser| parser.signed(true))
                .map(|inner| Tree::Not(Box::new(inner))),
            Some(_) => self.nested(|parser| parser.signed(true)),
            None => self.power(),
        }
    }

    fn power(&mut self) -> Parsed<Tree<'a>> {
        const SIGNS: [Symbol; 2] = [Symbol::Power, Symbol::DoubleTimes];
        let base = self.atom()?;
        let mut exponents = Vec::new();
        match self.dialect {
            // from the right, and a sign may stand before the exponent
            Dialect::Mathematics => {
                if self.take(&SIGNS)?.is_some() {
                    exponents.push(self.nested(|parser| parser.signed(true))?);
                }
            }
            Dialect::Xpp => {
                while self.take(&SIGNS)?.is_some() {
                    if matches!(self.token, Token::Symbol(Symbol::Plus | Symbol::Minus)) {
                        self.signed(false)?;
                    }
                    exponents.push(self.atom()?);
                }
            }
        }
        Ok(if exponents.is_empty() {
            base
        } else {
            Tree::Power(Box::new(base), exponents)
        })
    }

    fn atom(&mut self) -> Parsed<Tree<'a>> {
        let at = self.at;
        match self.token {
            Token::Number(number) => {
                self.advance()?;
                Ok(Tree::Number(number))
            }
            Token::Name(name) => {
                self.advance()?;
                self.after_name(name, at)
            }
            Token::Symbol(Symbol::Open) => {
                self.advance()?;
                let inner = self.nested(Self::expression)?;
                self.expect(Symbol::Close)?;
                Ok(inner)
            }
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    /// A value, a call or an element of an array.
    fn after_name(&mut self, name: &'a str, at: usize) -> Parsed<Tree<'a>> {
        if self.take(&[Symbol::Open])?.is_some() {
            let mut arguments = self.arguments()?;
            if self.dialect == Dialect::Xpp {
                self.long_forms(name, &mut arguments)?;
            }
            return Ok(Tree::Call(name.into(), at, arguments));
        }
        if self.take(&[Symbol::OpenIndex])?.is_some() {
            let index = self.nested(Self::expression)?;
            self.expect(Symbol::CloseIndex)?;
            return Ok(Tree::Element(name.into(), at, Box::new(index)));
        }
        Ok(Tree::Name(name.into(), at))
    }

    /// What follows `(`, up to and with `)`.
    fn arguments(&mut self) -> Parsed<Vec<Tree<'a>>> {
        // most functions have one
        let mut arguments = Vec::with_capacity(1);
        if self.take(&[Symbol::Close])?.is_some() {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.nested(Self::expression)?);
            match self.take(&[Symbol::Comma, Symbol::Close])? {
                Some(Symbol::Close) => return Ok(arguments),
                Some(_) => {}
                None => return Err(self.unexpected("an operator, `,` or `)`")),
            }
        }
    }

    /// `if(c)then(a)else(b)` and `sum(a,b)of(e)`, as calls of functions with all their arguments.
    fn long_forms(&mut self, name: &str, arguments: &mut Vec<Tree<'a>>) -> Parsed<()> {
        let words: &[&str] = match name {
            "if" => &["then", "else"],
            "sum" => &["of"],
            _ => return Ok(()),
        };
        for word in words {
            self.expect_name(word)?;
            self.expect(Symbol::Open)?;
            arguments.extend(self.arguments()?);
        }
        if name == "sum" {
            arguments.insert(0, Tree::Name("i'".into(), self.at));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
