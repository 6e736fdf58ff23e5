//! The name of an estimator in configurations and records.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::gradient::Estimator;
use crate::io::unknown;

/// An estimator, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
#[serde(transparent)]
pub struct EstimatorName(pub Estimator);

impl std::fmt::Display for EstimatorName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.name())
    }
}

impl<'de> Deserialize<'de> for EstimatorName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        let found = Estimator::ALL
            .into_iter()
            .find(|estimator| estimator.name() == name);
        found
            .map(Self)
            .ok_or_else(|| D::Error::custom(unknown(&name, &Estimator::ALL.map(Estimator::name))))
    }
}
