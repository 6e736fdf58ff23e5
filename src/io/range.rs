//! Checks of values against what is accepted.

use std::fmt::Debug;

use crate::error::{Error, Result};

/// A number as people write it: `1`, not `1.0`, and `1e300`, not 301 digits.
pub(crate) fn plain(value: impl Debug) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Refuses a value outside `low` to `high` (both included).
///
/// # Errors
/// [`Error::InvalidInput`] naming the field.
pub fn within<T: PartialOrd + Debug>(field: &str, value: T, low: T, high: T) -> Result<()> {
    if low <= value && value <= high {
        return Ok(());
    }
    let [value, low, high] = [value, low, high].map(plain);
    let message = format!("expected a number from {low} to {high}, found {value}");
    Err(Error::invalid(field, message))
}

/// Refuses a list of another length. `which` says what each of its numbers belongs to.
///
/// # Errors
/// [`Error::InvalidInput`] naming the field.
pub(crate) fn expect_length(field: &str, found: usize, expected: usize, which: &str) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let message = format!("expected {expected} numbers ({which}), found {found}");
    Err(Error::invalid(field, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(plain(1.0), "1");
        assert_eq!(plain(1e300), "1e300");
        assert_eq!(plain(f64::NAN), "NaN");
        assert_eq!(plain(3_usize), "3");
        let refused = within("x", f64::NAN, 0.0, 1e6).unwrap_err().to_string();
        assert_eq!(refused, "x: expected a number from 0 to 1000000, found NaN");
        within("x", 1.0, 0.0, 1.0).unwrap();
    }
}
