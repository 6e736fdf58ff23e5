//! Problems from XPPAUT's `.ode` files.
//!
//! What XPPAUT does is taken from runs of the program, not from its manual. docs/ode-files.md lists
//! it. Where it does what the author meant, so is done here. Where it silently does something else,
//! the author's meaning is kept, with a warning.

mod lines;
mod notes;
mod statement;

use std::sync::Arc;

use self::lines::{Line, lines};
use self::statement::{Pair, Statement, statement};
use super::field::Assembly;
use super::options::ProblemOptions;
use crate::error::{Error, Result};
use crate::expression::{Dialect, Id, Meaning, Program, Scope, Text};
use crate::io::unknown;

/// XPPAUT's length of a run.
const TOTAL: f64 = 20.0;
/// Largest number of states, as in other files.
const MAX_STATES: usize = 5_000;
/// First letters of XPPAUT's methods.
const METHODS: &str = "demragvbsqc582y";

/// A file, put together.
pub(super) struct OdeFile {
    pub assembly: Assembly,
    pub initial_state: Vec<f64>,
    pub free_time: f64,
    pub warnings: Vec<String>,
}

/// Everything that the lines say, by kind, each with its line.
#[derive(Default)]
struct Contents {
    equations: Vec<(Line, Pair)>,
    /// Quantities, derived parameters and auxiliary ones.
    quantities: Vec<(Line, Pair)>,
    derived: Vec<(Line, Pair)>,
    auxiliaries: Vec<(Line, Pair)>,
    functions: Vec<(Line, String, Vec<String>, String)>,
    parameters: Vec<(Line, Pair)>,
    numbers: Vec<(Line, Pair)>,
    initial: Vec<(Line, Pair)>,
    options: Vec<(Line, Pair)>,
    sets: Vec<(Line, String, Vec<Pair>)>,
    warnings: Vec<String>,
}

impl Contents {
    fn read(source: &str) -> Result<Self> {
        let mut all = Self::default();
        for line in lines(source)? {
            let said = statement(&line, &mut all.warnings)?;
            let each = |pairs: Vec<Pair>| {
                pairs
                    .into_iter()
                    .map(|pair| (line.clone(), pair))
                    .collect::<Vec<_>>()
            };
            match said {
                Statement::Equation(pair) => all.equations.push((line, pair)),
                Statement::Quantity(pair) => all.quantities.push((line, pair)),
                Statement::Derived(pair) => all.derived.push((line, pair)),
                Statement::Auxiliary(pair) => all.auxiliaries.push((line, pair)),
                Statement::Function(name, arguments, body) => {
                    all.functions.push((line, name, arguments, body));
                }
                Statement::Parameters(pairs) => all.parameters.extend(each(pairs)),
                Statement::Numbers(pairs) => all.numbers.extend(each(pairs)),
                Statement::Initial(pairs) => all.initial.extend(each(pairs)),
                Statement::Options(pairs) => all.options.extend(each(pairs)),
                Statement::Set(name, pairs) => all.sets.push((line, name, pairs)),
                Statement::Nothing => {}
            }
        }
        if all.equations.is_empty() {
            let message = "has no equation, such as x'=a-x (or dx/dt=a-x)";
            return Err(Error::invalid("(file)", message));
        }
        if all.equations.len() > MAX_STATES {
            let message = format!("expected 1 to {MAX_STATES} states in all");
            return Err(Error::invalid("(file)", message));
        }
        Ok(all)
    }

    /// Replaces a parameter, a number or an initial value, later ones winning.
    fn replace(&mut self, name: &str, value: &str) -> bool {
        let name = name.to_lowercase();
        let mut found = false;
        for (_, pair) in self.parameters.iter_mut().chain(&mut self.numbers) {
            if pair.0 == name {
                pair.1 = value.to_lowercase();
                found = true;
            }
        }
        let state = name.strip_prefix("initial_state.").unwrap_or(&name);
        let equation = self.equations.iter().find(|(_, pair)| pair.0 == state);
        if let Some((line, _)) = equation.filter(|_| !found) {
            self.initial
                .push((line.clone(), (state.to_owned(), value.to_lowercase())));
            found = true;
        }
        found
    }

