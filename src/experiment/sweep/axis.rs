//! One axis of a grid: a list of values, or a range.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{Error, Result};

/// Largest number of values of one axis.
pub(super) const MOST_VALUES: u64 = 1_000_000_000;

/// How the values of a range are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// At equal differences.
    #[default]
    Linear,
    /// At equal ratios; both ends have to be positive.
    Log,
}

/// Evenly spaced numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first value.
    pub from: f64,
    /// The last value.
    pub to: f64,
    /// How many values; 1 gives `from` alone.
    #[schemars(range(min = 1))]
    pub count: u64,
    /// How they are spaced; default `linear`.
    #[serde(default)]
    pub scale: Scale,
}

/// Consecutive seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedRange {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    #[schemars(range(min = 1))]
    pub count: u64,
}

/// The values along one axis of the grid, in order: a list, or a range `R` instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Axis<T, R = Range> {
    /// The values themselves.
    List(Vec<T>),
    /// All values of a range.
    Range(R),
}

impl Axis<f64> {
    /// Number of values.
    pub fn len(&self) -> u64 {
        match self {
            Self::List(list) => list.len() as u64,
            Self::Range(range) => range.count,
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a position below [`Axis::len`].
    pub fn value(&self, position: u64) -> f64 {
        match self {
            Self::List(list) => list[position as usize],
            Self::Range(range) => range.value(position),
        }
    }

    /// Refuses an empty axis, values outside [low, high], and values that are given twice.
    pub(super) fn validate(&self, field: &str, low: f64, high: f64) -> Result<()> {
        let inside = |field: String, value: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            let message = format!("expected a number from {low:?} to {high:?}, found {value:?}");
            Err(Error::invalid(field, message))
        };
        match self {
            Self::List(list) => {
                for (k, &value) in list.iter().enumerate() {
                    inside(format!("{field}[{k}]"), value)?;
                }
                refuse_repeats(field, list)
            }
            Self::Range(range) => {
                inside(format!("{field}.from"), range.from)?;
                inside(format!("{field}.to"), range.to)?;
                range.validate(field)
            }
        }
    }
}

impl Range {
    fn value(&self, position: u64) -> f64 {
        let fraction = position as f64 / (self.count - 1).max(1) as f64;
        match self.scale {
            _ if position == 0 => self.from,
            // the last value exactly as given
            _ if position + 1 == self.count => self.to,
            Scale::Linear => self.from + (self.to - self.from) * fraction,
            // by decades, whose powers are exact
            Scale::Log => {
                let (from, to) = (self.from.log10(), self.to.log10());
                10f64.powf(from + (to - from) * fraction)
            }
        }
    }

    fn validate(&self, field: &str) -> Result<()> {
        validate_count(field, self.count)?;
        if self.scale == Scale::Log && !(self.from > 0.0 && self.to > 0.0) {
            return Err(Error::invalid(
                format!("{field}.scale"),
                "a logarithmic range needs positive ends; use \"linear\", or a list",
            ));
        }
        if self.count > 1 && self.from == self.to {
            return Err(Error::invalid(
                format!("{field}.to"),
                "equals `from`; give a count of 1, or another end",
            ));
        }
        Ok(())
    }
}

impl Axis<usize> {
    /// The values; those of a range are rounded to whole numbers.
    pub fn values(&self) -> Vec<usize> {
        match self {
            Self::List(list) => list.clone(),
            Self::Range(range) => (0..range.count)
                .map(|position| range.value(position).round() as usize)
                .collect(),
        }
    }

    /// Refuses an empty axis, values outside [low, high], and values that are given twice.
    pub(super) fn validate(&self, field: &str, low: usize, high: usize) -> Result<()> {
        if let Self::Range(range) = self {
            let axis: Axis<f64> = Axis::Range(*range);
            axis.validate(field, low as f64, high as f64)?;
            if range.count > (range.to - range.from).abs() as u64 + 1 {
                let message = "asks for more values than there are whole numbers in the range";
                return Err(Error::invalid(format!("{field}.count"), message));
            }
        }
        let values = self.values();
        match values
            .iter()
            .position(|value| !(low..=high).contains(value))
        {
            None => refuse_repeats(field, &values),
            Some(k) => Err(Error::invalid(
                format!("{field}[{k}]"),
                format!(
                    "expected a number from {low} to {high}, found {}",
                    values[k]
                ),
            )),
        }
    }
}

impl Axis<u64, SeedRange> {
    /// Number of seeds.
    pub fn len(&self) -> u64 {
        match self {
            Self::List(list) => list.len() as u64,
            Self::Range(range) => range.count,
        }
    }

