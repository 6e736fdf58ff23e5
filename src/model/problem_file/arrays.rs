//! Names with a range, `"x[1..5]"`, and numbers given by name.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::expression::is_name;
use crate::io::{expect_length, from_value, unknown};

/// Longest array.
const LONGEST: i64 = 1_000_000;

/// A name of a file: that of one quantity or of an array.
pub(super) enum Key {
    One(String),
    Array { name: String, first: i64, last: i64 },
}

impl Key {
    fn ends(&self) -> (i64, i64) {
        match self {
            Self::One(_) => (0, 0),
            Self::Array { first, last, .. } => (*first, *last),
        }
    }

    /// The number of quantities.
    pub fn length(&self) -> usize {
        let (first, last) = self.ends();
        usize::try_from(last - first + 1).unwrap_or(0)
    }

    /// The names of all quantities.
    pub fn elements(&self) -> impl Iterator<Item = String> + '_ {
        let (first, last) = self.ends();
        (first..=last).map(move |index| match self {
            Self::One(name) => name.clone(),
            Self::Array { name, .. } => format!("{name}[{index}]"),
        })
    }

    /// The value of `i` in each.
    pub fn indices(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        let (first, last) = self.ends();
        (first..=last).map(move |index| match self {
            Self::One(_) => None,
            Self::Array { .. } => Some(index),
        })
    }
}

/// What a name of a file stands for. The ends of a range are numbers or constants.
pub(super) fn key(path: &str, text: String, constants: &[(String, f64)]) -> Result<Key> {
    let Some((name, range)) = text.split_once('[') else {
        return Ok(Key::One(text));
    };
    let wrong = || {
        let message = "expected a name, or an array with its range, such as `x[1..5]`";
        Error::invalid(path, message)
    };
    let range = range.strip_suffix(']').ok_or_else(wrong)?;
    let (first, last) = range.split_once("..").ok_or_else(wrong)?;
    let end = |text: &str| {
        let text = text.trim();
        if !is_name(text) {
            return text.parse::<i64>().map_err(|_| wrong());
        }
        let known = constants.iter().find(|(name, _)| name == text);
        match known {
            Some((_, value)) if value.fract() == 0.0 && value.abs() < 1e9 => Ok(*value as i64),
            _ => Err(Error::invalid(
                path,
                format!("`{text}` has to be a whole number among `constants`"),
            )),
        }
    };
    let (first, last) = (end(first)?, end(last)?);
    if first > last || last.saturating_sub(first) >= LONGEST {
        let message = format!("expected a range of 1 to {LONGEST} places, found {first}..{last}");
        return Err(Error::invalid(path, message));
    }
    Ok(Key::Array {
        name: name.trim().to_owned(),
        first,
        last,
    })
}

/// The numbers of a quantity: one, or for an array one for all or a list.
pub(super) fn values_of(path: &str, key: &Key, value: Value) -> Result<Vec<f64>> {
    match (key, &value) {
        (Key::Array { .. }, Value::Array(_)) => {
            let list: Vec<f64> = from_value(path, value)?;
            expect_length(path, list.len(), key.length(), "one per place")?;
            Ok(list)
        }
        _ => {
            let number: f64 = from_value(path, value)?;
            Ok(vec![number; key.length()])
        }
    }
}

/// One number per state, given as a list or by name. Names that are missing have the default.
pub(super) fn by_name(
    path: &str,
    value: Value,
    names: &[String],
    default: f64,
) -> Result<Vec<f64>> {
    let Value::Object(entries) = value else {
        let list: Vec<f64> = from_value(path, value)?;
        expect_length(path, list.len(), names.len(), "one per state")?;
        return Ok(list);
    };
    let places: HashMap<&String, usize> = names.iter().zip(0..).collect();
    let mut out = vec![default; names.len()];
    for (name, value) in entries {
        let place = format!("{path}.{name}");
        if let Some(&k) = places.get(&name) {
            out[k] = from_value(&place, value)?;
            continue;
        }
        // all of an array, `x` or `x[1..5]`
        let family = name.split('[').next().unwrap_or_default();
        let own = |state: &String| {
            state
                .strip_prefix(family)
                .is_some_and(|rest| rest.starts_with('['))
        };
        let members: Vec<usize> = (0..names.len()).filter(|&k| own(&names[k])).collect();
        if members.is_empty() || !(name == family || name.contains("..")) {
            let known: Vec<&str> = names.iter().take(50).map(String::as_str).collect();
            return Err(Error::invalid(place, unknown(&name, &known)));
        }
        let chosen = match key(&place, name, &[])? {
            Key::One(_) => members,
            range => {
                let wanted: Vec<String> = range.elements().collect();
                let chosen = members.into_iter().filter(|&k| wanted.contains(&names[k]));
                chosen.collect()
            }
        };
        match value {
            Value::Array(_) => {
                let list: Vec<f64> = from_value(&place, value)?;
                expect_length(&place, list.len(), chosen.len(), "one per place")?;
                chosen
                    .iter()
                    .zip(list)
                    .for_each(|(&k, value)| out[k] = value);
            }
            _ => {
                let number: f64 = from_value(&place, value)?;
                chosen.iter().for_each(|&k| out[k] = number);
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_range_are_constants_that_are_whole_numbers() {
        let constants: Vec<(String, f64)> =
            [("m", -2.0), ("n", 3.0), ("half", 2.5), ("huge", 1e300)]
                .map(|(name, value)| (name.to_owned(), value))
                .into();
        for (text, length) in [
            ("x[m..n]", 6),
            ("x[n..n]", 1),
            ("x[1..n]", 3),
            ("x[m..-1]", 2),
        ] {
            assert_eq!(
                key("field", text.into(), &constants).unwrap().length(),
                length,
                "{text}"
            );
        }
        for (text, end) in [
            ("x[1..half]", "half"),
            ("x[half..3]", "half"),
            ("x[huge..huge]", "huge"),
            ("x[1..none]", "none"),
        ] {
            let refused = key("field", text.into(), &constants)
                .err()
                .unwrap()
                .to_string();
            let expected = format!("`{end}` has to be a whole number among `constants`");
            assert!(refused.contains(&expected), "{text}: {refused}");
        }
    }
}
