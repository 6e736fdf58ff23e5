//! A phase of the dynamics: free, or nudged. A nudge wraps a free phase. It never edits it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use nalgebra::DMatrix;

use super::kink::strictly_between;
use crate::model::{Cost, Coupling, Dynamics, Problem, VectorField};
pub(crate) use crate::numeric::largest;
use crate::numeric::{Bipartite, SparseMatrix};

/// The system of ordinary differential equations `$\tau_i\,\dot s_i = \mu_i(s) - \beta\,\partial
/// C/\partial s_i$`, with β = 0 in the free phase, optionally projected so that the states stay
/// inside bounds. States, velocities and vectors have n values, one a neuron. Matrices are n × n,
/// row = whose velocity.
#[derive(Clone, Copy)]
pub struct Phase<'a> {
    field: &'a dyn VectorField,
    time_constants: Option<&'a [f64]>,
    bounds: Option<(f64, f64)>,
    nudge: Option<(&'a dyn Cost, f64)>,
    evaluations: Option<&'a AtomicUsize>,
    /// Where that has been examined.
    is_globally_stable: Option<bool>,
}

impl<'a> Phase<'a> {
    /// The free phase of a field: unit time constants, no bounds.
    pub fn free(field: &'a dyn VectorField) -> Self {
        Self {
            field,
            time_constants: None,
            bounds: None,
            nudge: None,
            evaluations: None,
            is_globally_stable: None,
        }
    }

    /// The free phase of a problem, with its time constants and bounds. `field` is
    /// [`Problem::field`].
    pub fn of_problem(problem: &'a Problem, field: &'a dyn VectorField) -> Self {
        Self {
            field,
            time_constants: problem.time_constants.as_deref(),
            bounds: problem.state_bounds,
            nudge: None,
            evaluations: None,
            is_globally_stable: None,
        }
    }

    /// The same with time constants τ (n positive values).
    #[must_use]
    pub fn with_time_constants(self, time_constants: &'a [f64]) -> Self {
        Self {
            time_constants: Some(time_constants),
            is_globally_stable: None,
            ..self
        }
    }

    /// The same with states held inside [low, high].
    #[must_use]
    pub fn with_state_bounds(self, low: f64, high: f64) -> Self {
        Self {
            bounds: Some((low, high)),
            is_globally_stable: None,
            ..self
        }
    }

    /// The same without bounds.
    #[must_use]
    pub fn without_bounds(self) -> Self {
        Self {
            bounds: None,
            is_globally_stable: None,
            ..self
        }
    }

    /// The weakly clamped phase: this one, nudged by −β ∂C/∂s.
    #[must_use]
    pub fn nudged(self, cost: &'a dyn Cost, beta: f64) -> Self {
        Self {
            nudge: Some((cost, beta)),
            is_globally_stable: None,
            ..self
        }
    }

    /// The same time constants, bounds and nudge around another field.
    #[must_use]
    pub fn with_field(self, field: &'a dyn VectorField) -> Self {
        Self {
            field,
            is_globally_stable: None,
            ..self
        }
    }

    /// The same, which knows if it is certain that it has one fixed point that attracts every trajectory: a smooth
    /// field without bounds and time constants, free or nudged by a squared error
    /// ([`VectorField::is_globally_stable`]). Takes a factorisation.
    #[must_use]
    pub(crate) fn examined(self) -> Self {
        if self.is_globally_stable.is_some() {
            return self;
        }
        let beta = match self.nudge {
            None => Some(0.0),
            Some((cost, beta)) => cost.targets().map(|_| beta),
        };
        let is_certain = |beta| self.is_plain() && self.field.is_globally_stable(beta);
        Self {
            is_globally_stable: Some(beta.is_some_and(is_certain)),
            ..self
        }
    }

    /// Whether that is certain. Unknown before the phase is [`Phase::examined`].
    pub(crate) fn is_globally_stable(&self) -> bool {
        self.is_globally_stable == Some(true)
    }

    /// Whether the field is smooth, without bounds and time constants.
    pub(super) fn is_plain(&self) -> bool {
        self.bounds.is_none() && self.time_scales() == (1.0, 1.0) && self.field.analytic().is_some()
    }

    /// The same, which counts its evaluations of the right-hand side.
    #[must_use]
    pub(crate) fn counted(self, evaluations: &'a AtomicUsize) -> Self {
        Self {
            evaluations: Some(evaluations),
            ..self
        }
    }

