//! Weights as they are given, and packed in the order in which the products read them.

mod given;
mod layout;
mod network;
mod packed;

pub use given::RowMajorWeights;
pub(crate) use layout::{BLOCK, Layout, PANEL_VECTORS, UNROLL};
pub(crate) use network::{PackedLayer, PackedNetwork};
pub(crate) use packed::{Group, Packed};
