//! A nudge with complex β, as a real field of twice as many variables.

use nalgebra::Complex;

use crate::model::{AnalyticCost, AnalyticField, VectorField};

pub(super) type C64 = Complex<f64>;

/// `$\dot z = \mu(z) - \beta\,\partial C/\partial z$` with complex β and state, as a real field of
/// 2n variables: real parts, then imaginary parts.
pub(super) struct ComplexNudge<'a> {
    pub field: &'a dyn AnalyticField,
    pub cost: &'a dyn AnalyticCost,
    pub beta: C64,
}

/// Complex numbers from real parts followed by imaginary parts.
pub(super) fn join(state: &[f64]) -> Vec<C64> {
    let (re, im) = state.split_at(state.len() / 2);
    re.iter()
        .zip(im)
        .map(|(&re, &im)| C64::new(re, im))
        .collect()
}

/// The inverse of [`join`].
pub(super) fn split(values: &[C64], out: &mut [f64]) {
    let (re, im) = out.split_at_mut(values.len());
    for (i, value) in values.iter().enumerate() {
        (re[i], im[i]) = (value.re, value.im);
    }
}

impl ComplexNudge<'_> {
    fn map(
        &self,
        state: &[f64],
        of_field: impl Fn(&[C64], &mut [C64]),
        of_cost: impl Fn(&[C64], &mut [C64]),
        out: &mut [f64],
    ) {
        let z = join(state);
        let zero = vec![C64::new(0.0, 0.0); z.len()];
        let (mut result, mut pull) = (zero.clone(), zero);
        of_field(&z, &mut result);
        of_cost(&z, &mut pull);
        for (result, pull) in result.iter_mut().zip(pull) {
            *result -= self.beta * pull;
        }
        split(&result, out);
    }
}

impl VectorField for ComplexNudge<'_> {
    fn dimension(&self) -> usize {
        2 * self.field.dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.map(
            state,
            |z, out| self.field.complex_velocity(z, out),
            |z, out| self.cost.complex_gradient(z, out),
            out,
        );
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let direction = join(vector);
        self.map(
            state,
            |z, out| self.field.complex_jacobian_vector(z, &direction, out),
            |z, out| self.cost.complex_hessian_vector(z, &direction, out),
            out,
        );
    }
}
