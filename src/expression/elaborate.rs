//! From trees to nodes: names get their meaning, functions are put in where they are called.

use std::sync::Arc;

use super::graph::Id;
use super::operation::{Binary, Unary, builtin};
use super::scope::{Beyond, Division, Meaning, Scope};
use super::text::Text;
use super::token::Dialect;
use super::tree::Tree;
use crate::error::{Error, Result};

/// Most operations that a system may be written out to.
const MOST_WORK: usize = 8_000_000;

/// Why a tree cannot be put together now.
pub(super) enum Stop {
    /// A definition is needed first.
    Needs(usize),
    Fault(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

pub(super) type Put<T> = std::result::Result<T, Stop>;

/// Where a tree stands: its text, the names of its surroundings, the functions around it.
pub(super) struct Place<'a> {
    pub text: &'a Text,
    pub locals: Vec<(&'a str, Id)>,
    pub calls: Vec<usize>,
}

impl Place<'_> {
    pub fn fault(&self, at: usize, message: impl std::fmt::Display) -> Stop {
        Stop::Fault(self.text.fault(at, message))
    }
}

impl Scope {
    /// The node of an expression. `index` is the value of `i` in it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with the column.
    pub fn node(&mut self, text: &Text, tree: &Tree<'_>, index: Option<i64>) -> Result<Id> {
        let number = index.map(|value| self.graph.constant(value as f64));
        loop {
            let mut place = Place {
                text,
                locals: number.map(|node| ("i", node)).into_iter().collect(),
                calls: Vec::new(),
            };
            match self.put(tree, &mut place) {
                Ok(node) => return Ok(node),
                Err(Stop::Fault(error)) => return Err(error),
                Err(Stop::Needs(k)) => self.resolve_one(k)?,
            }
        }
    }

    /// Puts a definition together, and what it needs before.
    pub(super) fn resolve_one(&mut self, first: usize) -> Result<()> {
        let mut waiting = vec![first];
        while let Some(&k) = waiting.last() {
            let definition = &self.definitions[k];
            if definition.node.is_some() {
                waiting.pop();
                continue;
            }
            let (text, tree) = (definition.text.clone(), Arc::clone(&definition.tree));
            let index = definition.index;
            let number = index.map(|value| self.graph.constant(value as f64));
            let mut place = Place {
                text: &text,
                locals: number.map(|node| ("i", node)).into_iter().collect(),
                calls: Vec::new(),
            };
            match self.put(&tree, &mut place) {
                Ok(node) => {
                    self.definitions[k].node = Some(node);
                    waiting.pop();
                }
                Err(Stop::Fault(error)) => return Err(error),
                Err(Stop::Needs(next)) => {
                    if let Some(begin) = waiting.iter().position(|&k| k == next) {
                        return Err(self.circle(&waiting[begin..]));
                    }
                    waiting.push(next);
                }
            }
        }
        Ok(())
    }

    fn circle(&self, around: &[usize]) -> Error {
        const SHOWN: usize = 8;
        let names = around.iter().chain(&around[..1]);
        let mut names: Vec<&str> = names.map(|&k| self.definitions[k].name.as_str()).collect();
        if names.len() > SHOWN {
            names.splice(SHOWN / 2..names.len() - SHOWN / 2, ["…"]);
        }
        let message = format!(
            "definitions go round in a circle: {} (each uses the next)",
            names.join(" → ")
        );
        Error::invalid(&*self.definitions[around[0]].text.path, message)
    }

    pub(super) fn put(&mut self, tree: &Tree<'_>, place: &mut Place<'_>) -> Put<Id> {
        self.work += 1;
        if self.work > MOST_WORK {
            let message = format!("written out, the system has more than {MOST_WORK} operations");
            return Err(place.fault(0, message));
        }
        match tree {
            Tree::Number(value) => Ok(self.graph.constant(*value)),
            Tree::Name(name, at) => self.name(name, *at, place),
            Tree::Negative(inner) => {
                let inner = self.put(inner, place)?;
                Ok(self.graph.unary(Unary::Negative, inner))
            }
            Tree::Not(inner) => {
                let inner = self.put(inner, place)?;
                Ok(self.graph.unary(Unary::Not, inner))
            }
            Tree::Sum(terms) => {
                let mut sum = self.put(&terms[0].1, place)?;
                for (subtracted, term) in &terms[1..] {
                    let term = self.put(term, place)?;
                    let sign = if *subtracted {
                        Binary::Subtract
                    } else {
                        Binary::Add
                    };
                    sum = self.graph.binary(sign, sum, term);
                }
                Ok(sum)
            }
            Tree::Product(factors) => {
                let mut product = self.put(&factors[0].1, place)?;
                for (divides, factor) in &factors[1..] {
                    let factor = self.put(factor, place)?;
                    product = match divides {
                        None => self.graph.binary(Binary::Multiply, product, factor),
                        Some(at) => self.quotient(product, factor, *at, place)?,
                    };
                }
                Ok(product)
            }
            Tree::Power(base, exponents) => {
                let mut power = self.put(base, place)?;
                for exponent in exponents {
                    let exponent = self.put(exponent, place)?;
                    power = self.graph.binary(Binary::Power, power, exponent);
                }
                Ok(power)
            }
            Tree::Compare(sign, sides) => {
                let left = self.put(&sides.0, place)?;
                let right = self.put(&sides.1, place)?;
                Ok(self.comparison(sign, left, right))
            }
            Tree::And(all) => self.logical(all, Binary::Multiply, place),
            Tree::Or(all) => self.logical(all, Binary::Maximum, place),
            Tree::Call(name, at, arguments) => self.call(name, *at, arguments, place),
            Tree::Element(name, at, index) => self.element(name, *at, index, place),
        }
    }

