//! Data sets from tables: CSV, one sample per line, one column with its class.

mod cells;

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use csv::StringRecord;
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use cells::{column, labels, numbers, rows};

use crate::data::{DataSet, read};
use crate::error::{Error, Result};

/// Most classes of a table.
const MOST_CLASSES: usize = 1000;

/// Whether a table begins with a line of its columns' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum Header {
    /// It does, or does not.
    Given(bool),
    /// It does if a cell of the first line beside the class is no number, or `label` is a name.
    Auto(Auto),
}

impl Default for Header {
    fn default() -> Self {
        Self::Auto(Auto::Auto)
    }
}

/// The choice that is left to the program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Auto {
    /// The only one.
    #[default]
    Auto,
}

impl DataSet {
    /// A table in CSV format (plain or `.gz`): numbers, and the class (any text) in the column
    /// named `label`, or in the last one. A second table, if given, is for the test: its columns are
    /// found by their names if both tables have them, and are the same in the same order otherwise.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming file, line and column, [`Error::NotFound`], and
    /// [`Error::Io`].
    pub fn csv(
        train: &Path,
        test: Option<&Path>,
        label: Option<&str>,
        header: Header,
    ) -> Result<Self> {
        let table = |path: &Path, like: Option<&Table>| {
            Table::parse(&read(path)?, label, header, like).map_err(|error| error.in_file(path))
        };
        let mut all = table(train, None)?;
        let mut test_samples = 0;
        if let Some(path) = test {
            let test = table(path, Some(&all))?;
            test_samples = test.labels.len();
            all.inputs.extend(test.inputs);
            all.labels.extend(test.labels);
        }
        let set = all.data_set().map_err(|error| error.in_file(train))?;
        Ok(Self {
            test: test_samples,
            ..set
        })
    }

    /// Maps every column linearly so that the samples that are not for the test fill 0 … 1. A
    /// column that is constant there becomes 0.
    pub(super) fn rescale(&mut self) {
        let known = (self.len() - self.test) * self.features;
        for column in 0..self.features {
            let values = || {
                self.inputs[..known]
                    .iter()
                    .skip(column)
                    .step_by(self.features)
            };
            let low = values().copied().fold(f32::INFINITY, f32::min);
            let high = values().copied().fold(f32::NEG_INFINITY, f32::max);
            let range = f64::from(high) - f64::from(low);
            for value in self.inputs.iter_mut().skip(column).step_by(self.features) {
                let above = f64::from(*value) - f64::from(low);
                *value = if range > 0.0 {
                    (above / range) as f32
                } else {
                    0.0
                };
            }
        }
    }
}

/// The content of a table.
struct Table {
    /// The columns' names, in the order of the training table.
    names: Option<StringRecord>,
    /// Where the class stands among them.
    label: usize,
    inputs: Vec<f32>,
    features: usize,
    labels: Vec<String>,
}

impl Table {
    fn parse(
        bytes: &[u8],
        label: Option<&str>,
        header: Header,
        like: Option<&Self>,
    ) -> Result<Self> {
        let mut rows = rows(bytes)?;
        let Some((_, first)) = rows.first() else {
            let message = "is empty. One sample a line is expected";
            return Err(Error::invalid("(file)", message));
        };
        let columns = first.len();
        if columns < 2 {
            let message = "expected at least two columns separated by commas: numbers and a class";
            return Err(Error::invalid("line 1", message));
        }
        let known = like.and_then(|like| like.names.as_ref().map(|names| &names[like.label]));
        let named = is_header(first, label, header, known)?;
        let names = named.then(|| rows.remove(0).1);
        if rows.is_empty() {
            let message = "holds the columns' names but no sample";
            return Err(Error::invalid("(file)", message));
        }
        if let Some(like) = like
            && like.features + 1 != columns
        {
            let expected = like.features + 1;
            let message = format!("expected {expected} columns, as for training, found {columns}");
            return Err(Error::invalid("(file)", message));
        }
        let by_name = names
            .as_ref()
            .zip(like.and_then(|like| like.names.as_ref()));
        // column `order[k]` of this table is column k of the training table
        let order: Vec<usize> = match by_name {
            Some((own, expected)) => expected
                .iter()
                .map(|name| column(own, name, "(file)"))
                .collect::<Result<_>>()?,
            None => (0..columns).collect(),
        };
        let position = match (like, &names, label) {
            (Some(like), ..) => like.label,
            (None, Some(names), Some(label)) => column(names, label, "data.source.label")?,
            _ => columns - 1,
        };
        let features: Vec<usize> = (0..columns)
            .filter(|&k| k != position)
            .map(|k| order[k])
            .collect();
        Ok(Self {
            inputs: numbers(&rows, &features, names.as_ref())?,
            features: columns - 1,
            labels: labels(&rows, order[position])?,
            label: position,
            names,
        })
    }

