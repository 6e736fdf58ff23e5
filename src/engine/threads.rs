//! Threads of the engine's own, and from how much work on they pay.

use crate::error::{Error, Result};

/// Numbers to be multiplied or packed below which threads cost more than they save.
pub(super) const WORTH_DIVIDING: usize = 100_000;

/// So many threads; none for one, which needs no pool.
///
/// # Errors
/// [`Error::InvalidInput`] if they cannot be started.
pub(super) fn thread_pool(threads: usize) -> Result<Option<rayon::ThreadPool>> {
    let builder = || rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = (threads > 1).then(builder).transpose();
    pool.map_err(|error| Error::invalid("threads", error.to_string()))
}
