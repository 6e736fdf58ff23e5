//! How it gets to disk and back: files read up to a limit, JSON with one style of errors, lines with
//! one policy for damage, one lock, files that are replaced whole, arrays, ranges.

#[cfg(feature = "experiment")]
mod arrays;
mod entries;
#[cfg(feature = "experiment")]
mod gzip;
mod json;
#[cfg(feature = "experiment")]
mod lines;
#[cfg(feature = "experiment")]
mod lock;
mod nearest;
#[cfg(feature = "experiment")]
mod npz;
mod range;
#[cfg(feature = "schema")]
mod schema;
mod source;
mod whole_file;

#[cfg(feature = "experiment")]
pub(crate) use arrays::{has_references, read_blocks, read_list, resolve, take_matrix};
pub use entries::Entries;
pub(crate) use json::{Document, Name, Object, from_value};
pub use json::{json_line, write_json};
#[cfg(feature = "experiment")]
pub(crate) use json::{object, optional_object, parse, read_json};
#[cfg(feature = "experiment")]
pub(crate) use lines::{Line, Lines, append_line, read_lines};
#[cfg(feature = "experiment")]
pub(crate) use lock::{lock, lock_shared};
pub(crate) use nearest::{nearest, unknown};
#[cfg(feature = "experiment")]
pub(crate) use npz::Archive;
pub use range::within;
pub(crate) use range::{expect_length, plain};
#[cfg(feature = "schema")]
pub use schema::{schema_of, schema_with_files_of};
pub(crate) use source::read_standard_input;
pub use source::read_text;
#[cfg(feature = "experiment")]
pub(crate) use source::{open, read_bytes};
#[cfg(feature = "experiment")]
pub(crate) use whole_file::is_partial;
pub use whole_file::{refuse_existing, replace_whole, unused_directory, write_whole};
