//! What a vector field μ(θ, s) can do, one trait per capability: move, be transposed, be learned.

use nalgebra::DMatrix;

use super::activation::Activation;
use super::analytic::AnalyticField;
use super::coupling::Coupling;
use super::dynamics::Dynamics;
use super::metric_factor::MetricFactor;
use super::parameters::Parameters;
use crate::numeric::{Interval, SparseMatrix, linear_algebra as la};

/// A vector field `$\mu_\theta(s)$`, its input already clamped: what is simulated, settled,
/// searched for fixed points and drawn. Three methods suffice. The others are hooks for what more
/// is known of a field.
///
/// All slices have [`VectorField::dimension`] values, and `out` is overwritten.
pub trait VectorField: Sync {
    /// n, the number of state variables.
    fn dimension(&self) -> usize;

    /// `$\mu_\theta(s)$`.
    fn velocity(&self, state: &[f64], out: &mut [f64]);

    /// `$\frac{\partial\mu}{\partial s}\,v$`.
    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]);

    /// `∂μ/∂s` as a matrix (row: whose velocity, column: which state). By default it takes n
    /// products.
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

    /// About as many products of the Jacobian with a vector take as long as the matrix does.
    fn jacobian_products(&self) -> usize {
        self.dimension()
    }

    /// The same with only those entries that may differ from 0, if they are few.
    fn sparse_jacobian(&self, _state: &[f64]) -> Option<SparseMatrix> {
        None
    }

    /// State variables that sit where μ has no derivative. The theorem is silent there.
    fn on_kink(&self, _state: &[f64]) -> Vec<usize> {
        Vec::new()
    }

    /// The values of a state variable at which its own velocity jumps, increasing: the kinks of ρ
    /// in a Hopfield network.
    fn jumps(&self) -> &[f64] {
        &[]
    }

    /// The values of any state variable at which μ has a kink, increasing, if between them it is
    /// affine: then [`VectorField::on_pieces`] knows the pieces.
    fn kinks(&self) -> &[f64] {
        &[]
    }

    /// The affine field that agrees with this one wherever state variable i has `pieces[i]` of the
    /// kinks below it, and goes on beyond, or `None` if there are no [`VectorField::kinks`].
    fn on_pieces(&self, _pieces: &[usize]) -> Option<Box<dyn VectorField + '_>> {
        None
    }

    /// What the field is made of, for messages (networks: the activation's name).
    fn description(&self) -> String {
        "this vector field".into()
    }

    /// The continuation to complex states, if there is one: holomorphic nudges need it.
    fn analytic(&self) -> Option<&dyn AnalyticField> {
        None
    }

    /// The field as rates that act through weights, if it is of that form: then statements can be
    /// proven over whole boxes of states, such as that no fixed point is missing.
    fn rate_form(&self) -> Option<RateForm<'_>> {
        None
    }

    /// An upper bound of the logarithmic norm of the Jacobian, `$\sup_s\mu_2(\partial\mu/\partial s)$`, in 1 over
    /// time, if one is known: trajectories part no faster than `$e^{mt}$`. Bounds of matrices are estimates with
    /// a tenth to spare.
    fn logarithmic_norm(&self) -> Option<f64> {
        None
    }

    /// Whether it is certain that the field less β(sᵢ − yᵢ) on some of its neurons, whichever and for whatever yᵢ, has one
    /// fixed point and that it attracts every trajectory (global asymptotic stability): for this β and all between 0
    /// and it. `false` where that is not known. β = 0 asks for the field alone.
    fn is_globally_stable(&self, _beta: f64) -> bool {
        false
    }

    /// The field over whole boxes of states, if it can be evaluated there: the same statements can
    /// be proven of it then.
    fn intervals(&self) -> Option<&dyn IntervalField> {
        None
    }
}

/// A vector field whose values and derivatives can be enclosed over boxes of states.
pub trait IntervalField: VectorField {
    /// Intervals that hold every value of μ in a box.
    fn range(&self, region: &[Interval]) -> Vec<Interval>;

