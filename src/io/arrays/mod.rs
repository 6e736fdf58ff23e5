//! Arrays from other programs' files, which may stand in place of a list of numbers in a document.
//!
//! Formats: NumPy's `.npy` and `.npz` and Hugging Face's `.safetensors`. Each is a page of code with
//! what is in the house already. Their crates would bring a parser of Python literals and a zip
//! implementation. Nothing in such a file is ever executed: pickled objects are refused.

mod npy;
mod npz;
mod safetensors;

use std::path::{Path, PathBuf};

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::json::from_value;
use super::source::read_bytes;
use crate::error::{Error, Result};
use crate::numeric::{in_parts, transposed};

/// Largest file of arrays, in bytes.
const MAX_BYTES: u64 = 2 << 30;
/// Most numbers of one array.
const MAX_NUMBERS: usize = 1 << 27;
/// Numbers that one thread takes at once.
const PART: usize = 1 << 12;

/// Numbers with their shape, row by row.
#[derive(Debug, Clone, PartialEq)]
struct Array {
    shape: Vec<usize>,
    values: Vec<f64>,
}

/// What kind of numbers a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float,
    Signed,
    Unsigned,
}

/// What stands in a document in place of a list of numbers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// The file, relative to the document.
    file: String,
    /// Which of its arrays, if it has several.
    array: Option<String>,
    /// Whether it was stored the other way round.
    #[serde(default)]
    transpose: bool,
}

/// What is wrong with a file.
type Fault<T> = std::result::Result<T, String>;

/// Whether a document may refer to files of arrays.
pub(crate) fn has_references(text: &str) -> bool {
    text.contains("\"file\"")
}

/// Puts the arrays of files in place of the objects that refer to them. Paths are relative to
/// `directory`.
///
/// # Errors
/// [`Error::InvalidInput`] naming the field that refers to a file, and what is wrong with it, also
/// where there is no such file. [`Error::Io`] if it cannot be read.
pub(crate) fn resolve(value: &mut Value, directory: &Path, path: &str) -> Result<()> {
    match value {
        Value::Object(fields) if fields.get("file").is_some_and(Value::is_string) => {
            let reference: Reference = from_value(path, value.take())?;
            let (file, bytes) = opened(&reference, directory, path)?;
            let list = read(&file, &bytes, &reference)
                .and_then(|array| array.into_list(reference.transpose));
            *value =
                list.map_err(|what| Error::invalid(path, format!("{}: {what}", file.display())))?;
            Ok(())
        }
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            resolve(value, directory, &format!("{path}{dot}{name}"))
        }),
        Value::Array(values) => values
            .iter_mut()
            .enumerate()
            .filter(|(_, value)| !value.is_number())
            .try_for_each(|(k, value)| resolve(value, directory, &format!("{path}[{k}]"))),
        _ => Ok(()),
    }
}

/// Takes a matrix out of a document that refers to a file for it at `place`, the names that lead there:
/// as numbers in JSON a large one would take longer to read than all that follows.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn take_matrix(
    document: &mut Value,
    directory: &Path,
    place: [&str; 2],
) -> Result<Option<DMatrix<f64>>> {
    let Some(Value::Object(owner)) = document.get_mut(place[0]) else {
        return Ok(None);
    };
    let refers = |value: &Value| value.get("file").is_some();
    if !owner.get(place[1]).is_some_and(refers) {
        return Ok(None);
    }
    let path = place.join(".");
    let reference: Reference = from_value(&path, owner.remove(place[1]).unwrap_or_default())?;
    let (file, bytes) = opened(&reference, directory, &path)?;
    let matrix =
        read(&file, &bytes, &reference).and_then(|array| array.into_matrix(reference.transpose));
    matrix
        .map(Some)
        .map_err(|what| Error::invalid(path, format!("{}: {what}", file.display())))
}

/// The file that the field at `path` refers to, and its bytes.
fn opened(reference: &Reference, directory: &Path, path: &str) -> Result<(PathBuf, Vec<u8>)> {
    let file = directory.join(&reference.file);
    match read_bytes(&file, MAX_BYTES) {
        Ok(bytes) => Ok((file, bytes)),
        Err(Error::NotFound { .. }) => {
            let name = file.display();
            let message = format!("{name}: no such file. Its path is relative to this document");
            Err(Error::invalid(path, message))
        }
        Err(error) => Err(error),
    }
}

/// A list of numbers that a reference stands for.
///
/// # Errors
/// As [`resolve`].
pub(crate) fn read_list(reference: Value, directory: &Path, path: &str) -> Result<Vec<f64>> {
    let reference: Reference = from_value(path, reference)?;
    let (file, bytes) = opened(&reference, directory, path)?;
    let list = read(&file, &bytes, &reference).and_then(|array| match array.shape[..] {
        [_] => Ok(array.values),
        _ => Err(format!(
            "expected one dimension, found the shape {:?}",
            array.shape
        )),
    });
    list.map_err(|what| Error::invalid(path, format!("{}: {what}", file.display())))
}

/// Blocks of numbers by name: all arrays of an `.npz` file, or a JSON document.
///
/// # Errors
/// [`Error::InvalidInput`] naming the file and what is wrong with it, [`Error::NotFound`], and
/// [`Error::Io`].
pub(crate) fn read_blocks(path: &Path) -> Result<Value> {
    match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("npz") => {}
        Some("npy" | "safetensors") => {
            let message = "expected .npz or .json with an array for each block, such as that of \
                           `np.savez(\"update.npz\", weights=dW)`";
            return Err(Error::invalid("(file)", message).in_file(path));
        }
        _ => return super::json::read_json(path),
    }
    let bytes = read_bytes(path, MAX_BYTES)?;
    let blocks = npz::names(&bytes).and_then(|names| {
        let list = |name: &str| npz::array(&bytes, Some(name))?.into_list(false);
        let blocks = names
            .into_iter()
            .map(|name| Ok((name.to_owned(), list(name)?)));
        blocks.collect::<Fault<serde_json::Map<String, Value>>>()
    });
    blocks
        .map(Value::Object)
        .map_err(|what| Error::invalid("(file)", what).in_file(path))
}

