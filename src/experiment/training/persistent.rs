//! The fixed point of each training sample, kept as its next start.

use super::config::{Persistent, SettleSettings};
use crate::error::{Error, Result};

/// One state a training sample, in the form that the configuration names.
#[derive(Debug, Clone, PartialEq)]
pub struct States {
    neurons: usize,
    store: Store,
}

#[derive(Debug, Clone, PartialEq)]
enum Store {
    None,
    F32(Vec<f32>),
    U8(Vec<u8>),
}

impl States {
    /// All states at 0.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they take more memory than the configuration allows.
    pub fn new(settings: &SettleSettings, samples: usize, neurons: usize) -> Result<Self> {
        let count = samples * neurons;
        let bytes = bytes(settings.persistent, count);
        let limit = settings.persistent_limit_mib << 20;
        if bytes > limit {
            return Err(Error::invalid(
                "settle.persistent",
                format!(
                    "{samples} states of {neurons} neurons take {} MiB, more than \
                     `settle.persistent_limit_mib` ({}); raise it, or keep them as `u8` or not at all (`none`)",
                    bytes.div_ceil(1 << 20),
                    settings.persistent_limit_mib
                ),
            ));
        }
        Ok(Self {
            neurons,
            store: match settings.persistent {
                Persistent::None => Store::None,
                Persistent::F32 => Store::F32(vec![0.0; count]),
                Persistent::U8 => Store::U8(vec![0; count]),
            },
        })
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        match &self.store {
            Store::None => 0,
            Store::F32(values) => 4 * values.len(),
            Store::U8(values) => values.len(),
        }
    }

    /// The start of a sample's free phase, neuron by neuron.
    pub fn start(&self, sample: usize) -> impl Iterator<Item = f32> + '_ {
        let range = sample * self.neurons..(sample + 1) * self.neurons;
        (range.start..range.end).map(move |at| match &self.store {
            Store::None => 0.0,
            Store::F32(values) => values[at],
            Store::U8(values) => f32::from(values[at]) / 255.0,
        })
    }

    /// Keeps a sample's fixed point; one that is not finite is forgotten.
    pub fn keep(&mut self, sample: usize, state: impl Iterator<Item = f32>) {
        let range = sample * self.neurons..(sample + 1) * self.neurons;
        let finite = |value: f32| if value.is_finite() { value } else { 0.0 };
        match &mut self.store {
            Store::None => {}
            Store::F32(values) => {
                let kept = values[range].iter_mut().zip(state);
                kept.for_each(|(kept, value)| *kept = finite(value));
            }
            Store::U8(values) => {
                let kept = values[range].iter_mut().zip(state);
                kept.for_each(|(kept, value)| *kept = (finite(value) * 255.0).round() as u8);
            }
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
            let mut states = States::new(&settings(form), 3, 4).unwrap();
            let state = [0.0, 0.2, 0.777, 1.0];
            states.keep(1, state.into_iter());
            states.keep(2, [f32::NAN; 4].into_iter());
            for (found, expected) in states.start(1).zip(state) {
                assert!((found - expected).abs() <= tolerance);
            }
            assert!(states.start(0).chain(states.start(2)).all(|s| s == 0.0));
            let mut other = States::new(&settings(form), 3, 4).unwrap();
            let mut bytes = Vec::new();
            states.write(&mut bytes);
            assert!(other.restore(&bytes));
            assert_eq!(other, states);
            assert!(!other.restore(&[0; 5]));
        }
        assert_eq!(
            States::new(&settings(Persistent::None), 9, 9)
                .unwrap()
                .bytes(),
            0
        );
    }

    #[test]
    fn memory_is_bounded_and_the_refusal_says_how() {
        let refused = States::new(&settings(Persistent::F32), 1000, 1000).unwrap_err();
        assert!(refused.to_string().contains("4 MiB"), "{refused}");
        assert!(States::new(&settings(Persistent::U8), 1000, 1000).is_ok());
    }
}