    /// The classes in order: as numbers if they are whole numbers, by their letters otherwise.
    fn data_set(self) -> Result<DataSet> {
        let distinct: BTreeSet<&String> = self.labels.iter().collect();
        if !(2..=MOST_CLASSES).contains(&distinct.len()) {
            let message = format!(
                "expected 2 to {MOST_CLASSES} different classes, found {}. If another column holds the class, name it by `label`",
                distinct.len()
            );
            return Err(Error::invalid("data.source.label", message));
        }
        let mut classes: Vec<String> = distinct.into_iter().cloned().collect();
        // stable: names that are no numbers keep their order, after the numbers
        classes.sort_by_key(|name| name.parse::<i64>().unwrap_or(i64::MAX));
        let index: HashMap<&String, u16> = classes.iter().zip(0..).collect();
        Ok(DataSet {
            name: "csv".into(),
            labels: self.labels.iter().map(|label| index[label]).collect(),
            inputs: self.inputs,
            features: self.features,
            classes,
            test: 0,
        })
    }
}

/// Whether the first line holds the columns' names. `known` is the name that the class has in the
/// table for training.
fn is_header(
    first: &StringRecord,
    label: Option<&str>,
    header: Header,
    known: Option<&str>,
) -> Result<bool> {
    let is_number = |cell: &str| cell.parse::<f32>().is_ok();
    let counted = |from: usize| {
        let mut cells = first.iter().enumerate();
        cells.all(|(k, cell)| cell.parse() == Ok(k + from))
    };
    match (header, label) {
        (Header::Given(false), Some(_)) => {
            let message = "names a column, but `header` says that the columns have no names";
            Err(Error::invalid("data.source.label", message))
        }
        (Header::Given(header), _) => Ok(header),
        (_, Some(_)) => Ok(true),
        _ => {
            let beside = first.iter().take(first.len() - 1);
            let matched = known.is_some_and(|name| first.iter().any(|cell| cell == name));
            if beside.into_iter().any(|cell| !is_number(cell)) || matched {
                Ok(true)
            } else if first.len() > 2 && (counted(0) || counted(1)) {
                let cells: Vec<&str> = first.iter().collect();
                let message = format!(
                    "the first line is {}: names of the columns, or a sample? Say `\"header\": true` or `\"header\": false`",
                    cells.join(",")
                );
                Err(Error::invalid("data.source.header", message))
            } else {
                Ok(false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], label: Option<&str>) -> Result<DataSet> {
        Table::parse(bytes, label, Header::default(), None)?.data_set()
    }

    #[test]
    fn header_and_label_column_are_found() {
        let plain = parse(b"1,2,10\n3,4,9\n", None).unwrap();
        assert_eq!(plain.inputs, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(plain.labels, [1, 0], "numbers are ordered as numbers");
        let mut named = parse(b"kind,a,b\r\nx, 1, 2\r\n\"y\",3,4\r\n", Some("kind")).unwrap();
        named.rescale();
        assert_eq!(named.inputs, [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(
            (&named.labels[..], &named.classes[1][..]),
            (&[0, 1][..], "y")
        );
        let mut header = parse(b"a,b,kind\n1,2,x\n3,2,y\n9,3,y\n", None).unwrap();
        header.test = 1;
        header.rescale();
        assert_eq!(header.inputs, [0.0, 0.0, 1.0, 0.0, 4.0, 0.0]);
    }

    #[test]
    fn refusals_name_line_and_column() {
        let cell = "expected a finite number, found";
        for (text, label, expected) in [
            ("", None, "is empty".to_owned()),
            (
                "1\n2\n",
                None,
                "line 1: expected at least two columns".into(),
            ),
            ("a,b\n", None, "no sample".into()),
            ("1,2,x\n1,y\n", None, "line 2: expected 3 columns".into()),
            (
                "1,2,x\n\n\r\n1,oops,y\n",
                None,
                format!("line 4, column 2: {cell} \"oops\""),
            ),
            (
                "a,b,c\n1,,y\n",
                None,
                format!("line 2, column 2 (b): {cell} \"\""),
            ),
            ("1,nan,x\n", None, "line 1, column 2".into()),
            ("1,1e99,x\n", None, "line 1, column 2".into()),
            (
                "1,2,x\n1,2,\n",
                None,
                "line 2, column 3: expected a class".into(),
            ),
            ("1,2,x\n1,2,x\n", None, "different classes, found 1".into()),
            (
                "a,b\n1,2\n",
                Some("c"),
                "no column is called \"c\". There are a, b".into(),
            ),
        ] {
            let message = parse(text.as_bytes(), label).unwrap_err().to_string();
            assert!(message.contains(&expected), "{message}");
        }
        let message = parse(b"1,2,x\n\n1,\xff,y\n", None).unwrap_err().to_string();
        assert!(message.starts_with("line 3"), "{message}");
    }

    #[test]
    fn a_test_table_has_the_same_columns() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let train = file("train.csv", "1,2,x\n3,4,y\n");
        let test = file("test.csv", "a,b,kind\n5,6,z\n");
        let set = DataSet::csv(&train, Some(&test), None, Header::default()).unwrap();
        assert_eq!((set.len(), set.test, set.classes.len()), (3, 1, 3));
        let narrow = file("narrow.csv", "5,z\n");
        let message = DataSet::csv(&train, Some(&narrow), None, Header::default())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("narrow.csv") && message.contains("expected 3 columns"),
            "{message}"
        );
    }
}
