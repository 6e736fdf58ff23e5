//! JSON Schemas of the files that the program reads and writes, from their types.

use schemars::JsonSchema;

/// The JSON Schema (draft 2020-12) of a type, as text with its own line end.
pub fn schema_of<T: JsonSchema>() -> String {
    format!("{:#}\n", schemars::schema_for!(T).to_value())
}
