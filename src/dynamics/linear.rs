//! The dynamics linearised at a fixed point: `$\tau\,\dot y = \mathrm{Jac}\,y$`, and its eigenvalues, all of
//! them or the rim of their cloud.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use nalgebra::{Complex, DMatrix};

use super::jacobian::{Jacobian, Solver, WHOLE};
use super::spectrum::spectral_abscissa;
use crate::numeric::linear_algebra::{self as la, Factorisation};
use crate::numeric::{RitzValue, ritz_values, ritz_values_together};

/// The linearised dynamics over the active neurons.
#[derive(Debug, Clone)]
pub(super) struct LinearDynamics {
    jacobian: Arc<Jacobian>,
    /// 1/τ of every active neuron, empty if all are 1.
    rates: Vec<f64>,
    /// What few products show, where that decides stability.
    rim: Option<Rim>,
    eigenvalues: OnceLock<Vec<Complex<f64>>>,
    solver: OnceLock<Arc<Solver>>,
}

/// The outermost eigenvalues, approximately.
#[derive(Debug, Clone)]
struct Rim {
    values: Vec<RitzValue>,
    abscissa: f64,
    radius: f64,
    /// Whether the abscissa is far enough from 0 to tell stability.
    decides: bool,
}

impl LinearDynamics {
    /// `jacobian` is ∂μ/∂s over the active neurons. Returns `None` if it is not finite, or if its
    /// eigenvalues could not be computed.
    ///
    /// Of a large matrix the rim alone is looked for at first, from two starts. All eigenvalues are
    /// computed where the two do not agree by much less than the distance of the rightmost from the
    /// imaginary axis.
    pub fn new(jacobian: Jacobian, rates: Vec<f64>) -> Option<Self> {
        let mut linear = Self::of(jacobian, rates);
        if linear.dimension() > WHOLE {
            linear.rim = Rim::of(&linear);
        }
        let undecided = linear.rim.as_ref().is_none_or(|rim| !rim.decides);
        if undecided && !linear.is_too_large() {
            linear.eigenvalues = linear.all()?.into();
        }
        (linear.rim.is_some() || linear.eigenvalues.get().is_some()).then_some(linear)
    }

    /// The same at a point that is certain to be stable: the eigenvalues of a small matrix are computed when they are
    /// first asked for. Returns `None` if the matrix is not finite.
    pub fn stable(jacobian: Jacobian, rates: Vec<f64>) -> Option<Self> {
        let linear = Self::of(jacobian, rates);
        linear.jacobian.norm().is_finite().then_some(linear)
    }

    fn of(jacobian: Jacobian, rates: Vec<f64>) -> Self {
        Self {
            jacobian: Arc::new(jacobian),
            rates,
            rim: None,
            eigenvalues: OnceLock::new(),
            solver: OnceLock::new(),
        }
    }

    /// What solves systems with `I − cA`, A being [`LinearDynamics::matrix`].
    pub fn implicit(&self, c: f64) -> Solver {
        if let (true, Jacobian::Layered(matrix, _)) = (self.rates.is_empty(), &*self.jacobian)
            && let Some(factorisation) = matrix.identity_less(c).factorise()
        {
            return Solver::Layered(factorisation);
        }
        let identity = DMatrix::<f64>::identity(self.dimension(), self.dimension());
        Solver::Full(Factorisation::new(&(identity - &*self.matrix() * c)))
    }

    /// Whether a full matrix of that size is out of the question.
    pub fn is_too_large(&self) -> bool {
        matches!(&*self.jacobian, Jacobian::Sparse(..)) && self.dimension() > FULL_UP_TO
    }

    /// Whether it is known on which side of the imaginary axis the rightmost eigenvalue lies, but for
    /// rounding.
    pub fn decides(&self) -> bool {
        match &self.rim {
            Some(rim) => rim.decides || self.eigenvalues.get().is_some(),
            None => self.eigenvalues().len() == self.dimension(),
        }
    }

    /// How many neurons are active.
    pub fn dimension(&self) -> usize {
        self.jacobian.dimension()
    }

    /// ∂μ/∂s.
    pub fn jacobian(&self) -> &Arc<Jacobian> {
        &self.jacobian
    }

    /// What solves systems with ∂μ/∂s, made when it is first needed.
    pub fn solver(&self) -> &Arc<Solver> {
        self.solver.get_or_init(|| Arc::new(self.jacobian.solver()))
    }

    fn all(&self) -> Option<Vec<Complex<f64>>> {
        let structured = self.rates.is_empty().then(|| self.jacobian.eigenvalues());
        structured
            .flatten()
            .or_else(|| la::eigenvalues(&self.matrix()))
    }

