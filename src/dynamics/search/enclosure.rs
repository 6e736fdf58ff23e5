//! What a network's structure proves: the force and its derivatives over whole boxes of states, a
//! box that holds every fixed point, and a Lipschitz constant of the Jacobian.

use nalgebra::DMatrix;

use super::super::phase::{Phase, largest};
use super::proof::Enclosed;
use super::rate_range::{curvature, rate, slope, third_derivative_limit};
use crate::model::{Activation, Dynamics};
use crate::numeric::linear_algebra as la;
use crate::numeric::{Interval, norm_is_below, symmetric_part_is_below};

/// A phase of a network with squared error, in the form
/// `$f_i(s) = g_i(s)\,\bigl(\textstyle\sum_j W_{ij}\rho(s_j) + d_i\bigr) + c_i - k_i s_i$` with gate
/// g = 1 (leaky) or ρ′(sᵢ) (Hopfield), c = βy and k = 1 + β on the outputs, 0 and 1 elsewhere.
/// Numbers of the problem, the drive d among them, are taken to be exact as stored.
pub(super) struct Enclosure {
    weights: DMatrix<f64>,
    drive: Vec<f64>,
    pull: Vec<Interval>,
    leak: Vec<Interval>,
    activation: Activation,
    dynamics: Dynamics,
    bounds: Option<Interval>,
}

impl Enclosure {
    /// `None` if the field or the cost has no such form.
    pub fn new(phase: &Phase<'_>) -> Option<Self> {
        let form = phase.field().rate_form()?;
        let n = phase.dimension();
        let mut pull = vec![Interval::ZERO; n];
        let mut leak = vec![Interval::point(1.0); n];
        if let Some((cost, beta)) = phase.nudge() {
            let beta = Interval::point(beta);
            for (i, target) in cost.targets()? {
                pull[i] = beta * Interval::point(target);
                leak[i] = Interval::point(1.0) + beta;
            }
        }
        Some(Self {
            weights: form.coupling.to_matrix(),
            drive: form.drive.to_vec(),
            pull,
            leak,
            activation: form.activation,
            dynamics: form.dynamics,
            bounds: phase.bounds().map(|(low, high)| Interval::new(low, high)),
        })
    }

    /// `Wρ(s) + d` over a box.
    fn total_drive(&self, region: &[Interval]) -> Vec<Interval> {
        let rates: Vec<Interval> = region.iter().map(|&s| rate(self.activation, s)).collect();
        (0..region.len())
            .map(|i| {
                (0..region.len()).fold(Interval::point(self.drive[i]), |sum, j| {
                    let weight = self.weights[(i, j)];
                    if weight == 0.0 {
                        sum
                    } else {
                        sum + Interval::point(weight) * rates[j]
                    }
                })
            })
            .collect()
    }

    /// g of one neuron, on a bound and beyond, the slope from inside.
    fn gate(&self, s: Interval) -> Interval {
        match (self.dynamics, self.bounds) {
            (Dynamics::Leaky | Dynamics::Rate, _) => Interval::point(1.0),
            (Dynamics::Hopfield, Some(_)) => slope(self.activation, self.inside(s)),
            (Dynamics::Hopfield, None) => slope(self.activation, s),
        }
    }

    /// The part of an interval strictly inside the bounds, or the nearest point there, where slopes
    /// jump on kinks.
    fn inside(&self, s: Interval) -> Interval {
        match self.bounds {
            Some(bounds) if !self.activation.kinks().is_empty() => {
                s.clamp(Interval::new(bounds.low.next_up(), bounds.high.next_down()))
            }
            _ => s,
        }
    }

    /// `g (Wρ(s) + d) + c`, all but the leak.
    fn driven(&self, region: &[Interval]) -> Vec<Interval> {
        let mut driven = self.total_drive(region);
        for (i, driven) in driven.iter_mut().enumerate() {
            *driven = self.gate(region[i]) * *driven + self.pull[i];
        }
        driven
    }