    fn apply(&mut self, options: &ProblemOptions) -> Result<()> {
        if let Some(wanted) = &options.named_set {
            let wanted = wanted.to_lowercase();
            let names: Vec<&str> = self.sets.iter().map(|(_, name, _)| name.as_str()).collect();
            let Some((line, _, pairs)) = self
                .sets
                .iter()
                .find(|(_, name, _)| *name == wanted)
                .cloned()
            else {
                return Err(Error::invalid("named_set", unknown(&wanted, &names)));
            };
            for (name, value) in pairs {
                if !self.replace(&name, &value) {
                    return Err(line.fault(format!("`{name}` is neither a parameter nor a state")));
                }
            }
        } else if let Some((line, name, _)) = self.sets.first() {
            self.warnings.push(format!(
                "{}: the file has named sets (`{name}`, …), of which XPPAUT integrates nothing else. Here the values of the file count, or those of the set that is named (--named-set)",
                line.place()
            ));
        }
        for (name, value) in &options.set {
            if !self.replace(name, value) {
                let own = self
                    .parameters
                    .iter()
                    .chain(&self.numbers)
                    .chain(&self.equations);
                let known: Vec<&str> = own.map(|(_, pair)| pair.0.as_str()).collect();
                return Err(Error::invalid(format!("set {name}"), unknown(name, &known)));
            }
        }
        Ok(())
    }

    /// The length of the run. What else is set has no meaning here, which is said once.
    fn total(&mut self) -> Result<f64> {
        let mut total = TOTAL;
        let mut ignored: Vec<&str> = Vec::new();
        for (line, (name, value)) in &self.options {
            match name.as_str() {
                "total" => {
                    total = value
                        .parse()
                        .ok()
                        .filter(|total: &f64| total.is_finite() && *total >= 0.0)
                        .ok_or_else(|| {
                            line.fault(format!("total: expected a number from 0, found `{value}`"))
                        })?;
                }
                "meth" | "method" if "discrete".starts_with(value.as_str()) => {
                    return Err(line.fault("a map (`meth=discrete`) is not supported"));
                }
                "meth" | "method"
                    if !value.starts_with(|first| METHODS.contains(first))
                        || ["dp5", "dop"].iter().any(|other| value.starts_with(other)) =>
                {
                    self.warnings.push(format!(
                        "{}: `{value}` is no method of XPPAUT, which takes the system for a discrete map then. Here it is integrated",
                        line.place()
                    ));
                }
                "t0" if value.parse::<f64>().is_ok_and(|t0| t0 != 0.0) => {
                    self.warnings.push(format!(
                        "{}: t0 is not used. Time begins at 0",
                        line.place()
                    ));
                }
                _ => ignored.push(name),
            }
        }
        if !ignored.is_empty() {
            ignored.sort_unstable();
            ignored.dedup();
            self.warnings.push(format!(
                "options that have no meaning here are not used: {}",
                ignored.join(", ")
            ));
        }
        Ok(total)
    }
}

fn text(line: &Line, source: &str) -> Text {
    Text {
        has_columns: false,
        ..Text::new(line.place(), source)
    }
}

/// A number that is written as one.
fn number(value: &str) -> Option<f64> {
    value.parse().ok().filter(|value: &f64| value.is_finite())
}

fn define(scope: &mut Scope, line: &Line, (name, body): &Pair) -> Result<()> {
    let text = text(line, body);
    let tree = Arc::new(scope.parse(&text)?.into_owned());
    scope.define(name, &text, &tree, None)
}

