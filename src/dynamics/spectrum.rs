//! Spectra of the linearised dynamics: stability, and the step that an explicit method can take.

use nalgebra::{Complex, DMatrix};

use super::phase::Phase;
use super::settings::Method;
use crate::numeric::linear_algebra as la;
use crate::numeric::{first_direction, power_iteration};

/// The part of a matrix that belongs to the given rows and columns.
pub(crate) fn restrict(matrix: DMatrix<f64>, active: &[usize]) -> DMatrix<f64> {
    if active.len() == matrix.nrows() {
        return matrix;
    }
    DMatrix::from_fn(active.len(), active.len(), |i, j| {
        matrix[(active[i], active[j])]
    })
}

/// Eigenvalues of `∂(ds/dt)/∂s` (time constants included) over the active neurons, by decreasing
/// real part, or `None` if they could not be computed.
pub fn spectrum(
    phase: &Phase<'_>,
    force_jacobian: &DMatrix<f64>,
    active: &[usize],
) -> Option<Vec<Complex<f64>>> {
    let mut matrix = restrict(force_jacobian.clone(), active);
    for (k, &i) in active.iter().enumerate() {
        let rate = 1.0 / phase.time_constant(i);
        matrix
            .row_mut(k)
            .iter_mut()
            .for_each(|value| *value *= rate);
    }
    la::eigenvalues(&matrix)
}

/// The spectral abscissa: the largest real part, in the unit of the eigenvalues, or −∞ of an empty
/// spectrum.
pub fn spectral_abscissa(eigenvalues: &[Complex<f64>]) -> f64 {
    eigenvalues
        .iter()
        .map(|value| value.re)
        .fold(f64::NEG_INFINITY, f64::max)
}

/// The longest step at which the explicit method is stable at `state`. At the edge of its stability
/// region a trajectory never comes to rest, because the error test lets the step grow over it.
pub(super) fn longest_stable_step(phase: &Phase<'_>, state: &[f64], method: Method) -> f64 {
    let radius = spectral_radius(phase, state);
    if radius > 0.0 {
        method.stability_limit() / radius
    } else {
        f64::INFINITY
    }
}

/// An estimate of the spectral radius of `∂(ds/dt)/∂s` at `state` by power iteration: the mean
/// growth of the last half of the products, which serves complex pairs too.
fn spectral_radius(phase: &Phase<'_>, state: &[f64]) -> f64 {
    const PRODUCTS: usize = 16;
    let n = state.len();
    let cheaper = phase.jacobian_products() <= PRODUCTS;
    let matrix = cheaper.then(|| phase.force_jacobian(state));
    let product = |vector: &[f64], image: &mut [f64]| match &matrix {
        None => phase.velocity_jacobian_vector(state, vector, image),
        Some(matrix) => {
            image.fill(0.0);
            for (column, weight) in matrix.as_slice().chunks_exact(n).zip(vector) {
                let pairs = image.iter_mut().zip(column);
                pairs.for_each(|(out, entry)| *out += weight * entry);
            }
            phase.divide_by_time_constants(image);
        }
    };
    let mut vector = first_direction(n);
    let mut logarithm = 0.0;
    power_iteration(&mut vector, n, PRODUCTS, product, |growth| {
        logarithm += growth.ln();
    });
    (logarithm / (PRODUCTS - PRODUCTS / 2) as f64).exp()
}
