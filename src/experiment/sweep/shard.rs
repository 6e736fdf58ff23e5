//! One part of a sweep: every N-th group of points.

use std::fmt;
use std::str::FromStr;

use super::point::Grid;
use crate::error::{Error, Result};

/// Part I of N: the groups whose number leaves the remainder I when divided by N. So I may run from
/// 0 to N − 1 or from 1 to N, where N of N is 0 of N.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// The sweep as a whole.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Part `index` of `of`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if `of` is 0 or `index` exceeds it.
    pub fn new(index: u64, of: u64) -> Result<Self> {
        if of == 0 || index > of {
            return Err(Error::invalid(
                "shard",
                format!(
                    "expected I/N with N ≥ 1 and I from 0 to N − 1 or 1 to N, found {index}/{of}"
                ),
            ));
        }
        Ok(Self {
            index: index % of,
            of,
        })
    }

    /// The part that a task of a Slurm job array is to do, from `SLURM_ARRAY_TASK_ID` and
    /// `SLURM_ARRAY_TASK_COUNT` (with `_MIN` and `_STEP` where the array has them), or `None`
    /// outside an array.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they make no sense.
    pub fn from_slurm(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let number = |name: &str| -> Result<Option<u64>> {
            let name = format!("SLURM_ARRAY_TASK_{name}");
            let Some(text) = variable(&name) else {
                return Ok(None);
            };
            let refuse =
                || Error::invalid(&name, format!("expected a whole number, found {text:?}"));
            text.trim().parse().map(Some).map_err(|_| refuse())
        };
        let (Some(id), Some(of)) = (number("ID")?, number("COUNT")?) else {
            return Ok(None);
        };
        let first = number("MIN")?.unwrap_or(0);
        let step = number("STEP")?.unwrap_or(1).max(1);
        let position = id.checked_sub(first).map(|offset| offset / step);
        match position {
            Some(position) if position <= of && of > 0 => Self::new(position, of).map(Some),
            _ => Err(Error::invalid(
                "SLURM_ARRAY_TASK_ID",
                format!("{id} is no task of an array of {of} from {first}. Name the part yourself"),
            )),
        }
    }

    /// Number of parts.
    pub fn of(self) -> u64 {
        self.of
    }

    /// How many of `groups` belong to this part.
    pub fn count(self, groups: u64) -> u64 {
        (groups + self.of - 1 - self.index) / self.of
    }

    /// The group at a position of this part.
    pub fn group(self, position: u64) -> u64 {
        position * self.of + self.index
    }

    /// The index of a point at a position of this part.
    pub(super) fn point(self, grid: &Grid, position: u64) -> u64 {
        let size = grid.group_size();
        self.group(position / size) * size + position % size
    }

    /// The name of the file that holds its records.
    pub fn file_name(self) -> String {
        if self == Self::WHOLE {
            return "records.jsonl".into();
        }
        format!("records-{}-of-{}.jsonl", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((index, of)) => Self::new(index, of),
            None => Err(Error::invalid(
                "shard",
                format!("expected I/N, such as 3/64, found {text:?}"),
            )),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_either_count_hold_every_group_once() {
        for (first, groups, of) in [(0, 10, 3), (1, 10, 3), (0, 2, 5), (1, 7, 1), (0, 0, 2)] {
            let mut found: Vec<u64> = (first..first + of)
                .map(|index| Shard::new(index, of).unwrap())
                .flat_map(|shard| (0..shard.count(groups)).map(move |p| shard.group(p)))
                .collect();
            found.sort_unstable();
            assert_eq!(found, (0..groups).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["4/3", "1/0", "1", "a/b", "-1/3", "1/3/5", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("3/3".parse::<Shard>().unwrap(), Shard::new(0, 3).unwrap());
    }

    #[test]
    fn job_arrays_are_understood() {
        let slurm = |variables: &[(&str, &str)]| {
            let variables: Vec<(String, String)> = variables
                .iter()
                .map(|(name, value)| (format!("SLURM_ARRAY_TASK_{name}"), (*value).to_owned()))
                .collect();
            Shard::from_slurm(|name| {
                let found = variables.iter().find(|(variable, _)| variable == name);
                found.map(|(_, value)| value.clone())
            })
        };
        let part = |index, of| Some(Shard::new(index, of).unwrap());
        assert_eq!(slurm(&[]).unwrap(), None);
        assert_eq!(slurm(&[("ID", "3")]).unwrap(), None);
        assert_eq!(slurm(&[("ID", "3"), ("COUNT", "4")]).unwrap(), part(3, 4));
        let one_to_four = [("ID", "4"), ("COUNT", "4"), ("MIN", "1")];
        assert_eq!(slurm(&one_to_four).unwrap(), part(3, 4));
        let steps = [("ID", "14"), ("COUNT", "4"), ("MIN", "10"), ("STEP", "2")];
        assert_eq!(slurm(&steps).unwrap(), part(2, 4));
        assert!(slurm(&[("ID", "x"), ("COUNT", "4")]).is_err());
        assert!(slurm(&[("ID", "9"), ("COUNT", "4")]).is_err());
    }
}