    /// A box that holds every fixed point, or `None`. It is that of the bounds, if there
    /// are any. Where ρ is bounded, it is the range of the right-hand side of
    /// `$k s = g(W\rho+d)+c$`. Where
    /// `$|\rho(s)| \le |\rho(0)| + |s|$`, it is the solution of
    /// `$|s| \le (K - \hat g|W|)^{-1}(\hat g(|W||\rho(0)| + |d|) + |c|)$`, if
    /// `$K - \hat g|W|$` is an M-matrix.
    pub fn global_box(&self) -> Option<Vec<Interval>> {
        let n = self.drive.len();
        if let Some(bounds) = self.bounds {
            return Some(vec![bounds; n]);
        }
        if self.leak.iter().any(|leak| leak.low <= 1e-6) {
            return None;
        }
        let mut region = vec![Interval::LINE; n];
        let bounded = rate(self.activation, Interval::LINE)
            .magnitude()
            .is_finite();
        if !bounded {
            // ρ and the gate have slope at most 1 here (identity, relu, softplus)
            let comparison = DMatrix::from_fn(n, n, |i, j| {
                let leak = if i == j { self.leak[i].low } else { 0.0 };
                leak - self.weights[(i, j)].abs()
            });
            let at_zero = self.activation.rate(0.0).abs();
            let constant: Vec<f64> = (0..n)
                .map(|i| {
                    let row: f64 = self.weights.row(i).iter().map(|w| w.abs()).sum();
                    row * at_zero + self.drive[i].abs() + self.pull[i].magnitude() + 1e-9
                })
                .collect();
            let margin = la::solve(&comparison, &vec![1.0; n])?;
            if margin.iter().any(|&value| !(0.0..1e9).contains(&value)) {
                return None;
            }
            let limits = la::solve(&comparison, &constant)?;
            region = limits
                .iter()
                .map(|limit| Interval::new(-1.001 * limit, 1.001 * limit))
                .collect();
        }
        // each round is a consequence of the last: every fixed point stays inside
        for _ in 0..4 {
            let drive = self.total_drive(&region);
            for i in 0..n {
                region[i] = self.shaved(i, drive[i], region[i])?;
            }
        }
        Some(region)
    }

    /// Whether it is certain that there is exactly one fixed point, projected or not.
    ///
    /// In a leaky network that follows if the eigenvalues of `$(W + W^\top)/2$` are below min k / Lip(ρ): of two fixed
    /// points at a distance z, with f that of their rates, `$f^\top(Wf - kz) \ge 0$` (projected, each term for itself), and
    /// `$f_i k_i z_i \ge f_i^2 \min k/\mathrm{Lip}(\rho)$` leaves f = 0 and z = 0. In a rate network it follows from
    /// Lip(ρ) ‖W‖₂ < min k.
    pub fn is_unique(&self) -> bool {
        if self.drive.len() > 1000 {
            return false;
        }
        let leak = self.leak.iter().map(|leak| leak.low);
        let slope = slope(self.activation, Interval::LINE).magnitude();
        let bound = leak.fold(f64::INFINITY, f64::min) / slope;
        match self.dynamics {
            Dynamics::Leaky => symmetric_part_is_below(&self.weights, bound),
            Dynamics::Rate => norm_is_below(&self.weights, bound),
            Dynamics::Hopfield => false,
        }
    }

    /// The part of an interval outside of which `$g\,D + c - k s$` has one sign, given the range of
    /// the total drive D: the quotient by k, then slices cut off at either end. Returns `None` if
    /// nothing is left.
    fn shaved(&self, i: usize, drive: Interval, mut s: Interval) -> Option<Interval> {
        let driven = |s: Interval| match self.dynamics {
            Dynamics::Leaky | Dynamics::Rate => drive + self.pull[i],
            Dynamics::Hopfield => slope(self.activation, s) * drive + self.pull[i],
        };
        let (value, leak) = (driven(s), self.leak[i]);
        let ends = [value.low, value.high];
        let quotients =
            ends.map(|end| Interval::point(end / leak.low).hull(Interval::point(end / leak.high)));
        let whole = quotients[0].hull(quotients[1]);
        // room around it, so that no fixed point is on its surface
        let margin = 1e-6 * (1.0 + whole.magnitude());
        s = Interval::new(whole.low - margin, whole.high + margin).intersect(s)?;
        let empty = |slice: Interval| !(driven(slice) - leak * slice).contains(0.0);
        for share in [0.5, 0.25, 0.125, 0.0625] {
            for _ in 0..32 {
                let cut = share * s.width();
                if empty(Interval::new(s.high - cut, s.high)) {
                    s.high -= cut;
                } else if empty(Interval::new(s.low, s.low + cut)) {
                    s.low += cut;
                } else {
                    break;
                }
            }
        }
        Some(s)
    }

