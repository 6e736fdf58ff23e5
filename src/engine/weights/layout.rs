//! In what order the numbers of a packed matrix lie: panels of rows, blocks of columns.

use pulp::{Arch, Simd, WithSimd};

use crate::numeric::Scalar;

/// Columns of one list of rates.
pub(crate) const BLOCK: usize = 64;
/// Panels that are stored and read together.
pub(crate) const GROUP: usize = 4;
/// Numbers that a compiler handles at once. Rows are padded to whole multiples.
pub(crate) const CHUNK: usize = 8;
/// Registers of rows in one panel.
pub(crate) const PANEL_VECTORS: usize = 3;
/// Columns that the kernel takes at once. Panels are filled up with zeros to a multiple of it.
pub(crate) const UNROLL: usize = 4;

/// Rows of one panel on this machine.
pub(crate) fn panel_rows<T: Scalar>() -> usize {
    struct Lanes<T>(std::marker::PhantomData<T>);
    impl<T: Scalar> WithSimd for Lanes<T> {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            PANEL_VECTORS * T::lanes::<S>()
        }
    }
    Arch::new().dispatch(Lanes::<T>(std::marker::PhantomData))
}

/// How a matrix is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Layout {
    /// Panel by panel, for the dense kernel.
    #[default]
    Panels,
    /// Panels in groups, for rates given as lists: a column of a group lies together.
    Groups,
}
