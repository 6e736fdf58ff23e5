//! The text of a problem file, from which problems with different values can be made.

use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::problem_file::{self, ProblemOptions};
use crate::error::Result;
use crate::io::{read_standard_input, read_text};

/// Whether a file is one of XPPAUT, by what its name ends in.
pub(crate) fn is_ode(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("ode"))
}

/// A problem file as it was read.
#[derive(Debug, Clone)]
pub struct ProblemSource {
    text: String,
    /// What it is called in messages. The arrays that it refers to stand beside it.
    path: PathBuf,
    is_ode: bool,
}

impl ProblemSource {
    /// Reads a file (JSON, or one that ends in `.ode` as XPPAUT reads it), or `-`, standard input.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`], [`crate::Error::Io`].
    pub fn read(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            let text = read_standard_input()?;
            let begin = text.trim_start_matches('\u{feff}').trim_start();
            return Ok(Self {
                is_ode: !begin.starts_with('{'),
                path: "standard input".into(),
                text,
            });
        }
        Ok(Self {
            text: read_text(path)?,
            path: path.to_owned(),
            is_ode: is_ode(path),
        })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The problem, validated, with these changes.
    ///
    /// # Errors
    /// As of [`Problem::read`].
    pub fn problem(&self, options: &ProblemOptions) -> Result<Problem> {
        let problem = if self.is_ode {
            Problem::from_ode(&self.text, options)
        } else {
            let directory = self.path.parent().unwrap_or(Path::new(""));
            problem_file::parse_changed(&self.text, directory, options)
        };
        problem.map_err(|error| error.in_file(&self.path))
    }
}