    /// L with `‖Jac(s) − Jac(t)‖∞ ≤ L ‖s − t‖∞` near `state`, the rows and columns of `active`
    /// neurons counted, from sup |ρ′|, |ρ″|, |ρ‴|. For a piecewise linear ρ it is 0 as long as no
    /// kink is within `radius`, and infinite otherwise.
    pub fn jacobian_lipschitz(&self, state: &[f64], active: &[usize], radius: f64) -> f64 {
        let region: Vec<Interval> = state
            .iter()
            .map(|&s| Interval::new(s - radius, s + radius))
            .collect();
        let kinks = self.activation.kinks();
        let kinked = |&i: &usize| kinks.iter().any(|&kink| region[i].contains(kink));
        if active.iter().any(kinked) {
            return f64::INFINITY;
        }
        let slope = slope(self.activation, Interval::LINE).magnitude();
        let curvature = curvature(self.activation, Interval::LINE).magnitude();
        let third = third_derivative_limit(self.activation);
        let drive = self.total_drive(&region);
        let row = |&i: &usize| {
            let weights: f64 = active.iter().map(|&j| self.weights[(i, j)].abs()).sum();
            match self.dynamics {
                Dynamics::Leaky | Dynamics::Rate => weights * curvature,
                Dynamics::Hopfield => {
                    3.0 * weights * slope * curvature + third * drive[i].magnitude()
                }
            }
        };
        largest(active.iter().map(row))
    }

    /// ‖f‖∞ over the `active` neurons at a state, rounding included.
    pub fn force_limit(&self, state: &[f64], active: &[usize]) -> f64 {
        let point: Vec<Interval> = state.iter().map(|&s| Interval::point(s)).collect();
        let driven = self.driven(&point);
        let force = |&i: &usize| (driven[i] - self.leak[i] * point[i]).magnitude();
        largest(active.iter().map(force))
    }
}

impl Enclosed for Enclosure {
    /// The force over a box or, where states are bounded, `clip(s + f(s)) − s`, whose roots are
    /// the fixed points of the projected dynamics.
    fn map(&self, region: &[Interval]) -> Vec<Interval> {
        let driven = self.driven(region);
        let one = Interval::point(1.0);
        let value = |i: usize| match self.bounds {
            None => driven[i] - self.leak[i] * region[i],
            Some(bounds) => {
                let moved = driven[i] + (one - self.leak[i]) * region[i];
                moved.clamp(bounds) - region[i]
            }
        };
        (0..region.len()).map(value).collect()
    }

    /// The derivatives of [`Enclosure::map`] over a box, row by row: matrices that contain every
    /// slope `(map(a) − map(b))/(a − b)`. Returns `None` where the map jumps (a Hopfield network's
    /// force does on a kink).
    fn derivative(&self, region: &[Interval]) -> Option<Vec<Vec<Interval>>> {
        let n = region.len();
        let one = Interval::point(1.0);
        let slopes: Vec<Interval> = region.iter().map(|&s| slope(self.activation, s)).collect();
        let hopfield = self.dynamics == Dynamics::Hopfield;
        let kinks = self.activation.kinks();
        let on_kink = |&s: &Interval| kinks.iter().any(|&k| self.inside(s).contains(k));
        if hopfield && region.iter().any(on_kink) {
            return None;
        }
        let drive = self.total_drive(region);
        let rows = (0..n).map(|i| {
            let gate = self.gate(region[i]);
            // of the driven part alone: the leak is added where nothing cancels any more
            let mut row: Vec<Interval> = (0..n)
                .map(|j| gate * (Interval::point(self.weights[(i, j)]) * slopes[j]))
                .collect();
            if hopfield {
                row[i] = row[i] + curvature(self.activation, region[i]) * drive[i];
            }
            let Some(bounds) = self.bounds else {
                row[i] = row[i] - self.leak[i];
                return row;
            };
            row[i] = row[i] + (one - self.leak[i]);
            let moved = gate * drive[i] + self.pull[i] + (one - self.leak[i]) * region[i];
            let follows = if moved.is_inside(bounds) {
                one
            } else if moved.high < bounds.low || moved.low > bounds.high {
                Interval::ZERO
            } else {
                Interval::new(0.0, 1.0)
            };
            row.iter_mut().for_each(|value| *value = follows * *value);
            row[i] = row[i] - one;
            row
        });
        Some(rows.collect())
    }
}
