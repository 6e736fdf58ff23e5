//! The capability that everything else needs: a vector field μ(θ, s) with its derivatives.

use nalgebra::DMatrix;

use super::analytic::AnalyticField;
use super::clamped::Clamped;
use super::parameters::Parameters;

/// A vector field `$\mu_\theta(s)$`, its input already clamped, with the products that the two
/// formulas of the theorem are made of. Nothing in this crate needs more than this trait, so a
/// field of your own takes part in everything: settling, nudging, gradients, bounds.
///
/// All slices have [`VectorField::dimension`] values; `out` is overwritten.
pub trait VectorField: Sync {
    /// n, the number of state variables.
    fn dimension(&self) -> usize;

    /// `$\mu_\theta(s)$`.
    fn velocity(&self, state: &[f64], out: &mut [f64]);

    /// `$\frac{\partial\mu}{\partial s}\,v$`.
    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]);

    /// `$\left(\frac{\partial\mu}{\partial s}\right)^{\!\top} v$`.
    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]);

    /// `$\left(\frac{\partial\mu}{\partial\theta}\right)^{\!\top} v$`: what a state-space error
    /// vector v asks of each parameter.
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters;

    /// `$\frac{\partial}{\partial\theta}\left(u^\top \frac{\partial\mu}{\partial s}\,v\right)$` at a
    /// fixed state: what each parameter does to the Jacobian, seen through `left` u and `right` v.
    /// It is the derivative of the pullback of u along v; by default from a central difference.
    fn jacobian_pullback(&self, state: &[f64], left: &[f64], right: &[f64]) -> Parameters {
        let size = right.iter().fold(0.0f64, |size, v| size.max(v.abs()));
        if size == 0.0 {
            return self.parameter_pullback(state, &vec![0.0; state.len()]);
        }
        let step = 6e-6 / size;
        let at = |step: f64| {
            let moved: Vec<f64> = state.iter().zip(right).map(|(s, v)| s + step * v).collect();
            self.parameter_pullback(&moved, left)
        };
        at(step).plus(-1.0, &at(-step)).scaled(0.5 / step)
    }

    /// `∂μ/∂s` as a matrix (row: whose velocity; column: which state). By default from n products.
    fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        let n = self.dimension();
        let mut matrix = DMatrix::zeros(n, n);
        let mut unit = vec![0.0; n];
        for (j, mut column) in matrix.column_iter_mut().enumerate() {
            unit[j] = 1.0;
            self.jacobian_vector(state, &unit, column.as_mut_slice());
            unit[j] = 0.0;
        }
        matrix
    }

    /// The metric of parameter space seen from state space,
    /// `$G = \frac{\partial\mu}{\partial\theta}\frac{\partial\mu}{\partial\theta}^{\!\top}$`,
    /// so that the pullback of v has squared norm `vᵀGv`. By default from n pullbacks.
    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        let n = self.dimension();
        let mut unit = vec![0.0; n];
        let pullbacks: Vec<Parameters> = (0..n)
            .map(|i| {
                unit[i] = 1.0;
                let pullback = self.parameter_pullback(state, &unit);
                unit[i] = 0.0;
                pullback
            })
            .collect();
        DMatrix::from_fn(n, n, |i, j| pullbacks[i].dot(&pullbacks[j]))
    }

    /// The continuation to complex states, if there is one: holomorphic nudges need it.
    fn analytic(&self) -> Option<&dyn AnalyticField> {
        None
    }

    /// What the field is made of, for messages (networks: the activation's name).
    fn description(&self) -> String {
        "this vector field".into()
    }

    /// The network, if the field is one: its structure lets statements be proven over whole boxes of
    /// states, such as that no fixed point is missing.
    fn as_network(&self) -> Option<&Clamped> {
        None
    }

    /// State variables that sit where μ has no derivative; the theorem is silent there.
    fn on_kink(&self, _state: &[f64]) -> Vec<usize> {
        Vec::new()
    }
}

/// A vector field whose parameters can be read and replaced: what training and finite
/// differences need beyond [`VectorField`].
pub trait Parametric: VectorField + Sized {
    /// θ.
    fn parameters(&self) -> Parameters;

    /// The same field at other parameters (of the same shapes).
    fn with_parameters(&self, parameters: &Parameters) -> Self;
}
