//! The `field` of a problem file: equations in text, and what stands in them.

use std::sync::Arc;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::super::text_field::{Equations, TextField};
use super::arrays::{Key, key, values_of};
use crate::error::{Error, Result};
use crate::expression::{Beyond, Dialect, Id, Meaning, Program, Scope, Text};
use crate::io::{Entries, from_value};

/// Largest number of states: a dense Jacobian must fit in memory several times over.
const MAX_STATES: usize = 5_000;
/// Largest number of parameters, of constants or of inputs.
const MAX_VALUES: usize = 1_000_000;

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(rename = "Field"))]
pub(super) struct RawField {
    /// One right-hand side μ a state, in order. `"x[1..5]"` are five states, `i` being the index.
    pub(super) equations: Entries<Value>,
    /// θ, by name: the gradient is with respect to them.
    #[serde(default)]
    parameters: Entries<Value>,
    /// Numbers with a name.
    #[serde(default)]
    constants: Entries<Value>,
    /// What a data set clamps.
    #[serde(default)]
    inputs: Entries<Value>,
    /// Quantities with a name, in any order.
    #[serde(default)]
    definitions: Entries<Value>,
    /// Functions: `"f(x, k)": "1/(1 + exp(-k*x))"`.
    #[serde(default)]
    functions: Entries<String>,
    /// The learned parameters. Default all.
    pub(super) learn: Option<Vec<String>>,
    /// Whether arrays begin anew beyond their ends.
    #[serde(default)]
    wrap: bool,
    /// What arrays hold beyond their ends.
    edge: Option<f64>,
    // these two describe the problem, but are accepted here as well
    /// As in the problem itself.
    pub(super) time_constants: Option<Value>,
    /// As in the problem itself.
    pub(super) state_bounds: Option<[f64; 2]>,
}

/// An expression that says more than itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpression {
    equation: String,
    #[serde(default)]
    wrap: bool,
    edge: Option<f64>,
}

/// What is put together from a field: the equations are finished, a cost can still be added.
pub(super) struct Assembly {
    pub scope: Scope,
    pub equations: Vec<Id>,
    pub states: Vec<String>,
    pub values: Vec<(String, f64)>,
    pub parameters: usize,
    pub auxiliaries: Vec<(String, Id)>,
}

impl Assembly {
    /// The number of inputs of its programs: states, values and the time.
    pub fn inputs(&self) -> usize {
        self.states.len() + self.values.len() + 1
    }

    /// The numbers that are no states, the time last.
    pub fn numbers(&self) -> Vec<f64> {
        let numbers = self.values.iter().map(|(_, value)| *value);
        numbers.chain([0.0]).collect()
    }

    /// The field, and with the node of a cost its program.
    pub fn finish(self, cost: Option<Id>) -> (TextField, Option<Program>) {
        let (states, inputs) = (self.states.len(), self.inputs());
        let guarded = self.scope.dialect() == Dialect::Xpp;
        let (mut graph, mut divisions) = self.scope.finish();
        let program = |outputs: &[Id]| Program::new(&graph, states, inputs, outputs);
        // a denominator that occurs twice is looked at once
        let mut seen = std::collections::HashSet::new();
        divisions.retain(|division| seen.insert(division.denominator));
        let denominators: Vec<Id> = divisions.iter().map(|one| one.denominator).collect();
        let (auxiliary_names, auxiliaries): (Vec<String>, Vec<Id>) =
            self.auxiliaries.into_iter().unzip();
        let (values, mut numbers): (Vec<String>, Vec<f64>) = self.values.into_iter().unzip();
        numbers.truncate(values.len());
        let mut equations = Equations {
            guarded,
            timed: None,
            time_is_state: false,
            program: program(&self.equations),
            auxiliaries: (!auxiliaries.is_empty()).then(|| Arc::new(program(&auxiliaries))),
            denominators: (!divisions.is_empty()).then(|| (program(&denominators), divisions)),
            states: self.states,
            values: Arc::new(values),
            parameters: self.parameters,
            auxiliary_names,
        };
        let cost = cost.map(|cost| program(&[cost]));
        if equations.program.uses_time() {
            // its place is after the states then, and it grows as fast as itself
            let time = inputs - 1;
            graph.rename_inputs(|position| match position {
                position if position < states => position,
                position if position == time => states,
                position => position + 1,
            });
            let mut nodes = self.equations;
            nodes.push(graph.constant(1.0));
            let mut names = equations.states.clone();
            names.push("t".into());
            equations.timed = Some(Arc::new(Equations {
                program: Program::new(&graph, states + 1, inputs + 1, &nodes),
                states: names,
                values: Arc::clone(&equations.values),
                parameters: equations.parameters,
                auxiliaries: equations.auxiliaries.clone(),
                auxiliary_names: equations.auxiliary_names.clone(),
                denominators: None,
                timed: None,
                time_is_state: true,
                guarded: equations.guarded,
            }));
        }
        (TextField::new(equations, numbers), cost)
    }
}

/// An expression of a file, with what its arrays hold beyond their ends.
fn expression(path: &str, value: Value, default: Beyond) -> Result<(String, Beyond)> {
    match value {
        Value::String(text) => Ok((text, default)),
        Value::Number(number) => Ok((number.to_string(), default)),
        Value::Object(_) => {
            let raw: RawExpression = from_value(path, value)?;
            let own = beyond(path, raw.wrap, raw.edge)?;
            let own = if own == Beyond::Nothing { default } else { own };
            Ok((raw.equation, own))
        }
        _ => Err(Error::invalid(
            path,
            "expected an expression in double quotes, such as \"a - x\"",
        )),
    }
}