fn read(file: &Path, bytes: &[u8], reference: &Reference) -> Fault<Array> {
    let wanted = reference.array.as_deref();
    match file.extension().and_then(std::ffi::OsStr::to_str) {
        Some("npy") if wanted.is_some() => {
            Err("holds one array without a name. Leave `array` out".into())
        }
        Some("npy") => npy::array(bytes),
        Some("npz") => npz::array(bytes, wanted),
        Some("safetensors") => safetensors::array(bytes, wanted),
        _ => Err("expected a file that ends in .npy, .npz or .safetensors".into()),
    }
}

/// The one of `names` that is wanted.
fn choose(names: &[&str], wanted: Option<&str>) -> Fault<usize> {
    let list = || names.join(", ");
    match (wanted, names) {
        (Some(wanted), _) => names
            .iter()
            .position(|name| *name == wanted)
            .ok_or_else(|| format!("has no array {wanted:?}. It has {}", list())),
        (None, [_]) => Ok(0),
        (None, []) => Err("has no array".into()),
        _ => Err(format!(
            "has several arrays. Name one of {} by `array`",
            list()
        )),
    }
}

impl Array {
    /// From the bytes of its floating-point numbers. `width` is that of one.
    fn new(shape: Vec<usize>, bytes: &[u8], width: usize, big_endian: bool) -> Fault<Self> {
        Self::of_kind(shape, bytes, (Kind::Float, width), big_endian)
    }

    /// From the bytes of its numbers, of a kind and a width.
    fn of_kind(
        shape: Vec<usize>,
        bytes: &[u8],
        (kind, width): (Kind, usize),
        big_endian: bool,
    ) -> Fault<Self> {
        let count = shape
            .iter()
            .try_fold(1usize, |all, &size| all.checked_mul(size));
        let count = count.filter(|&count| count <= MAX_NUMBERS);
        let count = count.ok_or("has too many numbers")?;
        if bytes.len() != count * width {
            let needed = count * width;
            return Err(format!(
                "is damaged: an array of the shape {shape:?} takes {needed} bytes, found {}",
                bytes.len()
            ));
        }
        let number = |word: &[u8]| {
            let mut word: [u8; 8] = std::array::from_fn(|k| word.get(k).copied().unwrap_or(0));
            if big_endian {
                word[..width].reverse();
            }
            let short = [word[0], word[1], word[2], word[3]];
            match (kind, width) {
                (Kind::Float, 4) => f64::from(f32::from_le_bytes(short)),
                (Kind::Float, _) => f64::from_le_bytes(word),
                (Kind::Signed, 4) => f64::from(i32::from_le_bytes(short)),
                (Kind::Signed, _) => i64::from_le_bytes(word) as f64,
                (Kind::Unsigned, 4) => f64::from(u32::from_le_bytes(short)),
                (Kind::Unsigned, _) => u64::from_le_bytes(word) as f64,
            }
        };
        let values: Vec<f64> = if (kind, width, big_endian) == (Kind::Float, 8, false) {
            // as nearly all files are, at the pace of memory
            let (words, _) = bytes.as_chunks();
            in_parts(count, PART, |k, part| {
                for (value, word) in part.iter_mut().zip(&words[k * PART..]) {
                    *value = f64::from_le_bytes(*word);
                }
            })
        } else {
            bytes.chunks_exact(width).map(number).collect()
        };
        if let Some(k) = values.iter().position(|value| !value.is_finite()) {
            return Err(format!(
                "expected finite numbers, found {} at position {k}",
                values[k]
            ));
        }
        Ok(Self { shape, values })
    }

    /// The same numbers with rows and columns exchanged.
    fn transposed(&self) -> Self {
        let [rows, columns] = self.shape[..] else {
            return self.clone();
        };
        let positions = (0..columns).flat_map(|j| (0..rows).map(move |i| i * columns + j));
        Self {
            shape: vec![columns, rows],
            values: positions.map(|at| self.values[at]).collect(),
        }
    }

    fn into_matrix(self, transpose: bool) -> Fault<DMatrix<f64>> {
        let [rows, columns] = self.shape[..] else {
            return Err(format!(
                "expected two dimensions, found the shape {:?}",
                self.shape
            ));
        };
        // rows of the one are columns of the other
        let other = DMatrix::from_vec(columns, rows, self.values);
        Ok(if transpose { other } else { transposed(&other) })
    }

    /// As lists of numbers in JSON.
    fn into_list(self, transpose: bool) -> Fault<Value> {
        let list = |values: &[f64]| {
            let numbers = values.iter().filter_map(|&value| Number::from_f64(value));
            Value::Array(numbers.map(Value::Number).collect())
        };
        match self.shape[..] {
            [_] if transpose => Err("has one dimension. `transpose` needs two".into()),
            [_] => Ok(list(&self.values)),
            [_, _] => {
                let array = if transpose { self.transposed() } else { self };
                let columns = array.shape[1];
                let rows = (0..array.shape[0])
                    .map(|i| list(&array.values[i * columns..(i + 1) * columns]));
                Ok(Value::Array(rows.collect()))
            }
            _ => Err(format!(
                "expected one or two dimensions, found the shape {:?}",
                self.shape
            )),
        }
    }
}
