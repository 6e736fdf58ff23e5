//! What a state is called in a figure.

use super::look::unit;

/// Its name in the field, or `$s_i$`.
pub(super) fn state_name(names: &[String], i: usize) -> String {
    names
        .get(i)
        .cloned()
        .unwrap_or_else(|| format!("$s_{{{i}}}$"))
}

/// Its name with a value.
pub(super) fn state_value(names: &[String], i: usize, value: f64) -> String {
    match names.get(i) {
        Some(name) => format!("{name} = {value:.3}"),
        None => format!("$s_{{{i}}} = {value:.3}$"),
    }
}

/// The label of an axis along which it runs.
pub(super) fn state_axis(names: &[String], i: usize) -> String {
    format!("{} ({})", state_name(names, i), unit(names))
}
