//! Data sets for training: inputs with the classes to learn, how they are split and shuffled.

mod digits;
mod mnist;
mod source;
mod split;
mod table;
mod toy;

pub use digits::{Digit, digits};
pub use source::DataSource;
pub use split::{Split, shuffle};
pub use table::{Auto, Header};

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::io::read_bytes;

/// Largest file of data, uncompressed.
const MAX_BYTES: u64 = 2 << 30;

/// The bytes of a file of data, plain or compressed by gzip.
fn read(path: &Path) -> Result<Vec<u8>> {
    read_bytes(path, MAX_BYTES)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Samples with the class of each. The target of a sample is 1 for its class and 0 for the others.
///
/// Inputs enter a network as ρ(x), and the hard sigmoid cuts off what lies outside 0 … 1: the sets
/// that are made here, and images, stay inside.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    /// The name in configurations, such as `mnist`.
    pub name: String,
    /// Input values, sample by sample.
    pub inputs: Vec<f32>,
    /// Input values a sample.
    pub features: usize,
    /// Index of each sample's class.
    pub labels: Vec<u16>,
    /// The classes' names. Their number is that of the outputs.
    pub classes: Vec<String>,
    /// How many samples, at the end, are for the test.
    pub test: usize,
}

impl DataSet {
    /// The embedded 1,797 handwritten digits of 8 × 8 pixels in their order, none for the test.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] if the embedded data were damaged.
    pub fn digits() -> Result<Self> {
        let digits = digits()?;
        let pixels = digits.iter().flat_map(|digit| &digit.pixels);
        Ok(Self {
            name: "digits".into(),
            inputs: pixels.map(|&pixel| pixel as f32).collect(),
            features: 64,
            labels: digits.iter().map(|digit| digit.label as u16).collect(),
            classes: (0..10).map(|class| class.to_string()).collect(),
            test: 0,
        })
    }

    /// Number of samples, those for the test included.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The input of a sample, `features` values.
    pub fn input(&self, sample: usize) -> &[f32] {
        &self.inputs[sample * self.features..(sample + 1) * self.features]
    }

    /// The class of a sample.
    pub fn label(&self, sample: usize) -> usize {
        usize::from(self.labels[sample])
    }

    /// Whether `output` (one value per class) names another class than the sample's: it does unless
    /// the value of the right class is above *all* others, so that a tie (all outputs 0, say)
    /// never counts as right. A single value names class 1 above ½, and class 0 below.
    pub fn is_wrong(&self, sample: usize, output: &[f32]) -> bool {
        let label = self.label(sample);
        if let [only] = output {
            return (*only > 0.5) != (label == 1) || *only == 0.5;
        }
        !(0..output.len()).all(|k| k == label || output[label] > output[k])
    }

    /// SHA-256 of all inputs, labels and names, in hexadecimal: equal for equal data in equal
    /// order.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(
            [self.features as u64, self.test as u64]
                .map(u64::to_le_bytes)
                .concat(),
        );
        for chunk in self.inputs.chunks(4096) {
            let bytes: Vec<u8> = chunk.iter().flat_map(|value| value.to_le_bytes()).collect();
            hash.update(&bytes);
        }
        for label in &self.labels {
            hash.update(label.to_le_bytes());
        }
        hash.update(self.classes.join("\n"));
        hexadecimal(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_is_wrong_and_so_is_an_undefined_output() {
        let digits = DataSet::digits().unwrap();
        assert_eq!((digits.len(), digits.label(0)), (1797, 0));
        let mut output = [0.0; 10];
        assert!(digits.is_wrong(0, &output));
        output[0] = f32::NAN;
        assert!(digits.is_wrong(0, &output));
        output[0] = 0.1;
        assert!(!digits.is_wrong(0, &output));
        output[3] = f32::NAN;
        assert!(digits.is_wrong(0, &output));
    }

    #[test]
    fn the_fingerprint_sees_inputs_labels_and_order() {
        let digits = DataSet::digits().unwrap();
        let mut others = [digits.clone(), digits.clone(), digits.clone()];
        others[0].inputs[100] += 1.0 / 16.0;
        others[1].inputs.rotate_left(64);
        others[2].labels[7] += 1;
        for other in &others {
            assert_ne!(digits.fingerprint(), other.fingerprint());
        }
        assert_eq!(digits.fingerprint(), digits.clone().fingerprint());
    }
}
