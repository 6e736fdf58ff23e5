//! The cells of a table: rows with their lines, columns by name, numbers and classes.

use csv::StringRecord;

use crate::error::{Error, Result};

/// The cells of a table with the line of the file that each row begins at.
pub(super) type Rows = Vec<(usize, StringRecord)>;

/// The column of a name, which has to be there once.
pub(super) fn column(names: &StringRecord, name: &str, field: &str) -> Result<usize> {
    let mut found = names.iter().enumerate().filter(|(_, own)| *own == name);
    match (found.next(), found.next()) {
        (Some((column, _)), None) => Ok(column),
        (Some(_), Some(_)) => {
            let message = format!("two columns are called {name:?}. Give each a name of its own");
            Err(Error::invalid(field, message))
        }
        _ => {
            let found: Vec<&str> = names.iter().collect();
            let message = format!(
                "no column is called {name:?}. There are {}",
                found.join(", ")
            );
            Err(Error::invalid(field, message))
        }
    }
}

/// The rows, all of one length.
pub(super) fn rows(bytes: &[u8]) -> Result<Rows> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows = Rows::new();
    let (mut line, mut at) = (1, 0);
    for record in reader.records() {
        let position = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        // the position is that before empty lines, which are skipped
        let start = position.map_or(at, |position| position.byte() as usize);
        let empty = bytes[start..]
            .iter()
            .take_while(|byte| b"\r\n".contains(byte));
        let next = start + empty.count();
        line += bytes[at..next]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        at = next;

        let refuse = |message| Err(Error::invalid(format!("line {line}"), message));
        let record = match record {
            Ok(record) => record,
            Err(error) => return refuse(error.to_string()),
        };
        let columns = rows.first().map_or(record.len(), |(_, first)| first.len());
        if record.len() != columns {
            let found = record.len();
            return refuse(format!(
                "expected {columns} columns, as in the first line, found {found}"
            ));
        }
        rows.push((line, record));
    }
    Ok(rows)
}

/// The numbers in these columns, row by row.
pub(super) fn numbers(
    rows: &Rows,
    columns: &[usize],
    header: Option<&StringRecord>,
) -> Result<Vec<f32>> {
    let mut inputs = Vec::with_capacity(rows.len() * columns.len());
    for (line, record) in rows {
        for &column in columns {
            let cell = &record[column];
            match cell.parse::<f32>() {
                Ok(value) if value.is_finite() => inputs.push(value),
                _ => {
                    let name =
                        header.map_or(String::new(), |names| format!(" ({})", &names[column]));
                    return Err(Error::invalid(
                        format!("line {line}, column {}{name}", column + 1),
                        format!("expected a finite number, found {cell:?}"),
                    ));
                }
            }
        }
    }
    Ok(inputs)
}

/// The classes in this column.
pub(super) fn labels(rows: &Rows, label_column: usize) -> Result<Vec<String>> {
    let label = |(line, record): &(usize, StringRecord)| {
        let cell = &record[label_column];
        if cell.is_empty() {
            let field = format!("line {line}, column {}", label_column + 1);
            return Err(Error::invalid(field, "expected a class, found nothing"));
        }
        Ok(cell.to_owned())
    };
    rows.iter().map(label).collect()
}
