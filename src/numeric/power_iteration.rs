//! Power iteration: how fast the fastest direction of a linear map grows.

/// Where to begin: a vector without symmetry, so that no direction of a network is orthogonal to it.
pub(crate) fn first_direction(length: usize) -> Vec<f64> {
    (0..length)
        .map(|i| 1.0 + 0.618 * ((i * 7 + 3) % 11) as f64)
        .collect()
}

/// Multiplies each of some vectors (`length` numbers each, one after the other) again and again and hands its
/// growth, `‖M v‖ / ‖v‖`, to `grown` in the second half of the `products`: their geometric mean estimates the
/// spectral radius, complex pairs included. `multiply(vectors, images)` takes all of them at once.
///
/// The vectors end nearer to the fastest directions. One that vanishes or overflows has a growth of 0.
pub(crate) fn power_iteration(
    vectors: &mut [f64],
    length: usize,
    products: usize,
    mut multiply: impl FnMut(&[f64], &mut [f64]),
    mut grown: impl FnMut(f64),
) {
    let mut images = vec![0.0; vectors.len()];
    for product in 0..products {
        for vector in vectors.chunks_exact_mut(length) {
            let norm = norm(vector);
            if norm == 0.0 || !norm.is_finite() {
                vector.fill(0.0);
            } else {
                vector.iter_mut().for_each(|v| *v /= norm);
            }
        }
        multiply(vectors, &mut images);
        if product >= products / 2 {
            images
                .chunks_exact(length)
                .for_each(|image| grown(norm(image)));
        }
        vectors.copy_from_slice(&images);
    }
}

/// `$\lVert M\rVert_2$` from below, by power iteration on `$M^\top M$`. `multiply(v, out)` writes M v, `transpose`
/// Mᵀ v, to numbers that are 0. Infinite where a product overflows.
pub(crate) fn norm_from_below(
    length: usize,
    mut multiply: impl FnMut(&[f64], &mut [f64]),
    mut transpose: impl FnMut(&[f64], &mut [f64]),
) -> f64 {
    const PRODUCTS: usize = 12;
    let (mut image, mut square, mut overflows) = (vec![0.0; length], 0.0f64, false);
    let product = |vector: &[f64], out: &mut [f64]| {
        image.fill(0.0);
        multiply(vector, &mut image);
        out.fill(0.0);
        transpose(&image, out);
        overflows |= !norm(out).is_finite();
    };
    let mut vector = first_direction(length);
    power_iteration(&mut vector, length, PRODUCTS, product, |growth| {
        square = growth.max(square);
    });
    if overflows {
        f64::INFINITY
    } else {
        square.sqrt()
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_of_a_matrix_is_its_largest_singular_value_or_overflows() {
        // a column of (3, 4) times the first of two numbers
        let found = |size: f64| {
            let multiply = |v: &[f64], out: &mut [f64]| {
                out.copy_from_slice(&[3.0 * size * v[0], 4.0 * size * v[0]]);
            };
            let transpose =
                |v: &[f64], out: &mut [f64]| out[0] = 3.0 * size * v[0] + 4.0 * size * v[1];
            norm_from_below(2, multiply, transpose)
        };
        assert!((found(1.0) - 5.0).abs() < 1e-14 && found(0.0) == 0.0);
        assert_eq!(found(1e200), f64::INFINITY);
    }

    /// A rotation that grows by 3, and a diagonal: their radii.
    #[test]
    fn the_mean_growth_is_the_spectral_radius() {
        let mut vectors = vec![1.0, 0.3, 1.0, 1.0];
        let (mut logarithms, mut count) = ([0.0; 2], 0);
        power_iteration(
            &mut vectors,
            2,
            40,
            |v, out| {
                out.copy_from_slice(&[-3.0 * v[1], 3.0 * v[0], 2.0 * v[2], -5.0 * v[3]]);
            },
            |growth| {
                logarithms[count % 2] += growth.ln();
                count += 1;
            },
        );
        assert_eq!(count, 40);
        for (logarithm, radius) in logarithms.into_iter().zip([3.0, 5.0]) {
            let found: f64 = (logarithm / 20.0).exp();
            assert!((found - radius).abs() < 1e-6, "{found}");
        }
    }

    #[test]
    fn a_vector_that_is_lost_does_not_grow() {
        for value in [0.0, f64::INFINITY, f64::NAN] {
            let mut largest: f64 = 0.0;
            let product = |v: &[f64], out: &mut [f64]| out.copy_from_slice(v);
            power_iteration(&mut [value, 1.0 - value], 2, 4, product, |growth| {
                largest = largest.max(growth);
            });
            assert!(largest <= 1.0 && (value == 0.0 || largest == 0.0));
        }
    }
}
