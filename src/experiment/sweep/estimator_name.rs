//! The name of an estimator in configurations and records.

use std::borrow::Cow;

use clap::ValueEnum;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::gradient::Estimator;

/// An estimator, by the name that the command line has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct EstimatorName(pub Estimator);

fn names() -> Vec<String> {
    Estimator::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value)
        .map(|value| value.get_name().to_owned())
        .collect()
}

impl std::fmt::Display for EstimatorName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .to_possible_value()
            .map_or(Ok(()), |value| formatter.write_str(value.get_name()))
    }
}

impl<'de> Deserialize<'de> for EstimatorName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        Estimator::from_str(&name, false).map(Self).map_err(|_| {
            D::Error::custom(format!(
                "expected one of {}, found {name:?}",
                names().join(", ")
            ))
        })
    }
}

impl JsonSchema for EstimatorName {
    fn schema_name() -> Cow<'static, str> {
        "Estimator".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let choices: Vec<Schema> = Estimator::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|value| {
                let help = value.get_help().map(ToString::to_string);
                json_schema!({"const": value.get_name(), "description": help})
            })
            .collect();
        json_schema!({ "type": "string", "oneOf": choices })
    }
}
