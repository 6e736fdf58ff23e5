//! What XPPAUT would silently do otherwise.

use std::collections::HashMap;

use super::{Contents, text};
use crate::error::Result;
use crate::expression::Scope;

/// XPPAUT's length of a name.
const LONGEST_NAME: usize = 10;

impl Contents {
    pub(super) fn warn_of_long_names(&mut self) {
        let named = [
            &self.equations,
            &self.quantities,
            &self.derived,
            &self.parameters,
            &self.numbers,
        ];
        let mut notes = Vec::new();
        for (line, (name, _)) in named.into_iter().flatten() {
            if name.chars().count() > LONGEST_NAME {
                notes.push(format!(
                    "{}: XPPAUT cuts `{name}` at {LONGEST_NAME} characters and does not find it again. Here it is read in full",
                    line.place()
                ));
            }
        }
        self.warnings.extend(notes);
    }

    /// Quantities that are used before their line.
    pub(super) fn warn_of_order(&mut self, scope: &Scope) -> Result<()> {
        let place: HashMap<&str, usize> = (self.quantities.iter().enumerate())
            .map(|(k, (_, pair))| (pair.0.as_str(), k))
            .collect();
        let mut notes = Vec::new();
        for (k, (line, (name, body))) in self.quantities.iter().enumerate() {
            let text = text(line, body);
            let tree = scope.parse(&text)?;
            let mut used = Vec::new();
            tree.names(&mut used);
            if let Some(later) = used
                .iter()
                .find(|used| place.get(**used).is_some_and(|&at| at > k))
            {
                notes.push(format!(
                    "{}: `{name}` uses `{later}` before the line of that. XPPAUT takes its value from one evaluation before, here it is the present one",
                    line.place()
                ));
            }
        }
        self.warnings.extend(notes);
        Ok(())
    }
}
