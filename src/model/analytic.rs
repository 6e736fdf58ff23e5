//! Complex continuation of fields and of costs, for holomorphic nudges.

use nalgebra::Complex;

use super::cost::Cost;
use super::vector_field::VectorField;

pub(super) type C64 = Complex<f64>;

/// A vector field that continues to complex states: μ(z), holomorphic in every component.
pub trait AnalyticField: VectorField {
    /// μ(z), written to `out`.
    fn complex_velocity(&self, state: &[C64], out: &mut [C64]);

    /// (∂μ/∂z) v, written to `out`.
    fn complex_jacobian_vector(&self, state: &[C64], vector: &[C64], out: &mut [C64]);
}

/// A cost that continues to complex states: ∂C/∂z, holomorphic in every component.
pub trait AnalyticCost: Cost {
    /// ∂C/∂z, written to `out`.
    fn complex_gradient(&self, state: &[C64], out: &mut [C64]);

    /// (∂²C/∂z²) v, written to `out`.
    fn complex_hessian_vector(&self, state: &[C64], vector: &[C64], out: &mut [C64]);
}
