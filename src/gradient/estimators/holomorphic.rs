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
/// Fourier coefficients that fall from one to the next by less than this factor leave no margin to
/// the radius of convergence.
const SLOWEST_DECAY: f64 = 0.9;
/// Coefficients of this many measured points that fall faster than this, each point a nearly linear
/// answer, need no finer circle.
const FAST_DECAY: f64 = 0.3;
const ENOUGH_POINTS: usize = 8;
/// Points of the finer circle, at least and about at most.
const FINE: usize = 32;
const FINEST: usize = 256;
/// Coefficients that have fallen to this part of the largest are resolved, and what should vanish is
/// not larger.
const RESOLVED: f64 = 1e-5;

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
#[derive(Clone)]
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

    /// What the series of s^β in powers of β looks like: from the measured points if they say it
    /// plainly, else from a finer circle, on the branch that goes out from s⁰ along the first nudge.
    fn convergence(&self, displacements: &[Vec<C64>]) -> Convergence {
        let estimate = self.points.is_multiple_of(2).then(|| {
            let mean = self.mean(displacements, 1);
            let half = self.mean(displacements, 2);
            let scale = largest(mean.iter().copied());
            let gap = largest(mean.iter().zip(half).map(|(mean, half)| mean - half));
            if scale > 0.0 { gap / scale } else { 0.0 }
        });
        let (inside, radius) = self.plainly_inside(displacements).unwrap_or_else(|| {
            let mut fine = self.clone();
            while fine.points < FINE || fine.points % 2 == 1 {
                fine.points *= 2;
            }
            loop {
                match fine.series(displacements, self.points) {
                    Some(verdict) => return verdict,
                    None if fine.points >= FINEST => return (false, None),
                    None => fine.points *= 2,
                }
            }
        });
        let radius = radius.or_else(|| {
            let outside = !inside && self.points >= 4;
            let decay = outside.then(|| self.decay(displacements)).flatten();
            decay.map(|decay| self.radius.abs() / decay.max(SLOWEST_DECAY))
        });
        Convergence {
            points: self.points,
            estimate,
            radius,
            inside: Some(inside),
        }
    }

    /// The size of the coefficient of index m, 0 … N − 1 (N − m stands for −m as well).
    fn coefficient(&self, displacements: &[Vec<C64>], m: usize) -> f64 {
        let turn = |k: usize| C64::from_polar(1.0, -self.angle((k * m) as f64));
        largest(self.sum(displacements, 1, turn))
    }

    /// The mean factor from one coefficient of the measured points to the next; `None` if the last
    /// is rounding.
    fn decay(&self, displacements: &[Vec<C64>]) -> Option<f64> {
        let first = self.coefficient(displacements, 1);
        let last = self.coefficient(displacements, self.points - 1);
        let decay = (last / first).powf(1.0 / (self.points - 2) as f64);
        (last > self.noise() && decay > 0.0).then_some(decay)
    }

    /// Coefficients below this are rounding.
    fn noise(&self) -> f64 {
        1e-14 * (1.0 + largest(self.start.iter().copied()))
    }

    /// Far inside, the coefficients fall fast to the last one, and every point is a nearly linear
    /// answer to its nudge; `None` if that is not so.
    fn plainly_inside(&self, displacements: &[Vec<C64>]) -> Option<(bool, Option<f64>)> {
        if self.points < ENOUGH_POINTS {
            return None;
        }
        let decay = self.decay(displacements);
        let falls = decay.is_none_or(|decay| decay <= FAST_DECAY);
        let straight = |(k, displacement): (usize, &Vec<C64>)| {
            let fields = [C64::new(0.0, 0.0), self.beta(k as f64)].map(|beta| self.nudged(beta));
            let [free, nudged] = [&fields[0], &fields[1]]
                .map(|field| Phase::free(field).with_time_constants(&self.constants));
            branch::continues(&free, &nudged, &self.start, &self.state(displacement))
        };
        let plain = falls && displacements.iter().enumerate().all(straight);
        let radius = decay.map(|decay| self.radius.abs() / decay);
        plain.then_some((true, radius))
    }

    /// s⁰ + displacement, real parts and imaginary parts.
    fn state(&self, displacement: &[C64]) -> Vec<f64> {
        let mut state = vec![0.0; self.start.len()];
        split(displacement, &mut state);
        state.iter_mut().zip(&self.start).for_each(|(z, s)| *z += s);
        state
    }

    /// Whether β is inside the radius of convergence with a margin, and that radius, by the branch
    /// that is followed around this circle; `measured` at its every N/`points`-th point. A branch
    /// that is analytic inside comes back, its mean is s⁰, and no negative power of β is in it.
    /// `None` if more points are needed to tell.
    fn series(&self, measured: &[Vec<C64>], points: usize) -> Option<(bool, Option<f64>)> {
        let Some(around) = self.around() else {
            return Some((false, None));
        };
        let on_branch = measured.iter().enumerate().all(|(k, measured)| {
            let followed = &around[k * (self.points / points)];
            branch::is_same(&self.state(followed), &self.state(measured))
        });
        let closes = around.last().is_some_and(|end| {
            let size = largest(end.iter().map(|z| z.re));
            largest(end.iter().map(|z| z.im)) <= 1e-9 * (1.0 + size)
        });
        if !on_branch || !closes {
            return Some((false, None));
        }
        let half = self.points / 2;
        let sizes: Vec<f64> = (0..self.points)
            .map(|m| self.coefficient(&around, m))
            .collect();
        let scale = largest(sizes[1..=half].iter().copied());
        let vanishing = (RESOLVED * scale).max(10.0 * self.noise());
        let tail = largest(sizes[half - 1..=half + 1].iter().copied());
        if tail > vanishing && self.points < FINEST {
            return None;
        }
        // every second coefficient of an odd answer is 0
        let envelope = |m: usize| sizes[m].max(sizes[m - 1]);
        let known = (2..=half)
            .rev()
            .find(|&m| sizes[m] > vanishing.min(1e-3 * scale));
        let decay = known.filter(|&last| last >= 4).map(|last| {
            let middle = last / 2;
            (envelope(last) / envelope(middle)).powf(1.0 / (last - middle) as f64)
        });
        let analytic = tail <= vanishing
            && sizes[0] <= vanishing
            && largest(sizes[half + 1..].iter().copied()) <= vanishing;
        let margin = decay.is_none_or(|decay| decay <= SLOWEST_DECAY);
        let radius = decay.map(|decay| self.radius.abs() / decay);
        Some((analytic && margin, radius))
    }

    /// The branch out from s⁰ along the first nudge, and around the upper half of the circle;
    /// `None` if it ends on the way.
    fn around(&self) -> Option<Vec<Vec<C64>>> {
        let along = |from: &[f64], beta: &dyn Fn(f64) -> C64| {
            let phase_at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
                let field = self.nudged(beta(part));
                visit(&Phase::free(&field).with_time_constants(&self.constants));
            };
            branch::follow(&phase_at, None, from)
        };
        let mut state = along(&self.start, &|part| self.beta(0.0) * part)?;
        let mut out = Vec::new();
        for k in 0..=self.points / 2 {
            if k > 0 {
                state = along(&state, &|part| self.beta((k - 1) as f64 + part))?;
            }
            let pairs = state.iter().zip(&self.start);
            let displacement: Vec<f64> = pairs.map(|(z, start)| z - start).collect();
            out.push(join(&displacement));
        }
        Some(out)
    }
}
