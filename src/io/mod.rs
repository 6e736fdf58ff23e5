//! How it gets to disk and back: files that are replaced whole, arrays, schemas.

#[cfg(feature = "experiment")]
mod npz;
#[cfg(feature = "schema")]
mod schema;
mod whole_file;

#[cfg(feature = "experiment")]
pub(crate) use npz::Archive;
#[cfg(feature = "schema")]
pub use schema::schema_of;
#[cfg(feature = "experiment")]
pub(crate) use whole_file::is_partial;
pub use whole_file::{refuse_existing, replace_whole, unused_directory, write_whole};
