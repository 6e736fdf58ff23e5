//! Where large problems are computed.

/// Neurons from which on products are divided among the threads.
const LARGE: usize = 500;

/// Computes in a thread of the pool if the problem is so large that many products are divided among all threads:
/// from outside each of them would have to wake the pool.
pub(crate) fn among_threads<T: Send>(neurons: usize, compute: impl FnOnce() -> T + Send) -> T {
    if neurons < LARGE {
        compute()
    } else {
        rayon::scope(|_| compute())
    }
}
