//! One axis of a grid: a list of values, or a range.

#[cfg(feature = "schema")]
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

#[cfg(feature = "schema")]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, de::DeserializeOwned};

use super::range::{Range, Span};
use crate::error::{Error, Result};
use crate::io::within;

/// The values along one axis of the grid, in order: a list, or a range `R` instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Axis<T, R = Range> {
    /// The values themselves.
    List(Vec<T>),
    /// All values of a range.
    Range(R),
}

impl<T: Copy + Serialize, R: Span<T>> Axis<T, R> {
    /// Number of values.
    pub fn len(&self) -> u64 {
        match self {
            Self::List(list) => list.len() as u64,
            Self::Range(range) => range.count(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at a position below [`Axis::len`].
    pub fn value(&self, position: u64) -> T {
        match self {
            Self::List(list) => list[position as usize],
            Self::Range(range) => range.value(position),
        }
    }

    /// All values.
    pub fn values(&self) -> Vec<T> {
        (0..self.len())
            .map(|position| self.value(position))
            .collect()
    }

    /// Refuses an empty axis, and values that are given twice.
    pub(super) fn validate(&self, field: &str) -> Result<()> {
        match self {
            Self::List(list) => refuse_repeats(field, list),
            Self::Range(range) => range.validate(field),
        }
    }
}

impl<T: Copy + Serialize + PartialOrd + fmt::Debug> Axis<T>
where
    Range: Span<T>,
{
    /// The same, and refuses values outside [low, high].
    pub(super) fn validate_within(&self, field: &str, low: T, high: T) -> Result<()> {
        let inside = |field: String, value: T| within(&field, value, low, high);
        self.validate(field)?;
        match self {
            Self::List(list) => {
                for (k, &value) in list.iter().enumerate() {
                    inside(format!("{field}[{k}]"), value)?;
                }
                Ok(())
            }
            // what lies between the ends is inside if they are
            Self::Range(range) => {
                inside(format!("{field}.from"), range.value(0))?;
                inside(format!("{field}.to"), range.value(range.count - 1))
            }
        }
    }
}

/// Refuses an empty list, and one that holds a value twice.
pub(super) fn refuse_repeats<T: Serialize>(field: &str, list: &[T]) -> Result<()> {
    if list.is_empty() {
        return Err(Error::invalid(field, "is empty. Give at least one value"));
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

#[cfg(feature = "schema")]
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
        let field = |text: &str| match axis(text).validate_within("gain", 0.0, 10.0) {
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
