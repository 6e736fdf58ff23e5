//! Ranges: evenly spaced numbers, and consecutive seeds.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::io::within;

/// Largest number of values of one axis.
const MOST_VALUES: u64 = 1_000_000_000;
/// Largest whole number of a range.
const MOST_WHOLE: f64 = 1e6;

/// A range of values of type T.
pub trait Span<T> {
    /// Number of values.
    fn count(&self) -> u64;

    /// The value at a position below [`Span::count`].
    fn value(&self, position: u64) -> T;

    /// Refuses a range without values, or with a fault of its own.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the part of `field`.
    fn validate(&self, field: &str) -> Result<()>;
}

/// How the values of a range are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// At equal differences.
    #[default]
    Linear,
    /// At equal ratios. Both ends have to be positive.
    Log,
}

/// Evenly spaced numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transform = count_or_points))]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first value.
    pub from: f64,
    /// The last value.
    pub to: f64,
    /// How many values (`points` is understood as well). 1 gives `from` alone.
    #[serde(alias = "points")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub count: u64,
    /// How they are spaced. Default `linear`.
    #[serde(default)]
    pub scale: Scale,
}

/// The schema of a type knows no other names of a field: either of the two is required.
#[cfg(feature = "schema")]
fn count_or_points(schema: &mut schemars::Schema) {
    let mut points = schema.pointer("/properties/count").cloned();
    if let Some(points) = &mut points {
        points["description"] = "Another name of `count`.".into();
    }
    if let Some(properties) = schema.pointer_mut("/properties") {
        properties["points"] = points.unwrap_or_default();
    }
    schema.insert("required".to_owned(), serde_json::json!(["from", "to"]));
    let either = serde_json::json!([{"required": ["count"]}, {"required": ["points"]}]);
    schema.insert("oneOf".to_owned(), either);
}

impl Span<f64> for Range {
    fn count(&self) -> u64 {
        self.count
    }

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
                "a logarithmic range needs positive ends. Use \"linear\", or a list",
            ));
        }
        if self.count > 1 && self.from == self.to {
            return Err(Error::invalid(
                format!("{field}.to"),
                "equals `from`. Give a count of 1, or another end",
            ));
        }
        Ok(())
    }
}

/// The same rounded to whole numbers.
impl Span<usize> for Range {
    fn count(&self) -> u64 {
        self.count
    }

    fn value(&self, position: u64) -> usize {
        let value: f64 = self.value(position);
        value.round() as usize
    }

    fn validate(&self, field: &str) -> Result<()> {
        Span::<f64>::validate(self, field)?;
        for (end, value) in [("from", self.from), ("to", self.to)] {
            within(&format!("{field}.{end}"), value, 0.0, MOST_WHOLE)?;
        }
        let value = |position| Span::<usize>::value(self, position);
        if self.count as f64 > MOST_WHOLE || (1..self.count).any(|k| value(k) == value(k - 1)) {
            let message = "asks for more values than there are whole numbers in the range";
            return Err(Error::invalid(format!("{field}.count"), message));
        }
        Ok(())
    }
}

/// Consecutive seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SeedRange {
    /// The first seed.
    pub first: u64,
    /// How many seeds.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub count: u64,
}

impl Span<u64> for SeedRange {
    fn count(&self) -> u64 {
        self.count
    }

    fn value(&self, position: u64) -> u64 {
        self.first + position
    }

    fn validate(&self, field: &str) -> Result<()> {
        validate_count(field, self.count)?;
        match self.first.checked_add(self.count - 1) {
            Some(_) => Ok(()),
            None => Err(Error::invalid(
                format!("{field}.first"),
                "the last seed exceeds 2⁶⁴ − 1",
            )),
        }
    }
}

fn validate_count(field: &str, count: u64) -> Result<()> {
    within(&format!("{field}.count"), count, 1, MOST_VALUES)
}
