//! Which document a text is, for those who gave one where another is expected.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::parse;
use crate::error::{Error, Result};

/// The documents that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    /// A network or a field with its input and target.
    Problem,
    /// What `train` takes.
    Training,
    /// What `sweep` takes.
    Sweep,
}

/// Fields that tell them apart. A document that is neither has none of these together.
#[derive(Deserialize)]
struct Fields {
    network: Option<IgnoredAny>,
    field: Option<IgnoredAny>,
    target: Option<IgnoredAny>,
    initial_state: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
    optimiser: Option<IgnoredAny>,
    nudge: Option<IgnoredAny>,
    epochs: Option<IgnoredAny>,
    neurons: Option<IgnoredAny>,
    depth: Option<IgnoredAny>,
    seeds: Option<IgnoredAny>,
    vary: Option<IgnoredAny>,
}

impl Document {
    /// The document of this kind from its text.
    ///
    /// # Errors
    /// As of [`parse`]. A document of another kind is named as such.
    pub fn parse<T: DeserializeOwned>(self, text: &str) -> Result<T> {
        parse(text).map_err(|error| match Self::of(text) {
            Some(found) if found != self => {
                let [(found, taken), (expected, _)] = [found, self].map(Self::words);
                let message = format!("is {found}, which {taken}, and not {expected}");
                Error::invalid("(file)", message)
            }
            _ => error,
        })
    }

    fn of(text: &str) -> Option<Self> {
        let fields: Fields = parse(text).ok()?;
        let given = |all: &[&Option<IgnoredAny>]| all.iter().any(|field| field.is_some());
        if given(&[
            &fields.data,
            &fields.optimiser,
            &fields.nudge,
            &fields.epochs,
        ]) {
            Some(Self::Training)
        } else if given(&[&fields.field])
            || fields.network.is_some() && given(&[&fields.target, &fields.initial_state])
        {
            Some(Self::Problem)
        } else {
            let of_sweep = [&fields.neurons, &fields.depth, &fields.seeds, &fields.vary];
            given(&of_sweep).then_some(Self::Sweep)
        }
    }

    /// What it is called, and what takes it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Problem => ("a problem", "`gradient`, `simulate` and their like take"),
            Self::Training => ("a training configuration", "`train` takes"),
            Self::Sweep => ("a sweep's configuration", "`sweep` takes"),
        }
    }
}
