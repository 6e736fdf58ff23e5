//! Products of packed matrices with the vectors of many samples.

mod collect;
mod coupling;
mod dense;
mod input;
mod outer;
mod rank_update;
mod rows;
mod sparse;

pub(crate) use collect::{collect, collect_groups, fill_rest, row};
pub(crate) use coupling::{CouplingWorkspace, PackedCoupling};
pub use input::InputDrive;
pub use outer::{OuterProduct, OuterProducts};
pub(crate) use rank_update::{ColumnLists, RankUpdate, RankWorkspace};
pub(crate) use rows::{Rows, RowsMut};
pub(crate) use sparse::SparseRates;
