//! The arguments that several commands share, each translated into the library's settings once.

mod drawing;
mod integration;
mod threads;

pub use drawing::FigureArguments;
pub use integration::{MethodName, SolverArguments};
pub use threads::ThreadsArgument;
