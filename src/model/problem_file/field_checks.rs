//! What is refused of a field and its cost once their equations are put together.

use super::super::text_field::TextField;
use super::super::vector_field::VectorField;
use super::field::Assembly;
use crate::error::{Error, Result};
use crate::expression::{Id, Program, Text};
use crate::io::plain;

/// The node of a cost, which holds no parameter.
pub(super) fn cost(assembly: &mut Assembly, text: &Text) -> Result<Id> {
    let tree = assembly.scope.parse(text)?;
    assembly.scope.node(text, &tree, None)
}

/// Refuses a cost that depends on what it may not depend on.
pub(super) fn expect_states_only(program: &Program, field: &TextField) -> Result<()> {
    let n = program.states();
    for input in program.depends_on(0) {
        let name = (input.checked_sub(n)).map(|k| field.value_names().get(k));
        let what = match name {
            None => continue,
            Some(None) => "the time `t`".to_owned(),
            Some(Some(name)) if field.learned_names().contains(name) => {
                format!("the parameter `{name}`")
            }
            Some(Some(_)) => continue,
        };
        let message = format!(
            "depends on {what}. The theorem is about costs of the states, so give a number instead (among `constants`)"
        );
        return Err(Error::invalid("cost", message));
    }
    Ok(())
}

/// A warning of a quotient that XPPAUT guards, if one divides by 0 at the initial state.
pub(super) fn guarded_division(field: &TextField, start: &[f64]) -> Option<String> {
    let division = field
        .division_by_zero(start)
        .filter(|_| field.is_guarded())?;
    Some(format!(
        "{}: this divides by 0 at the initial state. As in XPPAUT the denominator counts as 2.23e-15",
        division.text.path
    ))
}

/// Refuses a field that has no value where it starts.
pub(super) fn expect_finite(field: &TextField, start: &[f64]) -> Result<()> {
    if let Some(division) = field
        .division_by_zero(start)
        .filter(|_| !field.is_guarded())
    {
        return Err(division
            .text
            .fault(division.at, "this divides by 0 at the initial state"));
    }
    let mut velocity = vec![0.0; start.len()];
    field.velocity(start, &mut velocity);
    match velocity.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(k) => Err(Error::invalid(
            format!("field.equations.{}", field.state_names()[k]),
            format!(
                "is {} at the initial state. Start where all equations have a value",
                plain(velocity[k])
            ),
        )),
    }
}