    /// `$\partial\dot s/\partial s$`, time constants included.
    pub fn matrix(&self) -> Cow<'_, DMatrix<f64>> {
        if self.rates.is_empty() {
            return Cow::Borrowed(self.jacobian.full());
        }
        let mut matrix = self.jacobian.full().clone();
        for mut column in matrix.column_iter_mut() {
            for (value, rate) in column.iter_mut().zip(&self.rates) {
                *value *= rate;
            }
        }
        Cow::Owned(matrix)
    }

    /// The velocity of a deviation.
    pub fn multiply(&self, deviation: &[f64], out: &mut [f64]) {
        self.jacobian.multiply(deviation, out);
        for (out, rate) in out.iter_mut().zip(&self.rates) {
            *out *= rate;
        }
    }

    /// The same of several deviations.
    fn multiply_together(&self, deviations: &[&[f64]], out: &mut [Vec<f64>]) {
        self.jacobian.multiply_together(deviations, out);
        for out in out {
            (out.iter_mut().zip(&self.rates)).for_each(|(out, rate)| *out *= rate);
        }
    }

    /// All eigenvalues, by decreasing real part, computed when they are first asked for. The list
    /// is empty if that fails, and of sparse matrices beyond 5,000 neurons.
    pub fn eigenvalues(&self) -> &[Complex<f64>] {
        self.eigenvalues.get_or_init(|| {
            let all = (!self.is_too_large()).then(|| self.all());
            all.flatten().unwrap_or_default()
        })
    }

    /// The spectral abscissa, as exactly as it is known: to a few parts in a hundred of the spectral radius
    /// from the rim.
    pub fn abscissa(&self) -> f64 {
        match (self.eigenvalues.get(), &self.rim) {
            (None, Some(rim)) => rim.abscissa,
            (Some(values), Some(rim)) if values.is_empty() => rim.abscissa,
            _ => spectral_abscissa(self.eigenvalues()),
        }
    }

    /// The largest modulus of an eigenvalue, as exactly.
    pub fn radius(&self) -> f64 {
        match (self.eigenvalues.get(), &self.rim) {
            (None, Some(rim)) => rim.radius,
            (Some(values), Some(rim)) if values.is_empty() => rim.radius,
            _ => (self.eigenvalues().iter()).fold(0.0, |radius, value| radius.max(value.norm())),
        }
    }

    /// The `count` rightmost eigenvalues, by decreasing real part: by inversion about a point beside the
    /// rightmost, or out of all of them where those cannot be told.
    pub fn rightmost(&self, count: usize) -> Vec<Complex<f64>> {
        if count == 0 {
            return Vec::new();
        }
        if let (true, Some(rim)) = (self.is_too_large(), &self.rim) {
            // what has converged further right than anything that has not
            let converged = rim
                .values
                .iter()
                .take_while(|ritz| ritz.residual <= 1e-10 * rim.radius);
            return converged.map(|ritz| ritz.value).take(count).collect();
        }
        let near = match (self.eigenvalues.get(), &self.rim) {
            (None, Some(rim))
                if count < self.dimension() / 8
                    && !matches!(&*self.jacobian, Jacobian::Layered(..)) =>
            {
                self.near_the_edge(rim, count)
            }
            _ => None,
        };
        near.unwrap_or_else(|| self.eigenvalues().iter().copied().take(count).collect())
    }

    /// Eigenvalues of `$(A - \sigma)^{-1}$`, the largest of which belong to those of A nearest to σ. A small
    /// residual does not prove that nothing lies further right: the disc about σ in which every Ritz
    /// value has converged must hold all the room to the right of the last one listed that the rim leaves.
    fn near_the_edge(&self, rim: &Rim, count: usize) -> Option<Vec<Complex<f64>>> {
        let n = self.dimension();
        let shift = rim.abscissa + 0.05 * rim.radius;
        let mut shifted = self.matrix().into_owned();
        (0..n).for_each(|i| shifted[(i, i)] -= shift);
        let inverse = Factorisation::new(&shifted);
        for steps in [8 * count + 60, 16 * count + 120] {
            if 2 * steps > n {
                break;
            }
            let inverted = ritz_values(n, steps, 3, |v, out| {
                out.copy_from_slice(&inverse.solve(v));
            })?;
            let mut far = f64::INFINITY;
            let mut found: Vec<Complex<f64>> = Vec::new();
            for RitzValue { value, residual } in inverted {
                if residual <= CONVERGED * value.norm() {
                    found.push(Complex::new(shift, 0.0) + value.inv());
                } else {
                    far = far.min(1.0 / value.norm());
                }
            }
            found.retain(|value| (value - shift).norm() < far);
            found.sort_by(|a, b| b.re.total_cmp(&a.re).then(b.im.total_cmp(&a.im)));
            if let Some(last) = found.get(count - 1) {
                // a tenth of the radius more than is seen, because Ritz values lie inside the rim
                let slack = 0.1 * rim.radius;
                let outside = (rim.values.iter().map(|ritz| ritz.value))
                    .chain(found.iter().copied())
                    .filter(|value| value.re >= last.re - slack);
                let height = outside.fold(0.0f64, |height, value| height.max(value.im.abs()));
                if (height + slack).hypot(shift - last.re) <= far {
                    found.truncate(count);
                    return Some(found);
                }
            }
        }
        None
    }
}

