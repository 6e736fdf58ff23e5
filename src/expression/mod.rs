//! What a formula says: text → tree → graph → program over registers, with exact derivatives.
//!
//! A text is parsed into a tree with a limit on its depth. Trees become nodes of one graph, in which
//! equal parts are shared and constants folded. The graph becomes a program that is evaluated without
//! allocation over real numbers, and over complex, dual and interval numbers where those are asked
//! for. Derivatives are accumulated forward or backward along the program, from partial derivatives
//! that are written once.

mod call;
mod code;
mod coupled_rates;
mod derivatives;
mod dual;
mod elaborate;
mod error_function;
mod graph;
mod hash;
mod kinks;
mod number;
mod operation;
mod order;
mod parse;
mod print;
mod program;
mod range;
mod scope;
mod sum_run;
mod sums;
mod tape;
mod text;
mod token;
mod tree;

pub(crate) use derivatives::By;
pub(crate) use dual::Dual;
pub(crate) use graph::Id;
pub(crate) use number::Number;
pub(crate) use operation::{Binary, Unary, is_reserved};
pub(crate) use print::{Language, Printed, number, print};
pub(crate) use program::Program;
pub(crate) use scope::{Beyond, Division, Meaning, Scope};
pub(crate) use text::Text;
pub(crate) use token::{Dialect, is_name};

/// The program of some expressions of three states and of other inputs, given by their names.
#[cfg(test)]
fn program_of(inputs: &[&str], expressions: &[&str]) -> Program {
    let mut scope = Scope::new(Dialect::Mathematics);
    for (position, name) in inputs.iter().enumerate() {
        scope.declare("", name, Meaning::Input(position)).unwrap();
    }
    scope.time(inputs.len());
    let nodes: Vec<Id> = (expressions.iter())
        .map(|expression| {
            let text = Text::new("", *expression);
            let tree = scope.parse(&text).unwrap();
            scope.node(&text, &tree, None).unwrap()
        })
        .collect();
    Program::new(&scope.finish().0, 3, inputs.len() + 1, &nodes)
}