    /// The vector field inside.
    pub fn field(&self) -> &'a dyn VectorField {
        self.field
    }

    /// The cost and β of the nudge, if there is one.
    pub fn nudge(&self) -> Option<(&'a dyn Cost, f64)> {
        self.nudge
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.field.dimension()
    }

    /// The time constant τᵢ of neuron `i`, 1 where none is given.
    pub fn time_constant(&self, i: usize) -> f64 {
        self.time_constants.map_or(1.0, |constants| constants[i])
    }

    /// 1/τ of some neurons, empty if every time constant is 1.
    pub(super) fn rates(&self, neurons: &[usize]) -> Vec<f64> {
        let rates = |constants: &[f64]| neurons.iter().map(|&i| 1.0 / constants[i]).collect();
        self.time_constants.map_or_else(Vec::new, rates)
    }

    /// Smallest and largest time constant.
    pub fn time_scales(&self) -> (f64, f64) {
        self.time_constants.map_or((1.0, 1.0), |constants| {
            constants
                .iter()
                .fold((f64::INFINITY, 0.0), |(low, high), &constant| {
                    (constant.min(low), constant.max(high))
                })
        })
    }

    /// The bounds on every state, if any.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        self.bounds
    }

    /// The influence parameter β (dimensionless), or 0 in the free phase.
    pub fn beta(&self) -> f64 {
        self.nudge.map_or(0.0, |(_, beta)| beta)
    }

    /// The state with neurons at (or beyond) their bounds moved inside by a rounding error: on a
    /// bound, slopes are those from inside.
    pub(crate) fn inside<'s>(&self, state: &'s [f64]) -> Cow<'s, [f64]> {
        match self.bounds {
            Some((low, high)) if !state.iter().all(|s| low < *s && *s < high) => {
                let inside = state.iter().map(|&s| strictly_between(s, (low, high)));
                Cow::Owned(inside.collect())
            }
            _ => Cow::Borrowed(state),
        }
    }

    /// Where the Jacobian is taken, which is the state itself if nothing has a kink there.
    fn differentiated<'s>(&self, state: &'s [f64]) -> Cow<'s, [f64]> {
        let kinked = || !self.field.jumps().is_empty() || !self.field.on_kink(state).is_empty();
        if self.bounds.is_some() && kinked() {
            self.inside(state)
        } else {
            Cow::Borrowed(state)
        }
    }

    /// `$\mu^\beta = \mu - \beta\,\partial C/\partial s$`, before time constants and bounds. On a
    /// bound where μ jumps it is that from inside, and so is it beyond.
    pub fn force(&self, state: &[f64], out: &mut [f64]) {
        if let Some(evaluations) = self.evaluations {
            evaluations.fetch_add(1, Ordering::Relaxed);
        }
        if self.field.jumps().is_empty() {
            self.field.velocity(state, out);
        } else {
            self.field.velocity(&self.inside(state), out);
        }
        if let Some((cost, beta)) = self.nudge {
            cost.add_gradient(state, -beta, out);
        }
    }

    /// About as many products of `∂μ^β/∂s` with a vector take as long as the matrix does.
    pub(super) fn jacobian_products(&self) -> usize {
        self.field.jacobian_products()
    }

    /// `∂μ^β/∂s`.
    pub fn force_jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        let mut matrix = self.field.jacobian(&self.differentiated(state));
        if let Some((cost, beta)) = self.nudge {
            if let Some(targets) = cost.targets() {
                targets.iter().for_each(|&(i, _)| matrix[(i, i)] -= beta);
                return matrix;
            }
            let n = state.len();
            let (mut unit, mut column) = (vec![0.0; n], vec![0.0; n]);
            for j in 0..n {
                unit[j] = 1.0;
                cost.hessian_vector(state, &unit, &mut column);
                unit[j] = 0.0;
                for i in 0..n {
                    matrix[(i, j)] -= beta * column[i];
                }
            }
        }
        matrix
    }

    /// The same with only those entries that may differ from 0, if the field knows them and the nudge is
    /// that of a squared error.
    pub(super) fn sparse_force_jacobian(&self, state: &[f64]) -> Option<SparseMatrix> {
        let matrix = self.field.sparse_jacobian(&self.differentiated(state))?;
        let Some((cost, beta)) = self.nudge else {
            return Some(matrix);
        };
        let (ones, mut pull) = (vec![1.0; state.len()], vec![0.0; state.len()]);
        cost.targets()?.iter().for_each(|&(i, _)| pull[i] = -beta);
        Some(matrix.scaled_with_diagonal(&ones, &ones, &pull))
    }

    /// The same over the `active` neurons of a layered leaky network, layers sorted apart.
    pub(super) fn layered_force_jacobian(
        &self,
        state: &[f64],
        active: &[usize],
    ) -> Option<Bipartite> {
        let form = self.field.rate_form()?;
        let (Coupling::Layered(layers), Dynamics::Leaky) = (form.coupling, form.dynamics) else {
            return None;
        };
        let mut diagonal = vec![-1.0; state.len()];
        if let Some((cost, beta)) = self.nudge {
            (cost.targets()?.iter()).for_each(|&(i, _)| diagonal[i] -= beta);
        }
        let at = self.differentiated(state);
        let slopes: Vec<f64> = at.iter().map(|&s| form.activation.slope(s)).collect();
        Some(layers.jacobian(&slopes, |i| diagonal[i], active))
    }

    /// `ds/dt` without the projection onto the bounds.
    pub fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.force(state, out);
        self.divide_by_time_constants(out);
    }

    /// `(∂(ds/dt)/∂s) v` without the projection onto the bounds.
    pub fn velocity_jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let at = self.differentiated(state);
        self.field.jacobian_vector(&at, vector, out);
        if let Some((cost, beta)) = self.nudge {
            let mut product = vec![0.0; out.len()];
            cost.hessian_vector(state, vector, &mut product);
            for (out, product) in out.iter_mut().zip(product) {
                *out -= beta * product;
            }
        }
        self.divide_by_time_constants(out);
    }

    /// `∂(ds/dt)/∂β`, which is −∂C/∂s over the time constants, or 0 without a nudge.
    pub fn velocity_by_beta(&self, state: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        if let Some((cost, _)) = self.nudge {
            cost.gradient(state, out);
            out.iter_mut().for_each(|slope| *slope = -*slope);
        }
        self.divide_by_time_constants(out);
    }

    pub(super) fn divide_by_time_constants(&self, out: &mut [f64]) {
        if let Some(constants) = self.time_constants {
            for (out, constant) in out.iter_mut().zip(constants) {
                *out /= constant;
            }
        }
    }
}
