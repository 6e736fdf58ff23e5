//! Holomorphic equilibrium propagation: nudges with complex β around a circle.

use nalgebra::Complex;

use crate::dynamics::{Phase, Statistics, largest};
use crate::error::{Error, Result};
use crate::gradient::branch;
use crate::gradient::estimator::{Convergence, ErrorEstimator, Estimate};
use crate::gradient::free_phase::FreePhase;
use crate::gradient::nudge_options::{NudgeOptions, NudgedPhase};
use crate::model::{AnalyticCost, AnalyticField, VectorField};

/// Points on the circle of nudges unless told.
pub const HOLOMORPHIC_POINTS: usize = 8;
/// Fourier coefficients that fall from one to the next by less than this factor do not look like
/// those of a series inside its radius of convergence.
const SLOWEST_DECAY: f64 = 0.8;
/// Fourier coefficients that fall faster need no further proof.
const FAST_DECAY: f64 = 0.3;

type C64 = Complex<f64>;

/// `$a \approx \frac1N\sum_k s^{\beta_k}/\beta_k$`, `$\beta_k = \beta e^{2\pi i k/N}$`: the first
/// Taylor coefficient of s^β by the discrete Cauchy integral, exact to O(β^N)
/// (A. Laborieux and F. Zenke, arXiv:2209.00530). Needs the complex continuations
/// [`VectorField::analytic`] of the field and [`crate::model::Cost::analytic`] of the cost, and a
/// circle inside the radius of convergence of s^β, which the points themselves tell
/// ([`Convergence`]).
#[derive(Debug, Clone, Copy)]
pub struct Holomorphic {
    /// The radius of the circle (β of its first point).
    pub beta: f64,
    /// N.
    pub points: usize,
}

/// `$\dot z = \mu(z) - \beta\,\partial C/\partial z$` with complex β and state, as a real field of
/// 2n variables: real parts, then imaginary parts.
struct ComplexNudge<'a> {
    field: &'a dyn AnalyticField,
    cost: &'a dyn AnalyticCost,
    beta: C64,
}

fn join(state: &[f64]) -> Vec<C64> {
    let (re, im) = state.split_at(state.len() / 2);
    re.iter()
        .zip(im)
        .map(|(&re, &im)| C64::new(re, im))
        .collect()
}

fn split(values: &[C64], out: &mut [f64]) {
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

impl ErrorEstimator for Holomorphic {
    /// # Errors
    /// [`Error::NotAnalytic`] if the field or the cost has no complex continuation, or with state
    /// bounds; [`Error::Nudged`] with β and what the complex dynamics did instead of settling.
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let circle = Circle::new(self, free)?;
        let mut statistics = Statistics::default();
        let mut displacements = Vec::new();
        for k in 0..=self.points / 2 {
            displacements.push(circle.displacement(k, nudging, &mut statistics)?);
        }
        let error_vector = circle.mean(&displacements, 1);
        let convergence = nudging
            .settle_time
            .is_none()
            .then(|| circle.convergence(&displacements));
        Ok(Estimate {
            statistics,
            beta: Some(self.beta),
            convergence,
            ..Estimate::of_error_vector(free, error_vector)
        })
    }
}

/// The upper half of the circle of nudges; the lower half is its complex conjugate, because the
/// field is real on the real axis.
struct Circle<'a> {
    field: &'a dyn AnalyticField,
    cost: &'a dyn AnalyticCost,
    radius: f64,
    points: usize,
    /// s⁰ and n zeros.
    start: Vec<f64>,
    /// −∂C/∂s at s⁰.
    pull: Vec<f64>,
    /// Time constants, twice.
    constants: Vec<f64>,
}

impl<'a> Circle<'a> {
    fn new(estimator: &Holomorphic, free: &'a FreePhase<'_>) -> Result<Self> {
        let field = free.phase.field();
        let refuse = |activation: String| Error::NotAnalytic { activation };
        let description = field.description();
        if free.phase.bounds().is_some() {
            return Err(refuse(format!("{description} with state_bounds")));
        }
        let n = field.dimension();
        let mut start = free.fixed_point.state().to_vec();
        start.resize(2 * n, 0.0);
        Ok(Self {
            field: field.analytic().ok_or_else(|| refuse(description))?,
            cost: free
                .cost
                .analytic()
                .ok_or_else(|| refuse("this cost".into()))?,
            radius: estimator.beta,
            points: estimator.points,
            start,
            pull: free.cost_gradient().iter().map(|c| -c).collect(),
            constants: (0..2 * n)
                .map(|i| free.phase.time_constant(i % n))
                .collect(),
        })
    }

    /// β e^{2πi·position/N}; real where it should be.
    fn beta(&self, position: f64) -> C64 {
        let beta = C64::from_polar(self.radius, self.angle(position));
        if position == 0.0 || 2.0 * position == self.points as f64 {
            C64::new(beta.re, 0.0)
        } else {
            beta
        }
    }

