//! Problems as JSON, as `.ode` and as `.cir`.

use std::collections::HashSet;
use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::super::cost::Cost;
use super::super::problem::Problem;
use super::super::system::ProblemCost;
use super::super::text_field::TextField;
use super::languages::{Json, Ode, Spice};
use super::{names, printed};
use crate::error::{Error, Result};
use crate::expression::{number, print};

/// Beyond this many time constants a trajectory has come to rest, or does not.
const LENGTH: f64 = 200.0;

fn object(names: &[String], values: &[f64]) -> Value {
    let pairs = names.iter().zip(values);
    let map: Map<String, Value> = pairs
        .map(|(name, value)| (name.clone(), (*value).into()))
        .collect();
    map.into()
}

pub(super) fn json(problem: &Problem, field: &TextField) -> Result<String> {
    let mut taken = HashSet::new();
    let states = names(field.state_names(), &mut taken, false, 's');
    let values = names(field.value_names(), &mut taken, false, 'p');
    let mut inputs = states.clone();
    inputs.extend(values.iter().cloned());
    inputs.push("t".into());
    let printed = printed(field, &Json, &inputs)?;
    let pairs = |pairs: Vec<(String, String)>| -> Value {
        let map: Map<String, Value> = pairs
            .into_iter()
            .map(|(name, text)| (name, text.into()))
            .collect();
        map.into()
    };
    let parameters = field.parameter_count();
    let numbers = field.numbers();
    let equations = states.iter().cloned().zip(printed.results).collect();
    let learned: Vec<String> = field
        .learned_positions()
        .iter()
        .map(|&k| values[k].clone())
        .collect();
    let mut document = json!({
        "field": {
            "equations": pairs(equations),
            "parameters": object(&values[..parameters], &numbers[..parameters]),
            "inputs": object(&values[parameters..], &numbers[parameters..]),
            "definitions": pairs(printed.quantities),
            "learn": learned,
        },
        "initial_state": object(&states, &problem.initial_state),
    });
    match &problem.cost {
        ProblemCost::Text(cost) => {
            let text = print(cost.program(), &Json, &inputs, "c")
                .ok()
                .filter(|printed| printed.quantities.is_empty())
                .map(|printed| printed.results.concat());
            let message = "cannot be written in one line. Give `outputs` and `target`";
            document["cost"] = text.ok_or_else(|| Error::invalid("cost", message))?.into();
        }
        ProblemCost::SquaredError(cost) if !cost.outputs().is_empty() => {
            let outputs: Vec<&String> = cost.outputs().iter().map(|&i| &states[i]).collect();
            document["outputs"] = json!(outputs);
            document["target"] = json!(cost.target());
        }
        ProblemCost::SquaredError(_) => {}
    }
    if let Some(constants) = &problem.time_constants {
        document["time_constants"] = object(&states, constants);
    }
    if let Some((low, high)) = problem.state_bounds {
        document["state_bounds"] = json!([low, high]);
    }
    serde_json::to_string_pretty(&document)
        .map(|text| text + "\n")
        .map_err(|error| Error::io(std::path::Path::new("problem"), error.into()))
}

/// The nudge −β(sᵢ − yᵢ) of a state, if there is one.
fn nudge(problem: &Problem, i: usize) -> Option<f64> {
    let targets = problem.cost.targets().unwrap_or_default();
    targets
        .iter()
        .find(|(state, _)| *state == i)
        .map(|(_, target)| *target)
}

fn refuse_other_costs(problem: &Problem, beta: f64) -> Result<()> {
    if beta != 0.0 && matches!(problem.cost, ProblemCost::Text(_)) {
        let message = "is an expression, whose nudge is not written. Give `outputs` and `target`, or leave --beta out";
        return Err(Error::invalid("cost", message));
    }
    Ok(())
}