/// A problem from the text of an `.ode` file.
pub(super) fn read(source: &str, options: &ProblemOptions) -> Result<OdeFile> {
    let mut contents = Contents::read(source)?;
    contents.apply(options)?;
    let free_time = contents.total()?;
    contents.warn_of_long_names();
    let mut scope = Scope::new(Dialect::Xpp);
    let mut states = Vec::new();
    for (line, (name, _)) in &contents.equations {
        scope.declare(&line.place(), name, Meaning::Input(states.len()))?;
        states.push(name.clone());
    }
    scope.end_of_sequence();
    let mut values: Vec<(String, f64)> = Vec::new();
    for (line, pair) in &contents.parameters {
        match number(&pair.1) {
            Some(value) => {
                scope.declare(
                    &line.place(),
                    &pair.0,
                    Meaning::Input(states.len() + values.len()),
                )?;
                values.push((pair.0.clone(), value));
            }
            None => {
                contents.warnings.push(format!(
                    "{}: XPPAUT reads of `{}={}` no more than a number at its begin. Here it is the expression",
                    line.place(), pair.0, pair.1
                ));
                define(&mut scope, line, pair)?;
            }
        }
    }
    scope.end_of_sequence();
    scope.time(states.len() + values.len());
    for (line, pair) in &contents.numbers {
        match number(&pair.1) {
            Some(value) => scope.declare(&line.place(), &pair.0, Meaning::Constant(value))?,
            None => define(&mut scope, line, pair)?,
        }
    }
    for (line, name, arguments, body) in &contents.functions {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        scope.function(name, &arguments, &text(line, body))?;
    }
    for (line, pair) in contents.derived.iter().chain(&contents.quantities) {
        define(&mut scope, line, pair)?;
    }
    contents.warn_of_order(&scope)?;
    scope.resolve()?;
    let mut node = |line: &Line, body: &str| -> Result<Id> {
        let text = text(line, body);
        let tree = scope.parse(&text)?;
        scope.node(&text, &tree, None)
    };
    let equations: Vec<Id> = (contents.equations.iter())
        .map(|(line, pair)| node(line, &pair.1))
        .collect::<Result<_>>()?;
    let auxiliaries: Vec<(String, Id)> = (contents.auxiliaries.iter())
        .map(|(line, pair)| Ok((pair.0.clone(), node(line, &pair.1)?)))
        .collect::<Result<_>>()?;
    let mut starts = Vec::new();
    for (line, (name, value)) in &contents.initial {
        let Some(k) = states.iter().position(|state| state == name) else {
            let known: Vec<&str> = states.iter().map(String::as_str).collect();
            return Err(line.fault(format!(
                "an initial value of `{name}`: {}",
                unknown(name, &known)
            )));
        };
        if number(value).is_none() {
            contents.warnings.push(format!(
                "{}: XPPAUT reads an initial value that is no number (`{value}`) as it likes, mostly as 0. Here it is the expression",
                line.place()
            ));
        }
        starts.push((k, node(line, value)?));
    }
    let assembly = Assembly {
        parameters: values.len(),
        scope,
        equations,
        states,
        values,
        auxiliaries,
    };
    let initial_state = initial_state(&assembly, &starts);
    Ok(OdeFile {
        assembly,
        initial_state,
        free_time,
        warnings: contents.warnings,
    })
}

/// The values at t = 0. Of two values for one state the later counts.
fn initial_state(assembly: &Assembly, starts: &[(usize, Id)]) -> Vec<f64> {
    let n = assembly.states.len();
    let mut state = vec![0.0; n];
    let nodes: Vec<Id> = starts.iter().map(|(_, node)| *node).collect();
    let program = Program::new(assembly.scope.graph(), n, assembly.inputs(), &nodes);
    let registers = program.registers(&program.prepare(&assembly.numbers()), &state);
    for ((k, _), &register) in starts.iter().zip(program.outputs()) {
        state[*k] = registers[register as usize];
    }
    state
}
