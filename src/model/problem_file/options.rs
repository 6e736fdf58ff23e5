//! What a call changes in a problem file before it is read as a problem.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::io::unknown;

/// Changes to a problem for one call, or for a sweep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ProblemChanges"))]
#[serde(deny_unknown_fields, default)]
pub struct ProblemOptions {
    /// Names with their new values: of a parameter, a constant or an input of a field in text, or of
    /// any field of the document, such as `network.activation` or `initial_state.v`.
    #[serde(skip)]
    pub set: Vec<(String, String)>,
    /// Outputs in place of those of the file, by name or number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Vec<String>>,
    /// A target in place of that of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Vec<f64>>,
    /// A cost in place of that of the file: an expression of the states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// The parameters of a field that are learned. Default all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learn: Option<Vec<String>>,
    /// A named set of an `.ode` file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_set: Option<String>,
}

impl ProblemOptions {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Outputs as they stand in a document.
    pub(super) fn output_values(&self) -> Option<Vec<Value>> {
        let value = |name: &String| {
            name.parse::<u64>()
                .map_or_else(|_| name.clone().into(), Value::from)
        };
        self.outputs
            .as_ref()
            .map(|names| names.iter().map(value).collect())
    }

    /// Puts the changes into a document.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a name that the document does not have.
    pub(super) fn apply(&self, document: &mut Value) -> Result<()> {
        if self.named_set.is_some() {
            let message = "belongs to an `.ode` file, which has named sets";
            return Err(Error::invalid("named_set", message));
        }
        for (name, value) in &self.set {
            let value =
                serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.clone()));
            set(document, name, value)?;
        }
        let Value::Object(fields) = document else {
            return Ok(());
        };
        if let Some(cost) = &self.cost {
            fields.insert("cost".into(), cost.clone().into());
            fields.remove("outputs");
            fields.remove("target");
        }
        if self.outputs.is_some() || self.target.is_some() {
            let keeps = fields
                .get("cost")
                .is_none_or(|cost| cost == "squared_error");
            if self.cost.is_none() && !keeps {
                fields.remove("cost");
            }
        }
        if let Some(outputs) = self.output_values() {
            let place = match fields.get_mut("network") {
                Some(Value::Object(network)) => network,
                _ => &mut *fields,
            };
            place.insert("outputs".into(), outputs.into());
        }
        if let Some(target) = &self.target {
            fields.insert("target".into(), target.clone().into());
        }
        if let Some(names) = &self.learn {
            match fields.get_mut("field") {
                Some(Value::Object(field)) => {
                    field.insert("learn".into(), names.clone().into());
                }
                _ => {
                    let message =
                        "belongs to a field in text. Of a network every weight and bias learns";
                    return Err(Error::invalid("learn", message));
                }
            }
        }
        Ok(())
    }
}

/// Groups of a field in text whose names may stand alone.
const GROUPS: [&str; 3] = ["parameters", "constants", "inputs"];

fn set(document: &mut Value, name: &str, value: Value) -> Result<()> {
    let mut known: Vec<String> = Vec::new();
    if let Some(Value::Object(field)) = document.get_mut("field") {
        for group in GROUPS {
            if let Some(Value::Object(entries)) = field.get_mut(group) {
                if let Some(own) = entries.get_mut(name) {
                    *own = value;
                    return Ok(());
                }
                known.extend(entries.keys().cloned());
            }
        }
    }
    let path: Vec<&str> = name.split('.').collect();
    let known_root = [
        "network",
        "field",
        "input",
        "outputs",
        "target",
        "initial_state",
        "cost",
        "time_constants",
        "state_bounds",
    ];
    if path.len() == 1 && !known_root.contains(&name) {
        known.extend(known_root.map(str::to_owned));
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(Error::invalid(format!("set {name}"), unknown(name, &known)));
    }
    let mut place = document;
    for step in path {
        let no_place = || {
            let message = format!("the problem has no place `{step}` to be set");
            Error::invalid(format!("set {name}"), message)
        };
        if place.is_null() {
            *place = Value::Object(serde_json::Map::new());
        }
        place = match place {
            Value::Object(fields) => fields.entry(step).or_insert(Value::Null),
            Value::Array(list) => {
                let position: Option<usize> = step.parse().ok();
                position
                    .and_then(|k| list.get_mut(k))
                    .ok_or_else(no_place)?
            }
            _ => return Err(no_place()),
        };
    }
    *place = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(name: &str) -> Result<Value> {
        let mut document = json!({
            "network": {"weights": [[0, 1], [2, 3]], "bias": [4, 5]}, "target": [6]
        });
        let options = ProblemOptions {
            set: vec![(name.into(), "-7.5".into())],
            ..ProblemOptions::default()
        };
        options.apply(&mut document).map(|()| document)
    }

    #[test]
    fn one_element_of_a_list_is_set_and_the_others_stay() {
        let expected = json!({
            "network": {"weights": [[0, 1], [-7.5, 3]], "bias": [4, 5]}, "target": [6]
        });
        assert_eq!(changed("network.weights.1.0").unwrap(), expected);
        assert_eq!(changed("target.0").unwrap()["target"], json!([-7.5]));
        for (name, place) in [
            ("target.1", "1"),
            ("network.bias.v", "v"),
            ("target.0.0", "0"),
        ] {
            let refused = changed(name).unwrap_err().to_string();
            assert!(
                refused.contains(&format!("no place `{place}`")),
                "{refused}"
            );
        }
    }
}
