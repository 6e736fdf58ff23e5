//! The largest Lyapunov exponent along a trajectory: what tells chaos from slow settling.

use super::integrate::{Control, integrate};
use super::phase::{Phase, largest};
use super::settings::{Method, SolverSettings};
use super::watch::escape_limit;
use crate::numeric::first_direction;

/// A transient near an unstable state amplifies rounding to size 1 at most, by 1/ε = e³⁶, before the
/// trajectory has left. Only chaos amplifies by more.
const AMPLIFICATION: f64 = 45.0;
/// What is asked for where steps are cheap, beyond the chaotic transients of most networks, and
/// where it ends.
const AMPLE: (f64, f64) = (100.0, 300.0);
/// Amplification after which the tangent vector has turned into the fastest direction.
const TURNED: f64 = 10.0;
/// Work, in multiplications of Jacobian products, after which a trajectory is asked whether it is
/// chaotic, before its time is up. It takes about a second.
const EXPENSIVE: usize = 500_000_000;
/// Steps before which it is not asked: most have come to rest by then, and the test takes more steps.
const EARLIEST: usize = 200;
/// The logarithm of a contraction after which neighbours have met, and no chaos is in sight.
const CONTRACTED: f64 = -10.0;

/// How much has been spent on a trajectory.
#[derive(Debug, Clone)]
pub(super) struct Effort {
    /// Work of one step.
    step: usize,
    steps: usize,
    due: usize,
}

impl Effort {
    pub fn new(phase: &Phase<'_>) -> Self {
        let n = phase.dimension();
        let form = phase.field().rate_form();
        Self {
            step: form.map_or(n * n, |form| form.coupling.count()) + 50 * n,
            steps: 0,
            due: EXPENSIVE,
        }
    }

    /// Counts a step. Returns whether it is time to ask for chaos: then, after four times as much,
    /// and so on.
    pub fn is_due(&mut self) -> bool {
        self.steps += 1;
        let due = self.steps >= EARLIEST && self.steps.saturating_mul(self.step) >= self.due;
        if due {
            self.due = self.due.saturating_mul(4);
        }
        due
    }
}

/// A positive largest Lyapunov exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lyapunov {
    /// Per unit of time.
    pub exponent: f64,
    /// The time over which it was measured.
    pub time: f64,
}

/// The largest Lyapunov exponent from `start` on, if neighbouring trajectories part by more than
/// any transient could make them: by e⁴⁵, with growth in each third of the time. It is measured
/// with no more steps than the trajectory itself took. Statistics of chaos need no tight tolerance.
pub(super) fn largest_exponent(
    phase: &Phase<'_>,
    start: &[f64],
    effort: &Effort,
) -> Option<Lyapunov> {
    let expensive = effort.steps.saturating_mul(effort.step) >= EXPENSIVE;
    let (least, ample) = if expensive {
        (AMPLIFICATION, AMPLIFICATION)
    } else {
        AMPLE
    };
    let (rtol, fineness) = if expensive { (1e-3, 4.0) } else { (1e-6, 16.0) };
    let settings = SolverSettings {
        method: Method::Tsit45,
        rtol,
        atol: 1e-2 * rtol,
        max_steps: effort.steps.clamp(1_000, 20_000),
        ..SolverSettings::default()
    };
    let n = start.len();
    let mut tangent = first_direction(n);
    normalise(&mut tangent);
    let limit = escape_limit(phase, start);
    let mut escapes = false;
    let mut middle = vec![0.0; n];
    let mut growth = vec![(0.0, 0.0)];
    integrate(
        phase,
        start,
        (0.0, f64::INFINITY),
        &settings,
        &mut |moment| {
            let step = moment.time - moment.step_start;
            // well inside the stability limit, where the series follows the tangent
            let parts = (fineness * step / moment.longest_stable).ceil().max(1.0);
            let part = step / parts;
            let mut total = growth.last().map_or(0.0, |&(_, total)| total);
            for k in 0..parts as usize {
                moment.interpolate(moment.step_start + (k as f64 + 0.5) * part, &mut middle);
                total += advance(phase, &middle, part, &mut tangent);
            }
            growth.push((moment.time, total));
            escapes = limit.is_exceeded_by(largest(moment.state.iter().copied()));
            let met = total <= CONTRACTED;
            if total >= ample || met || !total.is_finite() || escapes {
                Control::Stop
            } else {
                Control::Continue
            }
        },
    );
    exponent(&growth, least).filter(|_| !escapes)
}

/// The exponent that a history of (time, amplification) shows, if it amplifies by `least`.
fn exponent(growth: &[(f64, f64)], least: f64) -> Option<Lyapunov> {
    let &(end, total) = growth.last()?;
    if !total.is_finite() || total < least {
        return None;
    }
    let at = |time: f64| {
        let place = growth.partition_point(|&(t, _)| t <= time);
        growth[place.saturating_sub(1)].1
    };
    let thirds = [0.0, at(end / 3.0), at(2.0 * end / 3.0), total];
    let steady = thirds
        .windows(2)
        .all(|pair| pair[1] - pair[0] >= total / 9.0);
    let &(turned, grown) = growth.iter().find(|(_, total)| *total >= TURNED)?;
    steady.then(|| Lyapunov {
        exponent: (total - grown) / (end - turned),
        time: end,
    })
}

/// Carries a tangent vector over one step, `exp(hA)` by its Taylor series of order 4 with A at the
/// middle of the step, normalises it, and returns the logarithm of its growth.
fn advance(phase: &Phase<'_>, middle: &[f64], step: f64, tangent: &mut [f64]) -> f64 {
    let held = phase.pinned(middle);
    let mut term = tangent.to_vec();
    let mut image = tangent.to_vec();
    for order in 1..=4 {
        phase.velocity_jacobian_vector(middle, &term, &mut image);
        for i in 0..image.len() {
            term[i] = if held[i] {
                0.0
            } else {
                image[i] * step / f64::from(order)
            };
            tangent[i] += term[i];
        }
    }
    normalise(tangent).ln()
}

/// Makes a vector one of length 1, and returns the length that it had.
fn normalise(vector: &mut [f64]) -> f64 {
    let norm = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|v| *v /= norm);
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steady_growth_is_chaos() {
        let history = |rate: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
            (0..=300).map(f64::from).map(|t| (t, rate(t))).collect()
        };
        let steady = exponent(&history(&|t| 0.25 * t), 60.0).unwrap();
        assert!((steady.exponent - 0.25).abs() < 1e-12);
        // a transient that amplifies and then no more, and growth that is too little
        assert_eq!(exponent(&history(&|t| (2.0 * t).min(70.0)), 60.0), None);
        assert_eq!(exponent(&history(&|t| 0.1 * t), 60.0), None);
    }
}
