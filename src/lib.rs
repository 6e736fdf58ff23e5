//! eqprop
pub mod dynamics;
pub mod error;
pub mod experiment;
pub mod figure;
pub mod files;
pub mod gradient;
pub mod linear_algebra;
pub mod model;
pub use error::{Error, Result};
