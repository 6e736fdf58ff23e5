//! Threads of the engine's own, and from how much work on they pay.

use std::sync::Arc;

use crate::error::{Error, Result};

/// Numbers to be multiplied or packed below which threads cost more than they save.
pub(super) const WORTH_DIVIDING: usize = 100_000;

/// Threads that wait for work; none for one, which needs no pool. What works by turns shares one pool: idle threads look
/// for work for a while, and take the processor from others.
pub(super) type Pool = Option<Arc<rayon::ThreadPool>>;

/// So many threads.
///
/// # Errors
/// [`Error::InvalidInput`] if they cannot be started.
pub(super) fn thread_pool(threads: usize) -> Result<Pool> {
    let builder = || rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = (threads > 1).then(builder).transpose();
    let pool = pool.map_err(|error| Error::invalid("threads", error.to_string()))?;
    Ok(pool.map(Arc::new))
}
