//! What a problem is about: a network or a field in text, and the cost of its states.

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

use nalgebra::DMatrix;

use super::analytic::{AnalyticCost, AnalyticField};
use super::clamped::Clamped;
use super::cost::{Cost, SquaredError};
use super::metric_factor::MetricFactor;
use super::network::Network;
use super::parameters::Parameters;
use super::text_cost::TextCost;
use super::text_field::TextField;
use super::vector_field::{
    Adjoint, Adjustable, IntervalField, Parametrised, RateForm, VectorField,
};
use crate::numeric::SparseMatrix;

/// What moves.
#[derive(Debug, Clone)]
pub enum System {
    /// A neural network.
    Network(Network),
    /// Equations in text.
    Text(TextField),
    /// A field of the caller's own.
    Own(Arc<dyn OwnField>),
}

/// A vector field of the caller's own that a problem can be about.
pub trait OwnField: Adjustable + Debug + Send {
    /// The names of the states, in their order.
    fn state_names(&self) -> Vec<String>;
}

/// The vector field of a problem, its input clamped.
#[derive(Debug, Clone)]
pub enum ProblemField<'a> {
    /// That of a network.
    Network(Clamped<'a>),
    /// One in text.
    Text(Cow<'a, TextField>),
    /// The caller's own.
    Own(&'a dyn OwnField),
}

impl ProblemField<'_> {
    fn field(&self) -> &dyn Adjustable {
        match self {
            Self::Network(clamped) => clamped,
            Self::Text(field) => &**field,
            Self::Own(field) => *field,
        }
    }
}

impl VectorField for ProblemField<'_> {
    fn dimension(&self) -> usize {
        self.field().dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.field().velocity(state, out);
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.field().jacobian_vector(state, vector, out);
    }

    fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        self.field().jacobian(state)
    }

    fn jacobian_products(&self) -> usize {
        self.field().jacobian_products()
    }

    fn sparse_jacobian(&self, state: &[f64]) -> Option<SparseMatrix> {
        self.field().sparse_jacobian(state)
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        self.field().on_kink(state)
    }

    fn jumps(&self) -> &[f64] {
        self.field().jumps()
    }

    fn kinks(&self) -> &[f64] {
        self.field().kinks()
    }

    fn on_pieces(&self, pieces: &[usize]) -> Option<Box<dyn VectorField + '_>> {
        self.field().on_pieces(pieces)
    }

    fn description(&self) -> String {
        self.field().description()
    }

    fn analytic(&self) -> Option<&dyn AnalyticField> {
        self.field().analytic()
    }

    fn rate_form(&self) -> Option<RateForm<'_>> {
        self.field().rate_form()
    }

    fn logarithmic_norm(&self) -> Option<f64> {
        self.field().logarithmic_norm()
    }

    fn is_globally_stable(&self, beta: f64) -> bool {
        self.field().is_globally_stable(beta)
    }

    fn intervals(&self) -> Option<&dyn IntervalField> {
        self.field().intervals()
    }
}

impl Adjoint for ProblemField<'_> {
    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.field().vector_jacobian(state, vector, out);
    }
}

impl Parametrised for ProblemField<'_> {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        self.field().parameter_pullback(state, vector)
    }

    fn jacobian_pullback(&self, state: &[f64], left: &[f64], right: &[f64]) -> Parameters {
        self.field().jacobian_pullback(state, left, right)
    }

    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        self.field().parameter_metric(state)
    }

    fn metric_factor(&self, state: &[f64]) -> Option<MetricFactor> {
        self.field().metric_factor(state)
    }

    fn adjustable(&self) -> Option<&dyn Adjustable> {
        self.field().adjustable()
    }
}

impl Adjustable for ProblemField<'_> {
    fn parameters(&self) -> Parameters {
        self.field().parameters()
    }

    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_> {
        self.field().with_parameters(parameters)
    }
}

/// The cost of a problem.
#[derive(Debug, Clone)]
pub enum ProblemCost {
    /// The squared error of the outputs, or of no output in a problem without a target.
    SquaredError(SquaredError),
    /// An expression of the states.
    Text(TextCost),
}

impl ProblemCost {
    /// The states that it depends on.
    pub fn outputs(&self) -> &[usize] {
        match self {
            Self::SquaredError(cost) => cost.outputs(),
            Self::Text(cost) => cost.outputs(),
        }
    }

    /// The targets of the outputs, or none of an expression.
    pub fn target(&self) -> &[f64] {
        match self {
            Self::SquaredError(cost) => cost.target(),
            Self::Text(_) => &[],
        }
    }

    fn cost(&self) -> &dyn Cost {
        match self {
            Self::SquaredError(cost) => cost,
            Self::Text(cost) => cost,
        }
    }
}

impl From<SquaredError> for ProblemCost {
    fn from(cost: SquaredError) -> Self {
        Self::SquaredError(cost)
    }
}

impl Cost for ProblemCost {
    fn value(&self, state: &[f64]) -> f64 {
        self.cost().value(state)
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        self.cost().gradient(state, out);
    }

    fn add_gradient(&self, state: &[f64], factor: f64, out: &mut [f64]) {
        self.cost().add_gradient(state, factor, out);
    }

    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.cost().hessian_vector(state, vector, out);
    }

    fn analytic(&self) -> Option<&dyn AnalyticCost> {
        self.cost().analytic()
    }

    fn targets(&self) -> Option<Vec<(usize, f64)>> {
        self.cost().targets()
    }
}
