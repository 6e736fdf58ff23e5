//! The figures of a validation of the theorem.

mod asymmetry;
mod companions;
mod time_resolved;

use super::Figure;
use crate::experiment::Validation;

/// The figures of a validation, each with the name of its file.
pub fn validation_figures(validation: &Validation) -> Vec<(&'static str, Figure)> {
    vec![
        ("asymmetry", asymmetry::figure(&validation.networks)),
        ("beta", companions::beta(&validation.orders)),
        (
            "closed_form",
            companions::closed_form(&validation.closed_form),
        ),
        (
            "time_resolved",
            time_resolved::figure(&validation.time_resolved),
        ),
    ]
}
