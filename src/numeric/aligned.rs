//! Numbers that begin where a cache line does, so that no load of a vector register takes two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line.
const LINE: usize = 64;

/// A slice of its own memory. A clone may begin anywhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    start: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// Becomes `length` zeros, in the same memory where it suffices.
    pub fn reset(&mut self, length: usize) {
        let room = LINE / size_of::<T>();
        self.values.clear();
        self.values.resize(length + room, T::default());
        // the offset may be unknown, and alignment is a matter of speed only
        self.start = self.values.as_ptr().align_offset(LINE).min(room);
        self.values.truncate(self.start + length);
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.start..]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_with_a_line_wherever_it_goes() {
        for length in 0..70 {
            let mut numbers = Aligned::<f32>::default();
            numbers.reset(length);
            numbers.fill(3.0);
            assert_eq!(&*numbers.clone(), vec![3.0; length]);
            numbers.reset(2 * length);
            assert_eq!(numbers.as_ptr().addr() % LINE, 0);
            assert_eq!(&*numbers, vec![0.0; 2 * length]);
        }
    }
}