    /// Matrices, row by row, that hold every slope of μ between two points of a box, or `None`
    /// where μ may jump.
    fn derivative_range(&self, region: &[Interval]) -> Option<Vec<Vec<Interval>>>;
}

/// A field of the form `$\mu_i = g_i(s_i)\,\bigl(\textstyle\sum_j W_{ij}\rho(s_j) + d_i\bigr) -
/// s_i$` with the gate g = 1 (leaky) or ρ′(sᵢ) (Hopfield).
#[derive(Debug, Clone, Copy)]
pub struct RateForm<'a> {
    /// Which gate.
    pub dynamics: Dynamics,
    /// ρ.
    pub activation: Activation,
    /// W.
    pub coupling: &'a Coupling,
    /// d, n values.
    pub drive: &'a [f64],
}

/// A vector field that can be multiplied from the left: what backpropagation needs.
pub trait Adjoint: VectorField {
    /// `$\left(\frac{\partial\mu}{\partial s}\right)^{\!\top} v$`. By default it goes by the
    /// matrix, which takes n products.
    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        la::multiply_transpose_vector(&self.jacobian(state), vector, out, false);
    }
}

/// What each unit vector of state space asks of the parameters.
fn unit_pullbacks<F: Parametrised + ?Sized>(field: &F, state: &[f64]) -> Vec<Parameters> {
    let mut unit = vec![0.0; field.dimension()];
    (0..unit.len())
        .map(|i| {
            unit[i] = 1.0;
            let pullback = field.parameter_pullback(state, &unit);
            unit[i] = 0.0;
            pullback
        })
        .collect()
}

/// A vector field with parameters θ: what both formulas of the theorem need to become updates.
pub trait Parametrised: Adjoint {
    /// `$\left(\frac{\partial\mu}{\partial\theta}\right)^{\!\top} v$`: what a state-space error
    /// vector v asks of each parameter.
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters;

    /// `$\frac{\partial}{\partial\theta}\left(u^\top \frac{\partial\mu}{\partial s}\,v\right)$` at
    /// a fixed state: what each parameter does to the Jacobian, seen through `left` u and `right`
    /// v. It is the derivative of the pullback of u along v, by default from a central difference.
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

    /// The metric of parameter space seen from state space, `$G =
    /// \frac{\partial\mu}{\partial\theta}\frac{\partial\mu}{\partial\theta}^{\!\top}$`, so that the
    /// pullback of v has squared norm `vᵀGv`. By default it takes n pullbacks.
    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        let pullbacks = unit_pullbacks(self, state);
        let n = pullbacks.len();
        DMatrix::from_fn(n, n, |i, j| pullbacks[i].dot(&pullbacks[j]))
    }

    /// A root of G. By default it is the matrix `$\frac{\partial\mu}{\partial\theta}^{\!\top}$`, from n
    /// pullbacks. `None` if it is too large: G serves then.
    fn metric_factor(&self, state: &[f64]) -> Option<MetricFactor> {
        let pullbacks = unit_pullbacks(self, state);
        let columns: Vec<Vec<f64>> = (pullbacks.iter())
            .map(|pullback| pullback.iter().collect())
            .collect();
        let count = columns.first().map_or(0, Vec::len);
        let matrix = DMatrix::from_vec(count, columns.len(), columns.concat());
        Some(MetricFactor::Matrix(matrix))
    }

    /// The field as one whose parameters can be replaced, if they can: continual plasticity needs
    /// it.
    fn adjustable(&self) -> Option<&dyn Adjustable> {
        None
    }
}

/// A vector field whose parameters can be read and replaced: what finite differences
/// need.
pub trait Adjustable: Parametrised {
    /// θ.
    fn parameters(&self) -> Parameters;

    /// The same field at other parameters (of the same shapes).
    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_>;
}
