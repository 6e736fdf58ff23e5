//! The fixed point of each training sample, kept as its next start.

use std::ops::Range;

use super::config::{Persistent, SettleSettings};
use crate::engine::States;
use crate::error::{Error, Result};

/// One state a training sample, in the form that the configuration names.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStates {
    /// The samples, by their numbers in the data.
    samples: Range<usize>,
    sizes: Vec<usize>,
    store: Store,
}

#[derive(Debug, Clone, PartialEq)]
enum Store {
    None,
    F32(Vec<f32>),
    U8(Vec<u8>),
}

impl KeptStates {
    /// All states at 0. `sizes` are those of the layers of neurons.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they take more memory than the configuration allows.
    pub fn new(settings: &SettleSettings, samples: Range<usize>, sizes: &[usize]) -> Result<Self> {
        let neurons: usize = sizes.iter().sum();
        let count = samples.len() * neurons;
        let bytes = bytes(settings.persistent, count);
        let limit = settings.persistent_limit_mib << 20;
        if bytes > limit {
            return Err(Error::invalid(
                "settle.persistent",
                format!(
                    "{} states of {neurons} neurons take {} MiB, more than \
                     `settle.persistent_limit_mib` ({}). Raise it, or keep them as `u8` or not at all (`none`)",
                    samples.len(),
                    bytes.div_ceil(1 << 20),
                    settings.persistent_limit_mib
                ),
            ));
        }
        Ok(Self {
            samples,
            sizes: sizes.to_vec(),
            store: match settings.persistent {
                Persistent::None => Store::None,
                Persistent::F32 => Store::F32(vec![0.0; count]),
                Persistent::U8 => Store::U8(vec![0; count]),
            },
        })
    }

    /// Where the state of a sample begins.
    fn place(&self, sample: usize) -> usize {
        (sample - self.samples.start) * self.sizes.iter().sum::<usize>()
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        match &self.store {
            Store::None => 0,
            Store::F32(values) => 4 * values.len(),
            Store::U8(values) => values.len(),
        }
    }

    /// Writes the start of a sample's free phase into row `row` of a batch.
    pub fn start(&self, sample: usize, row: usize, batch: &mut States<f32>) {
        let mut at = self.place(sample);
        for (layer, &size) in batch.layers.iter_mut().zip(&self.sizes) {
            let out = &mut layer[row * size..(row + 1) * size];
            match &self.store {
                Store::None => {}
                Store::F32(values) => out.copy_from_slice(&values[at..at + size]),
                Store::U8(values) => {
                    let kept = out.iter_mut().zip(&values[at..at + size]);
                    kept.for_each(|(s, &kept)| *s = f32::from(kept) / 255.0);
                }
            }
            at += size;
        }
    }

    /// Keeps row `row` of a batch as a sample's fixed point.
    pub fn keep(&mut self, sample: usize, row: usize, batch: &States<f32>) {
        let mut at = self.place(sample);
        for (layer, &size) in batch.layers.iter().zip(&self.sizes) {
            let state = &layer[row * size..(row + 1) * size];
            match &mut self.store {
                Store::None => {}
                Store::F32(values) => values[at..at + size].copy_from_slice(state),
                Store::U8(values) => {
                    let kept = values[at..at + size].iter_mut().zip(state);
                    kept.for_each(|(kept, s)| *kept = (s * 255.0).round() as u8);
                }
            }
            at += size;
        }
    }

    /// Sets a sample's start back to 0.
    pub fn forget(&mut self, sample: usize) {
        let range = self.place(sample)..self.place(sample + 1);
        match &mut self.store {
            Store::None => {}
            Store::F32(values) => values[range].fill(0.0),
            Store::U8(values) => values[range].fill(0),
        }
    }

    /// Appends the stored numbers as little-endian bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match &self.store {
            Store::None => {}
            Store::F32(values) => out.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Store::U8(values) => out.extend_from_slice(values),
        }
    }

    /// Restores the stored numbers; false if there are too many or few.
    pub(super) fn restore(&mut self, bytes: &[u8]) -> bool {
        if bytes.len() != self.bytes() {
            return false;
        }
        match &mut self.store {
            Store::None => {}
            Store::F32(values) => {
                let words = bytes.chunks_exact(4);
                for (value, word) in values.iter_mut().zip(words) {
                    *value = f32::from_le_bytes([word[0], word[1], word[2], word[3]]);
                }
            }
            Store::U8(values) => values.copy_from_slice(bytes),
        }
        true
    }
}

fn bytes(form: Persistent, count: usize) -> usize {
    match form {
        Persistent::None => 0,
        Persistent::F32 => 4 * count,
        Persistent::U8 => count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(persistent: Persistent) -> SettleSettings {
        SettleSettings {
            persistent,
            persistent_limit_mib: 1,
            ..SettleSettings::default()
        }
    }

    #[test]
    fn states_come_back_as_well_as_their_form_allows() {
        for (form, tolerance) in [(Persistent::F32, 0.0), (Persistent::U8, 0.5 / 255.0)] {
            let mut kept = KeptStates::new(&settings(form), 5..8, &[3, 1]).unwrap();
            let mut batch = States::zeros(&[3, 1], 2);
            batch.layers[0][3..].copy_from_slice(&[0.0, 0.2, 0.777]);
            batch.layers[1][1] = 1.0;
            kept.keep(7, 1, &batch);
            kept.keep(5, 1, &batch);
            kept.forget(5);
            let mut bytes = Vec::new();
            kept.write(&mut bytes);
            let mut other = KeptStates::new(&settings(form), 5..8, &[3, 1]).unwrap();
            assert!(other.restore(&bytes));
            assert_eq!(other, kept);
            assert!(!other.restore(&[0; 5]));
            let mut found = States::zeros(&[3, 1], 2);
            other.start(7, 1, &mut found);
            other.start(5, 0, &mut found);
            for (found, expected) in found.layers.concat().iter().zip(batch.layers.concat()) {
                assert!((found - expected).abs() <= tolerance);
            }
        }
        let none = KeptStates::new(&settings(Persistent::None), 0..9, &[9]).unwrap();
        assert_eq!(none.bytes(), 0);
    }

    #[test]
    fn memory_is_bounded_and_the_refusal_says_how() {
        let refused = KeptStates::new(&settings(Persistent::F32), 0..1000, &[990, 10]).unwrap_err();
        assert!(refused.to_string().contains("4 MiB"), "{refused}");
        assert!(KeptStates::new(&settings(Persistent::U8), 0..1000, &[1000]).is_ok());
    }
}
