//! The velocity of a small dense leaky network in one pass: rates, product and decay for the price of one choice of
//! vector instructions.

use pulp::{Simd, WithSimd};

use super::activation::Activation;
use crate::numeric::small_product::{Product, SMALL};

/// The most neurons that a small network has.
const NEURONS: usize = SMALL.isqrt();

/// `out = Wρ(s) + drive − s` of at most [`SMALL`] weights, to the bits of its parts one after the other.
pub(super) struct SmallVelocity<'a> {
    pub activation: Activation,
    /// W, column by column.
    pub weights: &'a [f64],
    pub drive: &'a [f64],
    pub state: &'a [f64],
    pub out: &'a mut [f64],
}

impl WithSimd for SmallVelocity<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut rates = [0.0; NEURONS];
        let rates = &mut rates[..self.state.len()];
        self.activation.rates_inside(self.state, rates);
        self.out.copy_from_slice(self.drive);
        let product = Product {
            matrix: self.weights,
            vector: rates,
            out: self.out,
        };
        product.with_simd(simd);
        for (out, s) in self.out.iter_mut().zip(self.state) {
            *out -= s;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Coupling, Random};

    #[test]
    fn it_has_the_bits_of_its_parts() {
        for neurons in 1..=NEURONS {
            let mut random = Random::new(neurons as u64, 0);
            let weights = random.matrix(neurons, neurons, 1.0);
            let state = random.matrix(neurons, 1, 3.0);
            let drive = random.matrix(neurons, 1, 1.0);
            for activation in Activation::ALL {
                let mut out = vec![0.0; neurons];
                pulp::Arch::new().dispatch(SmallVelocity {
                    activation,
                    weights: weights.as_slice(),
                    drive: drive.as_slice(),
                    state: state.as_slice(),
                    out: &mut out,
                });
                let (mut rates, mut expected) = (vec![0.0; neurons], drive.as_slice().to_vec());
                activation.rates(state.as_slice(), &mut rates);
                Coupling::Dense(weights.clone()).multiply_add(&rates, &mut expected);
                let pairs = expected.iter_mut().zip(&state);
                pairs.for_each(|(expected, s)| *expected -= s);
                assert_eq!(out, expected, "{activation:?} of {neurons}");
            }
        }
    }
}
