//! Calls: of the functions of the language, and of those that a system defines, which are put in
//! where they are called.

use std::sync::Arc;

use super::elaborate::{Place, Put};
use super::graph::Id;
use super::operation::{Binary, Builtin, Unary, builtin};
use super::scope::{Meaning, Scope};
use super::token::Dialect;
use super::tree::Tree;

/// How deep functions may call each other.
const DEEPEST_CALL: usize = 100;

impl Scope {
    pub(super) fn call(
        &mut self,
        name: &str,
        at: usize,
        arguments: &[Tree<'_>],
        place: &mut Place<'_>,
    ) -> Put<Id> {
        if let Some(Meaning::Function(k)) = self.meanings.get(name) {
            return self.own_function(*k, at, arguments, place);
        }
        let Some(function) = builtin(name) else {
            return Err(
                if self.knows(name) || place.locals.iter().any(|(own, _)| *own == name) {
                    let message =
                        format!("`{name}` is no function. For a product write `{name}*(…)`");
                    place.fault(at, message)
                } else {
                    place.fault(at, self.unknown(name, &place.locals))
                },
            );
        };
        let expected = |count: &str| {
            let found = arguments.len();
            place.fault(at, format!("`{name}` takes {count}, found {found}"))
        };
        match (function, arguments) {
            (Builtin::Sum, [Tree::Name(index, _), first, last, term]) => {
                self.sum(index, [first, last, term], at, place)
            }
            (Builtin::Sum, _) => Err(expected(
                "an index, where it begins, where it ends and a term: `sum(i, 1, 5, x[i])`",
            )),
            (Builtin::Shift, [Tree::Name(from, _), by]) if self.dialect == Dialect::Xpp => {
                self.shift(from, by, at, place)
            }
            (Builtin::Shift, _) => Err(place.fault(at, self.unknown(name, &place.locals))),
            (Builtin::If, [condition, yes, no]) => {
                let condition = self.put(condition, place)?;
                let (yes, no) = (self.put(yes, place)?, self.put(no, place)?);
                Ok(self.graph.select(condition, yes, no))
            }
            (Builtin::If, _) => Err(expected("a condition and two values: `if(x > 0, x, 0)`")),
            (Builtin::Two(function), [x, y]) => {
                let (x, y) = (self.put(x, place)?, self.put(y, place)?);
                Ok(self.graph.binary(function, x, y))
            }
            (Builtin::Two(_), _) => Err(expected("2 arguments")),
            (Builtin::Many(function), [first, others @ ..])
                if !others.is_empty()
                    && (others.len() == 1 || self.dialect == Dialect::Mathematics) =>
            {
                let mut least = self.put(first, place)?;
                for other in others {
                    let other = self.put(other, place)?;
                    least = self.graph.binary(function, least, other);
                }
                Ok(least)
            }
            (Builtin::Many(_), _) if self.dialect == Dialect::Xpp => Err(expected("2 arguments")),
            (Builtin::Many(_), _) => Err(expected("2 arguments or more")),
            (of_one, [x]) => {
                let x = self.put(x, place)?;
                Ok(self.of_one(of_one, x))
            }
            _ => Err(expected("1 argument")),
        }
    }

    fn of_one(&mut self, function: Builtin, x: Id) -> Id {
        match function {
            Builtin::One(function) => self.graph.unary(function, x),
            Builtin::SteepLogistic => {
                let (four, two) = (self.graph.constant(4.0), self.graph.constant(2.0));
                let scaled = self.graph.binary(Binary::Multiply, four, x);
                let moved = self.graph.binary(Binary::Subtract, scaled, two);
                self.graph.unary(Unary::Logistic, moved)
            }
            Builtin::Log2 => {
                let factor = self.graph.constant(std::f64::consts::LOG2_E);
                let logarithm = self.graph.unary(Unary::Ln, x);
                self.graph.binary(Binary::Multiply, factor, logarithm)
            }
            _ => x,
        }
    }

    fn own_function(
        &mut self,
        k: usize,
        at: usize,
        arguments: &[Tree<'_>],
        place: &mut Place<'_>,
    ) -> Put<Id> {
        let function = &self.functions[k];
        if arguments.len() != function.arguments.len() {
            let message = format!(
                "expected `{}({})`, found {} arguments",
                function.name,
                function.arguments.join(", "),
                arguments.len()
            );
            return Err(place.fault(at, message));
        }
        if place.calls.contains(&k) || place.calls.len() >= DEEPEST_CALL {
            let around: Vec<&str> = (place.calls.iter().rev().take(8).rev().chain([&k]))
                .map(|&k| self.functions[k].name.as_str())
                .collect();
            let around = around.join(" → ");
            let message = if place.calls.contains(&k) {
                format!("a function may not lead back to itself: {around}")
            } else {
                format!("functions may call each other {DEEPEST_CALL} deep: … → {around}")
            };
            return Err(place.fault(at, message));
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.put(argument, place)?);
        }
        let key = (k, values);
        if let Some(known) = self.calls.get(&key) {
            return Ok(*known);
        }
        let function = &self.functions[k];
        let (text, tree) = (function.text.clone(), Arc::clone(&function.tree));
        let names = function.arguments.clone();
        let mut calls = std::mem::take(&mut place.calls);
        calls.push(k);
        let mut inside = Place {
            text: &text,
            locals: (names.iter().map(String::as_str).zip(key.1.iter().copied())).collect(),
            calls,
        };
        let node = self.put(&tree, &mut inside);
        inside.calls.pop();
        place.calls = inside.calls;
        let node = node?;
        self.calls.insert(key, node);
        Ok(node)
    }

    fn sum(
        &mut self,
        index: &str,
        [first, last, term]: [&Tree<'_>; 3],
        at: usize,
        place: &mut Place<'_>,
    ) -> Put<Id> {
        let first = self.whole(first, "the begin of a sum", at, place)?;
        let last = self.whole(last, "the end of a sum", at, place)?;
        let mut sum = None;
        let mut inside = Place {
            text: place.text,
            locals: place.locals.clone(),
            calls: std::mem::take(&mut place.calls),
        };
        let own = inside.locals.len();
        let zero = self.graph.constant(0.0);
        inside.locals.push((index, zero));
        let mut failure = None;
        for k in first..=last {
            inside.locals[own].1 = self.graph.constant(k as f64);
            match self.put(term, &mut inside) {
                Ok(node) => {
                    sum = Some(match sum {
                        None => node,
                        Some(others) => self.graph.binary(Binary::Add, others, node),
                    });
                }
                Err(stop) => {
                    failure = Some(stop);
                    break;
                }
            }
        }
        place.calls = inside.calls;
        match failure {
            Some(stop) => Err(stop),
            None => Ok(sum.unwrap_or(zero)),
        }
    }

    /// The name that stands so many places after `from` in the file, or 0 beyond its ends.
    fn shift(&mut self, from: &str, by: &Tree<'_>, at: usize, place: &mut Place<'_>) -> Put<Id> {
        let by = self.whole(by, "a shift", at, place)?;
        let Some(position) = self.sequence.iter().position(|name| name == from) else {
            return Err(place.fault(at, self.unknown(from, &place.locals)));
        };
        let target = usize::try_from(position as i64 + by).ok();
        let target = target.and_then(|target| self.sequence.get(target)).cloned();
        match target.filter(|name| !name.is_empty()) {
            Some(name) => self.name(&name, at, place),
            None => Ok(self.graph.constant(0.0)),
        }
    }
}
