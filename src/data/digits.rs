//! The embedded handwritten digits: real input for the validation of the theorem.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::error::{Error, Result};

static COMPRESSED: &[u8] = include_bytes!("digits.csv.gz");

/// One image of 8 × 8 pixels with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Digit {
    /// Brightness, row by row, 0 … 1 (the data's 0 … 16 divided by 16).
    pub pixels: Vec<f64>,
    /// 0 … 9.
    pub label: usize,
}

impl Digit {
    /// The label as one value per class: 1 for the label's, 0 elsewhere.
    pub fn one_hot(&self) -> Vec<f64> {
        (0..10)
            .map(|class| f64::from(u8::from(class == self.label)))
            .collect()
    }
}

/// All 1,797 digits in the order of the data set (E. Alpaydin and C. Kaynak, 1998; CC BY 4.0; see
/// `src/data/README.md`).
///
/// # Errors
/// [`Error::InvalidInput`] if the embedded data were damaged.
pub fn digits() -> Result<Vec<Digit>> {
    let damaged = |what: &str| Error::invalid("digits", format!("the embedded data: {what}"));
    let mut text = String::new();
    GzDecoder::new(COMPRESSED)
        .read_to_string(&mut text)
        .map_err(|error| damaged(&error.to_string()))?;
    text.lines()
        .skip(1)
        .map(|line| {
            let values: Vec<u8> = line
                .split(',')
                .map(|value| value.trim().parse().map_err(|_| damaged("not a number")))
                .collect::<Result<_>>()?;
            let [pixels @ .., label] = values.as_slice() else {
                return Err(damaged("an empty line"));
            };
            if pixels.len() != 64 || *label > 9 {
                return Err(damaged("a line of the wrong form"));
            }
            Ok(Digit {
                pixels: pixels
                    .iter()
                    .map(|&pixel| f64::from(pixel) / 16.0)
                    .collect(),
                label: usize::from(*label),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_are_whole() {
        let digits = digits().unwrap();
        let mut counts = [0; 10];
        for digit in &digits {
            counts[digit.label] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(digits[0].label, 0);
        assert_eq!(digits[0].one_hot().iter().sum::<f64>(), 1.0);
    }
}
