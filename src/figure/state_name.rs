//! What a state is called in a figure.

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
