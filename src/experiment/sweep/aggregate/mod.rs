//! What the records of a sweep say together: groups, quantiles, orders.

mod coordinate;
mod groups;
mod interval;
mod measure;
mod order;
mod records;

pub use coordinate::{Coordinate, SweepAxis};
pub use groups::{Aggregation, Group};
pub use measure::Measure;
pub use order::{OrderFit, fit_order};
pub use records::{for_each_record, is_sweep, read_records};