/// Residual, relative to the eigenvalue of the inverse, at which a Ritz value is an eigenvalue.
const CONVERGED: f64 = 1e-11;

impl Rim {
    /// Stability is decided where two starts, one followed twice as far as the other, agree by much
    /// less than the distance from the imaginary axis. Returns `None` if a product is not finite.
    fn of(linear: &LinearDynamics) -> Option<Self> {
        let starts = [(STEPS / 2, 1), (STEPS, 2)];
        let multiply = |vectors: &[&[f64]], out: &mut [Vec<f64>]| {
            linear.multiply_together(vectors, out);
        };
        let [few, values] = ritz_values_together(linear.dimension(), starts, multiply)?;
        let abscissa = |values: &[RitzValue]| values.first().map(|ritz| ritz.value.re);
        let (few, more) = (abscissa(&few)?, abscissa(&values)?);
        let radius = (values.iter()).fold(0.0f64, |radius, ritz| radius.max(ritz.value.norm()));
        let doubt = (3.0 * (more - few).abs()).max(0.02 * radius);
        Some(Self {
            abscissa: few.max(more),
            decides: more.abs() > doubt,
            values,
            radius,
        })
    }
}

/// Sparse matrices of up to this many neurons may be filled up.
pub(super) const FULL_UP_TO: usize = 5_000;

/// Products from which the rim is seen.
const STEPS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    /// A random matrix of the given size and gain, minus the identity, with one pair of eigenvalues outside
    /// of the disc of the others.
    fn linear(n: usize, gain: f64, pair: Option<(f64, f64)>) -> LinearDynamics {
        let mut matrix = Random::new(4, 0).matrix(n, n, gain * (3.0 / n as f64).sqrt());
        (0..n).for_each(|i| matrix[(i, i)] -= 1.0);
        if let Some((re, im)) = pair {
            for i in 0..2 {
                matrix.row_mut(i).fill(0.0);
            }
            matrix[(0, 0)] = re;
            matrix[(1, 1)] = re;
            matrix[(0, 1)] = im;
            matrix[(1, 0)] = -im;
        }
        LinearDynamics::new(Jacobian::Full(matrix), Vec::new()).unwrap()
    }

    #[test]
    fn the_rightmost_are_those_of_all() {
        for pair in [None, Some((-0.1, 1.5))] {
            let linear = linear(400, 0.5, pair);
            assert!(linear.eigenvalues.get().is_none(), "few products decide");
            let found = linear.rightmost(20);
            let all = la::eigenvalues(&linear.matrix()).unwrap();
            assert!((linear.abscissa() - all[0].re).abs() < 0.1);
            for (found, all) in found.iter().zip(&all) {
                assert!((found - all).norm() < 1e-10, "{found} {all}");
            }
        }
    }

    #[test]
    fn few_of_the_rightmost_or_none_may_be_asked_for() {
        let n = 400;
        let half = Random::new(9, 0).matrix(n, n, 0.3 * (3.0 / n as f64).sqrt());
        let symmetric = &half + half.transpose() - DMatrix::identity(n, n);
        let linear = LinearDynamics::new(Jacobian::Full(symmetric), Vec::new()).unwrap();
        assert!(linear.rightmost(0).is_empty());
        let found = linear.rightmost(5);
        assert!(linear.eigenvalues.get().is_none(), "few need not all");
        let all = la::eigenvalues(&linear.matrix()).unwrap();
        assert_eq!(found.len(), 5);
        for (found, all) in found.iter().zip(&all) {
            assert!((found - all).norm() < 1e-10, "{found} {all}");
        }
    }

    #[test]
    fn where_few_products_do_not_decide_all_eigenvalues_do() {
        let critical = linear(320, 1.0, None);
        assert!(critical.eigenvalues.get().is_some());
    }

    #[test]
    fn time_constants_divide_the_rows() {
        let jacobian = DMatrix::from_row_slice(2, 2, &[-1.0, 0.0, 0.0, -1.0]);
        let linear = LinearDynamics::new(Jacobian::Full(jacobian), vec![1.0, 0.25]).unwrap();
        assert_eq!(linear.abscissa(), -0.25);
        assert_eq!(linear.radius(), 1.0);
        let mut out = [0.0; 2];
        linear.multiply(&[1.0, 1.0], &mut out);
        assert_eq!(out, [-1.0, -0.25]);
    }
}