    fn angle(&self, position: f64) -> f64 {
        std::f64::consts::TAU * position / self.points as f64
    }

    fn nudged(&self, beta: C64) -> ComplexNudge<'a> {
        ComplexNudge {
            field: self.field,
            cost: self.cost,
            beta,
        }
    }

    /// z − s⁰ at the rest (or the end) of nudge k.
    fn displacement(
        &self,
        k: usize,
        nudging: &NudgeOptions,
        statistics: &mut Statistics,
    ) -> Result<Vec<C64>> {
        let beta = self.beta(k as f64);
        let field = self.nudged(beta);
        let kick: Vec<C64> = self.pull.iter().map(|pull| beta * *pull).collect();
        let mut nudge = NudgedPhase {
            phase: Phase::free(&field).with_time_constants(&self.constants),
            start: &self.start,
            kick: self.start.clone(),
            beta: (beta.re, beta.im),
        };
        split(&kick, &mut nudge.kick);
        Ok(join(&nudging.displacement(&nudge, statistics)?))
    }

    /// Over every `stride`-th point of the whole circle, the mean of (z − s⁰)/β_k. The free state
    /// cancels in the mean of s/β; leaving it out keeps the digits.
    fn mean(&self, displacements: &[Vec<C64>], stride: usize) -> Vec<f64> {
        self.sum(displacements, stride, |k| self.beta(k as f64).inv())
    }

    fn sum(
        &self,
        displacements: &[Vec<C64>],
        stride: usize,
        factor: impl Fn(usize) -> C64,
    ) -> Vec<f64> {
        let mut sum = vec![0.0; self.pull.len()];
        for (k, displacement) in displacements.iter().enumerate().step_by(stride) {
            let twice = if k == 0 || 2 * k == self.points {
                1.0
            } else {
                2.0
            };
            let weight = factor(k) * (twice * stride as f64 / self.points as f64);
            for (sum, z) in sum.iter_mut().zip(displacement) {
                *sum += (z * weight).re;
            }
        }
        sum
    }

    fn convergence(&self, displacements: &[Vec<C64>]) -> Convergence {
        let size = |vector: Vec<f64>| largest(vector);
        let coefficient = |m: usize| {
            size(self.sum(displacements, 1, |k| {
                C64::from_polar(1.0, -self.angle((k * m) as f64))
            }))
        };
        let mean = self.mean(displacements, 1);
        let estimate = self.points.is_multiple_of(2).then(|| {
            let half = self.mean(displacements, 2);
            let gap = largest(mean.iter().zip(half).map(|(mean, half)| mean - half));
            let scale = size(mean.clone());
            if scale > 0.0 { gap / scale } else { 0.0 }
        });
        if self.points < 4 {
            return Convergence {
                points: self.points,
                estimate,
                radius: None,
                inside: None,
            };
        }
        // inside the radius R the coefficient of index m falls like (β/R)^m, to the last one, N − 1;
        // a jump or a pole inside the circle leaves index −1 = N − 1 (mod N) large
        let (first, last) = (coefficient(1), coefficient(self.points - 1));
        let noise = 1e-14 * (1.0 + largest(self.start.iter().copied()));
        if last <= noise || first == 0.0 {
            return Convergence {
                points: self.points,
                estimate,
                radius: None,
                inside: Some(true),
            };
        }
        let decay = (last / first).powf(1.0 / (self.points - 2) as f64);
        let inside =
            decay <= FAST_DECAY || (decay < SLOWEST_DECAY && self.is_one_branch(displacements));
        Convergence {
            points: self.points,
            estimate,
            radius: Some(self.radius.abs() / decay),
            inside: Some(inside),
        }
    }

    /// Whether all points lie on the branch that goes out along the first nudge and around the
    /// circle: around a branch point inside the circle it would arrive elsewhere.
    fn is_one_branch(&self, displacements: &[Vec<C64>]) -> bool {
        let advance = |beta: C64, from: &[f64]| {
            let field = self.nudged(beta);
            let phase = Phase::free(&field).with_time_constants(&self.constants);
            branch::advance(&phase, from)
        };
        let out = |part: f64, from: &[f64]| advance(self.beta(0.0) * part, from);
        let mut state = branch::follow(&out, &self.start);
        for (k, displacement) in displacements.iter().enumerate() {
            if k > 0 {
                let along =
                    |part: f64, from: &[f64]| advance(self.beta((k - 1) as f64 + part), from);
                state = state.and_then(|state| branch::follow(&along, &state));
            }
            let Some(state) = &state else {
                return false;
            };
            let gap = join(state)
                .iter()
                .zip(join(&self.start))
                .zip(displacement)
                .map(|((z, start), displacement)| (z - start - displacement).norm())
                .fold(0.0, f64::max);
            if gap > 1e-6 * (1.0 + largest(state.iter().copied())) {
                return false;
            }
        }
        true
    }
}
