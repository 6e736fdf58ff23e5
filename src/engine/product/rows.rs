//! Where the rows of the samples lie that a product reads and writes.

/// One value row a sample, at `offset` in rows of length `stride`.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a, T> {
    pub values: &'a [T],
    pub stride: usize,
    pub offset: usize,
}

impl<'a, T> Rows<'a, T> {
    /// The same row for every sample.
    pub fn same(values: &'a [T]) -> Self {
        Self {
            values,
            stride: 0,
            offset: 0,
        }
    }

    #[inline(always)]
    pub fn row(&self, sample: usize, start: usize, length: usize) -> &'a [T] {
        let start = sample * self.stride + self.offset + start;
        &self.values[start..start + length]
    }
}

/// The same, to be written.
pub(crate) struct RowsMut<'a, T> {
    pub values: &'a mut [T],
    pub stride: usize,
    pub offset: usize,
}
