//! Eigenvalues at the rim of a spectrum from products alone: Arnoldi's method.

use nalgebra::{Complex, DMatrix};

use super::basis::{norm, remove_span};
use super::linear_algebra as la;

/// An approximate eigenvalue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RitzValue {
    pub value: Complex<f64>,
    /// ‖Mv − θv‖ of its vector of length 1. A small one means that an eigenvalue of a matrix as near is
    /// found, not that none is left out.
    pub residual: f64,
}

/// The Ritz values of `steps` products from a pseudo-random start of the given `seed`. Fewer products
/// where the vectors span all that they lead to. `multiply(v, out)` applies the matrix.
///
/// `None` if a product is not finite or the small eigenproblem fails.
pub(crate) fn ritz_values(
    dimension: usize,
    steps: usize,
    seed: u64,
    mut multiply: impl FnMut(&[f64], &mut [f64]),
) -> Option<Vec<RitzValue>> {
    let product = |vectors: &[&[f64]], images: &mut [Vec<f64>]| {
        (vectors.iter().zip(images)).for_each(|(vector, image)| multiply(vector, image));
    };
    let [values] = ritz_values_together(dimension, [(steps, seed)], product)?;
    Some(values)
}

/// The same of several starts, each with its number of products, which are made together: `multiply` is given
/// the next vectors of all that are not done, and room for as many images.
pub(crate) fn ritz_values_together<const N: usize>(
    dimension: usize,
    starts: [(usize, u64); N],
    mut multiply: impl FnMut(&[&[f64]], &mut [Vec<f64>]),
) -> Option<[Vec<RitzValue>; N]> {
    let mut all = starts.map(|(steps, seed)| Arnoldi::new(dimension, steps, seed));
    let mut images = vec![vec![0.0; dimension]; N];
    loop {
        let next: Vec<&[f64]> = all.iter().filter_map(Arnoldi::next).collect();
        if next.is_empty() {
            break;
        }
        let images = &mut images[..next.len()];
        multiply(&next, images);
        let open = all.iter_mut().filter(|arnoldi| arnoldi.next().is_some());
        for (arnoldi, image) in open.zip(images) {
            arnoldi.accept(image)?;
        }
    }
    let values: Option<Vec<_>> = all.iter().map(Arnoldi::ritz_values).collect();
    values?.try_into().ok()
}

/// A basis of what some products lead to, and the matrix on it.
struct Arnoldi {
    basis: DMatrix<f64>,
    projection: DMatrix<f64>,
    /// Products that are taken in.
    done: usize,
    /// Products to be taken in.
    steps: usize,
}

impl Arnoldi {
    fn new(dimension: usize, steps: usize, seed: u64) -> Self {
        let steps = steps.min(dimension);
        let mut basis = DMatrix::zeros(dimension, steps + 1);
        basis.column_mut(0).copy_from_slice(&start(dimension, seed));
        Self {
            basis,
            projection: DMatrix::zeros(steps + 1, steps),
            done: 0,
            steps,
        }
    }

    /// The vector whose image is wanted next.
    fn next(&self) -> Option<&[f64]> {
        let dimension = self.basis.nrows();
        (self.done < self.steps)
            .then(|| &self.basis.as_slice()[self.done * dimension..][..dimension])
    }

    /// Takes in its image, which is changed. `None` if that is not finite.
    fn accept(&mut self, image: &mut [f64]) -> Option<()> {
        let step = self.done;
        self.done += 1;
        let length = norm(image);
        if !length.is_finite() {
            return None;
        }
        let span = remove_span(&self.basis, step + 1, image);
        let mut column = self.projection.column_mut(step);
        column.rows_mut(0, step + 1).copy_from_slice(&span);
        let rest = norm(image);
        if rest <= 1e-14 * length {
            self.steps = self.done;
            return Some(());
        }
        column[step + 1] = rest;
        for (next, v) in self.basis.column_mut(step + 1).iter_mut().zip(image) {
            *next = *v / rest;
        }
        Some(())
    }

    fn ritz_values(&self) -> Option<Vec<RitzValue>> {
        let size = self.steps;
        if size == 0 {
            return Some(Vec::new());
        }
        let square = self.projection.view((0, 0), (size, size)).into_owned();
        let last = self.projection[(size, size - 1)];
        let values = la::eigenvalues_with_last_component(&square)?.into_iter();
        let mut ritz: Vec<RitzValue> = values
            .map(|(value, component)| RitzValue {
                value,
                residual: last * component,
            })
            .collect();
        ritz.sort_by(|a, b| {
            let (a, b) = (a.value, b.value);
            b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im))
        });
        Some(ritz)
    }
}

/// A vector of length 1 without symmetry, so that no eigenvector is orthogonal to it.
fn start(dimension: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut vector: Vec<f64> = (0..dimension)
        .map(|_| {
            // xorshift (Marsaglia 2003)
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect();
    let length = norm(&vector);
    if length > 0.0 {
        vector.iter_mut().for_each(|v| *v /= length);
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_products_as_dimensions_give_every_eigenvalue() {
        // a rotation by 2 around −1, and −3, in coordinates that mix them
        let blocks =
            DMatrix::from_row_slice(3, 3, &[-1.0, 2.0, 0.0, -2.0, -1.0, 0.0, 0.0, 0.0, -3.0]);
        let mix = DMatrix::from_row_slice(3, 3, &[1.0, 0.5, 0.2, 0.0, 1.0, 0.7, 0.3, 0.0, 1.0]);
        let matrix = &mix * blocks * mix.clone().try_inverse().unwrap();
        let found = ritz_values(3, 9, 1, |v, out| {
            la::multiply_vector(&matrix, v, out, false)
        });
        let expected = [(-1.0, 2.0), (-1.0, -2.0), (-3.0, 0.0)];
        for (found, (re, im)) in found.unwrap().iter().zip(expected) {
            assert!((found.value - Complex::new(re, im)).norm() < 1e-12);
            assert!(found.residual < 1e-12);
        }
    }

    #[test]
    fn an_outlier_is_found_by_few_products_and_its_residual_tells() {
        let diagonal: Vec<f64> = (0..400)
            .map(|i| {
                if i == 123 {
                    0.5
                } else {
                    -1.0 - i as f64 / 400.0
                }
            })
            .collect();
        let product = |v: &[f64], out: &mut [f64]| {
            for i in 0..v.len() {
                out[i] = diagonal[i] * v[i];
            }
        };
        let found = ritz_values(400, 30, 2, product).unwrap();
        assert!((found[0].value.re - 0.5).abs() < 1e-12 && found[0].residual < 1e-8);
        // the rim of the rest is dense there, and the residual of the next one says so
        assert!(found[1].residual > 1e-6);
        assert_eq!(ritz_values(0, 5, 1, |_, _| {}), Some(Vec::new()));
        assert_eq!(ritz_values(2, 2, 1, |_, out| out.fill(f64::NAN)), None);
    }
}