    fn quotient(&mut self, above: Id, below: Id, at: usize, place: &Place<'_>) -> Put<Id> {
        if self.graph.value(below) == Some(0.0) && self.dialect == Dialect::Mathematics {
            return Err(place.fault(at, "this divides by 0"));
        }
        if self.graph.value(below).is_none_or(|value| value == 0.0) {
            self.divisions.push(Division {
                denominator: below,
                text: place.text.clone(),
                at,
            });
        }
        let below = match self.dialect {
            Dialect::Mathematics => below,
            Dialect::Xpp => self.graph.unary(Unary::Guarded, below),
        };
        Ok(self.graph.binary(Binary::Divide, above, below))
    }

    fn comparison(&mut self, sign: &str, left: Id, right: Id) -> Id {
        match sign {
            "<" => self.graph.binary(Binary::Less, left, right),
            "<=" => self.graph.binary(Binary::LessOrEqual, left, right),
            ">" => self.graph.binary(Binary::Less, right, left),
            ">=" => self.graph.binary(Binary::LessOrEqual, right, left),
            "==" => self.graph.binary(Binary::Equal, left, right),
            _ => {
                let equal = self.graph.binary(Binary::Equal, left, right);
                self.graph.unary(Unary::Not, equal)
            }
        }
    }

    /// 1 if all (by products) or any (by maxima) are not 0, else 0.
    fn logical(&mut self, all: &[Tree<'_>], join: Binary, place: &mut Place<'_>) -> Put<Id> {
        let mut joined = None;
        for one in all {
            let one = self.put(one, place)?;
            // 0 or 1
            let none = self.graph.unary(Unary::Not, one);
            let some = self.graph.unary(Unary::Not, none);
            joined = Some(match joined {
                None => some,
                Some(others) => self.graph.binary(join, others, some),
            });
        }
        Ok(joined.unwrap_or_else(|| self.graph.constant(0.0)))
    }

    pub(super) fn name(&mut self, name: &str, at: usize, place: &Place<'_>) -> Put<Id> {
        let local = place.locals.iter().rev().find(|(local, _)| *local == name);
        if let Some((_, node)) = local {
            return Ok(*node);
        }
        match self.meanings.get(name) {
            Some(Meaning::Constant(value)) => Ok(self.graph.constant(*value)),
            Some(Meaning::Input(position)) => Ok(self.graph.input(*position)),
            Some(Meaning::Definition(k)) => self.definitions[*k].node.ok_or(Stop::Needs(*k)),
            Some(Meaning::Function(k)) => {
                let shown = self.functions[*k].arguments.join(", ");
                Err(place.fault(
                    at,
                    format!("`{name}` is a function. Write `{name}({shown})`"),
                ))
            }
            None if self.extents.contains_key(name) => {
                Err(place.fault(at, format!("`{name}` is an array. Write `{name}[…]`")))
            }
            None if builtin(name).is_some() => {
                Err(place.fault(at, format!("`{name}` is a function. Write `{name}(…)`")))
            }
            None => Err(place.fault(at, self.unknown(name, &place.locals))),
        }
    }

    /// The value of something that has to be a whole number.
    pub(super) fn whole(
        &mut self,
        tree: &Tree<'_>,
        what: &str,
        at: usize,
        place: &mut Place<'_>,
    ) -> Put<i64> {
        let node = self.put(tree, place)?;
        match self.graph.value(node) {
            Some(value) if value.fract() == 0.0 && value.abs() < 1e9 => Ok(value as i64),
            Some(value) => Err(place.fault(
                at,
                format!("{what} has to be a whole number, found {value}"),
            )),
            None => Err(place.fault(
                at,
                format!("{what} has to be a number that is known: constants and indices, no state or parameter"),
            )),
        }
    }

    fn element(
        &mut self,
        name: &str,
        at: usize,
        index: &Tree<'_>,
        place: &mut Place<'_>,
    ) -> Put<Id> {
        let Some(extent) = self.extents.get(name).copied() else {
            return Err(if self.knows(name) {
                place.fault(at, format!("`{name}` is no array"))
            } else {
                place.fault(at, self.unknown(name, &place.locals))
            });
        };
        let mut index = self.whole(index, "an index", at, place)?;
        if index < extent.first || index > extent.last {
            match extent.beyond {
                Beyond::Wrap => {
                    let length = extent.last - extent.first + 1;
                    index = extent.first + (index - extent.first).rem_euclid(length);
                }
                Beyond::Edge(value) => return Ok(self.graph.constant(value)),
                Beyond::Nothing => {
                    let (first, last) = (extent.first, extent.last);
                    let message = format!(
                        "`{name}[{index}]` is outside of `{name}[{first}..{last}]`. Give `\"wrap\": true` or an `\"edge\"`"
                    );
                    return Err(place.fault(at, message));
                }
            }
        }
        self.name(&format!("{name}[{index}]"), at, place)
    }
}
