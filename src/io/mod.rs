//! How it gets to disk and back: files that are replaced whole, arrays, schemas.

mod npz;
mod schema;
mod whole_file;

pub(crate) use npz::Archive;
pub use schema::schema_of;
pub(crate) use whole_file::is_partial;
pub use whole_file::{refuse_existing, replace_whole, unused_directory, write_whole};
