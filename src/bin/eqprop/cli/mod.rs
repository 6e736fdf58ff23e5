//! The arguments that several commands share, each translated into the library's settings once.

mod drawing;
mod integration;
mod ranges;
mod threads;

pub use drawing::FigureArguments;
pub use integration::{MethodName, SolverArguments};
pub use ranges::with_ranges;
pub use threads::ThreadsArgument;