pub(super) fn ode(problem: &Problem, field: &TextField, beta: f64) -> Result<String> {
    refuse_other_costs(problem, beta)?;
    let mut taken: HashSet<String> = ["beta", "then", "else", "of", "done"]
        .map(str::to_owned)
        .into();
    let states = names(field.state_names(), &mut taken, true, 's');
    let values = names(field.value_names(), &mut taken, true, 'p');
    let mut inputs = states.clone();
    inputs.extend(values.iter().cloned());
    inputs.push("t".into());
    let printed = printed(field, &Ode, &inputs)?;
    let mut text = String::from("# written by eqprop convert\n");
    for (name, value) in values.iter().zip(field.numbers()) {
        let _ = writeln!(text, "par {name}={value:?}");
    }
    let nudged = (0..states.len()).any(|i| nudge(problem, i).is_some());
    if nudged {
        let _ = writeln!(
            text,
            "# the influence parameter of the nudge -beta*(s-y)\npar beta={beta:?}"
        );
    }
    for (name, body) in &printed.quantities {
        let _ = writeln!(text, "{name}={body}");
    }
    for (i, (name, body)) in states.iter().zip(&printed.results).enumerate() {
        let pull = nudge(problem, i);
        let pull = pull.map_or(String::new(), |y| format!("-beta*({name}-{})", number(y)));
        let body = format!("{body}{pull}");
        let _ = match problem.time_constants.as_ref().map(|all| all[i]) {
            Some(constant) if constant != 1.0 => writeln!(text, "{name}'=({body})/{constant:?}"),
            _ => writeln!(text, "{name}'={body}"),
        };
    }
    for (name, value) in states.iter().zip(&problem.initial_state) {
        let _ = writeln!(text, "init {name}={value:?}");
    }
    let (shortest, longest) = scales(problem);
    let total = problem.free_time.unwrap_or(LENGTH * longest);
    let step = shortest / 20.0;
    let rows = (total / step).ceil() + 10.0;
    let _ = writeln!(
        text,
        "@ total={total:?},dt={step:?},meth=cvode,tol=1e-10,atol=1e-10,bounds=1e9,maxstor={rows:.0}\ndone"
    );
    Ok(text)
}

fn scales(problem: &Problem) -> (f64, f64) {
    let constants = problem.time_constants.iter().flatten();
    constants.fold((1.0, 1.0), |(least, most): (f64, f64), &tau| {
        (least.min(tau), most.max(tau))
    })
}

pub(super) fn spice(problem: &Problem, field: &TextField, beta: f64) -> Result<String> {
    refuse_other_costs(problem, beta)?;
    let n = field.state_names().len();
    let values: Vec<String> = (0..field.value_names().len())
        .map(|k| format!("{{p{k}}}"))
        .collect();
    let mut inputs: Vec<String> = (0..n).map(|i| format!("V(n{i})")).collect();
    inputs.extend(values);
    inputs.push("time".into());
    let printed = printed(field, &Spice, &inputs)?;
    let mut text =
        String::from("* written by eqprop convert: a capacitor and a current source a state\n");
    for (k, (name, value)) in field.value_names().iter().zip(field.numbers()).enumerate() {
        let _ = writeln!(text, "* {name}\n.param p{k}={value:?}");
    }
    let _ = writeln!(
        text,
        "* the influence parameter of the nudge\n.param beta={beta:?}"
    );
    for (name, body) in &printed.quantities {
        let _ = writeln!(text, "B{name} {name} 0 V={body}");
    }
    for (i, body) in printed.results.iter().enumerate() {
        let constant = problem.time_constants.as_ref().map_or(1.0, |all| all[i]);
        let _ = writeln!(
            text,
            "* {}\nC{i} n{i} 0 {constant:?} ic={:?}\nB{i} 0 n{i} I={body}",
            field.state_names()[i],
            problem.initial_state[i]
        );
        if let Some(target) = nudge(problem, i) {
            let _ = writeln!(
                text,
                "Bnudge{i} 0 n{i} I={{beta}}*({}-V(n{i}))",
                number(target)
            );
        }
    }
    let (shortest, longest) = scales(problem);
    let total = problem.free_time.unwrap_or(LENGTH * longest);
    let nodes: Vec<String> = (0..n).map(|i| format!("V(n{i})")).collect();
    let _ = writeln!(
        text,
        ".options reltol=1e-10 abstol=1e-14 vntol=1e-14 method=gear\n.tran {:?} {total:?} 0 {:?} uic\n.control\nset numdgt=16\nrun\nlet last=length(time)-1",
        shortest / 10.0,
        shortest / 10.0,
    );
    for node in &nodes {
        let _ = writeln!(text, "print {node}[last]");
    }
    text.push_str("quit\n.endc\n.end\n");
    Ok(text)
}
