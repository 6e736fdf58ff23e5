//! Holomorphic equilibrium propagation: nudges with complex β around a circle.

use nalgebra::Complex;

use super::estimator::FreePhase;
use crate::dynamics::{Phase, Statistics, settle};
use crate::error::{Error, Result};
use crate::model::{AnalyticField, Cost, Parameters, VectorField};

/// Points on the circle of nudges.
pub const HOLOMORPHIC_POINTS: usize = 8;

/// `$\dot z = \mu(z) - \beta\,\partial C/\partial z$` with complex β and state, as a real field of
/// 2n variables: real parts, then imaginary parts.
struct ComplexNudge<'a> {
    field: &'a dyn AnalyticField,
    cost: &'a dyn Cost,
    beta: Complex<f64>,
}

fn join(state: &[f64]) -> Vec<Complex<f64>> {
    let (re, im) = state.split_at(state.len() / 2);
    re.iter()
        .zip(im)
        .map(|(&re, &im)| Complex::new(re, im))
        .collect()
}

fn split(values: &[Complex<f64>], out: &mut [f64]) {
    let (re, im) = out.split_at_mut(values.len());
    for (i, value) in values.iter().enumerate() {
        (re[i], im[i]) = (value.re, value.im);
    }
}

impl ComplexNudge<'_> {
    /// Adds −β H v, H the (constant) second derivative of a quadratic cost.
    fn subtract_hessian(&self, state: &[f64], vector: &[Complex<f64>], out: &mut [Complex<f64>]) {
        let n = vector.len();
        let (mut part, mut product) = (vec![0.0; n], vec![0.0; n]);
        for unit in [Complex::new(1.0, 0.0), Complex::new(0.0, 1.0)] {
            for (part, value) in part.iter_mut().zip(vector) {
                *part = if unit.re == 1.0 { value.re } else { value.im };
            }
            self.cost.hessian_vector(&state[..n], &part, &mut product);
            for (out, product) in out.iter_mut().zip(&product) {
                *out -= self.beta * unit * *product;
            }
        }
    }
}

impl VectorField for ComplexNudge<'_> {
    fn dimension(&self) -> usize {
        2 * self.field.dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        let z = join(state);
        let n = z.len();
        let mut velocity = vec![Complex::new(0.0, 0.0); n];
        self.field.complex_velocity(&z, &mut velocity);
        // ∂C/∂z of a quadratic cost: its gradient at the real part, plus i H times the imaginary
        let mut gradient = vec![0.0; n];
        self.cost.gradient(&state[..n], &mut gradient);
        for (velocity, gradient) in velocity.iter_mut().zip(gradient) {
            *velocity -= self.beta * gradient;
        }
        let imaginary: Vec<_> = z.iter().map(|z| Complex::new(0.0, z.im)).collect();
        self.subtract_hessian(state, &imaginary, &mut velocity);
        split(&velocity, out);
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let direction = join(vector);
        let mut product = vec![Complex::new(0.0, 0.0); direction.len()];
        self.field
            .complex_jacobian_vector(&join(state), &direction, &mut product);
        self.subtract_hessian(state, &direction, &mut product);
        split(&product, out);
    }

    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        // by the matrix: nothing that runs often asks for it
        let product = self
            .jacobian(state)
            .tr_mul(&nalgebra::DVector::from_column_slice(vector));
        out.copy_from_slice(product.as_slice());
    }

    fn parameter_pullback(&self, _state: &[f64], _vector: &[f64]) -> Parameters {
        Parameters { blocks: Vec::new() }
    }
}

/// `$a \approx \frac1N\sum_k s^{\beta_k}/\beta_k$`, `$\beta_k = \beta e^{2\pi i k/N}$`: the first
/// Taylor coefficient of s^β by the discrete Cauchy integral, exact to O(β^N)
/// (A. Laborieux and F. Zenke, arXiv:2209.00530).
///
/// # Errors
/// [`Error::NotAnalytic`] if the field has no complex continuation; [`Error::InvalidInput`] with
/// state bounds; whatever the complex dynamics did instead of settling.
pub(super) fn holomorphic(
    free: &FreePhase<'_>,
    beta: f64,
    statistics: &mut Statistics,
) -> Result<Vec<f64>> {
    let field = free.phase.field();
    let analytic = field.analytic().ok_or_else(|| Error::NotAnalytic {
        activation: field.description(),
    })?;
    if free.phase.bounds().is_some() {
        return Err(Error::NotAnalytic {
            activation: format!("{} with state_bounds", field.description()),
        });
    }
    let n = field.dimension();
    let mut start = free.fixed_point.state().to_vec();
    start.resize(2 * n, 0.0);
    let constants: Vec<f64> = (0..2 * n)
        .map(|i| free.phase.time_constant(i % n))
        .collect();
    let mut sum = vec![0.0; n];
    for k in 0..HOLOMORPHIC_POINTS {
        let angle = std::f64::consts::TAU * k as f64 / HOLOMORPHIC_POINTS as f64;
        let nudge = ComplexNudge {
            field: analytic,
            cost: free.cost,
            beta: Complex::from_polar(beta, angle),
        };
        let phase = Phase::free(&nudge).with_time_constants(&constants);
        let point = settle(&phase, &start, free.settings).into_fixed_point()?;
        *statistics += point.statistics();
        // s⁰ cancels in the sum over the circle; leaving it out keeps the digits
        for ((sum, z), z0) in sum.iter_mut().zip(join(point.state())).zip(join(&start)) {
            *sum += ((z - z0) / nudge.beta).re / HOLOMORPHIC_POINTS as f64;
        }
    }
    Ok(sum)
}
