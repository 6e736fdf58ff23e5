//! The argument that says how many threads work.

use clap::Args;

/// How many threads work.
#[derive(Debug, Args)]
pub struct ThreadsArgument {
    /// Number of threads, on which no result depends [default: those of the machine]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(1..=4096))]
    threads: Option<u16>,
}

impl ThreadsArgument {
    /// The number asked for, or that of the machine.
    pub fn count(&self) -> usize {
        let machine = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(machine, usize::from)
    }
}
