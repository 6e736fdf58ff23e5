//! JSON Schemas of the files that the program reads and writes, from their types.

use schemars::JsonSchema;
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of a type, as text with its own line end.
pub fn schema_of<T: JsonSchema>() -> String {
    format!("{:#}\n", schemars::schema_for!(T).to_value())
}

/// The same of a document in which an object that names a file may stand for any list of numbers, and
/// places and values for `weights`.
pub fn schema_with_files_of<T: JsonSchema>() -> String {
    let mut schema = schemars::schema_for!(T).to_value();
    allow_files(&mut schema);
    if let Some(weights) = schema.pointer_mut("/$defs/Network/properties/weights/anyOf")
        && let Some(choices) = weights.as_array_mut()
    {
        choices.push(json!({"$ref": "#/$defs/SparseWeights"}));
    }
    if let Some(definitions) = schema["$defs"].as_object_mut() {
        let list = |of: Value| json!({"anyOf": [{"type": "array", "items": of}, {"$ref": "#/$defs/ArrayFile"}]});
        let places = || list(json!({"type": "integer", "minimum": 0}));
        definitions.insert(
            "ArrayFile".to_owned(),
            json!({
                "type": "object", "additionalProperties": false, "required": ["file"],
                "properties": {
                    "file": {"type": "string", "description": "A .npy, .npz or .safetensors file, relative to the problem."},
                    "array": {"type": "string", "description": "Which of its arrays, if it has several."},
                    "transpose": {"type": "boolean", "description": "Whether it was stored the other way round."},
                },
            }),
        );
        definitions.insert(
            "SparseWeights".to_owned(),
            json!({
                "type": "object", "additionalProperties": false, "required": ["sparse"],
                "properties": {"sparse": {"anyOf": [
                    {
                        "type": "object", "additionalProperties": false, "required": ["file"],
                        "properties": {"file": {"type": "string", "description": "A .npz file with row, column and value."}},
                    },
                    {
                        "type": "object", "additionalProperties": false,
                        "required": ["row", "column", "value"],
                        "properties": {
                            "row": places(), "column": places(),
                            "value": list(json!({"type": "number"})),
                        },
                    },
                ]}},
            }),
        );
    }
    format!("{schema:#}\n")
}

/// Puts the choice of a file beside every list of numbers.
fn allow_files(schema: &mut Value) {
    if is_list_of_numbers(schema) {
        let description = schema.get("description").cloned();
        let mut choice = json!({"anyOf": [schema.take(), {"$ref": "#/$defs/ArrayFile"}]});
        if let Some(description) = description {
            choice["description"] = description;
        }
        *schema = choice;
        return;
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(allow_files),
        Value::Array(values) => values.iter_mut().for_each(allow_files),
        _ => {}
    }
}

fn is_list_of_numbers(schema: &Value) -> bool {
    let is = |name: &str| match &schema["type"] {
        Value::String(own) => own == name,
        Value::Array(own) => own.iter().any(|own| own == name),
        _ => false,
    };
    let items = &schema["items"];
    is("array")
        && (items["type"] == "number" || items["type"] == "integer" || is_list_of_numbers(items))
}
