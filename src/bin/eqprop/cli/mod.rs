//! The arguments that several commands share, each translated into the library's settings once.

mod changes;
mod drawing;
mod integration;
mod output;
mod ranges;
mod threads;

pub use changes::{ChangeArguments, CostArgument};
pub use drawing::FigureArguments;
pub use integration::{MethodName, SolverArguments};
pub use output::OutputArguments;
pub use ranges::with_ranges;
pub use threads::ThreadsArgument;
