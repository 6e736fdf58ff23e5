//! The figures of a validation of the theorem.

mod asymmetry;
mod companions;
mod time_resolved;

use super::Figure;
use crate::experiment::Validation;

/// The figures of a validation, each with the name of its file.
pub fn validation_figures(validation: &Validation) -> Vec<(&'static str, Figure)> {
    let mut figures = vec![("asymmetry", asymmetry::figure(&validation.networks))];
    if !validation.orders.is_empty() {
        figures.push(("beta", companions::beta(&validation.orders)));
    }
    if !validation.closed_form.is_empty() {
        let figure = companions::closed_form(&validation.closed_form);
        figures.push(("closed_form", figure));
    }
    if !validation.time_resolved.is_empty() {
        let figure = time_resolved::figure(&validation.time_resolved);
        figures.push(("time_resolved", figure));
    }
    figures
}
