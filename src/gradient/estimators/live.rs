//! A field whose parameters move while it is nudged: state and parameters as one vector field.

use crate::model::{Adjustable, Cost, Parameters, Parametrised, VectorField};

/// State variables s (n) and changes of the parameters p, θ = θ⁰ + ηp:
/// `$\dot s = T^{-1}(\mu_\theta(s) - \beta\,\partial C/\partial s)$`,
/// `$\dot p = \frac1\beta(\partial\mu/\partial\theta)^\top\dot s$`. The change is kept in units of η,
/// so that it is of the size of the update, however slowly the weights move.
pub(super) struct Live<'a> {
    pub field: &'a dyn Adjustable,
    pub parameters: Parameters,
    pub cost: &'a dyn Cost,
    pub beta: f64,
    pub learning_rate: f64,
    /// T, n values.
    pub time_constants: Vec<f64>,
}

impl Live<'_> {
    /// The field at θ⁰ + ηp.
    pub fn field_at(&self, change: &[f64]) -> Box<dyn Parametrised + '_> {
        let mut parameters = self.parameters.clone();
        for (value, change) in parameters.iter_mut().zip(change) {
            *value += self.learning_rate * change;
        }
        self.field.with_parameters(&parameters)
    }
}

impl VectorField for Live<'_> {
    fn dimension(&self) -> usize {
        self.field.dimension() + self.parameters.len()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        let n = self.field.dimension();
        let (s, change) = state.split_at(n);
        let (force, growth) = out.split_at_mut(n);
        let field = self.field_at(change);
        field.velocity(s, force);
        let mut pull = vec![0.0; n];
        self.cost.gradient(s, &mut pull);
        for (force, pull) in force.iter_mut().zip(pull) {
            *force -= self.beta * pull;
        }
        let motion: Vec<f64> = force
            .iter()
            .zip(&self.time_constants)
            .map(|(force, constant)| force / (constant * self.beta))
            .collect();
        let pullback = field.parameter_pullback(s, &motion);
        for (growth, value) in growth.iter_mut().zip(pullback.iter()) {
            *growth = value;
        }
    }

    /// By a central difference: implicit methods iterate with it, and explicit ones take their
    /// longest step from it.
    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let size = vector.iter().fold(0.0f64, |size, v| size.max(v.abs()));
        if size == 0.0 {
            out.fill(0.0);
            return;
        }
        let step = 6e-6 / size;
        let mut moved = state.to_vec();
        let mut shift = |step: f64, out: &mut [f64]| {
            for ((moved, s), v) in moved.iter_mut().zip(state).zip(vector) {
                *moved = s + step * v;
            }
            self.velocity(&moved, out);
        };
        let mut minus = vec![0.0; out.len()];
        shift(step, out);
        shift(-step, &mut minus);
        for (out, minus) in out.iter_mut().zip(minus) {
            *out = (*out - minus) * (0.5 / step);
        }
    }
}
