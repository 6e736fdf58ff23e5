//! Loops compiled for each vector extension, the widest of the processor at hand chosen at run time.

use pulp::{Arch, Simd, WithSimd};

/// Runs a loop with the vector instructions of this machine. `work` is best marked `#[inline(always)]`.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    struct Work<F>(F);
    impl<R, F: FnOnce() -> R> WithSimd for Work<F> {
        type Output = R;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> R {
            (self.0)()
        }
    }
    Arch::new().dispatch(Work(work))
}
