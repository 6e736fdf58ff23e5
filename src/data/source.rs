//! Where a data set comes from, as configurations say it.

use std::path::{Path, PathBuf};

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataSet, Header};
use crate::error::{Error, Result};
use crate::io::within;

/// Where samples come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum DataSource {
    /// The 1,797 embedded digits of 8 × 8 pixels. A fifth of them, drawn by `split_seed`, is the
    /// test set.
    Digits {
        /// Seed of the split. Default 0.
        #[serde(default)]
        split_seed: u64,
    },
    /// MNIST from its four IDX files, plain or `.gz`, in their order.
    Mnist {
        /// Where the files are, by default the directory that the caller names.
        directory: Option<PathBuf>,
        /// Whether the checksums must be those of the published files. Default true.
        #[serde(default = "yes")]
        verify: bool,
    },
    /// A table of numbers, one sample per line, one column its label, plain or `.gz`.
    Csv {
        /// The training samples.
        train: PathBuf,
        /// The test samples, by default a fifth of the table, drawn by `split_seed`.
        test: Option<PathBuf>,
        /// Name of the label's column. Default the last one.
        label: Option<String>,
        /// Whether the first line holds the columns' names: true, false, or `auto` (the default),
        /// which asks where the line is in doubt.
        #[serde(default)]
        header: Header,
        /// Whether every column is mapped linearly so that the training samples fill 0 … 1. Default
        /// false.
        #[serde(default)]
        rescale: bool,
        /// Seed of the split and of the samples' order. Default 0.
        #[serde(default)]
        split_seed: u64,
    },
    /// Four noisy corners of a square, opposite ones alike.
    Xor {
        /// Training samples, and as many for the test.
        samples: usize,
        /// How far samples lie from their corner, 0 … 1.
        noise: f64,
        /// Seed of the samples. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// Two interleaved half circles.
    TwoMoons {
        /// Training samples, and as many for the test.
        samples: usize,
        /// Standard deviation of the noise, in radii of the half circles.
        noise: f64,
        /// Seed of the samples. Default 0.
        #[serde(default)]
        seed: u64,
    },
    /// Uniform inputs, labelled by a random network.
    Teacher {
        /// Training samples, and as many for the test.
        samples: usize,
        /// Inputs of a sample.
        inputs: usize,
        /// Classes.
        classes: usize,
        /// Seed of teacher and samples. Default 0.
        #[serde(default)]
        seed: u64,
    },
}

fn yes() -> bool {
    true
}

impl DataSource {
    /// Loads or makes the set. `directory`, if given, replaces that of MNIST's files.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for values out of range and malformed files, [`Error::NotFound`],
    /// and [`Error::Io`].
    pub fn load(&self, directory: Option<&Path>) -> Result<DataSet> {
        match self {
            Self::Digits { split_seed } => Ok(DataSet::digits()?.with_random_test(*split_seed)),
            Self::Mnist {
                directory: configured,
                verify,
            } => {
                let place = directory.or(configured.as_deref());
                DataSet::mnist(place.unwrap_or(Path::new("data/mnist")), *verify)
            }
            Self::Csv {
                train,
                test,
                label,
                header,
                rescale,
                split_seed,
            } => {
                let set = DataSet::csv(train, test.as_deref(), label.as_deref(), *header)?;
                let mut set = match test {
                    Some(_) => set.shuffled(*split_seed),
                    None => set.with_random_test(*split_seed),
                };
                if *rescale {
                    set.rescale();
                }
                Ok(set)
            }
            Self::Xor {
                samples,
                noise,
                seed,
            } => {
                within("data.source.noise", *noise, 0.0, 1.0)?;
                Ok(DataSet::xor(count("samples", *samples, 1)?, *noise, *seed))
            }
            Self::TwoMoons {
                samples,
                noise,
                seed,
            } => {
                within("data.source.noise", *noise, 0.0, 10.0)?;
                let samples = count("samples", *samples, 1)?;
                Ok(DataSet::two_moons(samples, *noise, *seed))
            }
            Self::Teacher {
                samples,
                inputs,
                classes,
                seed,
            } => {
                let samples = count("samples", *samples, 1)?;
                let inputs = count("inputs", *inputs, 1)?;
                if samples * inputs > MOST_INPUTS {
                    let message = format!(
                        "expected at most {MOST_INPUTS} input values in all, found {samples} times {inputs}"
                    );
                    return Err(Error::invalid("data.source.samples", message));
                }
                let classes = count("classes", *classes, 2)?;
                Ok(DataSet::teacher(samples, inputs, classes, *seed))
            }
        }
    }
}

/// Input values of a set made from a seed.
const MOST_INPUTS: usize = 100_000_000;

/// Sizes up to this, so that no configuration asks for more memory than machines have.
fn count(field: &str, value: usize, least: usize) -> Result<usize> {
    let most = if field == "samples" { 1_000_000 } else { 1000 };
    within(&format!("data.source.{field}"), value, least, most).map(|()| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> std::result::Result<DataSource, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn sources_are_read_strictly() {
        for (text, expected) in [
            (r#"{"name": "digits", "sede": 1}"#, "sede"),
            (r#"{"name": "mnist", "verfy": false}"#, "verfy"),
            (r#"{"name": "csv"}"#, "train"),
            (r#"{"name": "imagenet"}"#, "two_moons"),
            (r#"{"samples": 3}"#, "name"),
        ] {
            let message = source(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn values_out_of_range_are_refused_by_their_field() {
        for (text, expected) in [
            (r#"{"name": "xor", "samples": 0, "noise": 0.1}"#, "samples"),
            (r#"{"name": "xor", "samples": 9, "noise": -1}"#, "noise"),
            (
                r#"{"name": "two_moons", "samples": 9, "noise": 1e300}"#,
                "noise",
            ),
            (
                r#"{"name": "teacher", "samples": 9, "inputs": 0, "classes": 2}"#,
                "inputs",
            ),
            (
                r#"{"name": "teacher", "samples": 9, "inputs": 1, "classes": 1}"#,
                "classes",
            ),
            (
                r#"{"name": "csv", "train": "nowhere.csv"}"#,
                "nowhere.csv: no such file",
            ),
            (r#"{"name": "csv", "train": "/"}"#, "directory"),
        ] {
            let error = source(text).unwrap().load(None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_fifth_of_the_digits_tests() {
        let load = |split_seed| DataSource::Digits { split_seed }.load(None).unwrap();
        let set = load(1);
        assert_eq!((set.len(), set.test), (1797, 359));
        assert_eq!(set.fingerprint(), load(1).fingerprint());
        assert_ne!(set.fingerprint(), load(2).fingerprint());
    }
}
