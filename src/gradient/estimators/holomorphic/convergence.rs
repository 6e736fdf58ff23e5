//! Whether the circle lies inside the radius of convergence of s^β, told by its points or by a finer
//! circle on the branch that goes out from s⁰.

use super::circle::Circle;
use super::complex_nudge::{C64, join, split};
use crate::dynamics::{Phase, largest};
use crate::gradient::branch;
use crate::gradient::estimator::Convergence;

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

impl Circle<'_> {
    /// What the series of s^β in powers of β looks like: from the measured points if they say it
    /// plainly, else from a finer circle, on the branch that goes out from s⁰ along the first nudge.
    pub(super) fn convergence(&self, displacements: &[Vec<C64>]) -> Convergence {
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

    /// The mean factor from one coefficient of the measured points to the next, or `None` if the
    /// last is rounding.
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
    /// answer to its nudge, or `None` if that is not so.
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
    /// that is followed around this circle. `measured` is known at its every N/`points`-th point. A
    /// branch that is analytic inside comes back, its mean is s⁰, and no negative power of β is in
    /// it. Returns `None` if more points are needed to tell.
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

    /// The branch out from s⁰ along the first nudge, and around the upper half of the circle, or
    /// `None` if it ends on the way.
    fn around(&self) -> Option<Vec<Vec<C64>>> {
        let along = |from: &[f64], beta: &dyn Fn(f64) -> C64| {
            let phase_at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
                let field = self.nudged(beta(part));
                visit(&Phase::free(&field).with_time_constants(&self.constants));
            };
            branch::follow(&phase_at, from)
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

#[cfg(test)]
mod tests {
    use super::super::Holomorphic;
    use super::*;
    use crate::dynamics::SolverSettings;
    use crate::gradient::free_phase::FreePhase;
    use crate::model::Problem;

    /// What is told of a circle with eight points on which the displacements are those of `exact`.
    fn told(text: &str, radius: f64, exact: impl Fn(C64) -> Vec<C64>) -> Convergence {
        let problem = Problem::from_json(text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        let settings = SolverSettings::default();
        let free = FreePhase::of_problem(&problem, &field, &settings).unwrap();
        let estimator = Holomorphic {
            beta: radius,
            points: 8,
        };
        let circle = Circle::new(&estimator, &free).unwrap();
        let measured: Vec<Vec<C64>> = (0..=4).map(|k| exact(circle.beta(f64::from(k)))).collect();
        circle.convergence(&measured)
    }

    /// 0 = x²/4 − x − β has the branch x = 2 − 2√(1 + β), whose series converges within 1.
    #[test]
    fn a_circle_just_inside_the_radius_of_convergence_has_no_margin() {
        let text = r#"{"field": {"equations": {"x": "x^2/4 - x"}}, "cost": "x"}"#;
        let exact = |beta: C64| vec![2.0 - 2.0 * (1.0 + beta).sqrt()];
        for (radius, inside) in [(0.6, true), (0.8, true), (0.95, false)] {
            let found = told(text, radius, exact);
            assert_eq!(found.inside, Some(inside), "{radius}");
            let limit = found.radius.unwrap();
            // the coefficients fall like m^(-3/2) besides
            assert!((1.0..1.2).contains(&limit), "{radius}: {limit}");
        }
    }

    /// u = x − ½ obeys 0 = u² − ρ²/4 − βu with ρ = 0.2: u = (β − √(β² + ρ²))/2 comes back around both branch
    /// points ±iρ, where its mean is 0 and its other coefficients are of negative powers.
    #[test]
    fn a_circle_around_two_branch_points_is_not_inside_although_the_branch_closes() {
        let text = r#"{"field": {"equations": {"x": "(x - 1/2)^2 - 0.01", "y": "y^2/4 - y"}},
            "cost": "(x - 1/2)^2/2 + y/3", "initial_state": {"x": 0.4}}"#;
        for (radius, inside) in [(0.05, true), (0.6, false)] {
            let found = told(text, radius, |beta: C64| {
                // the root that goes on along the circle, whose real part has the sign of β
                let root = beta * (1.0 + 0.04 / (beta * beta)).sqrt();
                let root = if radius < 0.2 {
                    (beta * beta + 0.04).sqrt()
                } else {
                    root
                };
                let x = 0.5 * (beta - root) + 0.1;
                vec![x, 2.0 - 2.0 * (1.0 + beta / 3.0).sqrt()]
            });
            assert_eq!(found.inside, Some(inside), "{radius}");
        }
    }
}
