//! A program as text again, in the words of any language.

use super::graph::Node;
use super::operation::{Binary, Unary};
use super::program::Program;

/// Longest text of a part that is not given a name of its own.
const LONGEST: usize = 160;

/// How a language writes numbers and operations. Operands are names, calls or in parentheses.
pub(crate) trait Language {
    /// The operation of one operand, or `None` where the language has none.
    fn unary(&self, function: Unary, x: &str) -> Option<String>;

    /// The operation of two operands that is no sum, product or quotient.
    fn binary(&self, function: Binary, x: &str, y: &str) -> Option<String>;

    /// An integer power.
    fn power(&self, x: &str, exponent: i32) -> String;

    /// One of two values.
    fn select(&self, condition: &str, yes: &str, no: &str) -> String;

    /// A quantity that was given a name.
    fn quantity(&self, name: &str) -> String {
        name.to_owned()
    }
}

/// A program in a language.
pub(crate) struct Printed {
    /// Quantities that are used more than once, each before its use.
    pub quantities: Vec<(String, String)>,
    /// The results.
    pub results: Vec<String>,
}

/// A number, in parentheses if it is negative.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:?}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if value < 0.0 {
        format!("({text})")
    } else {
        text.to_owned()
    }
}

/// The program with `inputs` as the texts of its inputs. Quantities are called `prefix` with a
/// number. `Err` names an operation that the language has not.
pub(crate) fn print(
    program: &Program,
    language: &dyn Language,
    inputs: &[String],
    prefix: &str,
) -> Result<Printed, String> {
    let nodes: Vec<Node> = program
        .fixed()
        .chain(program.moving())
        .map(|(_, node)| node)
        .collect();
    let first = inputs.len();
    let mut uses = vec![0usize; first + nodes.len()];
    for node in &nodes {
        node.operands().for_each(|id| uses[id as usize] += 1);
    }
    let mut texts: Vec<String> = inputs.to_vec();
    let mut quantities = Vec::new();
    for (k, node) in nodes.iter().enumerate() {
        let at = |id: u32| texts[id as usize].as_str();
        let unknown = |what: String| format!("has no {what}");
        let text = match *node {
            Node::Constant(bits) => number(f64::from_bits(bits)),
            Node::Input(position) => at(position).to_owned(),
            Node::Unary(Unary::Negative, x) => format!("(-{})", at(x)),
            Node::Unary(function, x) => language
                .unary(function, at(x))
                .ok_or_else(|| unknown(format!("function like {function:?}")))?,
            Node::Power(x, exponent) => language.power(at(x), exponent),
            Node::Binary(Binary::Add, x, y) => format!("({}+{})", at(x), at(y)),
            Node::Binary(Binary::Subtract, x, y) => format!("({}-{})", at(x), at(y)),
            Node::Binary(Binary::Multiply, x, y) => format!("({}*{})", at(x), at(y)),
            Node::Binary(Binary::Divide, x, y) => format!("({}/{})", at(x), at(y)),
            Node::Binary(function, x, y) => language
                .binary(function, at(x), at(y))
                .ok_or_else(|| unknown(format!("function like {function:?}")))?,
            Node::Select(c, yes, no) => language.select(at(c), at(yes), at(no)),
        };
        let is_leaf = matches!(node, Node::Constant(_) | Node::Input(_));
        if !is_leaf && (uses[first + k] > 1 || text.len() > LONGEST) {
            let name = format!("{prefix}{}", quantities.len());
            quantities.push((name.clone(), text));
            texts.push(language.quantity(&name));
        } else {
            texts.push(text);
        }
    }
    let results = program
        .outputs()
        .iter()
        .map(|&id| texts[id as usize].clone());
    Ok(Printed {
        results: results.collect(),
        quantities,
    })
}