fn beyond(path: &str, wrap: bool, edge: Option<f64>) -> Result<Beyond> {
    match (wrap, edge) {
        (true, Some(_)) => Err(Error::invalid(path, "give `wrap` or `edge`, not both")),
        (true, None) => Ok(Beyond::Wrap),
        (false, Some(value)) => Ok(Beyond::Edge(value)),
        (false, None) => Ok(Beyond::Nothing),
    }
}

/// The numbers of one group, arrays written out, all taken into the scope as what `meaning` says of a value.
fn numbers(
    group: &str,
    entries: Entries<Value>,
    constants: &[(String, f64)],
    default: Beyond,
    scope: &mut Scope,
    mut meaning: impl FnMut(f64) -> Meaning,
) -> Result<Vec<(String, f64)>> {
    let mut all = Vec::with_capacity(entries.0.len());
    let mut path = format!("field.{group}.");
    let begin = path.len();
    for (name, value) in entries.0 {
        path.truncate(begin);
        path.push_str(&name);
        match (key(&path, name, constants)?, value.as_f64()) {
            // as most are
            (Key::One(name), Some(value)) => {
                scope.declare(&path, &name, meaning(value))?;
                all.push((name, value));
            }
            (key, _) => {
                let values = values_of(&path, &key, value)?;
                if let Key::Array { name, first, last } = &key {
                    scope.array(&path, name, (*first, *last), default)?;
                }
                for (element, value) in key.elements().zip(values) {
                    scope.declare(&path, &element, meaning(value))?;
                    all.push((element, value));
                }
            }
        }
        if all.len() > MAX_VALUES {
            let message = format!("expected at most {MAX_VALUES} numbers in all");
            return Err(Error::invalid(format!("field.{group}"), message));
        }
    }
    Ok(all)
}

/// A right-hand side that waits until all names are known. Its tree, many times larger than the text, is made
/// when it is used and gone before the next.
struct Pending {
    text: Text,
    key: Key,
}

/// Everything that a field says, put together.
pub(super) fn assemble(raw: &mut RawField) -> Result<Assembly> {
    let take = |entries: &mut Entries<Value>| std::mem::take(entries);
    let default = beyond("field.wrap", raw.wrap, raw.edge)?;
    let mut scope = Scope::new(Dialect::Mathematics);
    let known = numbers(
        "constants",
        take(&mut raw.constants),
        &[],
        default,
        &mut scope,
        Meaning::Constant,
    )?;
    let (states, pending) = equations(take(&mut raw.equations), &known, default, &mut scope)?;
    let mut position = states.len();
    let mut next = |_| {
        position += 1;
        Meaning::Input(position - 1)
    };
    let mut inputs_of =
        |group, entries| numbers(group, entries, &known, default, &mut scope, &mut next);
    let mut values = inputs_of("parameters", take(&mut raw.parameters))?;
    let count = values.len();
    values.extend(inputs_of("inputs", take(&mut raw.inputs))?);
    scope.time(states.len() + values.len());
    for (signature, source) in std::mem::take(&mut raw.functions).0 {
        let path = format!("field.functions.{signature}");
        let (name, arguments) = signature
            .strip_suffix(')')
            .and_then(|rest| rest.split_once('('))
            .ok_or_else(|| {
                let message =
                    format!("expected a name with its arguments, such as `{signature}(x)`");
                Error::invalid(&*path, message)
            })?;
        let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
        scope.function(name.trim(), &arguments, &Text::new(path, source))?;
    }
    for (name, value) in take(&mut raw.definitions).0 {
        let path = format!("field.definitions.{name}");
        let key = key(&path, name, &known)?;
        let (source, own) = expression(&path, value, default)?;
        let text = Text::new(path, source);
        let tree = Arc::new(scope.parse(&text)?.into_owned());
        if let Key::Array { name, first, last } = &key {
            scope.array(&text.path, name, (*first, *last), own)?;
        }
        for (element, index) in key.elements().zip(key.indices()) {
            scope.define(&element, &text, &tree, index)?;
        }
    }
    scope.resolve()?;
    let mut nodes = Vec::with_capacity(states.len());
    for one in pending {
        let tree = scope.parse(&one.text)?;
        for index in one.key.indices() {
            nodes.push(scope.node(&one.text, &tree, index)?);
        }
    }
    Ok(Assembly {
        scope,
        equations: nodes,
        states,
        values,
        parameters: count,
        auxiliaries: Vec::new(),
    })
}

/// The names of the states, and their equations as trees.
fn equations(
    entries: Entries<Value>,
    constants: &[(String, f64)],
    default: Beyond,
    scope: &mut Scope,
) -> Result<(Vec<String>, Vec<Pending>)> {
    let mut states = Vec::new();
    let mut pending = Vec::new();
    for (name, value) in entries.0 {
        let path = format!("field.equations.{name}");
        let key = key(&path, name, constants)?;
        let (source, own) = expression(&path, value, default)?;
        if let Key::Array { name, first, last } = &key {
            scope.array(&path, name, (*first, *last), own)?;
        }
        if states.len() + key.length() > MAX_STATES {
            let message = format!("expected 1 to {MAX_STATES} states in all");
            return Err(Error::invalid("field.equations", message));
        }
        for element in key.elements() {
            scope.declare(&path, &element, Meaning::Input(states.len()))?;
            states.push(element);
        }
        let text = Text::new(path, source);
        pending.push(Pending { text, key });
    }
    if states.is_empty() {
        let message = "expected one equation a state, such as {\"x\": \"a - x\"}";
        return Err(Error::invalid("field.equations", message));
    }
    Ok((states, pending))
}
