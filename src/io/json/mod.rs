//! JSON in and out: one reader with one style of errors for all files.

mod fault;
mod kind;
mod strict;

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[cfg(feature = "experiment")]
pub(super) use fault::reason;
pub(crate) use kind::Document;
pub(crate) use strict::{Name, Object};
#[cfg(feature = "experiment")]
pub(crate) use strict::{object, optional_object};

#[cfg(feature = "experiment")]
use super::source::read_text;
use super::whole_file::write_whole;
use crate::error::{Error, Result};

/// Reads a document from its file.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Io`], and [`Error::InvalidInput`] naming file and field.
#[cfg(feature = "experiment")]
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    parse(&read_text(path)?).map_err(|error| error.in_file(path))
}

/// A document, which has to be an object, from its text.
///
/// # Errors
/// [`Error::InvalidInput`] with the JSON path of the field, the place, and what is expected.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    // some editors begin a file with a byte order mark. It says nothing
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Error::invalid(
            "(file)",
            "is empty. A JSON object is expected",
        ));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize::<_, Object<T>>(&mut reader);
    let Object(document) = parsed.map_err(|error| located("", error, text))?;
    reader
        .end()
        .map_err(|error| Error::invalid("(file)", fault::explain(&error, text)))?;
    Ok(document)
}

/// A part of a document that was read without knowing its type.
///
/// # Errors
/// [`Error::InvalidInput`] with a JSON path that begins with `field`.
pub(crate) fn from_value<T: DeserializeOwned>(field: &str, value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| located(field, error, ""))
}

fn located(
    prefix: &str,
    error: serde_path_to_error::Error<serde_json::Error>,
    text: &str,
) -> Error {
    let path = error.path().to_string();
    // a question mark stands where the text ends too soon for a name
    let path = path.trim_end_matches(".?");
    let field = match (prefix, path) {
        ("", "." | "?") => "(file)".to_owned(),
        ("", path) => path.to_owned(),
        (prefix, "." | "?") => prefix.to_owned(),
        (prefix, path) if path.starts_with('[') => format!("{prefix}{path}"),
        (prefix, path) => format!("{prefix}.{path}"),
    };
    Error::invalid(field, fault::explain(error.inner(), text))
}

/// Writes a document whole, for people to read: indented, with its own line end.
///
/// # Errors
/// [`Error::Io`].
pub fn write_json(path: &Path, document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document).map_err(std::io::Error::from);
    text.and_then(|text| write_whole(path, (text + "\n").as_bytes()))
        .map_err(|source| Error::io(path, source))
}

/// A document in one line, with its end.
///
/// # Errors
/// Those of its [`Serialize`].
pub fn json_line(document: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(document)?;
    line.push(b'\n');
    Ok(line)
}
