//! A piece of text with the name of the field that it stands in, for messages that say where.

use std::sync::Arc;

use crate::error::Error;

/// Text that is read as an expression.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    /// The field or the line that it stands in.
    pub path: Arc<str>,
    /// The text.
    pub source: Arc<str>,
    /// Whether positions in it are those that its author sees.
    pub has_columns: bool,
}

impl Text {
    /// Text as its author wrote it.
    pub fn new(path: impl Into<Arc<str>>, source: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            source: source.into(),
            has_columns: true,
        }
    }

    /// What is wrong at the byte `at`.
    pub fn fault(&self, at: usize, message: impl std::fmt::Display) -> Error {
        if !self.has_columns {
            return Error::invalid(&*self.path, message.to_string());
        }
        let before = self.source.get(..at).unwrap_or(&self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let place = if self.source.contains('\n') {
            format!("line {line}, column {column}")
        } else {
            format!("column {column}")
        };
        Error::invalid(&*self.path, format!("{place}: {message}"))
    }
}
