//! Room to work in.

/// Calls `work` with as many numbers, all 0, to write to. Few need no allocation.
pub(crate) fn with_room<R>(length: usize, work: impl FnOnce(&mut [f64]) -> R) -> R {
    match length {
        ..=16 => work(&mut [0.0; 16][..length]),
        17..=128 => work(&mut [0.0; 128][..length]),
        _ => work(&mut vec![0.0; length]),
    }
}