    /// Whether there is no seed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The seed at a position below [`Axis::len`].
    pub fn value(&self, position: u64) -> u64 {
        match self {
            Self::List(list) => list[position as usize],
            Self::Range(range) => range.first + position,
        }
    }

    pub(super) fn validate(&self, field: &str) -> Result<()> {
        match self {
            Self::List(list) => refuse_repeats(field, list),
            Self::Range(range) => {
                validate_count(field, range.count)?;
                match range.first.checked_add(range.count - 1) {
                    Some(_) => Ok(()),
                    None => Err(Error::invalid(
                        format!("{field}.first"),
                        "the last seed exceeds 2⁶⁴ − 1",
                    )),
                }
            }
        }
    }
}

fn validate_count(field: &str, count: u64) -> Result<()> {
    if (1..=MOST_VALUES).contains(&count) {
        return Ok(());
    }
    Err(Error::invalid(
        format!("{field}.count"),
        format!("expected a number from 1 to {MOST_VALUES}, found {count}"),
    ))
}

/// Refuses an empty list, and one that holds a value twice.
pub(super) fn refuse_repeats<T: Serialize>(field: &str, list: &[T]) -> Result<()> {
    if list.is_empty() {
        return Err(Error::invalid(field, "is empty; give at least one value"));
    }
    let mut seen = HashSet::new();
    for (k, value) in list.iter().enumerate() {
        let text = serde_json::to_string(value).unwrap_or_default();
        let message = format!("{text} is listed twice");
        if !seen.insert(text) {
            return Err(Error::invalid(format!("{field}[{k}]"), message));
        }
    }
    Ok(())
}

// by hand, because an untagged enum would not say where in a list or a range the fault is
impl<'de, T: DeserializeOwned, R: DeserializeOwned> Deserialize<'de> for Axis<T, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Either<T, R>(PhantomData<(T, R)>);
        impl<'de, T: DeserializeOwned, R: DeserializeOwned> Visitor<'de> for Either<T, R> {
            type Value = Axis<T, R>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of values, or an object that describes a range")
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                list: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Axis::List)
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                R::deserialize(MapAccessDeserializer::new(map)).map(Axis::Range)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T: JsonSchema, R: JsonSchema> JsonSchema for Axis<T, R> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("{}Axis", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let list = json_schema!({
            "type": "array", "minItems": 1, "uniqueItems": true,
            "items": generator.subschema_for::<T>(),
        });
        json_schema!({ "anyOf": [list, generator.subschema_for::<R>()] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(text: &str) -> Axis<f64> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn ranges_hold_both_ends_exactly_and_space_evenly() {
        let linear = axis(r#"{"from": 0.1, "to": 0.7, "count": 4}"#);
        let values: Vec<f64> = (0..4).map(|k| linear.value(k)).collect();
        assert_eq!((values[0], values[3]), (0.1, 0.7));
        assert!((values[1] - 0.3).abs() < 1e-15);
        let log = axis(r#"{"from": 1e-6, "to": 1, "count": 7, "scale": "log"}"#);
        assert!(
            (0..7).all(|k| log.value(k) == format!("1e{}", k as i32 - 6).parse::<f64>().unwrap())
        );
        assert_eq!(axis(r#"{"from": 3, "to": 9, "count": 1}"#).value(0), 3.0);
    }

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        for text in [
            "[1.0,0.5]",
            r#"{"from":0.0,"to":1.0,"count":3,"scale":"log"}"#,
        ] {
            assert_eq!(serde_json::to_string(&axis(text)).unwrap(), text);
        }
    }

    #[test]
    fn faults_are_named_by_their_place() {
        let field = |text: &str| match axis(text).validate("gain", 0.0, 10.0) {
            Err(Error::InvalidInput { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field("[]"), "gain");
        assert_eq!(field("[1, 2, 1]"), "gain[2]");
        assert_eq!(field("[1, -2]"), "gain[1]");
        assert_eq!(field(r#"{"from": 0, "to": 1, "count": 0}"#), "gain.count");
        assert_eq!(field(r#"{"from": 0, "to": 11, "count": 2}"#), "gain.to");
        let log = r#"{"from": 0, "to": 1, "count": 2, "scale": "log"}"#;
        assert_eq!(field(log), "gain.scale");
        assert_eq!(field(r#"{"from": 1, "to": 1, "count": 2}"#), "gain.to");
    }
}
